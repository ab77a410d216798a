#include "attended.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace quintile::bind {

namespace nb = nanobind;

struct Attendance::State {
  std::mutex mutex;
  std::condition_variable ended;
  bool is_over = false;
  std::vector<std::pair<std::string, double>> news;  ///< not told yet, the last of each stage
};

void Attendance::progress(const std::string& stage, double done) {
  const std::lock_guard lock(state_->mutex);
  auto& news = state_->news;
  if (!news.empty() && news.back().first == stage) {
    news.back().second = done;
  } else {
    news.emplace_back(stage, done);
  }
}

void attend(const std::function<void(Attendance&)>& work, nb::handle on_progress) {
  constexpr std::chrono::milliseconds kLookEvery{50};
  Attendance attendance;
  Attendance::State state;
  attendance.state_ = &state;
  std::jthread worker([&] {
    work(attendance);
    const std::lock_guard lock(state.mutex);
    state.is_over = true;
    state.ended.notify_all();
  });

  std::optional<nb::python_error> interruption;
  for (bool is_over = false; !is_over;) {
    std::vector<std::pair<std::string, double>> news;
    {
      const nb::gil_scoped_release unlocked;
      std::unique_lock lock(state.mutex);
      is_over = state.ended.wait_for(lock, kLookEvery, [&] { return state.is_over; });
      news.swap(state.news);
    }
    if (interruption) continue;
    try {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      if (on_progress.is_none()) continue;
      for (const auto& [stage, done] : news) on_progress(stage.c_str(), done);
    } catch (nb::python_error& error) {
      interruption.emplace(std::move(error));
      attendance.cancelled_ = true;
    }
  }
  {
    const nb::gil_scoped_release unlocked;
    worker.join();
  }
  if (interruption) throw std::move(*interruption);
}

}  // namespace quintile::bind

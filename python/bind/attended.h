#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <nanobind/nanobind.h>

#include "quintile/base/result.h"

#include "failure.h"

/// Long work beside a Python interpreter that stays alive.
namespace quintile::bind {

/// How the work speaks with whoever waits for it. Safe from any thread.
class Attendance {
 public:
  /// What is done now, and how far in 0 to 1 (negative: not known).
  void progress(const std::string& stage, double done);
  /// True once the work is to end early, with Cancelled.
  [[nodiscard]] bool cancelled() const { return cancelled_; }

 private:
  friend void attend(const std::function<void(Attendance&)>& work, nanobind::handle on_progress);
  struct State;
  State* state_ = nullptr;
  std::atomic<bool> cancelled_{false};
};

/// Runs `work` on a thread of its own without the interpreter's lock, and waits for its end. While
/// it waits, calls `on_progress(stage, done)` (None: nothing) and looks for signals on the calling
/// thread. An exception there, KeyboardInterrupt say, cancels the work and is thrown after its end.
/// `work` may not throw.
void attend(const std::function<void(Attendance&)>& work, nanobind::handle on_progress);

/// The same for work with a result; its error becomes an exception.
template <typename T>
T attended(nanobind::handle on_progress, const std::function<Result<T>(Attendance&)>& work) {
  std::optional<Result<T>> result;
  attend([&](Attendance& attendance) { result.emplace(work(attendance)); }, on_progress);
  return value_or_throw(*std::move(result));
}

}  // namespace quintile::bind

#include <exception>

#include "quintile/dashboard/api/desks_internal.h"

namespace quintile::dashboard {

/// Lives on the caller's stack until it is done or given up.
struct Desks::Task {
  enum class State : std::uint8_t { Waiting, Running, Done };
  const std::function<void()>& work;
  State state = State::Waiting;
  std::exception_ptr failure;
  std::condition_variable changed;
};

Desks::Desks(int desks) {
  for (int i = 0; i < desks; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
}

bool Desks::run(const std::function<void()>& work, std::chrono::milliseconds patience) {
  Task task{work, Task::State::Waiting, nullptr, {}};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&task);
  arrived_.notify_one();
  task.changed.wait_for(lock, patience, [&] { return task.state != Task::State::Waiting; });
  if (task.state == Task::State::Waiting) {
    std::erase(waiting_, &task);
    return false;
  }
  task.changed.wait(lock, [&] { return task.state == Task::State::Done; });
  if (task.failure) std::rethrow_exception(task.failure);
  return true;
}

void Desks::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (arrived_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    Task& task = *waiting_.front();
    waiting_.pop_front();
    task.state = Task::State::Running;
    lock.unlock();
    try {
      task.work();
    } catch (...) {
      task.failure = std::current_exception();
    }
    lock.lock();
    task.state = Task::State::Done;
    // Under the lock: once it is gone the task may be, too.
    task.changed.notify_one();
  }
}

}  // namespace quintile::dashboard

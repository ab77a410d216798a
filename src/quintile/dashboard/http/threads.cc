#include <system_error>

#include "quintile/dashboard/http/threads_internal.h"

namespace quintile::dashboard {

void Threads::enqueue(std::function<void()> connection) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(connection));
    if (idle_ < waiting_.size() && threads_.size() < most_) {
      try {
        threads_.emplace_back([this] { serve(); });
      } catch (const std::system_error&) {
        // The system gives no more: those that are there will come to it.
        if (threads_.empty()) throw;
      }
    }
  }
  arrived_.notify_one();
}

void Threads::shutdown() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Threads::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    arrived_.wait(lock, [&] { return is_ending_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    const std::function<void()> connection = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    connection();
    lock.lock();
  }
}

}  // namespace quintile::dashboard

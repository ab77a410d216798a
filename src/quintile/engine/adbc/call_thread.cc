#include "quintile/engine/adbc/call_thread.h"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "quintile/base/check.h"

namespace quintile::engine::adbc {

namespace {

using Clock = std::chrono::steady_clock;

/// How often a raised cancellation is looked for: soon for whoever waits, seldom for the processor.
constexpr std::chrono::milliseconds kLook{20};

/// Signals are for the threads that were there before: a driver must not meet Ctrl-C.
void start(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread(std::move(body)).detach();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

struct CallThread::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> call;  ///< empty: nothing to do
  bool is_over = false;
  bool is_running = false;

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return is_over || call; });
      if (!call) return;
      const std::function<void()> next = std::exchange(call, {});
      lock.unlock();
      next();
      lock.lock();
      is_running = false;
      changed.notify_all();
    }
  }
};

CallThread::CallThread() : shared_(std::make_shared<Shared>()) {
  start([shared = shared_] { shared->serve(); });
}

CallThread::~CallThread() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->is_over = true;
  shared_->changed.notify_all();
}

CallThread::End CallThread::run(std::function<void()> call, const Limits& limits,
                                std::function<void()> interrupt) {
  QUINTILE_CHECK(!is_stuck_);
  std::unique_lock lock(shared_->mutex);
  shared_->call = std::move(call);
  shared_->is_running = true;
  shared_->changed.notify_all();
  const auto returned = [this] { return !shared_->is_running; };
  const auto begin = Clock::now();
  while (!shared_->changed.wait_for(lock, kLook, returned)) {
    const bool is_late = limits.time.count() > 0 && Clock::now() - begin >= limits.time;
    const bool is_cancelled = limits.cancellation != nullptr && limits.cancellation->requested();
    if (!is_late && !is_cancelled) continue;
    if (interrupt) start(std::move(interrupt));
    is_stuck_ = !shared_->changed.wait_for(lock, limits.grace, returned);
    return is_cancelled ? End::Cancelled : End::TimedOut;
  }
  return End::Returned;
}

}  // namespace quintile::engine::adbc

#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace quintile::dashboard {

/// A few threads at which answers are worked out, first come, first served. Working out takes
/// memory by the customer: the rest waits its turn, and no thread but these takes such memory.
class Desks {
 public:
  explicit Desks(int desks);

  /// Runs `work` at a desk and returns true once it is done. False where no desk was free within
  /// `patience`: it has not run and will not. Throws what `work` throws. Any thread may call.
  [[nodiscard]] bool run(const std::function<void()>& work, std::chrono::milliseconds patience);

 private:
  struct Task;
  void serve(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<Task*> waiting_;
  std::vector<std::jthread> threads_;  ///< last: they end before what they use
};

}  // namespace quintile::dashboard

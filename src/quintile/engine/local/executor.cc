#include "quintile/engine/local/executor.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace quintile::engine::local {

Executor on_threads(int threads) {
  const int workers =
      threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (workers == 1) return run_serially;
  return [workers](std::int64_t count, const std::function<void(std::int64_t)>& task) {
    std::atomic<std::int64_t> next{0};
    const auto work = [&] {
      for (std::int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) task(i);
    };
    std::vector<std::jthread> others;
    for (std::int64_t i = 1; i < std::min<std::int64_t>(workers, count); ++i)
      others.emplace_back(work);
    work();
  };
}

}  // namespace quintile::engine::local

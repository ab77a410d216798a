#pragma once

#include <cstdint>
#include <functional>

namespace quintile {

/// Runs `task(0)` to `task(count - 1)`, perhaps several at once, and returns when all are done. The
/// domain has no threads; who calls it decides. Tasks write to places of their own, so a result
/// never depends on the executor.
using Executor =
    std::function<void(std::int64_t count, const std::function<void(std::int64_t)>& task)>;

/// One after the other, on the caller's thread.
inline void run_serially(std::int64_t count, const std::function<void(std::int64_t)>& task) {
  for (std::int64_t i = 0; i < count; ++i) task(i);
}

}  // namespace quintile

#pragma once

#include "quintile/base/executor.h"

namespace quintile::engine::local {

/// An executor with `threads` threads (0: as many as there are processors), the caller's among
/// them. Tasks are taken one by one, so they may differ in size. Threads live for one call.
[[nodiscard]] Executor on_threads(int threads);

}  // namespace quintile::engine::local

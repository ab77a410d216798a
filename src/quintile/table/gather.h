#pragma once

#include <cstdint>
#include <span>

#include "quintile/base/executor.h"
#include "quintile/table/column.h"

namespace quintile::table {

/// The values of `column` at `rows`, in that order. Texts are not copied: the new column shares
/// dictionary or bytes.
[[nodiscard]] Column gather(const Column& column, std::span<const std::uint32_t> rows,
                            const Executor& executor = run_serially);

/// `column` without its values where `keep` is 0; the values that were missing stay missing.
[[nodiscard]] Column without(const Column& column, std::span<const std::uint8_t> keep);

}  // namespace quintile::table

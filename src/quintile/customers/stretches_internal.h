#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/quality/attribute_checks.h"

/// Rows in stretches that several threads take.
namespace quintile::customers {

inline constexpr std::int64_t kStretchRows = 1 << 16;

[[nodiscard]] inline std::int64_t stretches_of(std::int64_t rows) {
  return (rows + kStretchRows - 1) / kStretchRows;
}

/// Calls `task(begin, end)` for the stretches of 0 to `rows`, perhaps several at once.
template <typename Task>
void in_stretches(std::int64_t rows, const Executor& executor, Task task) {
  executor(stretches_of(rows),
           [&](std::int64_t i) { task(i * kStretchRows, std::min(rows, (i + 1) * kStretchRows)); });
}

/// The rows from 0 to `rows` for which `wanted(row)` is true, asked perhaps from several threads.
template <typename Wanted>
[[nodiscard]] quality::RowCollector collect_rows(std::int64_t rows, const Executor& executor,
                                                 Wanted wanted) {
  std::vector<quality::RowCollector> parts(static_cast<std::size_t>(stretches_of(rows)));
  in_stretches(rows, executor, [&](std::int64_t begin, std::int64_t end) {
    quality::RowCollector& part = parts[static_cast<std::size_t>(begin / kStretchRows)];
    for (std::int64_t row = begin; row < end; ++row) {
      if (wanted(row)) part.add(row);
    }
  });
  quality::RowCollector all;
  for (const quality::RowCollector& part : parts) all.merge(part);
  return all;
}

}  // namespace quintile::customers

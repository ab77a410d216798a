#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quintile/base/radix_selection.h"
#include "quintile/engine/sql/dialect.h"

/// Order statistics of an engine's columns, from histograms that it counts.
namespace quintile::engine::sql {

/// Places among the values of a column, of all rows or of one group of them.
struct Wanted {
  std::size_t column = 0;   ///< which of the columns
  std::int64_t group = -1;  ///< value of the group column; -1: all rows
  RadixSelection selection;
};

struct Columns {
  Sql table;
  std::vector<Sql> columns;
  Sql group;  ///< empty where all are wanted of all rows
};

/// Counts until every selection is done: one statement a pass for all of them together, which
/// returns at most 65,536 buckets for each range. Returns the number of passes.
[[nodiscard]] Result<int> select(Session& session, const Dialect& dialect, const Columns& columns,
                                 std::span<Wanted> wanted);

}  // namespace quintile::engine::sql

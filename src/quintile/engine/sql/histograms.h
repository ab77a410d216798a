#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quintile/base/radix_selection.h"
#include "quintile/engine/sql/dialect.h"

/// Order statistics of an engine's columns, from histograms that it counts.
namespace quintile::engine::sql {

/// A column whose values are counted, by group where there is more than one.
struct CountedColumn {
  Sql value;
  Sql group = {};  ///< a whole number from 0 to `groups` - 1; empty: all rows are one group
  std::int64_t groups = 1;
};

/// Places among the values of a column that some of its groups have together.
struct Wanted {
  std::size_t column = 0;            ///< which of the columns
  std::vector<std::int64_t> groups;  ///< empty: all
  RadixSelection selection;
};

/// Counts until every selection is done: one statement a pass for all of them together, which
/// returns at most 65,536 buckets for each range of a group. Returns the number of passes.
/// Errors: Engine where the counts contradict what was counted before; those of the session.
[[nodiscard]] Result<int> select(Session& session, const Dialect& dialect, const Sql& table,
                                 std::span<const CountedColumn> columns, std::span<Wanted> wanted);

}  // namespace quintile::engine::sql

#include "quintile/engine/sql/histograms.h"

#include <algorithm>
#include <map>

#include "quintile/engine/sql/session.h"

namespace quintile::engine::sql {

namespace {

/// The lower bound of x's bucket in one of the selection's ranges: x - (x - low) mod width.
Sql buckets(const Dialect& dialect, const Sql& x, const RadixSelection& selection) {
  std::vector<Sql> whens;
  const Sql width = Sql::number(selection.width());
  for (const RadixSelection::Range& range : selection.ranges()) {
    const Sql low = Sql::number(range.low);
    const Sql bucket = selection.width() == 1
                           ? x
                           : sql("{0} - {1}", x, dialect.modulo(sql("({} - {})", x, low), width));
    whens.push_back(
        sql("WHEN {0} >= {1} AND {0} <= {2} THEN {3}", x, low, Sql::number(range.high), bucket));
  }
  return sql("CASE {} END", Sql::join(whens, Separator::Blank));
}

/// All ranges of one column in one scan of the table.
Sql counted(const Dialect& dialect, const Columns& columns, std::size_t column,
            const std::vector<const Wanted*>& wanted) {
  const Sql& x = columns.columns[column];
  std::vector<Sql> whens;
  Sql of_all = sql("NULL");
  for (const Wanted* one : wanted) {
    const Sql bucket = buckets(dialect, x, one->selection);
    if (one->group < 0) {
      of_all = bucket;
    } else {
      whens.push_back(sql("WHEN {} THEN {}", Sql::number(one->group), bucket));
    }
  }
  const Sql bucket = whens.empty()
                         ? of_all
                         : sql("CASE {} {} END", columns.group, Sql::join(whens, Separator::Blank));
  return sql("SELECT {} AS q_column, {} AS q_group, {} AS q_low FROM {}",
             Sql::number(static_cast<std::int64_t>(column)),
             whens.empty() ? sql("-1") : columns.group, dialect.to_integer(bucket), columns.table);
}

}  // namespace

Result<int> select(Session& session, const Dialect& dialect, const Columns& columns,
                   std::span<Wanted> wanted) {
  for (int passes = 0;; ++passes) {
    std::map<std::pair<std::size_t, bool>, std::vector<const Wanted*>> open;
    for (const Wanted& one : wanted) {
      if (!one.selection.done()) open[{one.column, one.group < 0}].push_back(&one);
    }
    if (open.empty()) return passes;
    std::vector<Sql> scans;
    for (const auto& [key, of_column] : open)
      scans.push_back(counted(dialect, columns, key.first, of_column));
    const Sql statement = sql(
        "SELECT {}, {}, {}, {} FROM ({}) q_h WHERE q_low IS NOT NULL GROUP BY q_column, q_group, "
        "q_low",
        dialect.to_integer(sql("q_column")), dialect.to_integer(sql("q_group")),
        dialect.to_integer(sql("q_low")), dialect.to_integer(sql("COUNT(*)")),
        Sql::join(scans, Separator::UnionAll));
    const std::vector<Type> types(4, Type::Integer);
    std::map<std::pair<std::size_t, std::int64_t>, std::vector<ValueBucket>> counted;
    QUINTILE_TRY_STATUS(session.stream(statement.text(), types, [&](const Rows& rows) -> Status {
      for (std::int64_t row = 0; row < rows.size; ++row) {
        counted[{static_cast<std::size_t>(rows.columns[0].integer(row)),
                 rows.columns[1].integer(row)}]
            .push_back({rows.columns[2].integer(row), rows.columns[3].integer(row)});
      }
      return {};
    }));
    for (Wanted& one : wanted) {
      if (one.selection.done()) continue;
      auto& mine = counted[{one.column, one.group}];
      std::ranges::sort(mine, {}, &ValueBucket::low);
      one.selection.narrow(mine);
    }
  }
}

}  // namespace quintile::engine::sql

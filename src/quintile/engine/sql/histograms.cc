#include "quintile/engine/sql/histograms.h"

#include <algorithm>
#include <map>
#include <utility>

#include "quintile/engine/sql/session.h"

namespace quintile::engine::sql {

namespace {

/// Where rows are one group, it has this number.
constexpr std::int64_t kOneGroup = -1;

/// A range that is counted in buckets of 2^shift.
struct CountedRange {
  std::int64_t low = 0, high = 0;
  int shift = 0;
  friend auto operator<=>(const CountedRange&, const CountedRange&) = default;
};
using Ranges = std::vector<CountedRange>;  // ascending, none inside of another

/// Ranges of selections over one column are equal, apart or one inside of the other, where they
/// begin at a bucket: the outer one is then counted as finely as the inner one wants.
Ranges merged(Ranges ranges) {
  std::ranges::sort(ranges, [](const CountedRange& a, const CountedRange& b) {
    return a.low != b.low ? a.low < b.low : a.high > b.high;
  });
  Ranges merged;
  for (const CountedRange& range : ranges) {
    if (merged.empty() || range.low > merged.back().high) {
      merged.push_back(range);
    } else {
      merged.back().shift = std::min(merged.back().shift, range.shift);
    }
  }
  return merged;
}

/// The lower bound of x's bucket in one of the ranges: x - (x - low) mod width.
Sql buckets(const Dialect& dialect, const Sql& x, const Ranges& ranges) {
  std::vector<Sql> whens;
  for (const auto& [from, to, shift] : ranges) {
    const Sql low = Sql::number(from);
    const Sql width = Sql::number(std::int64_t{1} << shift);
    const Sql bucket =
        shift == 0 ? x : sql("{0} - {1}", x, dialect.modulo(sql("({} - {})", x, low), width));
    whens.push_back(
        sql("WHEN {0} >= {1} AND {0} <= {2} THEN {3}", x, low, Sql::number(to), bucket));
  }
  return sql("CASE {} END", Sql::join(whens, Separator::Blank));
}

std::vector<std::int64_t> groups_of(const CountedColumn& column, const Wanted& one) {
  if (column.group.empty()) return {kOneGroup};
  if (!one.groups.empty()) return one.groups;
  std::vector<std::int64_t> all;
  for (std::int64_t group = 0; group < column.groups; ++group) all.push_back(group);
  return all;
}

/// What is still to be counted of a column: groups by the ranges that they are counted in.
std::map<Ranges, std::vector<std::int64_t>> open_ranges(std::span<const CountedColumn> columns,
                                                        std::size_t column,
                                                        std::span<const Wanted> wanted) {
  std::map<std::int64_t, Ranges> of_group;
  for (const Wanted& one : wanted) {
    if (one.column != column || one.selection.done()) continue;
    for (const std::int64_t group : groups_of(columns[column], one)) {
      for (const RadixSelection::Range& range : one.selection.ranges())
        of_group[group].push_back({range.low, range.high, one.selection.shift()});
    }
  }
  std::map<Ranges, std::vector<std::int64_t>> groups;
  for (auto& [group, ranges] : of_group) groups[merged(std::move(ranges))].push_back(group);
  return groups;
}

/// All open ranges of one column in one scan of the table.
Sql counted(const Dialect& dialect, const Sql& table, const CountedColumn& column,
            std::size_t index, const std::map<Ranges, std::vector<std::int64_t>>& open) {
  std::vector<Sql> whens;
  for (const auto& [ranges, groups] : open) {
    std::vector<Sql> numbers;
    for (const std::int64_t group : groups) numbers.push_back(Sql::number(group));
    whens.push_back(sql("WHEN {} IN ({}) THEN {}", column.group, Sql::join(numbers),
                        buckets(dialect, column.value, ranges)));
  }
  const bool is_one = column.group.empty();
  return sql("SELECT {} AS q_column, {} AS q_group, {} AS q_low FROM {}",
             Sql::number(static_cast<std::int64_t>(index)), is_one ? sql("-1") : column.group,
             dialect.to_integer(is_one ? buckets(dialect, column.value, open.begin()->first)
                                       : sql("CASE {} END", Sql::join(whens, Separator::Blank))),
             table);
}

using Buckets = std::map<std::pair<std::size_t, std::int64_t>, std::vector<ValueBucket>>;

/// The buckets of a selection's ranges as wide as it wants them, of its groups together.
std::vector<ValueBucket> buckets_for(const RadixSelection& selection, std::size_t column,
                                     std::span<const std::int64_t> groups, const Buckets& counted) {
  std::vector<ValueBucket> buckets;
  const auto ranges = selection.ranges();
  for (const std::int64_t group : groups) {
    const auto found = counted.find({column, group});
    if (found == counted.end()) continue;
    for (const ValueBucket& bucket : found->second) {
      const auto after =
          std::ranges::upper_bound(ranges, bucket.low, {}, &RadixSelection::Range::low);
      if (after == ranges.begin() || bucket.low > std::prev(after)->high) continue;
      const std::uint64_t distance = static_cast<std::uint64_t>(bucket.low) -
                                     static_cast<std::uint64_t>(std::prev(after)->low);
      const std::uint64_t rest = distance & (static_cast<std::uint64_t>(selection.width()) - 1);
      buckets.push_back({bucket.low - static_cast<std::int64_t>(rest), bucket.count});
    }
  }
  std::ranges::sort(buckets, {}, &ValueBucket::low);
  std::size_t last = 0;
  for (std::size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].low == buckets[last].low) {
      buckets[last].count += buckets[i].count;
    } else {
      buckets[++last] = buckets[i];
    }
  }
  if (!buckets.empty()) buckets.resize(last + 1);
  return buckets;
}

}  // namespace

Result<int> select(Session& session, const Dialect& dialect, const Sql& table,
                   std::span<const CountedColumn> columns, std::span<Wanted> wanted) {
  for (int passes = 0;; ++passes) {
    std::vector<Sql> scans;
    for (std::size_t column = 0; column < columns.size(); ++column) {
      const auto open = open_ranges(columns, column, wanted);
      if (!open.empty()) scans.push_back(counted(dialect, table, columns[column], column, open));
    }
    if (scans.empty()) return passes;
    const Sql statement = sql(
        "SELECT {}, {}, {}, {} FROM ({}) q_h WHERE q_low IS NOT NULL GROUP BY q_column, q_group, "
        "q_low",
        dialect.to_integer(sql("q_column")), dialect.to_integer(sql("q_group")),
        dialect.to_integer(sql("q_low")), dialect.to_integer(sql("COUNT(*)")),
        Sql::join(scans, Separator::UnionAll));
    const std::vector<Type> types(4, Type::Integer);
    Buckets counted;
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
      if (!one.selection.narrow(
              buckets_for(one.selection, one.column, groups_of(columns[one.column], one), counted)))
        return contradiction(session, "a histogram holds fewer values than were counted before");
    }
  }
}

}  // namespace quintile::engine::sql

#include "quintile/engine/sql/histograms.h"

#include <algorithm>
#include <map>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/engine/sql/recording_session.h"

namespace quintile::engine::sql {
namespace {

using ::testing::ElementsAre;
using testing::RecordingSession;

struct Row {
  std::int64_t value = 0, group = 0;
};

/// Counts as an engine would that is asked for the column x by the group g: it reads the ranges and
/// widths of each group out of the statement.
testing::Table counted(const std::string& sql, const std::vector<Row>& rows) {
  static const std::regex kGroup(R"(WHEN g IN \(([0-9, ]+)\) THEN CASE (.*?) END)");
  static const std::regex kRange(
      R"(WHEN x >= \(?(-?[0-9]+)\)? AND x <= \(?(-?[0-9]+)\)? THEN x(?: - MOD\(\(x - \(?-?[0-9]+\)?\), ([0-9]+)\))?)");
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> counts;
  for (std::sregex_iterator at(sql.begin(), sql.end(), kGroup), end; at != end; ++at) {
    const std::string groups = " " + (*at)[1].str() + ",";
    const std::string ranges = (*at)[2].str();
    for (const Row& row : rows) {
      if (groups.find(" " + std::to_string(row.group) + ",") == std::string::npos) continue;
      for (std::sregex_iterator range(ranges.begin(), ranges.end(), kRange); range != end;
           ++range) {
        const std::int64_t low = std::stoll((*range)[1]), high = std::stoll((*range)[2]);
        if (row.value < low || row.value > high) continue;
        const std::int64_t width = (*range)[3].matched ? std::stoll((*range)[3]) : 1;
        ++counts[{row.group, row.value - (row.value - low) % width}];
        break;
      }
    }
  }
  testing::Table table;
  for (const auto& [key, count] : counts)
    table.push_back({std::int64_t{0}, key.first, key.second, count});
  return table;
}

/// The values at the middle places of the groups that are asked for together, and the passes.
std::vector<std::int64_t> medians(const std::vector<Row>& rows,
                                  const std::vector<std::vector<std::int64_t>>& asked,
                                  int& passes) {
  const auto [low, high] = std::ranges::minmax(rows, {}, &Row::value);
  std::vector<Wanted> wanted;
  for (const auto& groups : asked) {
    const auto count = std::ranges::count_if(rows, [&](const Row& row) {
      return groups.empty() || std::ranges::find(groups, row.group) != groups.end();
    });
    const std::vector<std::int64_t> place = {(count - 1) / 2};
    wanted.push_back({0, groups, RadixSelection(low.value, high.value, place)});
  }
  RecordingSession session(Product::DuckDb, [&](const std::string& sql, std::size_t) {
    return Result<testing::Table>(counted(sql, rows));
  });
  const std::vector<CountedColumn> columns = {{sql("x"), sql("g"), 3}};
  passes = select(session, Dialect(Product::DuckDb), sql("t"), columns, wanted).value();
  std::vector<std::int64_t> values;
  for (const Wanted& one : wanted) values.push_back(one.selection.values()[0]);
  return values;
}

TEST(Selections, OfGroupsTogetherAndApart) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < 300; ++i) rows.push_back({i * i * 1000 - 5000, i % 3});
  const auto value = [](std::int64_t i) { return i * i * 1000 - 5000; };
  int passes = 0;
  EXPECT_THAT(medians(rows, {{0}, {1}, {2}, {0, 2}, {}}, passes),
              ElementsAre(value(147), value(148), value(149), value(149), value(149)));
  EXPECT_EQ(passes, 2);
}

TEST(Selections, OfAGroupAtTheEndOfTheRangeAreCountedFinerBesideCoarserOnes) {
  // The greatest values share a bucket that is cut off, so that their group is done earlier.
  const std::int64_t top = (std::int64_t{1} << 58) + 40;
  std::vector<Row> rows = {{0, 0}, {123'456'789'012'345'678, 0}, {top - 7, 0}};
  for (std::int64_t i = 0; i < 9; ++i) rows.push_back({top - i, 1});
  int passes = 0;
  EXPECT_THAT(medians(rows, {{0}, {1}, {}}, passes),
              ElementsAre(123'456'789'012'345'678, top - 4, top - 6));
  EXPECT_EQ(passes, 4);
}

}  // namespace
}  // namespace quintile::engine::sql

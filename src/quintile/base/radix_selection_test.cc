#include "quintile/base/radix_selection.h"

#include <algorithm>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quintile {
namespace {

using testing::ElementsAre;

/// Counts as a SQL engine does: by the lower bound of each value's bucket.
std::vector<ValueBucket> count(const RadixSelection& selection,
                               const std::vector<std::int64_t>& values) {
  std::map<std::int64_t, std::int64_t> counts;
  for (const std::int64_t value : values) {
    for (const auto& range : selection.ranges()) {
      if (value < range.low || value > range.high) continue;
      const auto offset = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(range.low);
      const auto above = offset % static_cast<std::uint64_t>(selection.width());
      ++counts[static_cast<std::int64_t>(static_cast<std::uint64_t>(value) - above)];
    }
  }
  std::vector<ValueBucket> buckets;
  for (const auto& [low, n] : counts) buckets.push_back({low, n});
  return buckets;
}

struct Found {
  std::vector<std::int64_t> values;
  int passes = 0;
};

Found select(const std::vector<std::int64_t>& values, const std::vector<std::int64_t>& positions) {
  const auto [low, high] = std::ranges::minmax(values);
  RadixSelection selection(low, high, positions);
  Found found;
  for (; !selection.done(); ++found.passes) EXPECT_TRUE(selection.narrow(count(selection, values)));
  found.values = selection.values();
  return found;
}

constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
constexpr auto kMax = std::numeric_limits<std::int64_t>::max();

TEST(RadixSelection, OnePassForSmallRanges) {
  const Found found = select({5, 3, 9, 3, -7}, {0, 1, 2, 4, 4});
  EXPECT_THAT(found.values, ElementsAre(-7, 3, 3, 9, 9));
  EXPECT_EQ(found.passes, 1);
}

TEST(RadixSelection, FewerValuesThanBeforeAreAContradiction) {
  const std::vector<std::int64_t> places = {1, 3};
  RadixSelection first(0, 9, places);
  EXPECT_FALSE(first.narrow(std::vector<ValueBucket>{{0, 2}, {9, 1}})) << "place 3 is not there";
  RadixSelection second(0, 1'000'000, places);
  EXPECT_TRUE(second.narrow(std::vector<ValueBucket>{{0, 2}, {983'040, 2}}));
  EXPECT_FALSE(second.narrow(std::vector<ValueBucket>{{0, 2}})) << "the second range is empty now";
  EXPECT_FALSE(RadixSelection(0, 9, places).narrow({}));
}

TEST(RadixSelection, EqualValuesNeedNoPass) { EXPECT_EQ(select({4, 4, 4}, {1}).passes, 0); }

TEST(RadixSelection, FourPassesCoverAllOf64Bits) {
  const Found found = select({kMax, 0, kMin, kMax - 1}, {0, 1, 2, 3});
  EXPECT_THAT(found.values, ElementsAre(kMin, 0, kMax - 1, kMax));
  EXPECT_EQ(found.passes, 4);
}

TEST(RadixSelection, OneWhaleCostsAPassAndNoPrecision) {
  std::vector<std::int64_t> values = {9'007'199'254'740'993, 9'007'199'254'740'992};
  for (std::int64_t i = 0; i < 1000; ++i) values.push_back(i * i);
  const Found found = select(values, {500, 1000, 1001});
  EXPECT_THAT(found.values, ElementsAre(250'000, 9'007'199'254'740'992, 9'007'199'254'740'993));
  EXPECT_LE(found.passes, 4);
}

RC_GTEST_PROP(RadixSelection, AgreesWithSorting, ()) {
  auto values = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::int64_t>>());
  const auto size = static_cast<std::int64_t>(values.size());
  auto positions =
      *rc::gen::container<std::vector<std::int64_t>>(3, rc::gen::inRange<std::int64_t>(0, size));
  std::ranges::sort(positions);
  const Found found = select(values, positions);
  std::ranges::sort(values);
  for (std::size_t i = 0; i < positions.size(); ++i)
    RC_ASSERT(found.values[i] == values[static_cast<std::size_t>(positions[i])]);
}

}  // namespace
}  // namespace quintile

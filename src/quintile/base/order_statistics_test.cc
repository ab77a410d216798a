#include "quintile/base/order_statistics.h"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quintile {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> select(std::vector<std::int64_t> values,
                                 std::vector<std::int64_t> positions) {
  return order_statistics(std::span<const std::int64_t>(values), positions);
}

TEST(OrderStatistics, StandWhereSortingPutsThem) {
  EXPECT_THAT(select({5, 3, 9, 3}, {0, 1, 2, 3}), ElementsAre(3, 3, 5, 9));
  EXPECT_THAT(select({7}, {0, 0}), ElementsAre(7, 7));
}

TEST(OrderStatistics, CoverTheWholeRangeOf64Bits) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(select({kMax, 0, kMin, kMax - 1}, {0, 1, 2, 3}),
              ElementsAre(kMin, 0, kMax - 1, kMax));
}

RC_GTEST_PROP(OrderStatistics, AgreeWithSorting, ()) {
  auto values = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::int64_t>>());
  const auto position =
      *rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(values.size()));
  const auto selected = select(values, {position});
  std::ranges::sort(values);
  RC_ASSERT(selected[0] == values[static_cast<std::size_t>(position)]);
}

TEST(OrderStatistics, AreFoundWhereNearlyAllValuesCrowdTogether) {
  // One far value makes the first look at the rest a coarse one.
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < 5000; ++i) values.push_back(i * 7919 % 5000);
  values.push_back(std::int64_t{1} << 60);
  EXPECT_THAT(select(values, {0, 1, 1250, 2500, 4999, 5000}),
              ElementsAre(0, 1, 1250, 2500, 4999, std::int64_t{1} << 60));
}

TEST(OrderStatistics, OfReals) {
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back((i * 7919 % 5000 - 2500) / 8.0);
  EXPECT_THAT(order_statistics(std::span<const double>(values),
                               std::vector<std::int64_t>{0, 2499, 2500, 4999}),
              ElementsAre(-312.5, -0.125, 0.0, 312.375));
}

TEST(OrderedBits, OrderAsTheDoublesDo) {
  const std::vector<double> ascending = {
      -std::numeric_limits<double>::infinity(), -2.5, -1e-300, -0.0, 1e-300, 2.5};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(ordered_bits(ascending[i - 1]), ordered_bits(ascending[i])) << i;
    EXPECT_EQ(from_ordered_bits(ordered_bits(ascending[i])), ascending[i]);
  }
  EXPECT_EQ(ordered_bits(-0.0), ordered_bits(0.0));
}

}  // namespace
}  // namespace quintile

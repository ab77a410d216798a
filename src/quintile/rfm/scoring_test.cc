#include "quintile/rfm/scoring.h"

#include <algorithm>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quintile::rfm {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> cuts(std::vector<std::int64_t> values, int bins) {
  return quantile_cuts(std::span<const std::int64_t>(values), bins).value();
}

TEST(QuantileCuts, AreTypeSevenFlooredToIntegers) {
  // numpy.quantile(range(1, 11), [.2, .4, .6, .8]) = 2.8 4.6 6.4 8.2
  EXPECT_THAT(cuts({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5), ElementsAre(2, 4, 6, 8));
  // R: quantile(mtcars$mpg * 100, 1:4/5) = 1520 1792 2100 2408
  EXPECT_THAT(cuts({2100, 2100, 2280, 2140, 1870, 1810, 1430, 2440, 2280, 1920, 1780,
                    1640, 1730, 1520, 1040, 1040, 1470, 3240, 3040, 3390, 2150, 1550,
                    1520, 1330, 1920, 2730, 2600, 3040, 1580, 1970, 1500, 2140},
                   5),
              ElementsAre(1520, 1792, 2100, 2408));
}

TEST(QuantileCuts, FloorTowardsMinusInfinity) { EXPECT_THAT(cuts({-2, -1}, 2), ElementsAre(-2)); }

TEST(QuantileCuts, ServeOneCustomerAndEqualValues) {
  EXPECT_THAT(cuts({7}, 5), ElementsAre(7, 7, 7, 7));
  EXPECT_THAT(cuts({1, 1, 1, 1, 9}, 5), ElementsAre(1, 1, 1, 2));
}

TEST(QuantileCuts, DoNotOverflowAtTheEdgeOf64Bits) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(cuts({kMin, kMax}, 2), ElementsAre(-1));
}

TEST(QuantileCuts, RefuseAnEmptyPopulation) {
  EXPECT_EQ(quantile_cuts(std::span<const std::int64_t>{}, 5).error().code, ErrorCode::Input);
  EXPECT_EQ(quantile_cuts(std::span<const ValueCount>{}, 5).error().code, ErrorCode::Input);
}

RC_GTEST_PROP(QuantileCuts, AreTheSameFromValuesAndFromCounts, ()) {
  const auto values = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(-20, 20)));
  const int bins = *rc::gen::inRange(2, 11);
  std::map<std::int64_t, std::int64_t> histogram;
  for (const auto value : values) ++histogram[value];
  std::vector<ValueCount> counts;
  for (const auto& [value, count] : histogram) counts.push_back({value, count});
  RC_ASSERT(cuts(values, bins) == quantile_cuts(std::span<const ValueCount>(counts), bins).value());
}

TEST(Scores, CountTheCutsBelow) {
  const CutPoints monetary{.metric = Metric::Monetary, .bins = 5, .cuts = {10, 20, 20, 30}};
  EXPECT_EQ(score_of(10, monetary), 1);
  EXPECT_EQ(score_of(11, monetary), 2);
  EXPECT_EQ(score_of(20, monetary), 2);
  EXPECT_EQ(score_of(21, monetary), 4);
  EXPECT_EQ(score_of(31, monetary), 5);
}

TEST(Scores, AreReversedForRecency) {
  const CutPoints recency{.metric = Metric::Recency, .bins = 5, .cuts = {10, 20, 30, 40}};
  EXPECT_EQ(score_of(10, recency), 5);
  EXPECT_EQ(score_of(41, recency), 1);
}

TEST(Codes, AreSeparatedOnceABinNeedsTwoDigits) {
  EXPECT_EQ(rfm_code(5, 4, 5, 5), "545");
  EXPECT_EQ(rfm_code(9, 9, 9, 9), "999");
  EXPECT_EQ(rfm_code(10, 4, 5, 10), "10-4-5");
}

}  // namespace
}  // namespace quintile::rfm

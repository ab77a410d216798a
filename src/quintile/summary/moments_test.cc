#include "quintile/summary/moments.h"

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/summary/sample_segmentation.h"

namespace quintile::summary {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::Optional;

constexpr std::int64_t kHuge = 999'999'999'999'999'999;

TEST(Moments, AreExactInUnitsAndLeaveOutMissing) {
  const auto column =
      table::Column::decimals("x", 2, buffer_of<std::int64_t>(std::vector{100, 200, 999, -300, 0}),
                              buffer_of<std::uint8_t>(std::vector{1, 1, 0, 1, 1}));
  const std::vector<std::uint8_t> group = {0, 0, 0, 2, 2};
  const GroupedMoments moments = moments_by_group(column.view, group, 3);
  EXPECT_THAT(moments.groups, ElementsAre(Moments{2, 1.5, 0.5}, Moments{}, Moments{2, -1.5, 4.5}));
  EXPECT_EQ(moments.all, (Moments{4, 0, 14}));
}

TEST(Moments, KeepTheSpreadOfLargeNumbersThatDifferLittle) {
  const std::vector<std::uint8_t> group = {0, 0, 0};
  const auto column = table::Column::integers(
      "x", buffer_of<std::int64_t>(std::vector{kHuge, kHuge - 1, kHuge - 2}));
  EXPECT_EQ(moments_by_group(column.view, group, 1).all.squares, 2);
  const auto reals =
      table::Column::reals("x", buffer_of<double>(std::vector{1e9, 1e9 + 1, 1e9 + 2}));
  EXPECT_EQ(moments_by_group(reals.view, group, 1).all, (Moments{3, 1e9 + 1, 2}));
}

TEST(Moments, SurviveTheWidestRangeAndNumbersThatAreNone) {
  const std::vector<std::uint8_t> group = {0, 0};
  const auto wide =
      table::Column::integers("x", buffer_of<std::int64_t>(std::vector{-kHuge, kHuge}));
  const Moments moments = moments_by_group(wide.view, group, 1).all;
  EXPECT_EQ(moments.mean, 0);
  EXPECT_THAT(moments.squares, DoubleEq(2e36));
  const std::vector<std::uint8_t> many(3000);  // squares of more than 128 bits together
  std::vector<std::int64_t> ends(3000, -kHuge);
  std::fill(ends.begin(), ends.begin() + 1000, kHuge);
  const auto far = table::Column::integers("x", buffer_of<std::int64_t>(ends));
  const Moments of_many = moments_by_group(far.view, many, 1).all;
  EXPECT_THAT(of_many.mean, DoubleEq(static_cast<double>(-kHuge) / 3));
  EXPECT_THAT(of_many.squares, DoubleEq(8e39 / 3));
  const auto broken = table::Column::reals(
      "x", buffer_of<double>(std::vector{std::nan(""), std::numeric_limits<double>::infinity()}));
  EXPECT_EQ(moments_by_group(broken.view, group, 1).all, Moments{});
}

TEST(Moments, OfRealsThatAreDecimalsAreThoseOfTheDecimals) {
  const std::vector<std::uint8_t> group(1001);
  std::vector<double> tenths;
  std::vector<std::int64_t> whole;
  for (int i = 0; i <= 1000; ++i) {
    whole.push_back(i * 7919 % 1001 - 300);
    tenths.push_back(static_cast<double>(whole.back()) / 10);
  }
  const auto reals = table::Column::reals("x", buffer_of<double>(tenths));
  const auto decimals = table::Column::decimals("x", 1, buffer_of<std::int64_t>(whole));
  const Moments moments = moments_by_group(reals.view, group, 1).all;
  EXPECT_EQ(moments, moments_by_group(decimals.view, group, 1).all);
  EXPECT_EQ(moments.mean, 20);
  std::ranges::reverse(tenths);
  const auto reversed = table::Column::reals("x", buffer_of<double>(tenths));
  EXPECT_EQ(moments, moments_by_group(reversed.view, group, 1).all);
}

TEST(Moments, DoNotDependOnWhereDistancesAreMeasuredFrom) {
  ExactSums near, far;
  for (const std::uint64_t x : {7U, 9U, 1U}) {
    for (auto* sums : {&near, &far}) {
      const std::uint64_t distance = x + (sums == &far ? std::uint64_t{1} << 50 : 0);
      ++sums->count;
      sums->sum += distance;
      sums->add_square(static_cast<UInt128>(distance) * distance);
    }
  }
  EXPECT_EQ(moments_of(near, 0, 100), moments_of(far, -(std::int64_t{1} << 50), 100));
}

TEST(Moments, MergeAsIfMeasuredTogether) {
  EXPECT_EQ(merge({}, {2, 1.5, 0.5}), (Moments{2, 1.5, 0.5}));
  EXPECT_EQ(merge({2, 1.5, 0.5}, {2, -1.5, 4.5}), (Moments{4, 0, 14}));
}

TEST(Medians, AreTheMeanOfTheTwoMiddleValues) {
  const std::vector<std::uint8_t> group = {0, 0, 1, 1, 1};
  const auto few = table::Column::days("x", buffer_of<std::int32_t>(std::vector{3, 4, 9, 1, 5}));
  EXPECT_THAT(medians_by_group(few.view, group, 3).groups,
              ElementsAre(Optional(Int128{7}), Optional(Int128{10}), std::nullopt));
  EXPECT_EQ(medians_by_group(few.view, group, 3).all, Int128{8});
  EXPECT_EQ(medians_by_group(table::Column::integers("x", {}).view, {}, 1).all, std::nullopt);
}

TEST(Medians, AreTheSameWhicheverWayTheyAreFound) {
  rc::check([](const std::vector<std::int16_t>& values) {
    // One far value makes the range too wide for counting.
    std::vector<std::int64_t> wide(values.begin(), values.end()), narrow = wide;
    wide.push_back(kHuge);
    narrow.push_back(32767);
    std::vector<std::uint8_t> group;
    for (std::size_t i = 0; i < wide.size(); ++i)
      group.push_back(i % 3 == 0 && i + 1 < wide.size() ? 0 : 1);
    const auto of = [&](const std::vector<std::int64_t>& of_values) {
      return medians_by_group(table::Column::integers("x", buffer_of<std::int64_t>(of_values)).view,
                              group, 2);
    };
    RC_ASSERT(of(wide).groups[0] == of(narrow).groups[0]);
    std::ranges::sort(narrow);
    const std::size_t n = narrow.size();
    RC_ASSERT(of(narrow).all == Int128{narrow[(n - 1) / 2] + narrow[n / 2]} ||
              n != values.size() + 1);
  });
}

}  // namespace
}  // namespace quintile::summary

#include "quintile/quality/profile.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/quality/statistics.h"

namespace quintile::quality {
namespace {

using testing::ElementsAre;
using testing::Pair;

template <typename T>
table::Buffer<T> buffer_of(std::initializer_list<T> values) {
  table::Buffer<T> buffer(static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), buffer.begin());
  return buffer;
}

TEST(Profiles, DescribeNumbers) {
  // numpy: quantile([1, 2, 3, 4, 100], [.05, .25, .5, .75, .95]) = 1.2 2 3 4 80.8; scipy.stats.skew
  // = 1.4975
  const table::ReadColumn read{
      table::Column::integers("n", buffer_of<std::int64_t>({4, 100, 1, 3, 2})), 0, {}};
  const ColumnProfile described = profile(read, "attribute", false).profile;
  EXPECT_EQ(described.type, "integer");
  EXPECT_EQ(described.minimum, "1");
  EXPECT_EQ(described.maximum, "100");
  EXPECT_EQ(described.quantile_05, "1.2");
  EXPECT_EQ(described.median, "3");
  EXPECT_EQ(described.quantile_95, "80.8");
  EXPECT_DOUBLE_EQ(*described.mean, 22);
  EXPECT_NEAR(*described.standard_deviation, 43.6176, 1e-4);
  EXPECT_NEAR(*described.skewness, 1.4975, 1e-4);
  EXPECT_EQ(described.distinct, 5);
}

template <typename T>
ColumnProfile profile_in() {
  const table::ReadColumn read{table::Column::integers("n", buffer_of<T>({4, 100, -128, 3, 2}),
                                                       buffer_of<std::uint8_t>({1, 1, 1, 0, 1})),
                               1,
                               {}};
  return profile(read, "attribute", false).profile;
}

TEST(Profiles, AreTheSameOfNumbersOfAnyWidth) {
  const ColumnProfile wide = profile_in<std::int64_t>();
  EXPECT_EQ(wide.minimum, "-128");
  for (const ColumnProfile& narrow :
       {profile_in<std::int8_t>(), profile_in<std::int16_t>(), profile_in<std::int32_t>()}) {
    EXPECT_EQ(narrow.minimum, wide.minimum);
    EXPECT_EQ(narrow.maximum, wide.maximum);
    EXPECT_EQ(narrow.median, wide.median);
    EXPECT_EQ(narrow.mean, wide.mean);
    EXPECT_EQ(narrow.skewness, wide.skewness);
    EXPECT_EQ(narrow.distinct, wide.distinct);
  }
}

TEST(Profiles, WriteQuantilesWithoutTheTailsOfBinaryFractions) {
  const auto median_of = [](std::initializer_list<double> values) {
    const table::ReadColumn read{table::Column::reals("x", buffer_of<double>(values)), 0, {}};
    return *profile(read, "attribute", false).profile.median;
  };
  EXPECT_EQ(median_of({0.1, 0.3}), "0.2");  // in binary 0.20000000000000001 or its neighbour
  EXPECT_EQ(median_of({1.1, 2.2, 3.3}), "2.2");
  EXPECT_EQ(median_of({1e15 + 1, 1e15 + 3}), "1000000000000002");
}

TEST(Profiles, CountLevelsMostFrequentFirst) {
  const table::ReadColumn read{
      table::Column::codes("c", buffer_of<std::int32_t>({1, 0, 1, 2, 0, 1}),
                           table::Dictionary::of({"b", "a", "c"}),
                           buffer_of<std::uint8_t>({1, 1, 1, 1, 1, 0})),
      1,
      {}};
  const ColumnProfile described = profile(read, "attribute", false).profile;
  EXPECT_THAT(described.top, ElementsAre(Pair("a", 2), Pair("b", 2), Pair("c", 1)));
  EXPECT_EQ(described.missing, 1);
}

TEST(Profiles, TellNothingOfPersonalValues) {
  const table::ReadColumn read{
      table::Column::integers("name", buffer_of<std::int64_t>({11, 12, 12})), 0, {}};
  const ColumnProfile described = profile(read, "personal", true).profile;
  EXPECT_EQ(described.distinct, 2);
  EXPECT_EQ(described.type, "text");
  EXPECT_EQ(described.minimum, std::nullopt);
  EXPECT_TRUE(described.top.empty());
}

TEST(Profiles, OfAnEmptyColumnSayNothing) {
  const table::ReadColumn read{table::Column::reals("r", table::Buffer<double>(0)), 0, {}};
  EXPECT_EQ(profile(read, "attribute", false).profile.mean, std::nullopt);
}

TEST(Distinct, CountsIntegersCloseTogetherAndFarApart) {
  table::Buffer<std::int64_t> close(5000), far(5000);
  for (std::int64_t i = 0; i < 5000; ++i) {
    close[i] = -i % 1234;
    far[i] = (i % 1234) * 1'000'000'007;
  }
  EXPECT_EQ(count_distinct(table::Column::integers("close", std::move(close)).view), 1234);
  EXPECT_EQ(count_distinct(table::Column::integers("far", std::move(far)).view), 1234);
  EXPECT_EQ(count_distinct(table::Column::integers(
                               "extremes", buffer_of<std::int64_t>({INT64_MIN, INT64_MAX, 0, 0}))
                               .view),
            3);
  EXPECT_EQ(count_distinct(table::Column::integers("missing", buffer_of<std::int64_t>({4, 5, 4}),
                                                   buffer_of<std::uint8_t>({1, 0, 1}))
                               .view),
            1);
  EXPECT_EQ(count_distinct(table::Column::booleans("b", buffer_of<std::uint8_t>({1, 1})).view), 1);
}

TEST(Distinct, StopsAtItsLimit) {
  for (const std::int64_t step : {1, 1'000'003}) {
    table::Buffer<std::int64_t> values(kDistinctMax + 10);
    for (std::int64_t i = 0; i < values.size(); ++i) values[i] = i * step;
    EXPECT_EQ(count_distinct(table::Column::integers("n", std::move(values)).view), kDistinctMax);
  }
}

TEST(Distinct, CountsRealsAndTexts) {
  EXPECT_EQ(count_distinct(table::Column::reals("r", buffer_of<double>({0.0, -0.0, 1.5})).view), 2);
  EXPECT_EQ(count_distinct(table::Column::of_texts("t", {"", "x", "x"}).view), 2);
}

// Hundredths are told apart by bits, all others by keys: the counts must not tell.
TEST(Distinct, CountsHundredthsLikeOtherReals) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const auto count = [](const std::vector<double>& values) {
    table::Buffer<double> buffer(static_cast<std::int64_t>(values.size()));
    std::ranges::copy(values, buffer.begin());
    return count_distinct(table::Column::reals("r", std::move(buffer)).view);
  };
  std::vector<double> values;
  for (int i = -3000; i < 3000; ++i) {
    values.push_back(i / 100.0);
    values.push_back(i / 100.0);
  }
  EXPECT_EQ(count(values), 6000);
  for (const double other : {std::nextafter(0.07, 1.0), 1e300, -1e16, kNone}) {
    values.push_back(other);
    EXPECT_EQ(count(values), 6001) << other;
    values.pop_back();
  }
  EXPECT_EQ(count({0.1 + 0.2, 0.3, 1.0 / 3}), 3);
  EXPECT_EQ(count({9'999'999'999'999.98, 9'999'999'999'999.99, 1e13}), 3);
  EXPECT_EQ(count({}), 0);
}

}  // namespace
}  // namespace quintile::quality

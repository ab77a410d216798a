#include <array>
#include <cmath>

#include <gmock/gmock.h>

#include "quintile/synthetic/distributions_internal.h"

namespace quintile::synthetic {
namespace {

constexpr std::uint32_t kLast = 0xFFFFFFFF;

std::uint32_t at_share(double share) { return static_cast<std::uint32_t>(share * 4294967296.0); }

TEST(FromQuantiles, HitsTheKnotsAndIsLinearBetweenThem) {
  constexpr std::array<std::int32_t, 5> kKnots = {0, 4, 4, 10, 110};
  EXPECT_EQ(from_quantiles(kKnots, 0), 0);
  EXPECT_EQ(from_quantiles(kKnots, at_share(0.125)), 2);
  EXPECT_EQ(from_quantiles(kKnots, at_share(0.25)), 4);
  EXPECT_EQ(from_quantiles(kKnots, at_share(0.4)), 4);
  EXPECT_EQ(from_quantiles(kKnots, at_share(0.75)), 10);
  EXPECT_EQ(from_quantiles(kKnots, kLast), 109);
}

TEST(FromQuantiles, RoundsNegativeValuesDown) {
  constexpr std::array<std::int32_t, 2> kKnots = {-3, 3};
  EXPECT_EQ(from_quantiles(kKnots, at_share(0.25)), -2);
}

TEST(Weighted, GivesEachIndexItsShareAndNeverAWeightOfZero) {
  constexpr std::array<std::uint16_t, 4> kWeights = {0, 1, 0, 3};
  EXPECT_EQ(weighted(kWeights, 0), 1);
  EXPECT_EQ(weighted(kWeights, at_share(0.25) - 1), 1);
  EXPECT_EQ(weighted(kWeights, at_share(0.25)), 3);
  EXPECT_EQ(weighted(kWeights, kLast), 3);
}

TEST(Chance, IsNeverAtZeroAndAlwaysAtAThousand) {
  EXPECT_FALSE(chance(0, 0));
  EXPECT_TRUE(chance(1000, kLast));
  EXPECT_TRUE(chance(250, at_share(0.2499)));
  EXPECT_FALSE(chance(250, at_share(0.2501)));
}

TEST(StandardNormal, MatchesTheErrorFunction) {
  for (const double share : {0.02, 0.1, 0.25, 0.4, 0.6, 0.75, 0.9, 0.98}) {
    const double z = static_cast<double>(standard_normal_q16(at_share(share))) / 65536;
    EXPECT_NEAR(0.5 * std::erfc(-z / std::sqrt(2.0)), share, 1e-4);
  }
  EXPECT_EQ(standard_normal_q16(0x80000000), 0);
}

TEST(StandardNormal, HasMeanZeroAndVarianceOne) {
  double sum = 0, squares = 0;
  constexpr int kSteps = 1 << 16;
  for (int i = 0; i < kSteps; ++i) {
    const double z =
        static_cast<double>(standard_normal_q16((static_cast<std::uint32_t>(i) << 16) + 32768)) /
        65536;
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / kSteps, 0, 1e-3);
  EXPECT_NEAR(squares / kSteps, 1, 0.01);
}

TEST(TimesPowerOfTwo, MatchesTheLibraryWithinItsBound) {
  EXPECT_EQ(times_power_of_two(1000, 0), 1000);
  EXPECT_EQ(times_power_of_two(1000, 3 * 65536), 8000);
  EXPECT_EQ(times_power_of_two(4096, -4 * 65536), 256);
  for (std::int64_t exponent = -262'144; exponent < 262'144; exponent += 1237) {
    const double expected = 1e9 * std::exp2(static_cast<double>(exponent) / 65536);
    EXPECT_NEAR(static_cast<double>(times_power_of_two(1'000'000'000, exponent)), expected,
                expected * 1e-4);
  }
}

TEST(LogNormal, HasItsMedianInTheMiddle) {
  EXPECT_EQ(log_normal(5000, 65536, 0x80000000), 5000);
  EXPECT_LT(log_normal(5000, 65536, 0), 5000 / 8);
  EXPECT_GT(log_normal(5000, 65536, kLast), 5000 * 8);
}

}  // namespace
}  // namespace quintile::synthetic

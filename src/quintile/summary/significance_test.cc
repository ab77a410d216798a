#include "quintile/summary/significance.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::summary {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

MATCHER_P(IsNear, expected, "") {
  return std::abs(arg - expected) <= 1e-10 * std::max(std::abs(expected), 1e-30);
}

// SciPy 1.x: chi2_contingency(correction=False), binomtest(a).proportion_ci("wilson"); h by its
// formula.
struct ShareCase {
  Proportion a, b;
  double p, h, low, high;
};
constexpr ShareCase kShareCases[] = {
    {{30, 100},
     {20, 100},
     0.10247043485974942,
     0.2319842627257963,
     0.21894885294932764,
     0.39584854633346667},
    {{45, 1000},
     {3000, 99000},
     0.007116816925217361,
     0.07757417361349184,
     0.03379951228563171,
     0.059682837936223455},
    {{500, 1000}, {500, 1000}, 1.0, 0.0, 0.4690696003681042, 0.5309303996318958},
    {{7, 8},
     {1, 9},
     0.0016349717967151427,
     1.7391845868681337,
     0.5291118177871464,
     0.9775825085499433},
    {{9000, 10000}, {1000, 90000}, 0.0, 2.2868806644373305, 0.8939656314740893, 0.9057271698293695},
};

// ttest_ind_from_stats(equal_var=False); d with the pooled deviation.
struct MeanCase {
  Moments a, b;
  double p, d;
};
constexpr MeanCase kMeanCases[] = {
    {{30, 10, 116}, {40, 11, 351}, 0.09946541117633102, -0.3815891486567602},
    {{10000, 50, 2249775}, {90000, 48, 18922289.75}, 1.1356267101525598e-36, 0.13744977900751892},
    {{2, 0, 1}, {2, 1, 0}, 0.3918265520306074, -1.414213562373095},
    {{200, 5, 199}, {50, 5, 784}, 1.0, 0.0},
    {{5000, 100, 499900}, {5000, 40, 499900}, 0.0, 6.0},
};

TEST(Significance, SharesAgreeWithScipy) {
  for (const ShareCase& c : kShareCases) {
    EXPECT_THAT(chi_square_p(c.a, c.b).value(), IsNear(c.p));
    EXPECT_THAT(cohens_h(c.a, c.b), DoubleNear(c.h, 1e-12));
    EXPECT_THAT(wilson_interval(c.a)[0], IsNear(c.low));
    EXPECT_THAT(wilson_interval(c.a)[1], IsNear(c.high));
  }
}

TEST(Significance, MeansAgreeWithScipy) {
  for (const MeanCase& c : kMeanCases) {
    EXPECT_THAT(welch_p(c.a, c.b).value(), IsNear(c.p));
    EXPECT_THAT(cohens_d(c.a, c.b).value(), DoubleNear(c.d, 1e-12));
  }
}

TEST(Significance, NothingIsTestedWithoutContrast) {
  EXPECT_EQ(chi_square_p({0, 10}, {0, 20}), std::nullopt);
  EXPECT_EQ(chi_square_p({10, 10}, {20, 20}), std::nullopt);
  EXPECT_EQ(chi_square_p({5, 10}, {0, 0}), std::nullopt);
  EXPECT_EQ(welch_p({10, 3, 0}, {20, 4, 0}), std::nullopt);
  EXPECT_EQ(welch_p({1, 3, 0}, {20, 4, 7}), std::nullopt);
  EXPECT_EQ(cohens_d({}, {20, 4, 7}), std::nullopt);
}

TEST(Significance, BenjaminiHochbergKeepsOrderAndTies) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005, 0.5, 0.04, 1.0, 0.0};
  const std::vector<double> scipy = {0.026666666666666665,
                                     0.05333333333333333,
                                     0.05333333333333333,
                                     0.02,
                                     0.5714285714285714,
                                     0.05333333333333333,
                                     1.0,
                                     0.0};
  EXPECT_THAT(benjamini_hochberg(p), Pointwise(testing::DoubleEq(), scipy));
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

TEST(Significance, StableNumbersHaveTwelveDigits) {
  EXPECT_EQ(stable(0.1234567890123456), 0.123456789012);
  EXPECT_EQ(stable(-1e-300), -1e-300);
  EXPECT_FALSE(std::signbit(stable(-0.0)));
}

}  // namespace
}  // namespace quintile::summary

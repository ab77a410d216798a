#include "quintile/quality/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::quality {
namespace {

TEST(Waterfalls, BalanceWhenFirstLessTheStepsIsTheLast) {
  EXPECT_TRUE(balances(
      {{"read", 10, 1000}, {"future_date", 2, 300}, {"refunds", 1, -50}, {"published", 7, 750}}));
  EXPECT_FALSE(balances({{"read", 10, 1000}, {"future_date", 2, 300}, {"published", 8, 750}}));
  EXPECT_FALSE(balances({{"read", 10, 1000}, {"future_date", 1, 300}, {"published", 8, 700}}));
  EXPECT_FALSE(balances({}));
}

TEST(Reviews, FailOnTheFirstFindingThatSaysSo) {
  Review review;
  EXPECT_EQ(review.failure(), nullptr);
  review.findings = {Finding{.check = "a"}, Finding{.check = "b", .decision = Decision::Fail}};
  EXPECT_EQ(review.failure()->check, "b");
}

}  // namespace
}  // namespace quintile::quality

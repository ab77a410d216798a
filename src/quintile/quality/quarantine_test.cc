#include "quintile/quality/quarantine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::quality {
namespace {

TEST(Quarantine, GivesBackWhatWasPut) {
  Quarantine rows = {{4, "future_date", "late"}, {9, "not_kept", "so"}};
  rows.push_back({4'000'000'000, "future_date", "late"});
  EXPECT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.causes().size(), 2U);
  EXPECT_EQ(rows[1], (QuarantinedRow{9, "not_kept", "so"}));
  EXPECT_EQ(rows[2], (QuarantinedRow{4'000'000'000, "future_date", "late"}));
  EXPECT_THAT(std::vector<QuarantinedRow>(rows.begin(), rows.end()), testing::SizeIs(3));
}

TEST(Quarantine, IsEqualHoweverItsCausesAreNumbered) {
  Quarantine a = {{1, "x", ""}, {2, "y", ""}};
  Quarantine b;
  const std::uint32_t y = b.cause({"y", ""});
  b.resize(2);
  b.put(1, 2, y);
  b.put(0, 1, b.cause({"x", ""}));
  EXPECT_EQ(a, b);
  b.put(0, 1, y);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace quintile::quality

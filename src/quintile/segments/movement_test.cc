#include "quintile/segments/movement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::segments {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Flows, CountCustomersAndMoneyByBeforeAndAfter) {
  const std::vector<SegmentIndex> before = {0, 0, 1, 1};
  const std::vector<SegmentIndex> after = {0, 1, 0, 0};
  const std::vector<std::int64_t> monetary = {1, 20, 300, -4000};
  EXPECT_THAT(flows(before, after, monetary),
              ElementsAre(Flow{0, 0, 1, 1}, Flow{0, 1, 1, 20}, Flow{1, 0, 2, -3700}));
}

TEST(Flows, AreNoneWithoutCustomers) { EXPECT_THAT(flows({}, {}, {}), IsEmpty()); }

}  // namespace
}  // namespace quintile::segments

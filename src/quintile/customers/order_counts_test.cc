#include "quintile/customers/order_counts.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::customers {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

OrderRecord a_run(std::uint64_t order, std::uint32_t customer, std::uint32_t first_row,
                  std::uint32_t lines) {
  OrderRecord record{.key_high = 0,
                     .key_low = order,
                     .moment = 5,
                     .amount = 100,
                     .first_row = first_row,
                     .customer = customer};
  record.lines = lines & 0xFFFFU;
  record.counts = 1;
  return record;
}

std::vector<std::int64_t> examples(const quality::RowCollector& rows) {
  return rows.finding("", "", {}, {}, "", 1).examples;
}

TEST(OrderCounts, CountAnIdOnceForEachOfItsCustomers) {
  const OrderFacts facts =
      count_orders(std::vector{a_run(7, 0, 0, 2), a_run(8, 1, 2, 1), a_run(7, 0, 3, 1),
                               a_run(7, 2, 9, 1), a_run(7, 0, 12, 1)},
                   {});
  EXPECT_EQ(facts.orders, 2);
  EXPECT_THAT(facts.customers, UnorderedElementsAre(0, 1, 2));
  EXPECT_EQ(facts.several_customers, 1);
  EXPECT_EQ(facts.conflicts.rows(), 5);
  EXPECT_THAT(examples(facts.conflicts), ElementsAre(1));
}

TEST(OrderCounts, TellIdsApartByAllTheirBits) {
  OrderRecord other = a_run(7, 0, 1, 1);
  other.key_high = 1;
  EXPECT_EQ(count_orders(std::vector{a_run(7, 0, 0, 1), other}, {}).orders, 2);
}

TEST(OrderCounts, FindEqualLinesWithinARunAndAcrossRuns) {
  const std::vector records = {a_run(7, 0, 10, 3), a_run(8, 1, 13, 2), a_run(7, 0, 20, 1)};
  const std::vector<std::uint64_t> hashes = {5, 6, 5, 5, 9, 6};
  const CopyFacts copies = count_orders(records, hashes).copies;
  EXPECT_EQ(copies.groups, 2);
  EXPECT_EQ(copies.rows, 4);
  EXPECT_THAT(examples(copies.surplus), ElementsAre(13, 21));
}

TEST(OrderCounts, FindEqualLinesAmongMany) {
  std::vector<std::uint64_t> hashes(1000);
  std::iota(hashes.begin(), hashes.end(), 1);
  hashes[999] = 1;
  const CopyFacts copies = count_orders(std::vector{a_run(7, 0, 0, 1000)}, hashes).copies;
  EXPECT_EQ(copies.rows, 2);
  EXPECT_THAT(examples(copies.surplus), ElementsAre(1000));
}

TEST(OrderCounts, DoNotDependOnTheOrderOfRecords) {
  std::mt19937 random(3);
  std::vector<OrderRecord> records;
  std::set<std::uint64_t> ids;
  for (std::uint32_t i = 0; i < 500; ++i) {
    records.push_back(a_run(random() % 90, static_cast<std::uint32_t>(random() % 7), i * 2, 2));
    records.back().moment = static_cast<std::int64_t>(random() % 2);
    ids.insert(records.back().key_low);
  }
  const OrderFacts expected = count_orders(records, {});
  std::ranges::shuffle(records, random);
  OrderFacts facts = count_orders(records, {});
  EXPECT_EQ(facts.orders, static_cast<std::int64_t>(ids.size()));
  EXPECT_EQ(facts.several_customers, expected.several_customers);
  EXPECT_EQ(facts.several_moments, expected.several_moments);
  EXPECT_EQ(examples(facts.conflicts), examples(expected.conflicts));
  EXPECT_THAT(facts.customers, testing::UnorderedElementsAreArray(expected.customers));
}

}  // namespace
}  // namespace quintile::customers

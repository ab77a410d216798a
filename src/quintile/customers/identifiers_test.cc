#include "quintile/customers/identifiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/table/column.h"

namespace quintile::customers {
namespace {

using testing::ElementsAre;

TEST(IdOrders, CompareAsIntegersWhereAllAre) {
  const table::Column ids = table::Column::of_texts("id", {"10", "9", "009"});
  const IdOrder order(ids.view);
  EXPECT_TRUE(order.numeric());
  EXPECT_THAT(order.sorted_rows(), ElementsAre(2, 1, 0)) << "9 and 009 are one number and two ids";
  EXPECT_FALSE(order.same(1, 2));
}

TEST(IdOrders, CompareAsBytesElsewhere) {
  const table::Column ids = table::Column::of_texts("id", {"10", "9", "a"});
  EXPECT_THAT(IdOrder(ids.view).sorted_rows(), ElementsAre(0, 1, 2));
}

TEST(IdOrders, SortNegativeAndLargeIntegers) {
  table::Buffer<std::int64_t> values(4);
  const std::int64_t numbers[] = {5, -7, 1'000'000'000'000, 0};
  std::copy(std::begin(numbers), std::end(numbers), values.begin());
  const table::Column ids = table::Column::integers("id", std::move(values));
  EXPECT_THAT(IdOrder(ids.view).sorted_rows(), ElementsAre(1, 3, 0, 2));
}

TEST(Records, CompareNumbersByValueAndTextByBytes) {
  const auto less = [](std::vector<std::string> a, std::vector<std::string> b) {
    return record_less(a, b);
  };
  EXPECT_TRUE(less({"x", "9"}, {"x", "10"}));
  EXPECT_TRUE(less({"x", "B"}, {"x", "a"}));
  EXPECT_TRUE(less({"x", ""}, {"x", "0"})) << "missing comes first";
  EXPECT_TRUE(less({"1.0"}, {"1.00"})) << "equal numbers are settled by their bytes";
  EXPECT_FALSE(less({"x"}, {"x"}));
}

TEST(FirstPurchases, OrderByDayThenIdThenRecord) {
  const table::Column ids = table::Column::of_texts("id", {"7", "7", "3", "7"});
  const std::vector<std::int32_t> days = {20, 10, 20, 10};
  const std::vector<std::string> names = {"a", "z", "b", "c"};
  const IdOrder order(ids.view);
  const auto ordered = by_first_purchase(order.sorted_rows(), days, order,
                                         [&](std::int64_t row) -> Result<std::vector<std::string>> {
                                           return std::vector{names[static_cast<std::size_t>(row)]};
                                         });
  EXPECT_THAT(*ordered, ElementsAre(3, 1, 2, 0));
}

}  // namespace
}  // namespace quintile::customers

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

TEST(IdOrders, CompareAsIntegersOfAnyLength) {
  const table::Column ids = table::Column::of_texts(
      "id", {"10000000000000000000", "9", "-10000000000000000000", "0000000000000000000000009",
             "999999999999999999", "1000000000000000000", "+0", "-9", "-0", "20000000000000000000",
             "10000000000000000000"});
  const IdOrder order(ids.view);
  EXPECT_TRUE(order.numeric());
  EXPECT_THAT(order.sorted_rows(), ElementsAre(2, 7, 6, 8, 3, 1, 4, 5, 0, 10, 9))
      << "one number spelled in two ways goes by bytes";
  EXPECT_TRUE(order.same(0, 10));
  EXPECT_FALSE(order.same(1, 3));
  EXPECT_FALSE(order.same(6, 8));
}

TEST(IdOrders, CompareAsBytesWhereALongIntegerStandsAmongWords) {
  for (const char* word : {"a", "+", "-", "1.0", "10000000000000000000x"}) {
    const table::Column ids = table::Column::of_texts("id", {"9", "10000000000000000000", word});
    EXPECT_FALSE(IdOrder(ids.view).numeric()) << word;
    EXPECT_TRUE(IdOrder(ids.view).less(1, 0)) << word;
  }
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

TEST(Cells, OfANumberColumnHaveOneOrderWhateverStandsAmongThem) {
  std::vector<std::string> cells = {"1a", "9", "", "10", "1.00", "x", "1.0", "10"};
  std::ranges::sort(cells);
  do {
    std::vector<std::string> sorted = cells;
    std::ranges::sort(sorted, number_less);
    ASSERT_THAT(sorted, ElementsAre("", "1.0", "1.00", "9", "10", "10", "1a", "x"))
        << "missing ones first, equal numbers by their bytes, 9 < 10 < 1a";
  } while (std::ranges::next_permutation(cells).found);
}

/// Records of a table in memory that count how many cells were asked for.
struct CountedRecords {
  std::vector<std::vector<std::string>> columns;
  std::vector<bool> is_number = std::vector<bool>(columns.size());
  std::size_t looked_up = 0;

  [[nodiscard]] Records records() {
    return {
        .is_number = is_number,
        .cells = [this](std::size_t column,
                        std::span<const std::int64_t> rows) -> Result<std::vector<std::string>> {
          looked_up += rows.size();
          std::vector<std::string> cells;
          for (const std::int64_t row : rows)
            cells.push_back(columns[column][static_cast<std::size_t>(row)]);
          return cells;
        }};
  }
};

TEST(FirstPurchases, OrderByDayThenIdThenRecord) {
  const table::Column ids = table::Column::of_texts("id", {"7", "7", "3", "7"});
  const std::vector<std::int32_t> days = {20, 10, 20, 10};
  CountedRecords names{{{"a", "z", "b", "c"}}};
  const IdOrder order(ids.view);
  EXPECT_THAT(*by_first_purchase(order.sorted_rows(), days, order, names.records()),
              ElementsAre(3, 1, 2, 0));
  EXPECT_EQ(names.looked_up, 2) << "two rows tie by day and id";
}

TEST(Ties, AreSettledByValueInColumnsOfNumbersAlone) {
  std::vector<std::uint32_t> rows = {0, 1};
  const TiedRows tie[] = {{0, 2}};
  ASSERT_TRUE(settle_ties(rows, tie, CountedRecords{{{"10", "9"}}, {true}}.records()).has_value());
  EXPECT_THAT(rows, ElementsAre(1, 0));
  ASSERT_TRUE(settle_ties(rows, tie, CountedRecords{{{"10", "9"}}, {false}}.records()).has_value());
  EXPECT_THAT(rows, ElementsAre(0, 1));
}

TEST(Ties, AreSettledColumnByColumn) {
  CountedRecords records{
      {{"2", "1", "2", "2", "1"}, {"b", "z", "a", "b", "y"}, {"", "", "", "9", ""}}};
  std::vector<std::uint32_t> rows = {3, 2, 1, 0, 4};
  const TiedRows ties[] = {{0, 4}};
  ASSERT_TRUE(settle_ties(rows, ties, records.records()).has_value());
  EXPECT_THAT(rows, ElementsAre(1, 2, 0, 3, 4)) << "the last row is no part of the tie";
  EXPECT_EQ(records.looked_up, 4 + 3 + 2) << "cells are looked up while rows tie";
}

TEST(Ties, EqualRecordsStayAsTheyStand) {
  CountedRecords records{{{"x", "x", "x"}}};
  std::vector<std::uint32_t> rows = {2, 0, 1};
  const TiedRows ties[] = {{0, 3}};
  ASSERT_TRUE(settle_ties(rows, ties, records.records()).has_value());
  EXPECT_THAT(rows, ElementsAre(2, 0, 1));
}

TEST(Ties, AFailedLookUpIsTheResult) {
  std::vector<std::uint32_t> rows = {0, 1};
  const TiedRows ties[] = {{0, 2}};
  const Records records{.is_number = {false},
                        .cells = [](auto...) -> Result<std::vector<std::string>> {
                          return fail(ErrorCode::Io, "the disk is gone");
                        }};
  EXPECT_EQ(settle_ties(rows, ties, records).error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace quintile::customers

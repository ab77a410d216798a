#include "quintile/table/column.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/table/gather.h"
#include "quintile/table/table.h"

namespace quintile::table {
namespace {

using testing::ElementsAre;

template <typename T>
Buffer<T> buffer_of(std::initializer_list<T> values) {
  Buffer<T> buffer(static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), buffer.begin());
  return buffer;
}

TEST(Columns, ShowTheirCellsAsPlainText) {
  EXPECT_EQ(Column::booleans("b", buffer_of<std::uint8_t>({1})).cell(0), "true");
  EXPECT_EQ(Column::decimals("m", 2, buffer_of<std::int64_t>({-5})).cell(0), "-0.05");
  EXPECT_EQ(Column::reals("r", buffer_of<double>({0.1})).cell(0), "0.1");
  EXPECT_EQ(Column::dates("d", buffer_of<std::int32_t>({19676})).cell(0), "2023-11-15");
  EXPECT_EQ(Column::timestamps("t", buffer_of<std::int64_t>({-1})).cell(0),
            "1969-12-31 23:59:59.999999");
  EXPECT_EQ(Column::of_texts("s", {"x"}).cell(0), "x");
  const Column holed =
      Column::integers("i", buffer_of<std::int64_t>({7, 8}), buffer_of<std::uint8_t>({0, 1}));
  EXPECT_EQ(holed.cell(0), "");
  EXPECT_EQ(holed.missing(), 1);
}

template <typename Code>
void expect_sorted_dictionary() {
  const Column column = with_sorted_dictionary(Column::codes("c", buffer_of<Code>({2, 0, 2}),
                                                             Dictionary::of({"b", "never", "a"}),
                                                             buffer_of<std::uint8_t>({1, 1, 0})));
  EXPECT_THAT(std::vector(column.view.dictionary.begin(), column.view.dictionary.end()),
              ElementsAre("a", "b"));
  EXPECT_EQ(column.cell(0), "a");
  EXPECT_EQ(column.cell(1), "b");
  EXPECT_EQ(column.cell(2), "");
}

TEST(Dictionaries, SortByBytesAndDropWhatNoRowHas) {
  expect_sorted_dictionary<std::uint8_t>();
  expect_sorted_dictionary<std::int32_t>();
}

template <typename T>
void expect_gathered() {
  const T least = std::numeric_limits<T>::min(), greatest = std::numeric_limits<T>::max();
  const Column column = Column::integers("i", buffer_of<T>({least, 0, greatest}));
  const std::vector<std::uint32_t> rows = {2, 0, 2};
  const Column taken = gather(column, rows);
  EXPECT_EQ(taken.view.layout, column.view.layout);
  EXPECT_EQ(taken.cell(0), std::to_string(greatest));
  EXPECT_EQ(taken.cell(1), std::to_string(least));
  EXPECT_EQ(taken.cell(2), std::to_string(greatest));
  EXPECT_EQ(taken.view.slice(1, 1).integer(0), least);
}

TEST(Gathering, TakesWholeNumbersOfAnyWidth) {
  expect_gathered<std::int8_t>();
  expect_gathered<std::int16_t>();
  expect_gathered<std::int32_t>();
  expect_gathered<std::int64_t>();
}

TEST(Origins, NameTheFileAndItsRow) {
  const Origin origin{{{"a.csv", 0, 2}, {"empty.csv", 2, 0}, {"b.csv", 2, 3}}};
  EXPECT_EQ(origin.of(1).file, "a.csv");
  EXPECT_EQ(origin.of(1).number, 2);
  EXPECT_EQ(origin.of(2).file, "b.csv");
  EXPECT_EQ(origin.of(2).number, 1);
}

}  // namespace
}  // namespace quintile::table

#include "quintile/table/column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(Dictionaries, SortByBytesAndDropWhatNoRowHas) {
  const Column column = with_sorted_dictionary(
      Column::codes("c", buffer_of<std::int32_t>({2, 0, 2}), Dictionary::of({"b", "never", "a"}),
                    buffer_of<std::uint8_t>({1, 1, 0})));
  EXPECT_THAT(std::vector(column.view.dictionary.begin(), column.view.dictionary.end()),
              ElementsAre("a", "b"));
  EXPECT_EQ(column.cell(0), "a");
  EXPECT_EQ(column.cell(1), "b");
  EXPECT_EQ(column.cell(2), "");
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

#include "quintile/quality/attribute_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/quality/profile.h"

namespace quintile::quality {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename T>
table::Buffer<T> buffer_of(std::initializer_list<T> values) {
  table::Buffer<T> buffer(static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), buffer.begin());
  return buffer;
}

TEST(CategoryVariants, BecomeTheMostFrequentSpelling) {
  const Checked checked = unify_variants(
      table::Column::codes("city", buffer_of<std::int32_t>({0, 1, 0, 2, 3}),
                           table::Dictionary::of({"Porto", "PORTO", " porto ", "Lyon"})));
  ASSERT_TRUE(checked.finding);
  EXPECT_EQ(checked.finding->rows, 2);
  EXPECT_THAT(checked.finding->examples, ElementsAre(2, 4));
  EXPECT_EQ(checked.finding->decision, Decision::Regenerated);
  for (const int row : {0, 1, 2, 3}) EXPECT_EQ(checked.column.cell(row), "Porto");
  EXPECT_EQ(checked.column.cell(4), "Lyon");
}

TEST(CategoryVariants, AreNotSeenWhereSpellingsDiffer) {
  EXPECT_FALSE(unify_variants(table::Column::codes("c", buffer_of<std::int32_t>({0, 1}),
                                                   table::Dictionary::of({"New York", "NewYork"})))
                   .finding);
}

TEST(Ranges, KeepBothEndsAndMissingValues) {
  const table::Column ages =
      table::Column::integers("age", buffer_of<std::int64_t>({17, 18, 80, 81, 0}),
                              buffer_of<std::uint8_t>({1, 1, 1, 1, 0}));
  EXPECT_THAT(within(ages.view, {"age", "18", "80"}).value(), ElementsAre(0, 1, 1, 0, 1));
}

TEST(Ranges, CompareDecimalsExactly) {
  const table::Column money = table::Column::decimals("m", 2, buffer_of<std::int64_t>({999, 1000}));
  EXPECT_THAT(within(money.view, {"m", "9.995", "10.004"}).value(), ElementsAre(0, 1));
}

TEST(Ranges, RefuseTexts) {
  EXPECT_EQ(within(table::Column::of_texts("t", {"x"}).view, {"t", "1", "2"}).error().code,
            ErrorCode::Plan);
}

std::vector<std::string> checks_of(const table::Column& column) {
  std::vector<std::string> checks;
  for (const Finding& finding :
       shape_findings(column, profile({column, 0, {}}, "attribute", false)))
    checks.push_back(finding.check);
  return checks;
}

TEST(Shapes, SayWhenAColumnIsConstant) {
  EXPECT_THAT(checks_of(table::Column::integers("n", buffer_of<std::int64_t>({7, 7}))),
              ElementsAre("constant"));
  EXPECT_THAT(checks_of(table::Column::integers("n", buffer_of<std::int64_t>({7}))), IsEmpty())
      << "one row is not enough";
}

TEST(Shapes, SayWhenAFewValuesAreFarOut) {
  table::Buffer<std::int64_t> values(100);
  for (std::int64_t i = 0; i < 100; ++i) values[i] = i;
  values[99] = 100'000;
  EXPECT_THAT(checks_of(table::Column::integers("n", std::move(values))),
              ElementsAre("skewed", "outlier"));
}

}  // namespace
}  // namespace quintile::quality

#include "quintile/engine/sql/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::engine::sql {
namespace {

using ::testing::HasSubstr;

Result<std::string> translated(std::string_view source, Product product = Product::DuckDb) {
  const Dialect dialect(product);
  const auto fields = [&](std::string_view name) -> std::optional<Field> {
    const Sql column = dialect.name(name);
    if (name == "orders") return Field{{Type::Integer, 0}, column, {}};
    if (name == "total") return Field{{Type::Decimal, 2}, column, {}};
    if (name == "cents") return Field{{Type::Decimal, 4}, column, {}};
    if (name == "day") return Field{{Type::Date, 0}, column, {}};
    if (name == "sold_at") return Field{{Type::Timestamp, 0}, column, dialect.day(column)};
    if (name == "loyal") return Field{{Type::Boolean, 0}, column, {}};
    if (name == "weight") return Field{{Type::Real, 0}, column, {}};
    if (name == "city") return Field{{Type::Text, 0}, column, {}};
    return std::nullopt;
  };
  QUINTILE_TRY(const auto expression, expression::parse(source));
  QUINTILE_TRY(const Sql condition, translate(expression, fields, {"orders", "city"}, dialect));
  return condition.text();
}

std::string sql_of(std::string_view source, Product product = Product::DuckDb) {
  const auto text = translated(source, product);
  return text ? *text : text.error().to_string();
}

TEST(Translations, DecimalsCompareAtTheScaleOfTheColumn) {
  EXPECT_EQ(sql_of("total > 10"), "(\"total\" >= 1001)");
  EXPECT_EQ(sql_of("total > 10.005"), "(\"total\" >= 1001)");
  EXPECT_EQ(sql_of("total <= 10.005"), "(\"total\" <= 1000)");
  EXPECT_EQ(sql_of("total < -0.005"), "(\"total\" <= (-1))");
  EXPECT_EQ(sql_of("orders between 1.5 and 3"), "((\"orders\" >= 2) AND (\"orders\" <= 3))");
}

TEST(Translations, WhatNoValueEqualsIsFalseAndStillUnknownForNone) {
  EXPECT_EQ(sql_of("total = 10.005"), "(\"total\" <> \"total\")");
  EXPECT_EQ(sql_of("orders != 1.5"), "(NOT (\"orders\" <> \"orders\"))");
}

TEST(Translations, ATimeStampComparesWithADateByItsDay) {
  EXPECT_EQ(
      sql_of("sold_at <= 1970-01-02"),
      "(CAST(date_diff('day', DATE '1970-01-01', CAST(\"sold_at\" AS DATE)) AS BIGINT) <= 1)");
}

TEST(Translations, LogicIsSqls) {
  EXPECT_EQ(sql_of("not (loyal or orders is missing) and true"),
            "((NOT ((\"loyal\" = 1) OR (\"orders\" IS NULL))) AND (1 = 1))");
}

TEST(Translations, TextIsQuotedAsEachProductReadsIt) {
  EXPECT_EQ(sql_of("city = \"o'brien\\\\\""), "(\"city\" = 'o''brien\\')");
  EXPECT_EQ(sql_of("city = \"o'brien\\\\\"", Product::Spark), "(`city` = 'o\\'brien\\\\')");
  EXPECT_EQ(sql_of("city < \"a\"", Product::PostgreSql),
            "((\"city\") COLLATE \"C\" < ('a') COLLATE \"C\")");
}

TEST(Translations, WhatIsNotExactIsRefusedWithItsPlace) {
  const auto reals = translated("orders > 1 and weight > 1.5");
  ASSERT_FALSE(reals.has_value());
  EXPECT_EQ(reals.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(reals.error().place.column, 16);
  const auto scales = translated("total = cents");
  ASSERT_FALSE(scales.has_value());
  EXPECT_THAT(scales.error().message, HasSubstr("unlike scales"));
}

TEST(Translations, TypesAreChecked) {
  EXPECT_THAT(sql_of("citi = \"x\""), HasSubstr("did you mean 'city'?"));
  EXPECT_THAT(sql_of("city > 5"), HasSubstr("cannot compare text with a number"));
}

}  // namespace
}  // namespace quintile::engine::sql

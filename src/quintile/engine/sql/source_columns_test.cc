#include "quintile/engine/sql/source_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::engine::sql {
namespace {

using ::testing::HasSubstr;

Stored stored(std::string_view declared) { return column_of("x", declared).stored; }

TEST(SourceColumns, TypesGoByManyNames) {
  for (const char* type : {"BIGINT", "integer", "Nullable(Int64)", "INT64", "smallint", "UInt32"})
    EXPECT_EQ(stored(type), Stored::Integer) << type;
  for (const char* type : {"VARCHAR", "character varying(20)", "string", "text", "char(3)",
                           "LowCardinality(Nullable(String))", "ENUM('a', 'b')"})
    EXPECT_EQ(stored(type), Stored::Text) << type;
  for (const char* type : {"TIMESTAMP", "timestamp without time zone", "timestamp_ntz",
                           "DateTime64(6)", "TIMESTAMP WITH TIME ZONE"})
    EXPECT_EQ(stored(type), Stored::Timestamp) << type;
  EXPECT_EQ(stored("date"), Stored::Date);
  EXPECT_EQ(stored("double precision"), Stored::Real);
  EXPECT_EQ(stored("boolean"), Stored::Boolean);
}

TEST(SourceColumns, WhatIsNotReadWithoutLossIsNoType) {
  for (const char* type : {"real", "float", "HUGEINT", "interval", "Int128", "INTEGER[]", "json",
                           "STRUCT(a INTEGER)", "UInt64", "bytea", "int4range"})
    EXPECT_EQ(stored(type), Stored::Other) << type;
}

TEST(SourceColumns, DecimalsTellTheirDigits) {
  const SourceColumn column = column_of("x", "DECIMAL(18, 2)");
  EXPECT_EQ(column.precision, 18);
  EXPECT_EQ(column.scale, 2);
  EXPECT_EQ(column_of("x", "NUMBER(38,0)").scale, 0);
  EXPECT_EQ(column_of("x", "numeric").scale, kAnyScale);
}

std::string amount(std::string_view declared, Product product = Product::DuckDb) {
  const Dialect dialect(product);
  const auto value = read(column_of("x", declared), table::Reading::Money, 2, dialect);
  return value ? value->value.text() : value.error().to_string();
}

TEST(SourceColumns, AmountsAreMinorUnits) {
  EXPECT_EQ(amount("decimal(18,2)"),
            "CASE WHEN \"x\" > -10000000000000000 AND \"x\" < 10000000000000000 THEN CAST(\"x\" * "
            "100 AS BIGINT) END");
}

TEST(SourceColumns, MoreDigitsThanTheScaleAreUnreadableNotRounded) {
  EXPECT_THAT(amount("decimal(18,4)"), HasSubstr("\"x\" * 100 = FLOOR(\"x\" * 100)"));
  EXPECT_THAT(amount("double"), HasSubstr("/ CAST(100 AS DOUBLE) = CAST(\"x\" AS DOUBLE)"));
}

TEST(SourceColumns, WhatIsNoAmountIsRefusedByName) {
  EXPECT_THAT(amount("varchar"), HasSubstr("column x is varchar at the engine"));
  EXPECT_THAT(amount("decimal(38,10)"), HasSubstr("not read as an amount"));
}

}  // namespace
}  // namespace quintile::engine::sql

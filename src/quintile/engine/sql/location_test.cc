#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/engine/sql/session.h"

namespace quintile::engine::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Locations, ATableAndWhatTheTransportGets) {
  const auto location =
      parse_location("postgresql://ana@db:5432/shop?sslmode=require&table=public.lines&options=x");
  ASSERT_TRUE(location.has_value());
  EXPECT_EQ(location->product, Product::PostgreSql);
  EXPECT_EQ(location->uri, "postgresql://ana@db:5432/shop?sslmode=require&options=x");
  EXPECT_THAT(location->table, ElementsAre("public", "lines"));
  EXPECT_EQ(location->parquet, "");
}

TEST(Locations, AParquetPathMayBeEscaped) {
  const auto location = parse_location("spark://host:15002/?parquet=s3://lake/a%26b&write_to=/out");
  ASSERT_TRUE(location.has_value());
  EXPECT_EQ(location->uri, "spark://host:15002/");
  EXPECT_EQ(location->parquet, "s3://lake/a&b");
  EXPECT_EQ(location->write_to, "/out");
}

TEST(Locations, APointInsideANameIsEscaped) {
  const auto location = parse_location("duckdb:///x.db?table=main.order%2Elines");
  ASSERT_TRUE(location.has_value());
  EXPECT_THAT(location->table, ElementsAre("main", "order.lines"));
}

TEST(Locations, WhatIsWrongIsSaid) {
  const auto message = [](const char* uri) { return parse_location(uri).error().message; };
  EXPECT_THAT(message("oracle://x?table=t"), HasSubstr("no engine"));
  EXPECT_THAT(message("duckdb:///x.db"), HasSubstr("must name a table or a Parquet path"));
  EXPECT_THAT(message("duckdb:///x.db?table=a&parquet=b"), HasSubstr("one of them"));
  EXPECT_THAT(message("duckdb:///x.db?table=a..b"), HasSubstr("empty or broken"));
  EXPECT_THAT(message("duckdb:///x.db?table=a.b.c.d"), HasSubstr("more parts"));
  EXPECT_THAT(message("duckdb:///x.db?parquet=%4"), HasSubstr("broken"));
}

TEST(Locations, FilesAreNone) {
  EXPECT_TRUE(is_engine_uri("duckdb::memory:?parquet=x"));
  EXPECT_FALSE(is_engine_uri("../data/duckdb.csv"));
  EXPECT_FALSE(is_engine_uri("C:/data.csv"));
}

}  // namespace
}  // namespace quintile::engine::sql

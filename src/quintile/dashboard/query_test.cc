#include "quintile/dashboard/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::dashboard {
namespace {

TEST(Query, IsDecodedInOrder) {
  const auto query = parse_query("city=S%C3%A3o+Paulo&&a%26b=1%3D2&flag");
  ASSERT_TRUE(query);
  ASSERT_EQ(query->size(), 3U);
  EXPECT_EQ((*query)[0].value, "S\xC3\xA3o Paulo");
  EXPECT_EQ((*query)[1].name, "a&b");
  EXPECT_EQ((*query)[1].value, "1=2");
  EXPECT_EQ((*query)[2].value, "");
  EXPECT_TRUE(parse_query("")->empty());
}

TEST(Query, BrokenEscapesBytesAndNamesAreRefused) {
  for (const char* query : {"a=%", "a=%4", "a=%zz", "a=%ff", "%00=1", "a=%0a", "=1", "a=%C3"})
    EXPECT_FALSE(parse_query(query)) << query;
}

TEST(Query, HasAnEnd) {
  std::string query;
  for (int i = 0; i < 65; ++i) query += "a" + std::to_string(i) + "=1&";
  EXPECT_FALSE(parse_query(query));
}

}  // namespace
}  // namespace quintile::dashboard

#include "quintile/customers/source_keys.h"

#include <string>

#include <gtest/gtest.h>

namespace quintile::customers {
namespace {

TEST(SourceKeys, NumberIdsByFirstSight) {
  CustomerKeys keys;
  EXPECT_EQ(keys.find_or_add("b"), 0U);
  EXPECT_EQ(keys.find_or_add("a"), 1U);
  EXPECT_EQ(keys.find_or_add("b"), 0U);
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.text(1), "a");
}

TEST(SourceKeys, TakeAnIntegerAndItsPlainTextForOne) {
  CustomerKeys keys;
  const std::uint32_t twelve = keys.find_or_add(std::int64_t{12});
  EXPECT_EQ(keys.find_or_add("12"), twelve);
  EXPECT_TRUE(keys.all_integers());
  for (const char* other : {"012", "+12", "12 ", "12.0", "-0", "", "1234567890123456789"})
    EXPECT_NE(keys.find_or_add(other), twelve) << other;
  EXPECT_FALSE(keys.all_integers());
  EXPECT_EQ(keys.find_or_add("-5"), keys.find_or_add(std::int64_t{-5}));
}

TEST(SourceKeys, KeepManyKeysApart) {
  CustomerKeys keys;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    ASSERT_EQ(keys.find_or_add(i * 1'000'003), static_cast<std::uint32_t>(2 * i));
    ASSERT_EQ(keys.find_or_add("c" + std::to_string(i)), static_cast<std::uint32_t>(2 * i + 1));
  }
  for (std::int64_t i = 0; i < 20'000; ++i) {
    ASSERT_EQ(keys.find_or_add("c" + std::to_string(i)), static_cast<std::uint32_t>(2 * i + 1));
    ASSERT_EQ(keys.integer(static_cast<std::uint32_t>(2 * i)), i * 1'000'003);
  }
}

}  // namespace
}  // namespace quintile::customers

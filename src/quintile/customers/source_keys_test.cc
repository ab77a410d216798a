#include "quintile/customers/source_keys.h"

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace quintile::customers {
namespace {

std::uint32_t number_of(CustomerKeys& keys, std::string_view id) {
  return keys.find_or_add(CustomerKey::of(id));
}
std::uint32_t number_of(CustomerKeys& keys, std::int64_t id) {
  return keys.find_or_add(CustomerKey::of(id));
}

TEST(SourceKeys, NumberIdsByFirstSight) {
  CustomerKeys keys;
  EXPECT_EQ(number_of(keys, "b"), 0U);
  EXPECT_EQ(number_of(keys, "a"), 1U);
  EXPECT_EQ(number_of(keys, "b"), 0U);
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.text(1), "a");
}

TEST(SourceKeys, TakeAnIntegerAndItsPlainTextForOne) {
  CustomerKeys keys;
  const std::uint32_t twelve = number_of(keys, std::int64_t{12});
  EXPECT_EQ(number_of(keys, "12"), twelve);
  EXPECT_TRUE(keys.all_integers());
  for (const char* other : {"012", "+12", "12 ", "12.0", "-0", "", "1234567890123456789"})
    EXPECT_NE(number_of(keys, other), twelve) << other;
  EXPECT_FALSE(keys.all_integers());
  EXPECT_EQ(number_of(keys, "-5"), number_of(keys, std::int64_t{-5}));
}

TEST(SourceKeys, KeepManyKeysApart) {
  CustomerKeys keys;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    ASSERT_EQ(number_of(keys, i * 1'000'003), static_cast<std::uint32_t>(2 * i));
    ASSERT_EQ(number_of(keys, "c" + std::to_string(i)), static_cast<std::uint32_t>(2 * i + 1));
  }
  for (std::int64_t i = 0; i < 20'000; ++i) {
    ASSERT_EQ(number_of(keys, "c" + std::to_string(i)), static_cast<std::uint32_t>(2 * i + 1));
    ASSERT_EQ(keys.integer(static_cast<std::uint32_t>(2 * i)), i * 1'000'003);
  }
}

}  // namespace
}  // namespace quintile::customers

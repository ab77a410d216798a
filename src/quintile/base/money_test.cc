#include "quintile/base/money.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile {
namespace {

TEST(Decimals, AreReadExactly) {
  EXPECT_EQ(parse_decimal("12.30"), (Decimal{1230, 2}));
  EXPECT_EQ(parse_decimal("-0.05"), (Decimal{-5, 2}));
  EXPECT_EQ(parse_decimal("+7"), (Decimal{7, 0}));
  EXPECT_EQ(parse_decimal(".5"), (Decimal{5, 1}));
  EXPECT_EQ(parse_decimal("5."), (Decimal{5, 0}));
  EXPECT_EQ(parse_decimal("1,5", ','), (Decimal{15, 1}));
  EXPECT_EQ(parse_decimal("999999999999999999"), (Decimal{999999999999999999, 0}));
  EXPECT_EQ(parse_decimal("0000000000000000000000001"), (Decimal{1, 0}));
}

TEST(Decimals, UnderstandExponents) {
  EXPECT_EQ(parse_decimal("1.5e3"), (Decimal{1500, 0}));
  EXPECT_EQ(parse_decimal("15e-1"), (Decimal{15, 1}));
  EXPECT_EQ(parse_decimal("0e400"), (Decimal{0, 0}));
  EXPECT_EQ(parse_decimal("1e18"), std::nullopt);
  EXPECT_EQ(parse_decimal("1e-19"), std::nullopt);
}

TEST(Decimals, RefuseWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "1.2.3", "12a", "e5", "1e", "1e+", " 1", "1 ", "$5",
                           "1,000", "NaN", "inf", "0x10", "1234567890123456789"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

TEST(Decimals, ChangeScaleOnlyWithoutLoss) {
  EXPECT_EQ(rescale({1230, 2}, 1), 123);
  EXPECT_EQ(rescale({1234, 2}, 1), std::nullopt);
  EXPECT_EQ(rescale({-5, 0}, 4), -50000);
  EXPECT_EQ(rescale({999999999999999999, 0}, 4), std::nullopt);
}

TEST(Decimals, AreWrittenInFull) {
  EXPECT_EQ(decimal_to_string(std::int64_t{1230}, 2), "12.30");
  EXPECT_EQ(decimal_to_string(std::int64_t{-5}, 2), "-0.05");
  EXPECT_EQ(decimal_to_string(std::int64_t{0}, 0), "0");
  EXPECT_EQ(decimal_to_string(std::numeric_limits<std::int64_t>::min(), 0), "-9223372036854775808");
}

TEST(Division, RoundsHalfUpAndFloors) {
  EXPECT_EQ(divide_half_up(5, 2), 3);
  EXPECT_EQ(divide_half_up(-5, 2), -2);
  EXPECT_EQ(divide_half_up(4, 3), 1);
  EXPECT_EQ(divide_floor(-1, 2), -1);
  EXPECT_EQ(divide_floor(-4, 2), -2);
}

TEST(Money, SumsAreExactOrAbsent) {
  EXPECT_EQ(add(Money{40}, Money{2}), Money{42});
  EXPECT_EQ(add(Money{std::numeric_limits<std::int64_t>::max()}, Money{1}), std::nullopt);
}

}  // namespace
}  // namespace quintile

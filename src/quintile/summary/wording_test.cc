#include "quintile/summary/wording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::summary {
namespace {

using testing::ElementsAre;

TEST(Wording, WritesNumbersForPeople) {
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(share_text(0.1234), "12.3 %");
  EXPECT_EQ(share_text(0.0001), "under 0.1 %");
  EXPECT_EQ(share_text(0), "0.0 %");
  EXPECT_EQ(number_text(25), "25");
  EXPECT_EQ(number_text(12345.55), "12,345.5");
  EXPECT_EQ(number_text(-0.04), "0.0");
}

TEST(Wording, WritesMoneyInTheRunsCurrency) {
  EXPECT_EQ(money_text(45.67, "USD", 2), "USD 45.67");
  EXPECT_EQ(money_text(Int128{123456789}, "GBP", 2), "GBP 1,234,568");
  EXPECT_EQ(money_text(-5.0, "EUR", 2), "-EUR 5.00");
  EXPECT_EQ(money_text(-0.001, "EUR", 2), "EUR 0.00");
  EXPECT_EQ(money_text(500.0, "JPY", 0), "JPY 500");
}

TEST(Wording, FillsWhatItKnowsAndLeavesTheRest) {
  const Placeholders two = [](std::string_view name) {
    return name == "customers" ? std::optional<std::string>("{customers}") : std::nullopt;
  };
  EXPECT_EQ(fill_text("a {customers} b {custmers} {} { {customers", two),
            "a {customers} b {custmers} {} { {customers");
  EXPECT_EQ(fill_text("{{customers}}", two), "{{customers}}");
  EXPECT_THAT(placeholders_in("{a} {B} {c_d} {{e}} {"), ElementsAre("a", "c_d", "e"));
}

}  // namespace
}  // namespace quintile::summary

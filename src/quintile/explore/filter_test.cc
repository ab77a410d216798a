#include "quintile/explore/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::explore {
namespace {

using ::testing::ElementsAre;

FilterItem text(std::string value) { return {.text = std::move(value), .from = {}, .to = {}}; }

TEST(FilterItems, EscapesStandForThePlainCharacter) {
  const auto items = parse_items({"city", "a\\,b,c\\\\,\\~,~,x\\.\\.y,\\q"});
  ASSERT_TRUE(items);
  FilterItem missing = text("~");
  missing.missing = true;
  EXPECT_THAT(*items,
              ElementsAre(text("a,b"), text("c\\"), text("~"), missing, text("x..y"), text("\\q")));
}

TEST(FilterItems, TwoDotsMakeARangeWhoseEndsMayBeLeftOut) {
  const auto items = parse_items({"age", "25..34,..9,1.5..,-3..-1"});
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 4U);
  EXPECT_EQ((*items)[0].from, "25");
  EXPECT_EQ((*items)[0].to, "34");
  EXPECT_EQ((*items)[1].from, "");
  EXPECT_EQ((*items)[1].to, "9");
  EXPECT_EQ((*items)[2].from, "1.5");
  EXPECT_EQ((*items)[3].to, "-1");
}

TEST(FilterItems, EmptyOnesAreRefused) {
  for (const char* value : {"", ",", "a,", ",a", "a,,b"}) {
    const auto items = parse_items({"city", value});
    ASSERT_FALSE(items) << value;
    EXPECT_EQ(items.error().place.file, "city");
  }
}

TEST(FilterItems, WhatIsEscapedReadsBack) {
  for (const std::string value : {"a,b", "~", "a~", "\\", "x..y", "1...2", "..", "a\\,"}) {
    const auto items = parse_items({"city", escaped_item(value)});
    ASSERT_TRUE(items) << value;
    ASSERT_EQ(items->size(), 1U) << value;
    EXPECT_EQ((*items)[0], text(value));
  }
}

TEST(GridCells, TwoDigitsOrTwoNumbersWithADash) {
  const auto cell = [](const char* value) { return parse_cell(text(value), "cells"); };
  EXPECT_EQ(*cell("54"), (GridCell{5, 4}));
  EXPECT_EQ(*cell("10-5"), (GridCell{10, 5}));
  for (const char* bad : {"5", "555", "a4", "-5", "5-", "0-5", "5--5", "100-1", "05"})
    EXPECT_FALSE(cell(bad)) << bad;
}

}  // namespace
}  // namespace quintile::explore

#include "quintile/cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::cli {
namespace {

TEST(Widths, CountWhatATerminalShows) {
  EXPECT_EQ(display_width("plain"), 5);
  EXPECT_EQ(display_width("Zürich"), 6);
  EXPECT_EQ(display_width("顧客"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
}

TEST(Paragraphs, BreakBetweenWords) {
  EXPECT_EQ(Terminal(10, false).wrapped("one two three four", 2), "one two\n  three\n  four");
}

TEST(Colours, AreLeftOutWhereTheyAreNotWelcome) {
  EXPECT_EQ(Terminal(80, false).paint(Style::Bad, "x"), "x");
  EXPECT_EQ(Terminal(80, true).paint(Style::Bad, "x"), "\x1b[31mx\x1b[0m");
}

Table a_table() {
  Table table({{"segment", Table::Align::Left, 0},
               {"share", Table::Align::Right, 1},
               {"customers", Table::Align::Right, 0}});
  table.add({"Champions of the world", "12.5 %", "1,234"});
  return table;
}

TEST(Tables, AlignTheirColumns) {
  EXPECT_EQ(a_table().to_string(Terminal(80, false)),
            "segment                  share  customers\n"
            "Champions of the world  12.5 %      1,234\n");
}

TEST(Tables, GiveUpColumnsThenLettersOnNarrowTerminals) {
  EXPECT_EQ(a_table().to_string(Terminal(40, false)),
            "segment                 customers\n"
            "Champions of the world      1,234\n");
  EXPECT_EQ(a_table().to_string(Terminal(24, false)),
            "segment        customers\n"
            "Champions of…      1,234\n");
}

}  // namespace
}  // namespace quintile::cli

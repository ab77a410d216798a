#include "quintile/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile {
namespace {

TEST(Text, IsTrimmedOfBlanksAtBothEnds) {
  EXPECT_EQ(trim("  a b\t\r\n"), "a b");
  EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, FoldsCaseBeyondAscii) {
  EXPECT_EQ(fold_case("ÄÖÜ Élan ŁÓDŹ"), "äöü élan łódź");
  EXPECT_EQ(fold_case("ΣΊΣΥΦΟΣ"), fold_case("Σίσυφος")) << "final sigma too";
  EXPECT_EQ(fold_case("МОСКВА Ёж"), "москва ёж");
}

TEST(Text, KeepsInvalidBytesWhileFolding) {
  EXPECT_EQ(fold_case("A\xFF"
                      "B"),
            "a\xFF"
            "b");
}

TEST(Utf8, IsToldFromOtherBytes) {
  EXPECT_TRUE(is_utf8("plain, é, €, 😀"));
  EXPECT_FALSE(is_utf8("\x9A"));
  EXPECT_FALSE(is_utf8("\xC0\xAF")) << "overlong";
  EXPECT_FALSE(is_utf8("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(is_utf8("\xE2\x82")) << "cut short";
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(-999), "-999");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
}

TEST(Words, AreJoinedAsInASentence) {
  EXPECT_EQ(join_words({}), "");
  EXPECT_EQ(join_words({"a"}), "a");
  EXPECT_EQ(join_words({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace quintile

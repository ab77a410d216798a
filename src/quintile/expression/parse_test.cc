#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/expression/expression.h"

namespace quintile::expression {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string canonical(std::string_view source) {
  const auto parsed = parse(source);
  return parsed ? to_string(parsed->root) : parsed.error().to_string();
}

Error error_of(std::string_view source, const Place& place = {}) {
  auto parsed = parse(source, place);
  return parsed ? Error{.message = "parsed: " + to_string(parsed->root)} : parsed.error();
}

TEST(Parse, NotBindsBeforeAndBeforeOr) {
  EXPECT_EQ(canonical("not a = 1 and b or c and d"), "not (a = 1) and b or c and d");
  EXPECT_EQ(canonical("not (a or b) and (c or d)"), "not (a or b) and (c or d)");
  EXPECT_EQ(canonical("(a and b) and (c and (d))"), "a and b and c and d");
  EXPECT_EQ(canonical("not (not a)"), "not not a");
  EXPECT_EQ(canonical("a between 1 and 5 and b"), "a between 1 and 5 and b");
}

TEST(Parse, KnowsEveryFormOfTheLanguage) {
  EXPECT_EQ(canonical("a=1 and b!=2 and c<3 and d<=4 and e>5 and f>=6"),
            "a = 1 and b != 2 and c < 3 and d <= 4 and e > 5 and f >= 6");
  EXPECT_EQ(canonical("1 <= a and a < b"), "1 <= a and a < b");
  EXPECT_EQ(canonical("a in (1, -2.50,\"x\", 2023-11-15, true)"),
            "a in (1, -2.50, \"x\", 2023-11-15, true)");
  EXPECT_EQ(canonical("a is missing or b is not missing"), "a is missing or b is not missing");
  EXPECT_EQ(canonical("not starts_with(order_id, \"C\") and quantity > 0"),
            "not starts_with(order_id, \"C\") and quantity > 0");
  EXPECT_EQ(canonical("contains(`Order ID`, \"x\") and `and` and ``` ` = 1"),
            "contains(`Order ID`, \"x\") and `and` and ``` ` = 1");
  EXPECT_EQ(canonical("t >= 2023-11-15T17:30 and t < 2023-11-15 17:30:00.5"),
            "t >= 2023-11-15T17:30:00 and t < 2023-11-15T17:30:00.500000");
  EXPECT_EQ(canonical("subscription or true"), "subscription or true");
  EXPECT_EQ(canonical("Größe = \"a\\\"b\\\\c\\n\""), "Größe = \"a\\\"b\\\\c\\n\"");
  EXPECT_EQ(canonical("missing is missing and contains and starts_with = 1"),
            "missing is missing and `contains` and `starts_with` = 1");
  EXPECT_EQ(canonical("a\n  and\tb\r\n"), "a and b");
}

TEST(Parse, KeepsDecimalsExact) {
  const auto parsed = parse("a = -000123456789012.345678");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->root.operands[1].literal.number, -123456789012345678);
  EXPECT_EQ(parsed->root.operands[1].literal.scale, 6);
  EXPECT_THAT(error_of("a = 1234567890123456789").message, HasSubstr("more than 18 digits"));
}

TEST(Parse, EqualityDisregardsPlaces) {
  EXPECT_EQ(parse("a = 1"), parse("  a   =  1 ", {"x.yaml", 3, 4}));
  EXPECT_NE(parse("a = 1"), parse("a = 1.0"));
}

TEST(Parse, NamesEachFieldOnce) {
  EXPECT_THAT(fields_of(*parse("b = 1 and (a < b or contains(c, \"d\"))")),
              ElementsAre("b", "a", "c"));
}

TEST(Parse, SaysWhereAndWhat) {
  const Place start{"segments.yaml", 14, 11};
  EXPECT_EQ(error_of("r_score >", start).to_string(),
            "segments.yaml:14:20: expected a field or a value at the end of the expression");
  EXPECT_EQ(error_of("r_score >= 4\nand f_score", start).message,
            "parsed: r_score >= 4 and f_score");
  EXPECT_EQ(error_of("r_score >= 4\nand f_score >= ?", start).place,
            (Place{"segments.yaml", 15, 26}));
  EXPECT_EQ(error_of("a = ?").place, (Place{"", 1, 5}));
}

TEST(Parse, KnowsForeignHabits) {
  EXPECT_THAT(error_of("a == 1").message, HasSubstr("did you mean '='?"));
  EXPECT_THAT(error_of("a <> 1").message, HasSubstr("did you mean '!='?"));
  EXPECT_THAT(error_of("a = 1 AND b = 2").message, HasSubstr("did you mean 'and'?"));
  EXPECT_THAT(error_of("a BETWEEN 1 and 2").message, HasSubstr("did you mean 'between'?"));
  EXPECT_THAT(error_of("a = 1 && b = 2").message, HasSubstr("did you mean 'and'?"));
  EXPECT_THAT(error_of("!a").message, HasSubstr("did you mean 'not'?"));
  EXPECT_THAT(error_of("a is null").message, HasSubstr("did you mean 'missing'?"));
  EXPECT_THAT(error_of("a≥1").message, HasSubstr("did you mean '>='?"));
  EXPECT_THAT(error_of("city = 'Paris'").message, HasSubstr("double quotes"));
  EXPECT_THAT(error_of("city = “Paris”").message, HasSubstr("double quotes"));
  EXPECT_THAT(error_of("1 < a < 3").message, HasSubstr("cannot be compared again"));
  EXPECT_THAT(error_of("a + b > 1").message, HasSubstr("no arithmetic"));
  EXPECT_THAT(error_of("order-id = 1").message, HasSubstr("no arithmetic"));
  EXPECT_THAT(error_of("a not in (1)").advice, HasSubstr("not x in"));
  EXPECT_THAT(error_of("lower(a) = 1").message, HasSubstr("unknown function: 'lower'"));
}

TEST(Parse, RefusesWhatMeansNothing) {
  for (const std::string_view source : {"",
                                        "  ",
                                        "a =",
                                        "= 1",
                                        "(a",
                                        "a)",
                                        "a b",
                                        "and",
                                        "a and",
                                        "not",
                                        "a in ()",
                                        "a in (b)",
                                        "a in (1,)",
                                        "1 in (1)",
                                        "5",
                                        "\"a\"",
                                        "\"a",
                                        "`a",
                                        "``",
                                        "2023-02-30 = a",
                                        "a = 2023-1-5",
                                        "a = 2023-11-15T25:00",
                                        "a = 1.",
                                        "a = .5",
                                        "a = 1e3",
                                        "a = 1x",
                                        "a = \"\\x\"",
                                        "a = - 1",
                                        "a between 1",
                                        "a between 1 or 2",
                                        "a is",
                                        "starts_with(a)",
                                        "starts_with(a, b)",
                                        "starts_with(\"a\", \"b\")",
                                        "contains(a, 1)",
                                        "a, b",
                                        "a = (b)",
                                        "a\xff",
                                        "a = \"\n\"",
                                        "a = 2023-11-15-1",
                                        "true false"}) {
    EXPECT_FALSE(parse(source)) << source;
  }
}

TEST(Parse, LimitsNesting) {
  const auto nested = [](std::size_t levels, const std::string& open, const std::string& close) {
    std::string source;
    for (std::size_t i = 0; i < levels; ++i) source += open;
    source += "a";
    for (std::size_t i = 0; i < levels; ++i) source += close;
    return source;
  };
  EXPECT_TRUE(parse(nested(199, "(", ")")));
  EXPECT_TRUE(parse(nested(199, "not ", "")));
  EXPECT_THAT(error_of(nested(201, "(", ")")).message, HasSubstr("nested too deeply"));
  EXPECT_THAT(error_of(nested(100'000, "not (", ")")).message, HasSubstr("nested too deeply"));
}

TEST(Parse, MessagesStayOnOneLine) {
  for (const std::string_view source : {"a\x01", "a = 1\x1b[31m", "`a\nb` c"}) {
    EXPECT_EQ(error_of(source).message.find_first_of("\n\x01\x1b"), std::string::npos) << source;
  }
}

}  // namespace
}  // namespace quintile::expression

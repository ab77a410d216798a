#include "quintile/mart/json_writer.h"

#include <limits>

#include <gmock/gmock.h>

#include "quintile/mart/json_value_internal.h"

namespace quintile::mart {
namespace {

TEST(JsonWriter, MoneyKeepsEveryDigit) {
  EXPECT_EQ(JsonWriter::plain_decimal(123450, 2), "1234.5");
  EXPECT_EQ(JsonWriter::plain_decimal(-5, 2), "-0.05");
  EXPECT_EQ(JsonWriter::plain_decimal(1000, 2), "10");
  EXPECT_EQ(JsonWriter::plain_decimal(1000, 0), "1000");
  EXPECT_EQ(JsonWriter::plain_decimal(Int128{999'999'999'999'999'999} * 1'000'000 + 1, 4),
            "99999999999999999900.0001");
}

TEST(JsonWriter, RealNumbersAreShortestAndNeverNotANumber) {
  JsonWriter json(false);
  json.begin_array(false);
  json.real(0.1), json.real(-0.0), json.real(1e300),
      json.real(std::numeric_limits<double>::quiet_NaN());
  json.real(std::numeric_limits<double>::infinity());
  json.end_array();
  EXPECT_EQ(json.take(), "[0.1,0,1e+300,null,null]");
}

TEST(JsonWriter, HostileTextIsEscapedAndStaysUtf8) {
  EXPECT_EQ(json_quoted("a\"b\\c\n\x01\x7f"), R"("a\"b\\c\n\u0001\u007f")");
  EXPECT_EQ(json_quoted("é 漢"), "\"é 漢\"");
  EXPECT_EQ(json_quoted("\xff!"), "\"\xef\xbf\xbd!\"");
}

TEST(JsonWriter, LayoutIsStable) {
  JsonWriter json;
  json.begin_object();
  json.key("a"), json.begin_array(false), json.integer(1), json.integer(2), json.end_array();
  json.key("b"), json.begin_object(), json.end_object();
  json.key("c"), json.begin_array(true), json.text("x"), json.end_array();
  json.end_object();
  EXPECT_EQ(json.take(), "{\n  \"a\": [1, 2],\n  \"b\": {},\n  \"c\": [\n    \"x\"\n  ]\n}\n");
}

TEST(JsonValue, NumbersReadBackAsTheyWereWritten) {
  const std::string text =
      R"({"m":99999999999999999900000.0001,"n":-12,"s":"\u00e9","l":[true,null]})";
  const auto value = parse_json(text, "x.json");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("m")->text, "99999999999999999900000.0001");
  EXPECT_EQ(value->find("s")->text, "é");
  JsonWriter json(false);
  write_json(json, *value);
  EXPECT_EQ(json.take(), R"({"m":99999999999999999900000.0001,"n":-12,"s":"é","l":[true,null]})");
}

TEST(JsonValue, BrokenOrTooDeepTextIsAnError) {
  EXPECT_THAT(parse_json("{\"a\":", "x.json").error().message,
              testing::HasSubstr("x.json is not sound JSON"));
  EXPECT_FALSE(parse_json(std::string(200, '['), "x.json"));
  EXPECT_FALSE(parse_json("", "x.json"));
}

}  // namespace
}  // namespace quintile::mart

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/expression/expression.h"

namespace quintile::expression {
namespace {

using ::testing::HasSubstr;

std::optional<FieldType> type_of(std::string_view name) {
  if (name == "recency_days" || name == "r_score") return FieldType{Type::Integer};
  if (name == "monetary") return FieldType{Type::Decimal, 2};
  if (name == "income") return FieldType{Type::Real};
  if (name == "city") return FieldType{Type::Text};
  if (name == "subscription") return FieldType{Type::Boolean};
  if (name == "first") return FieldType{Type::Date};
  if (name == "seen") return FieldType{Type::Timestamp};
  return std::nullopt;
}

Status check(std::string_view source) {
  const auto expression = parse(source, {"segments.yaml", 14, 1}, ErrorCode::Rules);
  EXPECT_TRUE(expression) << source;
  return check_types(*expression, type_of, {"recency_days", "r_score", "monetary"},
                     ErrorCode::Rules);
}

TEST(CheckTypes, AcceptsWhatCompares) {
  for (const std::string_view source :
       {"recency_days < monetary", "income >= 12.5", "city < \"M\"", "subscription = false",
        "subscription", "first < seen", "seen >= 2023-11-15", "first = 2023-11-15T12:00",
        "city in (\"a\", \"b\")", "5 between recency_days and r_score", "city is missing",
        "contains(city, \"x\") or true"}) {
    EXPECT_TRUE(check(source)) << source << ": " << check(source).error().to_string();
  }
}

TEST(CheckTypes, RefusesWhatDoesNot) {
  for (const std::string_view source :
       {"city > 5", "recency_days = \"5\"", "first = \"2023-11-15\"", "first > 20231115",
        "subscription > false", "subscription between false and true", "subscription = \"yes\"",
        "city", "recency_days and subscription", "starts_with(recency_days, \"1\")", "1 = 1",
        "\"city\" = \"Paris\"", "city = recency_days", "recency_days in (1, \"2\")",
        "recency_days between 1 and \"2\"", "nobody is missing"}) {
    EXPECT_FALSE(check(source)) << source;
  }
}

TEST(CheckTypes, SuggestsTheNearestName) {
  EXPECT_EQ(check("r_score = 5 and recency_dayz > 3").error().to_string(),
            "segments.yaml:14:17: unknown field 'recency_dayz'; did you mean 'recency_days'?");
  EXPECT_THAT(check("r_score = 5 or TRUE").error().message, HasSubstr("did you mean 'true'?"));
  EXPECT_EQ(check("R_SCORE = 5").error().code, ErrorCode::Rules);
}

TEST(CheckTypes, SaysHowToWriteTheValue) {
  EXPECT_EQ(check("recency_days = \"5\"").error().message,
            "cannot compare a number with text: recency_days = \"5\"");
  EXPECT_THAT(check("recency_days = \"5\"").error().advice, HasSubstr("without quotes"));
  EXPECT_THAT(check("first = \"2023-11-15\"").error().advice, HasSubstr("2023-11-15"));
}

}  // namespace
}  // namespace quintile::expression

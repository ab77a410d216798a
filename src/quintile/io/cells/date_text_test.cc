#include "quintile/io/cells/date_text.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "quintile/base/date.h"

namespace quintile::io {
namespace {

std::string day(const DateText& look) {
  return look.form == DateForm::None ? "none" : day_to_string(look.day);
}

TEST(DateTexts, TellTheOrderTheyCanHave) {
  EXPECT_EQ(look_at_date("2011-12-31").form, DateForm::YearFirst);
  EXPECT_EQ(look_at_date("2011/1/5").form, DateForm::YearFirst);
  EXPECT_EQ(look_at_date("20111231").form, DateForm::Compact);
  EXPECT_EQ(look_at_date("31/12/2011").form, DateForm::DayFirst);
  EXPECT_EQ(look_at_date("12-31-11").form, DateForm::MonthFirst);
  EXPECT_EQ(look_at_date("5/12/2011").form, DateForm::EitherOrder);
  EXPECT_EQ(look_at_date("5/5/2011").form, DateForm::SameOrder);
  EXPECT_EQ(look_at_date("5.12.2011").form, DateForm::DayFirst);
  EXPECT_EQ(day(look_at_date("5/12/2011")), "2011-12-05");
  EXPECT_EQ(day_to_string(look_at_date("5/12/2011").day_if_month_first), "2011-05-12");
}

TEST(DateTexts, ReadTwoDigitYearsUpTo68AsThisCentury) {
  EXPECT_EQ(day(look_at_date("31/12/68")), "2068-12-31");
  EXPECT_EQ(day(look_at_date("31/12/69")), "1969-12-31");
}

TEST(DateTexts, RefuseDaysThatAreNot) {
  for (const char* const text :
       {"2011-02-29", "2011-13-01", "0000-01-01", "31/11/2011", "32/1/2011", "2011-1",
        "2011-01-01x", "2011/01-01", "20110230", "1/2/3", "12345-01-01", "2011-01-01 25:00",
        "2011-01-01 12:60", "2011-01-01 1:2", "2011-01-01 13:00 PM", "today", ""}) {
    EXPECT_EQ(look_at_date(text).form, DateForm::None) << text;
  }
}

TEST(DateTexts, ReadTheTimeOfDay) {
  constexpr std::int64_t kSecond = 1'000'000;
  EXPECT_EQ(look_at_date("2011-01-01 8:26").time_us, (8 * 60 + 26) * 60 * kSecond);
  EXPECT_EQ(look_at_date("2011-01-01T08:26:01.5Z").time_us,
            (8 * 60 + 26) * 60 * kSecond + 1'500'000);
  EXPECT_EQ(look_at_date("1/31/2011 12:05:00 AM").time_us, 5 * 60 * kSecond);
  EXPECT_EQ(look_at_date("1/31/2011 12:05:00 pm").time_us, (12 * 60 + 5) * 60 * kSecond);
  EXPECT_EQ(look_at_date("2011-01-01 00:30:00+02:00").time_us,
            30 * 60 * kSecond);  // zones play no part
  EXPECT_EQ(day(look_at_date("2011-01-01 00:30:00+02:00")), "2011-01-01");
}

RC_GTEST_PROP(IsoDays, AreReadAndNothingElseIs, ()) {
  const auto number = *rc::gen::inRange(kDayNumberMin, kDayNumberMax + 1);
  std::string text = day_to_string(number);
  std::int32_t read = 0;
  RC_ASSERT(read_iso_day(std::string_view(text + "12345678").substr(0, 10), &read));
  RC_ASSERT(read == number);
  text[*rc::gen::inRange<std::size_t>(0, 10)] = *rc::gen::arbitrary<char>();
  RC_ASSERT(read_iso_day(std::string_view(text + "12345678").substr(0, 10), &read) ==
            parse_iso_date(text).has_value());
}

TEST(DatePatterns, ReadByTheirLetters) {
  const auto look = [](const char* pattern, const char* text) {
    return day(DatePattern::parse(pattern)->look_at(text));
  };
  EXPECT_EQ(look("%d/%m/%Y", "05/12/2011"), "2011-12-05");
  EXPECT_EQ(look("%d/%m/%Y", "12/31/2011"), "none");
  EXPECT_EQ(look("%d %b %y", "5 Dec 11"), "2011-12-05");
  EXPECT_EQ(look("%B %d, %Y", "December 5, 2011"), "2011-12-05");
  EXPECT_EQ(look("%Y%j", "2011365"), "2011-12-31");
  EXPECT_EQ(look("%Y%j", "2011366"), "none");
  EXPECT_EQ(look("%d.%m.%Y %H:%M", "05.12.2011 08:26"), "2011-12-05");
  EXPECT_EQ(look("%d.%m.%Y", "05.12.2011 08:26"), "none");
}

TEST(DatePatterns, NameADayOrAreRefused) {
  EXPECT_EQ(DatePattern::parse("%d/%m").error().code, ErrorCode::Plan);
  EXPECT_EQ(DatePattern::parse("%d/%m/%Q").error().code, ErrorCode::Plan);
  EXPECT_EQ(DatePattern::parse("%d/%m/%").error().code, ErrorCode::Plan);
}

}  // namespace
}  // namespace quintile::io

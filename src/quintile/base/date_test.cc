#include "quintile/base/date.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile {
namespace {

TEST(Dates, CountFromTheEpoch) {
  EXPECT_EQ(day_number(1970, 1, 1), 0);
  EXPECT_EQ(day_number(2023, 11, 15), 19676);
  EXPECT_EQ(day_number(1, 1, 1), kDayNumberMin);
  EXPECT_EQ(day_number(9999, 12, 31), kDayNumberMax);
}

TEST(Dates, DoNotExistOutsideTheCalendar) {
  EXPECT_EQ(day_number(2023, 2, 29), std::nullopt);
  EXPECT_EQ(day_number(1900, 2, 29), std::nullopt);
  EXPECT_NE(day_number(2000, 2, 29), std::nullopt);
  EXPECT_EQ(day_number(0, 1, 1), std::nullopt);
  EXPECT_EQ(day_number(10000, 1, 1), std::nullopt);
  EXPECT_EQ(day_number(2023, 13, 1), std::nullopt);
}

TEST(Dates, ReadBackWhatTheyWrite) {
  for (const int day : {kDayNumberMin, -1, 0, 19676, kDayNumberMax}) {
    EXPECT_EQ(parse_iso_date(day_to_string(day)), from_day_number(day)) << day;
  }
}

TEST(Dates, ReadIsoAlone) {
  for (const char* text :
       {"", "2023-1-01", "2023/01/01", "2023-01-0a", "2023-01-01 ", "+023-01-01"}) {
    EXPECT_EQ(parse_iso_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace quintile

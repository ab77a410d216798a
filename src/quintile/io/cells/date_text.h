#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/io/cells/number.h"

namespace quintile::io {

/// In which order a date is written, as far as its own text tells.
enum class DateForm : std::uint8_t {
  None,         ///< no date of any known form
  YearFirst,    ///< 2011-12-31, 2011/12/31, 2011.12.31, also with one-digit months and days
  Compact,      ///< 20111231
  DayFirst,     ///< 31/12/2011, 31-12-11; and 5.12.2011: with points the day always comes first
  MonthFirst,   ///< 12/31/2011
  EitherOrder,  ///< 5/12/2011: fifth of December or twelfth of May
  SameOrder,    ///< 5/5/2011: no difference
};
inline constexpr int kDateForms = 7;

/// The order that a column's ambiguous dates are read in.
enum class DateOrder : std::uint8_t { DayMonth, MonthDay };

/// A date as written. Days are those of both readings where there are two.
struct DateText {
  DateForm form = DateForm::None;
  bool has_time = false;
  std::int32_t day = 0;  ///< by its own form; day before month for EitherOrder
  std::int32_t day_if_month_first = 0;
  std::int64_t time_us = 0;  ///< microseconds since midnight
};

/// Looks at trimmed `text`: a date, perhaps with a time of day after a blank or a T (h:mm, seconds,
/// fractions, AM and PM; Z and offsets are passed over, since zones play no part). Years 1 to 9999;
/// two-digit years up to 68 are 20yy.
[[nodiscard]] DateText look_at_date(std::string_view text);

/// A strptime pattern: %Y %y %m %d %e %b %B %H %I %M %S %f %p %F %T %D %R %j and %%; a blank stands
/// for any blanks.
class DatePattern {
 public:
  /// Errors: Plan where a conversion is not known or no date can come of it.
  [[nodiscard]] static Result<DatePattern> parse(std::string_view pattern);
  /// The date of trimmed `text`, all of which must match; form YearFirst.
  [[nodiscard]] DateText look_at(std::string_view text) const;

 private:
  std::string pattern_;
};

/// Days since 1970-01-01 for a civil date known to exist. Neri and Schneider 2023, "Euclidean
/// affine functions".
[[nodiscard]] constexpr std::int32_t civil_day(std::uint32_t year, std::uint32_t month,
                                               std::uint32_t day) {
  const std::uint32_t january_or_february = month <= 2 ? 1 : 0;
  const std::uint32_t y = year + 400 - january_or_february;
  const std::uint32_t m = month + 12 * january_or_february;
  const std::uint32_t century = y / 100;
  return static_cast<std::int32_t>(1461 * y / 4 - century + century / 4 + (979 * m - 2919) / 32 +
                                   day) -
         719468 - 1 - 146097;
}

[[nodiscard]] constexpr std::uint32_t month_days(std::uint32_t year, std::uint32_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/// Reads "2011-12-31" and nothing else. May read up to 8 bytes past the end.
[[nodiscard]] inline bool read_iso_day(std::string_view text, std::int32_t* day) {
  if (text.size() != 10) return false;
  constexpr std::uint64_t kZeros = 0x2D30302D30303030U;  // "0000-00-", first byte lowest
  const std::uint64_t year_month = load8(text.data()) ^ kZeros;
  const std::uint64_t tail = load8(text.data() + 2) ^ 0x30302D30302D3030U;  // "00-00-00"
  if (!all_digits(year_month) || !all_digits(tail)) return false;
  if (((year_month >> 32) & 0xFF) != 0 || (year_month >> 56) != 0) return false;
  const auto digit = [](std::uint64_t word, int i) {
    return static_cast<std::uint32_t>((word >> (8 * i)) & 0xFF);
  };
  const std::uint32_t year = digit(year_month, 0) * 1000 + digit(year_month, 1) * 100 +
                             digit(year_month, 2) * 10 + digit(year_month, 3);
  const std::uint32_t month = digit(year_month, 5) * 10 + digit(year_month, 6);
  const std::uint32_t day_of_month = digit(tail, 6) * 10 + digit(tail, 7);
  if (year == 0 || month - 1 >= 12 || day_of_month - 1 >= 28) {
    if (year == 0 || month - 1 >= 12 || day_of_month - 1 >= month_days(year, month)) return false;
  }
  *day = civil_day(year, month, day_of_month);
  return true;
}

}  // namespace quintile::io

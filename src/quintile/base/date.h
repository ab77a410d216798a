#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quintile {

/// A calendar day of the proleptic Gregorian calendar, without zone.
using Date = std::chrono::sys_days;

/// A number of whole calendar days.
using Days = std::chrono::days;

/// Days are kept in columns as days since 1970-01-01 (Arrow's date32).
[[nodiscard]] constexpr std::int32_t to_day_number(Date date) {
  return static_cast<std::int32_t>(date.time_since_epoch().count());
}
[[nodiscard]] constexpr Date from_day_number(std::int32_t days) { return Date{Days{days}}; }

/// First and last day that a date may name: years 1 to 9999.
inline constexpr std::int32_t kDayNumberMin = -719162;
inline constexpr std::int32_t kDayNumberMax = 2932896;

/// Day number of a civil date, or nothing when there is no such day or its year is outside 1-9999.
[[nodiscard]] std::optional<std::int32_t> day_number(int year, unsigned month, unsigned day);

/// Reads "YYYY-MM-DD" and nothing else.
[[nodiscard]] std::optional<Date> parse_iso_date(std::string_view text);

/// "YYYY-MM-DD".
[[nodiscard]] std::string to_string(Date date);
[[nodiscard]] std::string day_to_string(std::int32_t day_number);

}  // namespace quintile

#include "quintile/base/date.h"

#include <array>

namespace quintile {

std::optional<std::int32_t> day_number(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (year < 1 || year > 9999 || !date.ok()) return std::nullopt;
  return to_day_number(Date{date});
}

std::optional<Date> parse_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::array<int, 10> digit{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    digit[i] = text[i] - '0';
  }
  const int year = digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3];
  const auto day = day_number(year, static_cast<unsigned>(digit[5] * 10 + digit[6]),
                              static_cast<unsigned>(digit[8] * 10 + digit[9]));
  if (!day) return std::nullopt;
  return from_day_number(*day);
}

std::string to_string(Date date) {
  const std::chrono::year_month_day civil{date};
  const auto put = [](std::string& text, unsigned number, int digits) {
    unsigned unit = 1;
    for (int i = 1; i < digits; ++i) unit *= 10;
    for (; unit > 0; unit /= 10) text += static_cast<char>('0' + number / unit % 10);
  };
  std::string text;
  put(text, static_cast<unsigned>(static_cast<int>(civil.year())), 4);
  text += '-';
  put(text, static_cast<unsigned>(civil.month()), 2);
  text += '-';
  put(text, static_cast<unsigned>(civil.day()), 2);
  return text;
}

std::string day_to_string(std::int32_t day_number) {
  return to_string(from_day_number(day_number));
}

}  // namespace quintile

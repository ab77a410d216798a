#include "quintile/io/cells/date_text.h"

#include <array>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/date_pattern.h"

namespace quintile::io {

namespace {

constexpr std::int64_t kSecond = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Reads a text from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  [[nodiscard]] bool done() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  [[nodiscard]] std::size_t left() const { return text_.size() - at_; }
  bool take(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }
  void blanks() {
    while (!done() && (peek() == ' ' || peek() == '\t')) ++at_;
  }
  struct Number {
    int value = 0;
    int digits = 0;
  };
  Number number(int digits_max) {
    Number number;
    while (number.digits < digits_max && is_digit(peek())) {
      number.value = number.value * 10 + (text_[at_++] - '0');
      ++number.digits;
    }
    return number;
  }
  /// Takes `word` in any case.
  bool word(std::string_view word) {
    if (left() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (lower(text_[at_ + i]) != word[i]) return false;
    }
    at_ += word.size();
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<std::int32_t> day_of(int year, int month, int day) {
  if (month < 1 || day < 1) return std::nullopt;
  return day_number(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

int full_year(Reader::Number year) {
  if (year.digits > 2) return year.value;
  return year.value + (year.value <= 68 ? 2000 : 1900);
}

/// Microseconds of ".123456789" after the point; digits beyond the sixth are cut off.
std::int64_t fraction_us(Reader& reader) {
  std::int64_t value = 0;
  int digits = 0;
  for (; is_digit(reader.peek()); ++digits) {
    const auto digit = reader.number(1);
    if (digits < 6) value = value * 10 + digit.value;
  }
  for (; digits < 6; ++digits) value *= 10;
  return value;
}

std::optional<int> hour_of(int hour, bool half_day, bool afternoon) {
  if (!half_day) return hour <= 23 ? std::optional(hour) : std::nullopt;
  if (hour < 1 || hour > 12) return std::nullopt;
  return hour % 12 + (afternoon ? 12 : 0);
}

/// "8:26", "08:26:00.123 PM", "08:26:00Z", "08:26:00+01:00" to the end.
std::optional<std::int64_t> read_time(Reader& reader) {
  const auto hour = reader.number(2);
  if (hour.digits == 0 || !reader.take(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (minute.digits != 2 || minute.value > 59) return std::nullopt;
  int second = 0;
  std::int64_t fraction = 0;
  if (reader.take(':')) {
    const auto read = reader.number(2);
    if (read.digits != 2 || read.value > 59) return std::nullopt;
    second = read.value;
    if ((reader.peek() == '.' || reader.peek() == ',')) {
      reader.take(reader.peek());
      if (!is_digit(reader.peek())) return std::nullopt;
      fraction = fraction_us(reader);
    }
  }
  reader.blanks();
  const bool morning = reader.word("am") || reader.word("a.m.");
  const bool afternoon = !morning && (reader.word("pm") || reader.word("p.m."));
  const auto hours = hour_of(hour.value, morning || afternoon, afternoon);
  if (!hours) return std::nullopt;
  reader.blanks();
  if (!reader.word("z") && !reader.word("utc") && (reader.peek() == '+' || reader.peek() == '-')) {
    reader.take(reader.peek());
    const auto offset = reader.number(2);
    if (offset.digits != 2 || offset.value > 18) return std::nullopt;
    reader.take(':');
    const auto minutes = reader.number(2);
    if (minutes.digits == 1 || minutes.value > 59) return std::nullopt;
  }
  if (!reader.done()) return std::nullopt;
  return ((hours.value() * 60 + minute.value) * 60 + second) * kSecond + fraction;
}

/// Sets form and days of "a?b?c" with the mark `mark` between.
void set_form(DateText& look, Reader::Number a, Reader::Number b, Reader::Number c, char mark) {
  if (a.digits == 4) {
    const auto day =
        b.digits <= 2 && c.digits <= 2 ? day_of(a.value, b.value, c.value) : std::nullopt;
    if (day) look = {.form = DateForm::YearFirst, .day = *day};
    return;
  }
  if (a.digits > 2 || b.digits > 2 || (c.digits != 4 && c.digits != 2)) return;
  const int year = full_year(c);
  const auto day_first = day_of(year, b.value, a.value);
  const auto month_first = mark == '.' ? std::nullopt : day_of(year, a.value, b.value);
  if (day_first) look.day = *day_first;
  if (month_first) look.day_if_month_first = *month_first;
  look.form = day_first && month_first
                  ? (a.value == b.value ? DateForm::SameOrder : DateForm::EitherOrder)
              : day_first   ? DateForm::DayFirst
              : month_first ? DateForm::MonthFirst
                            : DateForm::None;
  if (look.form == DateForm::MonthFirst) look.day = look.day_if_month_first;
}

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

/// A month's name, in full or its first three letters; 0 when there is none.
int read_month(Reader& reader) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (reader.word(kMonths[i]) || reader.word(kMonths[i].substr(0, 3)))
      return static_cast<int>(i) + 1;
  }
  return 0;
}

/// What a pattern has read so far.
struct Fields {
  int year = -1, month = -1, day = -1, day_of_year = -1;
  int hour = 0, minute = 0, second = 0;
  bool half_day = false, afternoon = false, has_time = false;
  std::int64_t fraction = 0;
};

bool take_number(Reader& reader, int digits_max, int low, int high, int* field) {
  const auto number = reader.number(digits_max);
  *field = number.value;
  return number.digits > 0 && number.value >= low && number.value <= high;
}

bool read_conversion(char conversion, Reader& reader, Fields& fields);

bool read_all(std::string_view pattern, Reader& reader, Fields& fields) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == ' ') {
      reader.blanks();
    } else if (pattern[i] != '%') {
      if (!reader.take(pattern[i])) return false;
    } else if (!read_conversion(pattern[++i], reader, fields)) {
      return false;
    }
  }
  return true;
}

bool read_conversion(char conversion, Reader& reader, Fields& fields) {
  switch (conversion) {
    case 'Y': return take_number(reader, 4, 1, 9999, &fields.year);
    case 'y': {
      const auto year = reader.number(2);
      fields.year = full_year(year);
      return year.digits == 2;
    }
    case 'm': return take_number(reader, 2, 1, 12, &fields.month);
    case 'e': reader.blanks(); [[fallthrough]];
    case 'd': return take_number(reader, 2, 1, 31, &fields.day);
    case 'j': return take_number(reader, 3, 1, 366, &fields.day_of_year);
    case 'b':
    case 'B':
    case 'h': return (fields.month = read_month(reader)) > 0;
    case 'H': fields.has_time = true; return take_number(reader, 2, 0, 23, &fields.hour);
    case 'I':
      fields.has_time = fields.half_day = true;
      return take_number(reader, 2, 1, 12, &fields.hour);
    case 'M': fields.has_time = true; return take_number(reader, 2, 0, 59, &fields.minute);
    case 'S': fields.has_time = true; return take_number(reader, 2, 0, 59, &fields.second);
    case 'f': {
      if (!is_digit(reader.peek())) return false;
      fields.fraction = fraction_us(reader);
      return true;
    }
    case 'p': fields.afternoon = reader.word("pm"); return fields.afternoon || reader.word("am");
    case 'F': return read_all("%Y-%m-%d", reader, fields);
    case 'T': return read_all("%H:%M:%S", reader, fields);
    case 'R': return read_all("%H:%M", reader, fields);
    case 'D': return read_all("%m/%d/%y", reader, fields);
    case '%': return reader.take('%');
    default: return false;
  }
}

}  // namespace

DateText look_at_date(std::string_view text) {
  DateText look;
  if (text.size() < 6 || text.size() > 40 || !is_digit(text[0])) return look;
  Reader reader(text);
  const auto a = reader.number(8);
  if (a.digits == 8) {
    const auto day = day_of(a.value / 10000, a.value / 100 % 100, a.value % 100);
    if (!day) return look;
    look = {.form = DateForm::Compact, .day = *day};
  } else {
    const char mark = reader.peek();
    if (a.digits == 0 || (mark != '-' && mark != '/' && mark != '.')) return look;
    reader.take(mark);
    const auto b = reader.number(2);
    if (b.digits == 0 || !reader.take(mark)) return look;
    const auto c = reader.number(4);
    if (c.digits == 0) return look;
    set_form(look, a, b, c, mark);
  }
  if (look.form == DateForm::None || reader.done()) return look;
  if (!reader.take('T') && !reader.take('t')) {
    if (reader.peek() != ' ') return {};
    reader.blanks();
  }
  const auto time = read_time(reader);
  if (!time) return {};
  look.has_time = true;
  look.time_us = *time;
  return look;
}

Result<DatePattern> DatePattern::parse(std::string_view pattern) {
  QUINTILE_TRY_STATUS(check_date_pattern(pattern));
  DatePattern parsed;
  parsed.pattern_ = pattern;
  return parsed;
}

DateText DatePattern::look_at(std::string_view text) const {
  Reader reader(text);
  Fields fields;
  if (!read_all(pattern_, reader, fields) || !reader.done()) return {};
  const bool by_year = fields.day_of_year > 0;
  const auto start =
      by_year ? day_of(fields.year, 1, 1) : day_of(fields.year, fields.month, fields.day);
  const auto last = by_year ? day_of(fields.year, 12, 31) : start;
  if (!start || !last) return {};
  const std::int32_t day = by_year ? *start + fields.day_of_year - 1 : *start;
  if (day > *last) return {};
  const auto hour = hour_of(fields.hour, fields.half_day, fields.afternoon);
  if (fields.has_time && !hour) return {};
  DateText look{.form = DateForm::YearFirst, .has_time = fields.has_time, .day = day};
  if (fields.has_time)
    look.time_us = ((*hour * 60 + fields.minute) * 60 + fields.second) * kSecond + fields.fraction;
  return look;
}

}  // namespace quintile::io

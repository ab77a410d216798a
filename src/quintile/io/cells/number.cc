#include "quintile/io/cells/number.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fast_float/fast_float.h>

namespace quintile::io {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Marks and digit counts of a number's part before the exponent.
struct Marks {
  std::size_t first_mark = std::string_view::npos;  ///< where in the text
  std::size_t last_mark = std::string_view::npos;
  int points = 0, commas = 0;
  int digits = 0;
  bool groups_of_three =
      true;            ///< between the first mark and the last, and 1 to 3 digits before the first
  int since_mark = 0;  ///< digits after the last mark
};

/// The end of the digits and marks from `at` on.
std::size_t scan_marks(std::string_view text, std::size_t at, Marks& marks) {
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      ++marks.digits;
      ++marks.since_mark;
    } else if (c == '.' || c == ',') {
      const bool first = marks.first_mark == std::string_view::npos;
      if (first ? (marks.since_mark < 1 || marks.since_mark > 3) : marks.since_mark != 3)
        marks.groups_of_three = false;
      if (first) marks.first_mark = at;
      marks.last_mark = at;
      ++(c == '.' ? marks.points : marks.commas);
      marks.since_mark = 0;
    } else {
      break;
    }
  }
  return at;
}

/// Form of a text with marks but no exponent; `whole_zero` tells that it starts with a zero.
NumberForm form_with_marks(std::string_view text, const Marks& marks, bool whole_zero) {
  const bool point_last = text[marks.last_mark] == '.';
  if (marks.points + marks.commas == 1) {
    const bool three = marks.since_mark == 3 && marks.groups_of_three && !whole_zero;
    if (three) return point_last ? NumberForm::PointThree : NumberForm::CommaThree;
    return point_last ? NumberForm::PointNumber : NumberForm::CommaNumber;
  }
  if (!marks.groups_of_three || whole_zero) return NumberForm::None;
  if (marks.points == 0 || marks.commas == 0) {  // one mark, several times: it groups
    if (marks.since_mark != 3) return NumberForm::None;
    return point_last ? NumberForm::GroupedComma : NumberForm::GroupedPoint;
  }
  if ((point_last ? marks.points : marks.commas) != 1) return NumberForm::None;
  return point_last ? NumberForm::GroupedPoint : NumberForm::GroupedComma;
}

/// "e-3" from `at` to the end.
std::optional<int> read_exponent(std::string_view text, std::size_t at) {
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
  if (at == text.size() || text.size() - at > 4) return std::nullopt;
  int exponent = 0;
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    exponent = exponent * 10 + (text[at] - '0');
  }
  return negative ? -exponent : exponent;
}

}  // namespace

NumberText look_at_number(std::string_view text) {
  NumberText look;
  if (text.empty()) return look;
  std::size_t at = 0;
  const bool sign = text[0] == '-' || text[0] == '+';
  look.negative = text[0] == '-';
  if (sign) ++at;
  const std::size_t begin = at;
  Marks marks;
  const std::size_t end = scan_marks(text, at, marks);
  if (marks.digits == 0) return {};
  const bool whole_zero = text[begin] == '0';
  int exponent = 0;

  if (end < text.size()) {
    if ((text[end] != 'e' && text[end] != 'E') || marks.commas > 0 || marks.points > 1) return {};
    const auto read = read_exponent(text, end + 1);
    if (!read) return {};
    exponent = *read;
    look.form = NumberForm::Exponent;
  } else if (marks.first_mark == std::string_view::npos) {
    const bool padded = whole_zero && marks.digits > 1;
    look.form = padded                                   ? NumberForm::PaddedWhole
                : sign && (!look.negative || whole_zero) ? NumberForm::SignedWhole
                                                         : NumberForm::PlainWhole;
  } else {
    look.form = form_with_marks(text, marks, whole_zero);
    if (look.form == NumberForm::None) return {};
  }

  // Only one mark of its kind can start a fraction; where points or commas repeat, all of them
  // group.
  const bool repeated = marks.points + marks.commas > 1 && (marks.points == 0 || marks.commas == 0);
  const std::size_t fraction =
      marks.first_mark == std::string_view::npos || repeated ? end : marks.last_mark;
  int significant = 0;
  for (at = begin; at < end; ++at) {
    if (!is_digit(text[at])) continue;
    if (at < fraction && (look.whole_digits > 0 || text[at] != '0')) ++look.whole_digits;
    if (at > fraction) ++look.fraction_digits;
    if (look.digits != 0 || text[at] != '0') ++significant;
    if (significant <= 18)
      look.digits = look.digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (significant > 18) look.too_long = true;
  }
  // Zeros at the end of a long fraction do not make a number long.
  if (look.too_long && fraction < end && exponent == 0) {
    std::size_t last = end;
    while (last > fraction + 2 && text[last - 1] == '0') --last;
    if (last < end) {
      const NumberForm form = look.form;
      look = look_at_number(text.substr(0, last));
      if (look.form != NumberForm::None) look.form = form;
    }
  }
  if (look.too_long &&
      (look.form == NumberForm::PlainWhole || look.form == NumberForm::SignedWhole)) {
    look.form = NumberForm::HugeWhole;
  }
  if (look.digits != 0) look.whole_digits += exponent;
  look.fraction_digits -= exponent;
  return look;
}

Scaled scale_number(const NumberText& look, int scale, char decimal) {
  const bool grouped =
      look.form == (decimal == '.' ? NumberForm::CommaThree : NumberForm::PointThree);
  const int fraction = grouped ? 0 : look.fraction_digits;
  const int whole = look.whole_digits + (grouped ? 3 : 0);
  if (look.digits != 0 && whole + scale > 18) return {.fit = Fit::TooLarge};
  if (look.too_long) return {.fit = Fit::Inexact};
  std::int64_t value = static_cast<std::int64_t>(look.digits);
  if (value == 0) return {.fit = Fit::Fits, .unscaled = 0};
  for (int i = fraction; i < scale; ++i) {
    if (__builtin_mul_overflow(value, 10, &value)) return {.fit = Fit::TooLarge};
  }
  for (int i = scale; i < fraction; ++i) {
    if (value % 10 != 0) return {.fit = Fit::Inexact};
    value /= 10;
  }
  return {.fit = Fit::Fits, .unscaled = look.negative ? -value : value};
}

std::optional<double> real_number(std::string_view text, const NumberText& look, char decimal) {
  constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool grouped =
      look.form == (decimal == '.' ? NumberForm::CommaThree : NumberForm::PointThree);
  const int fraction = grouped ? 0 : look.fraction_digits;
  // Clinger 1990: one division of two exactly represented numbers is rounded once.
  if (!look.too_long && look.digits < (std::uint64_t{1} << 53) && fraction >= 0 && fraction <= 15) {
    const double value = static_cast<double>(look.digits) / kPowers[fraction];
    return look.negative ? -value : value;
  }
  std::string plain;
  for (const char c : text) {
    if (c == '+' && plain.empty()) continue;
    if (c == decimal) {
      plain += '.';
    } else if (c != '.' && c != ',') {
      plain += c;
    }
  }
  double value = 0;
  const auto parsed = fast_float::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != plain.data() + plain.size() ||
      !std::isfinite(value))
    return std::nullopt;
  return value;
}

}  // namespace quintile::io

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace quintile::io {

/// What the text of a number shows. "Point" and "Comma" name the mark that stands before a
/// fraction.
enum class NumberForm : std::uint8_t {
  None,          ///< no number
  PlainWhole,    ///< 12, -12, 0
  PaddedWhole,   ///< 012
  SignedWhole,   ///< +12
  HugeWhole,     ///< a whole number beyond 64 bits
  PointNumber,   ///< 1.5, 0.123, 1234.567: the point can only be a decimal mark
  PointThree,    ///< 1.234: a fraction, or a thousand with a grouping point
  CommaNumber,   ///< 1,5
  CommaThree,    ///< 1,234
  GroupedPoint,  ///< 1,234.5 or 1,234,567: commas group
  GroupedComma,  ///< 1.234,5 or 1.234.567: points group
  Exponent,      ///< 1e3, 1.5E-3
};
inline constexpr int kNumberForms = 12;

/// A number as it is written: its significant digits, where the marks stand, nothing rounded.
struct NumberText {
  NumberForm form = NumberForm::None;
  bool negative = false;
  bool too_long = false;     ///< more than 18 significant digits: `digits` holds nothing of use
  std::uint64_t digits = 0;  ///< all digits without marks
  int whole_digits = 0;      ///< before the decimal mark, leading zeros left out
  int fraction_digits = 0;   ///< after it, as written; a "three" form has 3
};

/// Looks at trimmed `text`. Exponents shift `fraction_digits`, which may then be negative.
[[nodiscard]] NumberText look_at_number(std::string_view text);

/// `look` as `unscaled / 10^scale` with `decimal` as its mark, or nothing where a digit other than
/// zero would be lost. A "three" form whose mark is not `decimal` is a grouped whole number.
enum class Fit : std::uint8_t { Fits, Inexact, TooLarge };
struct Scaled {
  Fit fit = Fit::Inexact;
  std::int64_t unscaled = 0;
};
[[nodiscard]] Scaled scale_number(const NumberText& look, int scale, char decimal);

/// The double nearest to trimmed `text`, a number with `decimal` as its mark; nothing where it
/// overflows.
[[nodiscard]] std::optional<double> real_number(std::string_view text, const NumberText& look,
                                                char decimal);

// What follows is for the inner loops: eight digits at a time in one register. All of it may read
// up to 8 bytes past the end of a text (io/bytes.h, kPadding).

[[nodiscard]] inline std::uint64_t load8(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, 8);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// Bytes of `count` (1 to 8) digits moved to the top of a word, 0 to 9 each where they are digits.
[[nodiscard]] inline std::uint64_t digit_bytes(const char* text, unsigned count) {
  return (load8(text) ^ 0x3030303030303030U) << (64 - 8 * count);
}
[[nodiscard]] inline bool all_digits(std::uint64_t bytes) {
  return (((bytes + 0x7676767676767676U) | bytes) & 0x8080808080808080U) == 0;
}
/// The number that eight digit bytes make, the first in the lowest byte.
[[nodiscard]] inline std::uint32_t join_digits(std::uint64_t bytes) {
  bytes = bytes * 10 + (bytes >> 8);
  return static_cast<std::uint32_t>(((bytes & 0x000000FF000000FFU) * 0x000F424000000064U +
                                     ((bytes >> 16) & 0x000000FF000000FFU) * 0x0000271000000001U) >>
                                    32);
}

/// Reads 1 to 16 digits into `*value`; false where one is none.
[[nodiscard]] inline bool read_digits(const char* text, std::size_t count, std::uint64_t* value) {
  if (count <= 8) {
    const std::uint64_t bytes = digit_bytes(text, static_cast<unsigned>(count));
    *value = join_digits(bytes);
    return all_digits(bytes);
  }
  const std::uint64_t high = digit_bytes(text, static_cast<unsigned>(count - 8));
  const std::uint64_t low = digit_bytes(text + count - 8, 8);
  *value = std::uint64_t{join_digits(high)} * 100'000'000U + join_digits(low);
  return all_digits(high) && all_digits(low);
}

/// Reads a whole number in its plain form of at most 16 digits: "12", "-12", never "012", "+12" or
/// "-0".
[[nodiscard]] inline bool read_plain_whole(std::string_view text, std::int64_t* value) {
  const bool negative = !text.empty() && text[0] == '-';
  const char* const begin = text.data() + (negative ? 1 : 0);
  const std::size_t count = text.size() - (negative ? 1 : 0);
  if (count == 0 || count > 16) return false;
  std::uint64_t digits = 0;
  if (!read_digits(begin, count, &digits)) return false;
  if (begin[0] == '0' && text.size() > 1) return false;
  *value = negative ? -static_cast<std::int64_t>(digits) : static_cast<std::int64_t>(digits);
  return true;
}

/// Reads "1234.56" with exactly `scale` (1 to 8) digits after `decimal` and 1 to 8 before it,
/// unscaled.
[[nodiscard]] inline bool read_scaled(std::string_view text, int scale, std::int64_t power,
                                      char decimal, std::int64_t* unscaled) {
  const bool negative = !text.empty() && text[0] == '-';
  const char* const begin = text.data() + (negative ? 1 : 0);
  const std::size_t count = text.size() - (negative ? 1 : 0);
  const std::size_t whole_count = count - static_cast<std::size_t>(scale) - 1;
  if (whole_count - 1 >= 8 || begin[whole_count] != decimal)
    return false;  // wraps round where it is too short
  const std::uint64_t whole = digit_bytes(begin, static_cast<unsigned>(whole_count));
  const std::uint64_t part = digit_bytes(begin + whole_count + 1, static_cast<unsigned>(scale));
  if (!all_digits(whole) || !all_digits(part)) return false;
  const std::int64_t value = join_digits(whole) * power + join_digits(part);
  *unscaled = negative ? -value : value;
  return true;
}

}  // namespace quintile::io

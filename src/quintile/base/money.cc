#include "quintile/base/money.h"

#include <algorithm>
#include <array>

#include "quintile/base/check.h"

namespace quintile {

namespace {

constexpr int kDigitsMax = 18;

constexpr auto kPowersOfTen = [] {
  std::array<std::int64_t, kDigitsMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads "e-3" from `at` on; returns nothing unless it ends the text and is small.
std::optional<int> parse_exponent(std::string_view text, std::size_t at) {
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
  if (at == text.size()) return std::nullopt;
  int exponent = 0;
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    exponent = exponent * 10 + (text[at] - '0');
    if (exponent > 400) return std::nullopt;
  }
  return negative ? -exponent : exponent;
}

}  // namespace

std::int64_t power_of_ten(int exponent) {
  QUINTILE_CHECK(exponent >= 0 && exponent <= kDigitsMax);
  return kPowersOfTen[static_cast<std::size_t>(exponent)];
}

std::optional<Decimal> parse_decimal(std::string_view text, char point) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++at;
  std::int64_t unscaled = 0;
  int scale = 0;
  int digits = 0;  // significant ones; leading zeros are free
  bool any = false;
  bool after_point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == point && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    any = true;
    if (after_point) ++scale;
    if (unscaled != 0 || c != '0') {
      if (++digits > kDigitsMax) return std::nullopt;
    }
    unscaled = unscaled * 10 + (c - '0');
  }
  if (!any) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const auto exponent = parse_exponent(text, at + 1);
    if (!exponent) return std::nullopt;
    scale -= *exponent;
    if (unscaled == 0) scale = std::clamp(scale, 0, kDigitsMax);
    for (; scale < 0; ++scale) {
      if (__builtin_mul_overflow(unscaled, 10, &unscaled) || unscaled >= kMoneyLimit)
        return std::nullopt;
    }
    // "1.50e-20": digits that an exponent pushes out are dropped only while they are zero.
    for (; scale > kDigitsMax && unscaled % 10 == 0; --scale) unscaled /= 10;
  }
  if (scale > kDigitsMax) return std::nullopt;
  return Decimal{.unscaled = negative ? -unscaled : unscaled, .scale = scale};
}

std::optional<std::int64_t> rescale(Decimal decimal, int scale) {
  std::int64_t value = decimal.unscaled;
  if (scale >= decimal.scale) {
    if (__builtin_mul_overflow(value, power_of_ten(scale - decimal.scale), &value))
      return std::nullopt;
    return value;
  }
  const std::int64_t divisor = power_of_ten(decimal.scale - scale);
  if (value % divisor != 0) return std::nullopt;
  return value / divisor;
}

std::string decimal_to_string(Int128 unscaled, int scale) {
  UInt128 rest = unscaled < 0 ? -static_cast<UInt128>(unscaled) : static_cast<UInt128>(unscaled);
  std::string reversed;
  int digits = 0;
  while (rest > 0 || digits <= scale) {
    if (digits == scale && scale > 0) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    ++digits;
  }
  if (unscaled < 0) reversed += '-';
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

std::string decimal_to_string(std::int64_t unscaled, int scale) {
  return decimal_to_string(static_cast<Int128>(unscaled), scale);
}

Int128 divide_half_up(Int128 numerator, Int128 denominator) {
  return divide_floor(2 * numerator + denominator, 2 * denominator);
}

}  // namespace quintile

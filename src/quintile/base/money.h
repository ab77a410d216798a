#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quintile {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// An amount in minor units of the run's one currency. How many digits stand after the point, the
/// run's `money_scale`, is known to the run, not to the amount.
struct Money {
  std::int64_t value = 0;

  constexpr Money() = default;
  explicit constexpr Money(std::int64_t minor_units) : value(minor_units) {}
  friend constexpr auto operator<=>(const Money&, const Money&) = default;
};

/// Amounts, lines and sums stay below this many minor units; at or beyond it the input is unusable.
inline constexpr std::int64_t kMoneyLimit = 1'000'000'000'000'000'000;

/// At most this many digits after the point.
inline constexpr int kMoneyScaleMax = 4;

/// The exact sum, or nothing where it does not fit into 64 bits.
[[nodiscard]] constexpr std::optional<Money> add(Money a, Money b) {
  Money sum;
  if (__builtin_add_overflow(a.value, b.value, &sum.value)) return std::nullopt;
  return sum;
}

/// 10^exponent for 0 <= exponent <= 18.
[[nodiscard]] std::int64_t power_of_ten(int exponent);

/// A decimal number read exactly: `unscaled / 10^scale`.
struct Decimal {
  std::int64_t unscaled = 0;
  int scale = 0;  ///< digits after the point as written, trailing zeros included; 0 to 18
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// Reads "-12.30", "1.5e3", "+7". `point` is the decimal mark. No blanks, no grouping marks, no
/// currency signs. Nothing is read when the text is no number or needs more than 18 digits.
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view text, char point = '.');

/// `decimal` at `scale` digits, or nothing where that would drop a digit that is not zero or
/// would not fit into 64 bits.
[[nodiscard]] std::optional<std::int64_t> rescale(Decimal decimal, int scale);

/// "12.30" for 1230 at scale 2; "-0.05"; no exponent, no grouping.
[[nodiscard]] std::string decimal_to_string(std::int64_t unscaled, int scale);
[[nodiscard]] std::string decimal_to_string(Int128 unscaled, int scale);

/// `numerator / denominator` rounded half up (towards plus infinity at the half); denominator > 0.
[[nodiscard]] Int128 divide_half_up(Int128 numerator, Int128 denominator);

/// `numerator / denominator` rounded towards minus infinity; denominator > 0.
[[nodiscard]] constexpr Int128 divide_floor(Int128 numerator, Int128 denominator) {
  const Int128 quotient = numerator / denominator;
  return quotient - ((numerator % denominator != 0 && numerator < 0) ? 1 : 0);
}

}  // namespace quintile

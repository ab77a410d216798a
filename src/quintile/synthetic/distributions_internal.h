#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Distributions as integer arithmetic on one 32-bit random number each. No floating point: a last
/// bit that differs between machines, compilers or libraries cannot exist.
namespace quintile::synthetic {

/// The value at the quantile `draw / 2^32` of the distribution whose quantiles at 0, 1/(k-1),
/// 2/(k-1),
/// ..., 1 are `knots` (ascending, at least two), linear between them and rounded down. The last
/// knot is itself never drawn.
[[nodiscard]] std::int64_t from_quantiles(std::span<const std::int32_t> knots, std::uint32_t draw);

/// The index into `weights` (in any unit, positive sum) that the draw falls on.
[[nodiscard]] std::size_t weighted(std::span<const std::uint16_t> weights, std::uint32_t draw);

/// True for `permille` of all draws.
[[nodiscard]] constexpr bool chance(std::uint32_t permille, std::uint32_t draw) {
  return (std::uint64_t{draw} * 1000) >> 32 < permille;
}

/// A standard normal quantile in units of 2^-16: exact to 2^-16 at multiples of 1/256, linear
/// between them, at most 3.2 either side (which keeps the variance within 1 % of 1).
[[nodiscard]] std::int64_t standard_normal_q16(std::uint32_t draw);

/// `value * 2^(exponent_q16 / 2^16)`, rounded down; relative error below 1e-4. The value lies in
/// 0 .. 2^32-1, the exponent within +-16.
[[nodiscard]] std::int64_t times_power_of_two(std::int64_t value, std::int64_t exponent_q16);

/// A log-normal value: `median * 2^(spread * z)` with z standard normal; the spread in units of
/// 2^-16 octaves.
[[nodiscard]] std::int64_t log_normal(std::int64_t median, std::int64_t spread_q16,
                                      std::uint32_t draw);

}  // namespace quintile::synthetic

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/expression/column_view.h"

/// Counts, sums, means and medians of groups of customers. A group is a byte a customer, 0 to
/// groups - 1.
namespace quintile::summary {

/// Count, mean and spread of numbers, in units (a Decimal's minor units are divided out).
struct Moments {
  std::int64_t count = 0;
  double mean = 0;
  double squares = 0;  ///< sum of squared distances from the mean

  /// Of the sample (n - 1); 0 for fewer than two values.
  [[nodiscard]] double variance() const {
    return count < 2 ? 0 : squares / static_cast<double>(count - 1);
  }
  friend bool operator==(const Moments&, const Moments&) = default;
};

/// The moments of both together (Chan, Golub and LeVeque 1979).
[[nodiscard]] Moments merge(const Moments& a, const Moments& b);

/// Count, sum and sum of squares of whole numbers from 0 to 2^64 - 1, exact for fewer than 2^63 of
/// them: distances from a number that they have in common.
struct ExactSums {
  std::int64_t count = 0;
  UInt128 sum = 0, squares = 0;
  std::uint64_t squares_high = 0;  ///< bits 128 to 191 of the sum of squares

  void add_square(UInt128 square) {
    squares += square;
    if (squares < square) ++squares_high;
  }
  void add(const ExactSums& other) {
    count += other.count;
    sum += other.sum;
    add_square(other.squares);
    squares_high += other.squares_high;
  }
};

/// The moments in units of `unit` of the numbers whose distances from `origin` were summed: they do
/// not depend on the origin.
[[nodiscard]] Moments moments_of(const ExactSums& sums, std::int64_t origin, double unit);

struct GroupedMoments {
  std::vector<Moments> groups;
  Moments all;
};

/// Moments of an Integer, Decimal or Real column by group; missing values, and reals that are no
/// finite number, are left out. Whole numbers and decimals are summed exactly and a mean is one
/// division. So are reals of at most `kDecimalsMax` digits after the point (the shortest decimal
/// text of each is then its decimal); others are summed in row order with compensation (Knuth's
/// TwoSum), so the result is one and the same on every machine.
[[nodiscard]] GroupedMoments moments_by_group(const ColumnView& column,
                                              std::span<const std::uint8_t> group, int groups);

inline constexpr int kDecimalsMax = 6;

/// Exact sums by group, in the column's own integers. No value may be missing.
[[nodiscard]] std::vector<Int128> sums_by_group(const ColumnView& column,
                                                std::span<const std::uint8_t> group, int groups);

/// Twice the median, so that the mean of two middle values stays whole; nothing for an empty group.
struct DoubledMedians {
  std::vector<std::optional<Int128>> groups;
  std::optional<Int128> all;
};

/// Medians by group of a column of integers without missing values. Linear in the rows.
[[nodiscard]] DoubledMedians medians_by_group(const ColumnView& column,
                                              std::span<const std::uint8_t> group, int groups);

}  // namespace quintile::summary

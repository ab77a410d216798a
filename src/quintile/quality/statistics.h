#pragma once

#include <cstdint>
#include <optional>

#include "quintile/expression/column_view.h"

namespace quintile::quality {

/// Description of the values of a numeric column (Integer, Decimal, Real), missing ones left out.
/// Decimals count in units, not in minor units. Sums of reals run in row order.
struct NumericStatistics {
  std::int64_t count = 0;
  double minimum = 0, maximum = 0;
  double mean = 0;
  double standard_deviation = 0;  ///< of the sample (n - 1); 0 for fewer than two values
  double skewness =
      0;  ///< third standardised moment (population form); 0 where all values are equal
  /// Type-7 quantiles at 5, 25, 50, 75 and 95 %.
  double quantile_05 = 0, quantile_25 = 0, median = 0, quantile_75 = 0, quantile_95 = 0;
};

[[nodiscard]] bool is_numeric(Type type);

/// Nothing where the column has no value.
[[nodiscard]] std::optional<NumericStatistics> describe(const ColumnView& column);

/// How many different values there are, counted up to `kDistinctMax`.
inline constexpr std::int64_t kDistinctMax = 1'000'000;
[[nodiscard]] std::int64_t count_distinct(const ColumnView& column);

}  // namespace quintile::quality

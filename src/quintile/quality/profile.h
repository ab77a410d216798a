#pragma once

#include <optional>
#include <string>

#include "quintile/quality/review.h"
#include "quintile/quality/statistics.h"
#include "quintile/table/table.h"

namespace quintile::quality {

/// A profile, and the numbers that it shows rounded.
struct ProfiledColumn {
  ColumnProfile profile;
  std::optional<NumericStatistics> statistics;  ///< of numeric columns that have values
};

/// Describes a column as it was read, before anything is cleaned. Of personal columns nothing is
/// told but how many cells are filled and how many differ.
[[nodiscard]] ProfiledColumn profile(const table::ReadColumn& column, const std::string& role,
                                     bool personal);

}  // namespace quintile::quality

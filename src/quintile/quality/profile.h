#pragma once

#include <string>

#include "quintile/quality/review.h"
#include "quintile/table/table.h"

namespace quintile::quality {

/// Describes a column as it was read, before anything is cleaned. Of personal columns nothing is
/// told but how many cells are filled and how many differ.
[[nodiscard]] ColumnProfile profile(const table::ReadColumn& column, const std::string& role,
                                    bool personal);

}  // namespace quintile::quality

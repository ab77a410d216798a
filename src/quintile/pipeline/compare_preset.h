#pragma once

#include <string_view>

#include "quintile/base/result.h"
#include "quintile/customers/customers.h"
#include "quintile/rfm/presets.h"

namespace quintile::pipeline {

/// The preset of a name as people write it: "r-rfm", "ntile", ... Errors: Usage for an unknown one,
/// with the nearest.
[[nodiscard]] Result<rfm::Preset> preset_named(std::string_view name);

/// Scores the customers as `preset` and by the safe method, and tells who is scored otherwise and
/// why; `rfm::describe` gives it as lines for people. Errors: Input where the tool itself fails.
[[nodiscard]] Result<rfm::PresetComparison> compare_preset(const customers::Customers& customers,
                                                           rfm::Preset preset, int threads);

}  // namespace quintile::pipeline

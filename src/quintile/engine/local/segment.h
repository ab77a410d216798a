#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/base/result.h"
#include "quintile/plan/plan.h"
#include "quintile/rfm/presets.h"
#include "quintile/segments/segmentation.h"

namespace quintile::engine::local {

struct Segmented {
  segments::Segmentation segmentation;
  std::vector<rfm::TieReport> ties;  ///< by metric
};

/// What presets score and compare. The customers must outlive it.
[[nodiscard]] rfm::MetricValues metric_values(const customers::Customers& customers);

/// Scores the customers as `plan.scoring` says (a preset goes before methods), or with the cut
/// points of `frozen`, and gives each the first segment of the plan's rules whose condition holds.
/// Errors: Rules where a condition does not fit the customers' columns (with its place) or where a
/// customer is taken by no rule (with an example's scores).
[[nodiscard]] Result<Segmented> segment(customers::Customers customers, std::int32_t analysis_day,
                                        const plan::Plan& plan,
                                        const std::optional<rfm::Model>& frozen,
                                        const Executor& executor);

}  // namespace quintile::engine::local

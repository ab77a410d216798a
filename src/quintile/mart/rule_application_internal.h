#pragma once

#include "quintile/segments/segmentation.h"

namespace quintile::mart {

/// The first rule that holds for each customer, kNoSegment where none does: what a run's segments
/// must equal.
[[nodiscard]] std::vector<segments::SegmentIndex> apply_rules(
    const segments::Segmentation& segmentation, const segments::RuleSet& rules);

}  // namespace quintile::mart

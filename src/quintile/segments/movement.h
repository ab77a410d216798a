#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/segments/rule_set.h"

namespace quintile::segments {

/// Customers who are in one segment before and in another (or the same) after.
struct Flow {
  SegmentIndex from = kNoSegment, to = kNoSegment;
  std::int64_t customers = 0;
  Int128 monetary = 0;  ///< of these customers, minor units
  friend bool operator==(const Flow&, const Flow&) = default;
};

/// The flows between two assignments of the same customers, those who stay among them, in order of
/// (from, to). The three spans have one entry a customer.
[[nodiscard]] std::vector<Flow> flows(std::span<const SegmentIndex> before,
                                      std::span<const SegmentIndex> after,
                                      std::span<const std::int64_t> monetary);

}  // namespace quintile::segments

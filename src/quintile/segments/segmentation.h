#pragma once

#include <span>

#include "quintile/customers/customers.h"
#include "quintile/rfm/scoring.h"
#include "quintile/segments/rule_set.h"

namespace quintile::segments {

/// Customers with scores and segments, all in `customer_id` order: what a run publishes and what
/// every later view (summary, insights, explain, dashboard) is computed from.
struct Segmentation {
  customers::Customers customers;
  std::int32_t analysis_day = 0;  ///< day number of `analysis_date`
  rfm::Model model;
  table::Buffer<rfm::Score> r_score, f_score, m_score;
  table::Buffer<SegmentIndex> segment;  ///< index into the rule set

  [[nodiscard]] std::int64_t size() const { return customers.size; }
};

}  // namespace quintile::segments

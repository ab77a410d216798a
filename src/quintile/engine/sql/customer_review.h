#pragma once

#include "quintile/engine/sql/customer_counts.h"

namespace quintile::engine::sql {

/// What was counted of customer rows.
struct CountedCustomers {
  const CustomerRecords& records;
  const CustomerCounts& counts;
  const std::vector<Spellings>& spellings;  ///< by describing column
  int money_scale;
};

/// Adds profiles, findings and waterfall. Errors: Input where no row stays.
[[nodiscard]] Status review_customers(ReviewBuilder& review, const CountedCustomers& counted);

}  // namespace quintile::engine::sql

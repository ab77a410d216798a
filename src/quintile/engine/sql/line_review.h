#pragma once

#include "quintile/engine/sql/customer_totals.h"
#include "quintile/engine/sql/line_counts.h"
#include "quintile/engine/sql/order_counts.h"

namespace quintile::engine::sql {

/// What was counted of order lines.
struct CountedLines {
  const OrderLines& lines;
  const LineCounts& counts;
  const OrderCounts& orders;
  const CustomerTotals& totals;
  const std::vector<Spellings>& spellings;  ///< by describing column
  int money_scale;
};

/// Adds profiles, findings and waterfall.
/// Errors: Input where no line counts; Engine where the waterfall does not balance.
[[nodiscard]] Status review_lines(ReviewBuilder& review, const CountedLines& counted);

}  // namespace quintile::engine::sql

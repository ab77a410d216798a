#pragma once

#include "quintile/engine/sql/order_lines.h"

namespace quintile::engine::sql {

/// What is known of orders as wholes.
struct OrderCounts {
  std::int64_t orders = 0;
  std::int64_t several_customers = 0, several_moments = 0;  ///< orders whose lines disagree
  std::int64_t conflict_lines = 0;                          ///< lines of these
  std::int64_t zero_value = 0;  ///< customers' parts of orders that count and are worth nothing
  std::int64_t returned = 0;    ///< orders with a usable return
};

/// Counts in one statement, order by order; nothing where the plan names no order id.
[[nodiscard]] Result<OrderCounts> count_orders(Session& session, const Dialect& dialect,
                                               const OrderLines& lines);

}  // namespace quintile::engine::sql

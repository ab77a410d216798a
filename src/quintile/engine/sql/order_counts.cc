#include "quintile/engine/sql/order_counts.h"

namespace quintile::engine::sql {

Result<OrderCounts> count_orders(Session& session, const Dialect& dialect,
                                 const OrderLines& lines) {
  if (lines.roles().order_id < 0) return OrderCounts{};
  const Sql by_customer =
      sql("SELECT {0} AS q_order, {1} AS q_customer, COUNT(*) AS q_lines, MIN({2}) AS q_from, "
          "MAX({2}) AS q_to, SUM(CASE WHEN {3} THEN q_exact ELSE 0 END) AS q_value, MAX(CASE "
          "WHEN {3} THEN 1 ELSE 0 END) AS q_counts, MAX(CASE WHEN {4} THEN 1 ELSE 0 END) AS "
          "q_returned FROM ({5}) q_l WHERE {0} IS NOT NULL GROUP BY {0}, {1}",
          lines.rows().value(lines.roles().order_id), lines.rows().value(lines.roles().customer_id),
          lines.rows().moment(lines.roles().order_date), OrderLines::has_fate(OrderLines::kCounts),
          OrderLines::has_fate(lines.usable_return()), lines.query(OrderLines::As::Closed));
  const Sql by_order =
      sql("SELECT q_order, COUNT(q_customer) AS q_customers, SUM(q_lines) AS q_lines, CASE WHEN "
          "MIN(q_from) <> MAX(q_to) THEN 1 ELSE 0 END AS q_moments, SUM(CASE WHEN q_counts = 1 "
          "AND q_value = 0 THEN 1 ELSE 0 END) AS q_zeros, MAX(q_returned) AS q_returned FROM "
          "({}) q_c GROUP BY q_order",
          by_customer);
  const auto sum = [&](const Sql& x) { return dialect.to_integer(sql("COALESCE(SUM({}), 0)", x)); };
  const Sql statement =
      sql("SELECT {}, {}, {}, {}, {}, {} FROM ({}) q_o", dialect.to_integer(sql("COUNT(*)")),
          sum(sql("CASE WHEN q_customers > 1 THEN 1 ELSE 0 END")), sum(sql("q_moments")),
          sum(sql("CASE WHEN q_customers > 1 OR q_moments = 1 THEN q_lines ELSE 0 END")),
          sum(sql("q_zeros")), sum(sql("q_returned")), by_order);
  const std::vector<Type> types(6, Type::Integer);
  QUINTILE_TRY(const Answer answer, query(session, statement.text(), types));
  if (answer.rows() != 1) return fail(ErrorCode::Engine, "the engine gave no count of orders");
  return OrderCounts{answer.integer(0, 0), answer.integer(0, 1), answer.integer(0, 2),
                     answer.integer(0, 3), answer.integer(0, 4), answer.integer(0, 5)};
}

}  // namespace quintile::engine::sql

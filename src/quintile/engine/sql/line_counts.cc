#include "quintile/engine/sql/line_counts.h"

#include "quintile/base/money.h"

namespace quintile::engine::sql {

LineCounts::LineCounts(const OrderLines& lines)
    : columns_(lines.roles().named(), lines.needed()),
      conditions_(lines.conditions()),
      ids_(lines.rows().value(lines.roles().customer_id),
           lines.rows().type(lines.roles().customer_id)) {}

Result<LineCounts> LineCounts::of(Session& session, const Dialect& dialect, OrderLines& lines) {
  LineCounts counts(lines);
  QUINTILE_TRY_STATUS(counts.ask(session, dialect, lines));
  if (!lines.analysis_day()) {
    if (counts.tally_.rows_of(OrderLines::kCounts) == 0) {
      quality::Review review;
      review.rows = counts.rows();
      return nobody_left(review);
    }
    const std::int64_t last = counts.tally_.of(OrderLines::kCounts, counts.last_day_);
    lines.settle(static_cast<std::int32_t>(last) + 1);
    const auto latest = counts.tally_.extreme(counts.last_day_);
    if (latest && *latest > *lines.analysis_day()) {
      counts = LineCounts(lines);
      QUINTILE_TRY_STATUS(counts.ask(session, dialect, lines));
      counts.passes_ = 2;
    }
  }
  for (const auto& [index, number] : counts.untrimmed_) {
    if (counts.tally_.count(number) == 0) lines.take_plain(index);
  }
  return counts;
}

void LineCounts::count(const OrderLines& lines, const Dialect& dialect) {
  const TypedRows& rows = lines.rows();
  const customers::TransactionRoles& roles = lines.roles();
  columns_.count(tally_, rows);
  conditions_.count(tally_);
  ids_.count(tally_, dialect);
  amount_ = tally_.sum(sql("COALESCE(q_exact, 0)"));
  greatest_ = tally_.greatest(sql("ABS(q_exact)"));
  negative_ = tally_.rows_where(sql("q_exact < 0"));
  zero_ = tally_.rows_where(sql("q_exact = 0"));
  positive_ = tally_.rows_where(sql("q_exact > 0"));
  last_day_ = tally_.greatest(rows.value(roles.order_date));
  if (lines.analysis_day()) {
    future_ = tally_.rows_where(
        sql("{} > {}", rows.value(roles.order_date), Sql::number(*lines.analysis_day())));
  }
  if (roles.amount < 0) count_products(lines, dialect);
  for (const int index : {roles.customer_id, roles.order_id}) {
    if (index >= 0 && rows.can_be_untrimmed(index))
      untrimmed_.emplace_back(index, tally_.rows_where(rows.is_untrimmed(index)));
  }
  orders_are_texts_ = roles.order_id >= 0 && rows.type(roles.order_id).type == Type::Text;
  if (orders_are_texts_)
    text_orders_ = tally_.rows_where(is_no_plain_integer(rows.value(roles.order_id), dialect));
}

/// Of quantities and prices and what they make together.
void LineCounts::count_products(const OrderLines& lines, const Dialect& dialect) {
  const Sql quantity = lines.rows().value(lines.roles().quantity);
  const Sql price = lines.rows().value(lines.roles().unit_price);
  const auto both_and = [&](const Sql& condition) {
    return tally_.rows_where(
        sql("{} IS NOT NULL AND {} IS NOT NULL AND {}", quantity, price, condition));
  };
  inexact_ = both_and(sql("q_exact IS NULL"));
  product_beyond_ = tally_.rows_where(
      sql("{0} <> 0 AND ABS({1}) > {2}", quantity, price,
          dialect.quotient(Sql::number(kMoneyLimit - 1), sql("NULLIF(ABS({}), 0)", quantity))));
  signs_ = {both_and(sql("{} < 0", quantity)), both_and(sql("{} < 0", price)),
            both_and(sql("{} = 0", quantity)), both_and(sql("{} = 0", price))};
}

Status LineCounts::ask(Session& session, const Dialect& dialect, const OrderLines& lines) {
  count(lines, dialect);
  QUINTILE_TRY_STATUS(tally_.ask(session, dialect, lines.query(OrderLines::As::Closed),
                                 sql("q_fate"),
                                 OrderLines::taken_by_check(lines.spec().review.checks.size())));
  if (rows() == 0) {
    return fail(ErrorCode::Input, "the input has no data rows",
                "a table or a path without rows makes no customers; is it the right one?");
  }
  QUINTILE_TRY_STATUS(columns_.check_amounts(tally_, lines.rows()));
  if (rows_of(product_beyond_) > 0) return too_large(rows_of(product_beyond_), lines.amount_name());
  return sums_fit(tally_.extreme(greatest_).value_or(0), rows());
}

bool LineCounts::orders_are_integers() const {
  return orders_are_texts_ && tally_.count(text_orders_) == 0;
}

LineCounts::Signs LineCounts::signs(int number, std::size_t quantities, std::size_t prices) const {
  return {tally_.count(number), tally_.of(OrderLines::kCounts, number), rows_of(signs_[quantities]),
          rows_of(signs_[prices])};
}

}  // namespace quintile::engine::sql

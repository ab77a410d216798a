#include "quintile/engine/sql/customer_totals.h"

namespace quintile::engine::sql {

namespace {

/// The sums by customer, of lines that count or are usable returns. All have an amount, and among
/// them `q_return` tells the two apart: what an engine would rather not work out again and again is
/// named once, and what a foreign data wrapper does not ship (COALESCE) not at all.
class Sums {
 public:
  Sums(const OrderLines& lines, const Dialect& dialect) : lines_(lines), dialect_(dialect) {}

  [[nodiscard]] Sql query() const {
    const Sql of_lines =
        sql("MIN({}) AS q_first, MAX({}) AS q_last, {} AS q_lines, {} AS q_returns, {} AS q_gross, "
            "{} AS q_returned",
            of_orders(day()), of_orders(day()), count(false), count(true), amounts(false),
            amounts(true));
    const Sql left =
        sql("({}) q_l WHERE {}", lines_.query(OrderLines::As::Open), lines_.counts_or_returns());
    const auto unit = counted_unit();
    if (!unit) {
      return sql("SELECT {0} AS q_customer, {1}, {2} AS q_frequency FROM {3} GROUP BY {0}",
                 customer(), of_lines, count(false), left);
    }
    if (!dialect_.traits().counts_orders_in_two_steps) {
      return sql(
          "SELECT {0} AS q_customer, {1}, COUNT(DISTINCT {2}) AS q_frequency FROM {3} GROUP BY {0}",
          customer(), of_lines, of_orders(*unit), left);
    }
    return sql(
        "SELECT q_customer, MIN(q_first) AS q_first, MAX(q_last) AS q_last, SUM(q_lines) AS "
        "q_lines, SUM(q_returns) AS q_returns, SUM(q_gross) AS q_gross, SUM(q_returned) AS "
        "q_returned, SUM(CASE WHEN q_lines > 0 THEN 1 ELSE 0 END) AS q_frequency FROM (SELECT {0} "
        "AS q_customer, {1} AS q_unit, {2} FROM {3} GROUP BY {0}, {1}) q_o GROUP BY q_customer",
        customer(), *unit, of_lines, left);
  }

 private:
  [[nodiscard]] Sql customer() const { return lines_.rows().value(lines_.roles().customer_id); }
  [[nodiscard]] Sql day() const { return lines_.rows().value(lines_.roles().order_date); }

  /// What frequency counts the different values of, where it does not count lines.
  [[nodiscard]] std::optional<Sql> counted_unit() const {
    switch (lines_.spec().frequency) {
      case customers::FrequencyUnit::Days: return day();
      case customers::FrequencyUnit::Lines: return std::nullopt;
      case customers::FrequencyUnit::Orders: break;
    }
    if (lines_.roles().order_id < 0) return std::nullopt;
    return lines_.rows().value(lines_.roles().order_id);
  }

  [[nodiscard]] Sql of_orders(const Sql& x) const {
    return lines_.have_returns() ? sql("CASE WHEN q_return = 0 THEN {} END", x) : x;
  }
  [[nodiscard]] Sql count(bool returns) const {
    if (lines_.have_returns()) return returns ? sql("SUM(q_return)") : sql("SUM(1 - q_return)");
    return returns ? sql("0") : sql("COUNT(*)");
  }
  [[nodiscard]] Sql amounts(bool returns) const {
    if (!lines_.have_returns()) return returns ? sql("0") : sql("SUM(q_exact)");
    return sql("SUM(CASE WHEN q_return = {} THEN q_exact ELSE 0 END)",
               Sql::number(returns ? 1 : 0));
  }

  const OrderLines& lines_;
  const Dialect& dialect_;
};

}  // namespace

Result<CustomerTotals> CustomerTotals::of(Session& session, TemporaryTables& tables,
                                          const Dialect& dialect, const OrderLines& lines) {
  CustomerTotals totals;
  std::vector<Sql> typed = {sql("q_customer")};
  for (const Sql& column : {sql("q_first"), sql("q_last"), sql("q_lines"), sql("q_returns"),
                            sql("q_gross"), sql("q_returned"), sql("q_frequency")})
    typed.push_back(sql("{} AS {}", dialect.to_integer(column), column));
  QUINTILE_TRY(totals.table_,
               tables.create("totals", sql("SELECT {} FROM ({}) q_s", Sql::join(typed),
                                           Sums(lines, dialect).query())));
  Tally tally;
  const int with_return = tally.rows_where(sql("q_returns > 0"));
  const int counted = tally.sum(sql("q_lines"));
  const int returns = tally.sum(sql("q_returns"));
  const int gross = tally.sum(sql("q_gross"));
  const int returned = tally.sum(sql("q_returned"));
  const int below_zero = tally.rows_where(sql("q_gross + q_returned < 0"));
  const int greatest = tally.greatest(sql("ABS(q_gross)"));
  const int greatest_net = tally.greatest(sql("ABS(q_gross + q_returned)"));
  QUINTILE_TRY_STATUS(tally.ask(
      session, dialect,
      sql("SELECT q_totals.*, CASE WHEN q_lines > 0 THEN 1 ELSE 0 END AS q_has FROM {} q_totals",
          totals.table_),
      sql("q_has"), 2));
  for (const int number : {greatest, greatest_net}) {
    if (tally.extreme(number).value_or(0) < kMoneyLimit) continue;
    return fail(
        ErrorCode::Input, "the lines of one customer add up to 10^18 minor units or more",
        "correct the lines, or say with money_scale that fewer digits stand after the point");
  }
  const auto group = [&](std::int64_t has) {
    return Group{tally.rows_of(has),     tally.of(has, with_return), tally.of(has, below_zero),
                 tally.of(has, counted), tally.of(has, returns),     tally.of(has, gross),
                 tally.of(has, returned)};
  };
  totals.ordered = group(1);
  totals.returned_only = group(0);
  return totals;
}

}  // namespace quintile::engine::sql

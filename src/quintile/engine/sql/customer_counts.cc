#include "quintile/engine/sql/customer_counts.h"

namespace quintile::engine::sql {

CustomerCounts::CustomerCounts(const CustomerRecords& records)
    : columns_(records.roles().named(), records.needed()),
      conditions_(records.conditions()),
      ids_(records.id(), records.rows().type(records.roles().customer_id)) {
  const customers::CustomerRoles& roles = records.roles();
  const Sql total = records.rows().value(roles.monetary);
  columns_.count(tally_, records.rows());
  monetary_ = tally_.sum(sql("COALESCE({}, 0)", total));
  greatest_ = tally_.greatest(sql("ABS({})", total));
  copies_ = tally_.rows_where(sql("q_copy = 1"));
  for (const int index : {roles.first_purchase_date, records.when()}) {
    if (index >= 0)
      future_.emplace_back(index, tally_.rows_where(records.is_after_analysis(index)));
  }
  for (const Sql& condition : records.dates_out_of_order())
    date_order_ = tally_.rows_where(condition);
  for (const auto& [index, condition] : records.bad_order_values())
    order_values_.emplace_back(index, tally_.rows_where(condition));
  if (roles.average_order_value >= 0) {
    below_one_order_ = tally_.rows_where(sql("{0} >= 0 AND {1} > 0 AND {0} < {1}", total,
                                             records.rows().value(roles.average_order_value)));
  }
  conditions_.count(tally_);
}

Result<CustomerCounts> CustomerCounts::of(Session& session, const Dialect& dialect,
                                          const CustomerRecords& records) {
  CustomerCounts counts(records);
  counts.ids_.count(counts.tally_, dialect);
  QUINTILE_TRY_STATUS(counts.tally_.ask(
      session, dialect, records.query(), sql("q_fate"),
      CustomerRecords::FirstCheck + static_cast<std::int64_t>(records.spec().checks.size())));
  if (counts.rows() == 0) return nobody_left({});
  QUINTILE_TRY_STATUS(counts.columns_.check_amounts(counts.tally_, records.rows()));
  QUINTILE_TRY_STATUS(sums_fit(counts.tally_.extreme(counts.greatest_).value_or(0), counts.rows()));
  return counts;
}

std::vector<std::pair<int, std::int64_t>> CustomerCounts::rows_of(
    const std::vector<std::pair<int, int>>& numbers) const {
  std::vector<std::pair<int, std::int64_t>> rows;
  for (const auto& [index, number] : numbers) rows.emplace_back(index, tally_.count(number));
  return rows;
}

}  // namespace quintile::engine::sql

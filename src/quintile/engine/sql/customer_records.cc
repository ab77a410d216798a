#include "quintile/engine/sql/customer_records.h"

#include "quintile/base/date.h"

namespace quintile::engine::sql {

using quality::DuplicateIds;

CustomerRecords::CustomerRecords(quality::ReviewSpec spec, customers::CustomerRoles roles,
                                 TypedRows rows, SharedIds shared, const Dialect& dialect)
    : spec_(std::move(spec)),
      roles_(std::move(roles)),
      rows_(std::move(rows)),
      shared_(std::move(shared)),
      dialect_(dialect),
      describing_(roles_.attributes) {
  for (const int index : {roles_.overlay, roles_.consent}) {
    if (index >= 0) describing_.push_back(index);
  }
  for (const int index : {roles_.customer_id, roles_.first_purchase_date, when(), roles_.monetary,
                          roles_.average_order_value, roles_.frequency}) {
    if (index >= 0) needed_.push_back(index);
  }
}

Result<CustomerRecords> CustomerRecords::of(const quality::ReviewSpec& spec,
                                            customers::CustomerRoles roles, TypedRows rows,
                                            SharedIds shared, const Dialect& dialect) {
  CustomerRecords records(spec, std::move(roles), std::move(rows), std::move(shared), dialect);
  const customers::CustomerRoles& named = records.roles_;
  const NamedFields fields = named_fields(records.rows_,
                                          {{"customer_id", named.customer_id},
                                           {"first_purchase_date", named.first_purchase_date},
                                           {"last_purchase_date", named.last_purchase_date},
                                           {"recency_days", named.recency_days},
                                           {"monetary", named.monetary},
                                           {"average_order_value", named.average_order_value},
                                           {"frequency", named.frequency}},
                                          named.personal, {named.customer_id}, dialect);
  QUINTILE_TRY(records.conditions_, PlanConditions::of(spec, records.rows_, fields, dialect));
  return records;
}

int CustomerRecords::when() const {
  return roles_.last_purchase_date >= 0 ? roles_.last_purchase_date : roles_.recency_days;
}

DuplicateIds CustomerRecords::policy() const {
  return spec_.duplicate_ids.value_or(DuplicateIds::Regenerate);
}

Sql CustomerRecords::first_day() const {
  return roles_.first_purchase_date >= 0 ? rows_.value(roles_.first_purchase_date) : sql("0");
}

Sql CustomerRecords::query() const {
  std::vector<Sql> columns = {
      sql("q_t.*"), sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_copy", shared_.is_copy(id()))};
  for (Sql& flag : conditions_.columns()) columns.push_back(std::move(flag));
  const Sql looked =
      dialect_.worked_out_once(sql("SELECT {} FROM ({}) q_t", Sql::join(columns),
                                   dialect_.worked_out_once(rows_.query(shared_.cells()))));
  const Sql judged = sql("SELECT q_u.*, {} AS q_fate0 FROM ({}) q_u", fate(), looked);
  Sql fate = sql("q_fate0");
  if (policy() == DuplicateIds::KeepLatest && shared_.any()) {
    // Of the usable rows that share an id all but the latest go.
    const Sql last = rows_.value(when());
    std::vector<Sql> keys = {counts_days() ? last : sql("{} DESC", last)};
    for (Sql& key : shared_.order(sql("DESC"))) keys.push_back(std::move(key));
    fate = sql(
        "CASE WHEN q_fate0 = 0 AND ROW_NUMBER() OVER (PARTITION BY {}, q_fate0 ORDER BY {}) > 1 "
        "THEN {} ELSE q_fate0 END",
        id(), Sql::join(keys), Sql::number(NotLatest));
  }
  return dialect_.worked_out_once(sql("SELECT q_w.*, {} AS q_fate FROM ({}) q_w", fate, judged));
}

Sql CustomerRecords::fate() const {
  std::vector<Sql> whens;
  const auto when_any = [&whens](const std::vector<Sql>& any, std::int64_t fate) {
    if (!any.empty())
      whens.push_back(sql("WHEN {} THEN {}", Sql::join(any, Separator::Or), Sql::number(fate)));
  };
  std::vector<Sql> missing, invalid, no_identity, future, order_value;
  for (const int index : needed_) {
    const bool identifies = index == roles_.customer_id || index == roles_.first_purchase_date;
    (identifies ? no_identity : missing).push_back(sql("({})", rows_.is_missing(index)));
    invalid.push_back(sql("({})", rows_.is_unreadable(index)));
  }
  for (const int index : {roles_.first_purchase_date, when()}) {
    if (index >= 0 && analysis_day_) future.push_back(is_after_analysis(index));
  }
  for (const auto& [index, condition] : bad_order_values()) order_value.push_back(condition);
  when_any(missing, Missing);
  when_any(invalid, Invalid);
  when_any(conditions_.outside_of(needed_), OutOfRange);
  when_any(future, Future);
  when_any(dates_out_of_order(), DateOrder);
  when_any(order_value, OrderValue);
  when_any({sql("q_copy = 1")}, Copy);
  when_any(no_identity, NoIdentity);
  for (std::size_t c = 0; c < spec_.checks.size(); ++c) {
    if (spec_.checks[c].on_fail == quality::OnFail::Quarantine)
      when_any({conditions_.breaks(c)}, FirstCheck + static_cast<std::int64_t>(c));
  }
  return sql("CASE {} ELSE {} END", Sql::join(whens, Separator::Blank), Sql::number(Stays));
}

Sql CustomerRecords::is_after_analysis(int index) const {
  if (index == roles_.recency_days) {
    return sql("({0} < 0 OR {0} > {1})", rows_.value(index),
               Sql::number(std::int64_t{*analysis_day_} - kDayNumberMin));
  }
  return sql("({} > {})", rows_.value(index), Sql::number(*analysis_day_));
}

std::vector<Sql> CustomerRecords::dates_out_of_order() const {
  if (roles_.first_purchase_date < 0 || roles_.last_purchase_date < 0) return {};
  return {sql("({} > {})", rows_.value(roles_.first_purchase_date),
              rows_.value(roles_.last_purchase_date))};
}

std::vector<std::pair<int, Sql>> CustomerRecords::bad_order_values() const {
  std::vector<std::pair<int, Sql>> bad = {
      {roles_.monetary, sql("({} < 0)", rows_.value(roles_.monetary))}};
  if (roles_.average_order_value >= 0)
    bad.emplace_back(roles_.average_order_value,
                     sql("({} <= 0)", rows_.value(roles_.average_order_value)));
  if (roles_.frequency >= 0)
    bad.emplace_back(roles_.frequency, sql("({} < 1)", rows_.value(roles_.frequency)));
  return bad;
}

}  // namespace quintile::engine::sql

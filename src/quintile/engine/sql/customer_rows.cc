#include "quintile/engine/sql/customer_rows.h"

#include <algorithm>

#include "quintile/engine/columns.h"
#include "quintile/engine/sql/customer_review.h"

namespace quintile::engine::sql {

namespace {

/// The day after the last purchase of the rows that stay, where the plan leaves it to that.
Result<std::int32_t> analysis_day_of(Session& session, const Dialect& dialect,
                                     const CustomerRecords& records) {
  if (records.roles().last_purchase_date < 0) {
    return fail(ErrorCode::Plan,
                "analysis_date: day_after_last_purchase needs a last_purchase_date",
                "state the date on which recency_days was counted");
  }
  const Sql last = sql("MAX({})", records.rows().value(records.roles().last_purchase_date));
  const std::vector<Type> types(1, Type::Integer);
  QUINTILE_TRY(const Answer answer,
               query(session,
                     sql("SELECT {} FROM ({}) q_x WHERE q_fate0 = {}", dialect.to_integer(last),
                         records.query(), Sql::number(CustomerRecords::Stays))
                         .text(),
                     types));
  if (answer.rows() != 1 || answer.is_missing(0, 0)) return nobody_left({});
  return static_cast<std::int32_t>(answer.integer(0, 0)) + 1;
}

/// Orders of a customer: the file's, or how often the average fits into the total.
Sql frequency_of(const CustomerRecords& records, const Dialect& dialect) {
  const customers::CustomerRoles& roles = records.roles();
  if (roles.frequency >= 0) return records.rows().value(roles.frequency);
  const Sql average = records.rows().value(roles.average_order_value);
  // One order at least: the quotient is 0 exactly where 2 total + average < 2 average.
  const Sql orders =
      dialect.quotient(sql("(2 * {} + {})", records.rows().value(roles.monetary), average),
                       sql("(2 * {})", average));
  return sql("CASE WHEN {0} < 1 THEN 1 ELSE {0} END", orders);
}

/// The customers in terms of `CustomersTable`.
Sql numbered(const CountedCustomers& counted, const Dialect& dialect) {
  const CustomerRecords& records = counted.records;
  const customers::CustomerRoles& roles = records.roles();
  const TypedRows& rows = records.rows();
  const SourceIds& ids = counted.counts.ids();
  std::vector<Sql> order = ids.order(records.id(), counted.counts.tally(), dialect);
  for (Sql& key : records.shared().order(sql("ASC"))) order.push_back(std::move(key));
  const Sql kept = sql(
      "SELECT q_k.*, {0} AS q_day, ROW_NUMBER() OVER (PARTITION BY {0} ORDER BY {1}) AS q_place "
      "FROM ({2}) q_k WHERE q_fate = {3}",
      records.first_day(), Sql::join(order), records.query(), Sql::number(CustomerRecords::Stays));
  const Sql days = sql("(SELECT {} AS q_first FROM ({}) q_e WHERE q_fate = {}) q_h",
                       records.first_day(), records.query(), Sql::number(CustomerRecords::Stays));
  const Sql total = rows.value(roles.monetary);
  const Sql frequency = frequency_of(records, dialect);
  const Sql last = rows.value(records.when());
  const auto whole = [&](const Sql& x) { return dialect.to_integer(x); };
  std::vector<Sql> columns = {
      sql("{} AS q_id", whole(sql("q_offset + q_place"))),
      sql("{} AS q_source", ids.are_integers() ? dialect.to_text(records.id()) : records.id()),
      sql("{} AS q_recency",
          whole(records.counts_days()
                    ? last
                    : sql("{} - {}", Sql::number(*records.analysis_day()), last))),
      sql("{} AS q_frequency", whole(frequency)), sql("{} AS q_monetary", whole(total))};
  if (roles.first_purchase_date >= 0)
    columns.push_back(sql("{} AS q_first", whole(records.first_day())));
  const Sql average = roles.average_order_value >= 0
                          ? rows.value(roles.average_order_value)
                          : dialect.floor_quotient(sql("(2 * {} + {})", total, frequency),
                                                   sql("(2 * {})", frequency));
  columns.push_back(sql("{} AS q_average", whole(average)));
  for (std::size_t a = 0; a < records.describing().size(); ++a) {
    const Sql value = records.conditions().usable(rows, records.describing()[a]);
    columns.push_back(
        sql("{} AS {}", respelled(value, counted.spellings[a], dialect), attribute_column(a)));
  }
  // The day by which the offsets stand must not be taken for the customers' own.
  return sql(
      "SELECT {} FROM ({}) q_c INNER JOIN (SELECT q_first AS q_before_day, q_offset FROM ({}) q_i) "
      "q_g ON q_c.q_day = q_g.q_before_day",
      Sql::join(columns), kept, customers_before(days, dialect));
}

Result<CustomersTable> make_customers(TemporaryTables& tables, const Dialect& dialect,
                                      const CountedCustomers& counted) {
  const CustomerRecords& records = counted.records;
  CustomersTable customers;
  QUINTILE_TRY(customers.name, tables.create("customers", numbered(counted, dialect)));
  customers.customers = counted.counts.tally().rows_of(CustomerRecords::Stays);
  customers.money_scale = counted.money_scale;
  customers.analysis_day = *records.analysis_day();
  customers.has_first = records.roles().first_purchase_date >= 0;
  customers.ids_are_integers = counted.counts.ids().are_integers();
  customers.describe(records.rows(), records.describing(), records.roles().overlay,
                     records.roles().consent);
  return customers;
}

}  // namespace

Result<Prepared> prepare_customers(Session& session, TemporaryTables& tables,
                                   const Dialect& dialect, const plan::Plan& plan,
                                   const std::vector<SourceColumn>& columns, const Sql& from) {
  // Of the columns without a role only those are read that a check or a range names.
  std::vector<std::string> mentioned;
  for (const quality::Check& check : plan.review.checks) {
    for (std::string& field : expression::fields_of(check.expect))
      mentioned.push_back(std::move(field));
  }
  for (const auto& range : plan.review.ranges) mentioned.push_back(range.column);
  std::vector<std::string> names;
  std::vector<const SourceColumn*> money;
  for (const SourceColumn& column : columns) {
    if (std::ranges::find(mentioned, column.name) != mentioned.end()) names.push_back(column.name);
    if (column.name == plan.input.columns.monetary ||
        column.name == plan.input.columns.average_order_value)
      money.push_back(&column);
  }
  const auto [request, roles] = engine::customer_read(plan, names);
  QUINTILE_TRY(const int scale, money_scale_of(plan.input.money_scale, money));
  QUINTILE_TRY(TypedRows rows, TypedRows::of(request.columns, columns, from, scale, dialect));
  QUINTILE_TRY(SharedIds shared, SharedIds::of(session, dialect, rows, columns, roles.customer_id,
                                               roles.first_purchase_date));
  QUINTILE_TRY(CustomerRecords records, CustomerRecords::of(plan.review, roles, std::move(rows),
                                                            std::move(shared), dialect));
  if (plan.analysis_date) {
    records.settle(to_day_number(*plan.analysis_date));
  } else {
    QUINTILE_TRY(const std::int32_t day, analysis_day_of(session, dialect, records));
    records.settle(day);
  }

  QUINTILE_TRY(const CustomerCounts counts, CustomerCounts::of(session, dialect, records));
  ReviewBuilder review;
  review.review.rows = counts.rows();
  QUINTILE_TRY(const std::vector<Spellings> spellings,
               unify_spellings(session, records.rows(), records.describing(), review));
  const CountedCustomers counted{records, counts, spellings, scale};
  QUINTILE_TRY_STATUS(review_customers(review, counted));
  QUINTILE_TRY(CustomersTable customers, make_customers(tables, dialect, counted));
  // Guard, spellings, and the customers twice; the last day where the plan leaves it to that.
  const int passes = records.shared().passes + (plan.analysis_date ? 0 : 1) + 1 +
                     texts_among(records.rows(), records.describing()) + 2;
  return Prepared{std::move(customers), std::move(review.review), passes};
}

}  // namespace quintile::engine::sql

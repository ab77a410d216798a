#include "quintile/engine/sql/transactions.h"

#include "quintile/engine/columns.h"
#include "quintile/engine/sql/line_review.h"

namespace quintile::engine::sql {

namespace {

/// Per customer, each attribute at its latest (moment, order, value) that is there.
Sql latest(const OrderLines& lines, const LineCounts& counts,
           const std::vector<Spellings>& spellings, const Dialect& dialect) {
  const TypedRows& rows = lines.rows();
  const customers::TransactionRoles& roles = lines.roles();
  const Sql customer = rows.value(roles.customer_id);
  std::vector<Sql> inner = {sql("{} AS q_customer", customer)};
  std::vector<Sql> outer;
  for (std::size_t a = 0; a < lines.describing().size(); ++a) {
    const int index = lines.describing()[a];
    const Sql number = Sql::number(static_cast<std::int64_t>(a));
    const Sql value = lines.conditions().usable(rows, index);
    std::vector<Sql> keys = {sql("CASE WHEN {} IS NULL THEN 1 ELSE 0 END", value),
                             sql("{} DESC", rows.moment(roles.order_date))};
    if (roles.order_id >= 0) {
      const Sql order = rows.value(roles.order_id);
      keys.push_back(sql("CASE WHEN {} IS NULL THEN 1 ELSE 0 END", order));
      keys.push_back(sql("{} DESC", counts.orders_are_integers() ? dialect.to_integer(order)
                                    : rows.type(roles.order_id).type == Type::Text
                                        ? dialect.by_bytes(order)
                                        : order));
    }
    keys.push_back(
        sql("{} DESC", rows.type(index).type == Type::Text ? dialect.by_bytes(value) : value));
    inner.push_back(sql("{} AS q_x{}", value, number));
    inner.push_back(sql("ROW_NUMBER() OVER (PARTITION BY {} ORDER BY {}) AS q_n{}", customer,
                        Sql::join(keys), number));
    const Sql spelled = respelled(sql("q_x{}", number), spellings[a], dialect);
    outer.push_back(
        sql("MAX(CASE WHEN q_n{} = 1 THEN {} END) AS {}", number, spelled, attribute_column(a)));
  }
  return sql(
      "SELECT q_customer, {} FROM (SELECT {} FROM ({}) q_l WHERE {}) q_w GROUP BY q_customer",
      Sql::join(outer), Sql::join(inner), lines.query(OrderLines::As::Closed),
      sql("q_fate <= {}", Sql::number(OrderLines::kCounts)));
}

/// Customers with a line that counts, numbered, in terms of `CustomersTable`.
Sql numbered(const OrderLines& lines, const LineCounts& counts, const Sql& totals,
             const Dialect& dialect) {
  const Sql id = sql("q_customer");
  const Sql value = lines.spec().net ? sql("q_gross + q_returned") : sql("q_gross");
  const std::vector<Sql> columns = {
      sql("q_before.q_offset + ROW_NUMBER() OVER (PARTITION BY q_b.q_first ORDER BY {}) AS q_id",
          Sql::join(counts.ids().order(id, counts.tally(), dialect))),
      sql("{} AS q_source", counts.ids().are_integers() ? dialect.to_text(id) : id),
      sql("q_customer AS q_key"),
      sql("q_b.q_first AS q_first"),
      sql("{} - q_last AS q_recency", Sql::number(*lines.analysis_day())),
      sql("q_frequency"),
      sql("{} AS q_monetary", value),
      sql("{} AS q_average", dialect.floor_quotient(sql("(2 * ({}) + q_frequency)", value),
                                                    sql("(2 * q_frequency)")))};
  return sql(
      "SELECT {} FROM {} q_b INNER JOIN ({}) q_before ON q_b.q_first = q_before.q_first WHERE "
      "q_lines > 0",
      Sql::join(columns), totals, customers_before(sql("{} WHERE q_lines > 0", totals), dialect));
}

Result<CustomersTable> make_customers(TemporaryTables& tables, const Dialect& dialect,
                                      const CountedLines& counted) {
  const OrderLines& lines = counted.lines;
  const auto typed = [&](const Sql& column) {
    return sql("{} AS {}", dialect.to_integer(sql("q_c.{}", column)), column);
  };
  std::vector<Sql> columns = {typed(sql("q_id")),        sql("q_c.q_source AS q_source"),
                              typed(sql("q_first")),     typed(sql("q_recency")),
                              typed(sql("q_frequency")), typed(sql("q_monetary")),
                              typed(sql("q_average"))};
  Sql source = sql("({}) q_c", numbered(lines, counted.counts, counted.totals.table(), dialect));
  if (!lines.describing().empty()) {
    for (std::size_t a = 0; a < lines.describing().size(); ++a)
      columns.push_back(sql("q_d.{0} AS {0}", attribute_column(a)));
    source = sql("{} LEFT JOIN ({}) q_d ON q_c.q_key = q_d.q_customer", source,
                 latest(lines, counted.counts, counted.spellings, dialect));
  }
  CustomersTable customers;
  QUINTILE_TRY(customers.name,
               tables.create("customers", sql("SELECT {} FROM {}", Sql::join(columns), source)));
  tables.drop(counted.totals.table());
  customers.customers = counted.totals.ordered.customers;
  customers.money_scale = counted.money_scale;
  customers.analysis_day = *lines.analysis_day();
  customers.has_first = true;
  customers.ids_are_integers = counted.counts.ids().are_integers();
  customers.describe(lines.rows(), lines.describing(), lines.roles().overlay,
                     lines.roles().consent);
  return customers;
}

}  // namespace

Result<Prepared> prepare_transactions(Session& session, TemporaryTables& tables,
                                      const Dialect& dialect, const plan::Plan& plan,
                                      const std::vector<SourceColumn>& columns, const Sql& from) {
  std::vector<std::string> names;
  for (const SourceColumn& column : columns) names.push_back(column.name);
  auto [request, spec] = engine::transaction_read(plan, names);
  std::vector<const SourceColumn*> money;
  for (const SourceColumn& column : columns) {
    if (column.name == plan.input.columns.unit_price || column.name == plan.input.columns.amount)
      money.push_back(&column);
  }
  QUINTILE_TRY(const int scale, money_scale_of(plan.input.money_scale, money));
  QUINTILE_TRY(TypedRows rows, TypedRows::of(spec.columns, columns, from, scale, dialect));
  QUINTILE_TRY(OrderLines lines, OrderLines::of(std::move(spec), std::move(rows), dialect));

  QUINTILE_TRY(const LineCounts counts, LineCounts::of(session, dialect, lines));
  ReviewBuilder review;
  review.review.rows = counts.rows();
  QUINTILE_TRY(const OrderCounts orders, count_orders(session, dialect, lines));
  QUINTILE_TRY(const std::vector<Spellings> spellings,
               unify_spellings(session, lines.rows(), lines.describing(), review));
  QUINTILE_TRY(const CustomerTotals totals, CustomerTotals::of(session, tables, dialect, lines));
  const CountedLines counted{lines, counts, orders, totals, spellings, scale};
  QUINTILE_TRY_STATUS(review_lines(review, counted));
  QUINTILE_TRY(CustomersTable customers, make_customers(tables, dialect, counted));
  // Guard, spellings, totals; orders where they have an id; what is latest where anything is.
  const int passes = counts.passes() + texts_among(lines.rows(), lines.describing()) + 1 +
                     (lines.roles().order_id >= 0 ? 1 : 0) + (lines.describing().empty() ? 0 : 1);
  return Prepared{std::move(customers), std::move(review.review), passes};
}

}  // namespace quintile::engine::sql

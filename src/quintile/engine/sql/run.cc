#include "quintile/engine/sql/run.h"

#include <fmt/format.h>

#include "quintile/engine/sql/customer_rows.h"
#include "quintile/engine/sql/transactions.h"

namespace quintile::engine::sql {

Result<Remote> run(Session& session, TemporaryTables& tables, const plan::Plan& plan,
                   const Location& location, const std::optional<rfm::Model>& frozen,
                   quality::Review* failed) {
  const Dialect dialect(session.server().product);
  for (const segments::Rule& rule : plan.segments.rules) {
    if ((rule.id + rule.name).find('\0') != std::string::npos)
      return fail(ErrorCode::Rules, "a segment's name holds a zero byte", {},
                  Place{plan.segments.file, 0, 0});
  }
  QUINTILE_TRY(const Sql from, dialect.source(location));
  QUINTILE_TRY(const auto columns, describe(session, dialect, location));
  QUINTILE_TRY(Prepared prepared,
               plan.input.grain == plan::Grain::Transaction
                   ? prepare_transactions(session, tables, dialect, plan, columns, from)
                   : prepare_customers(session, tables, dialect, plan, columns, from));
  if (const quality::Finding* failure = prepared.review.failure()) {
    Error error{ErrorCode::CheckFailed,
                fmt::format("the review stops the run: {} in {} of {} rows", failure->check,
                            failure->rows, prepared.review.rows),
                failure->reason,
                {}};
    if (failed != nullptr) *failed = std::move(prepared.review);
    return std::unexpected(std::move(error));
  }
  QUINTILE_TRY(ScoredTable scored,
               score(session, tables, dialect, plan, prepared.customers, frozen));
  QUINTILE_TRY(std::string proof, fingerprint(session, dialect, plan, scored));
  const int customer_passes = scored.passes + 1;
  return Remote{std::move(prepared.review),
                std::move(prepared.customers),
                std::move(scored),
                std::move(proof),
                prepared.passes,
                customer_passes};
}

Status check_target(Session& session, const Location& location) {
  const Dialect dialect(session.server().product);
  QUINTILE_TRY(
      const Sql make,
      dialect.write(location, sql("SELECT q_one FROM (SELECT 1 AS q_one) q_t WHERE q_one = 0")));
  QUINTILE_TRY(const auto drop, dialect.drop_kept(location));
  if (!drop) return {};
  Status made = session.execute(make.text());
  if (!made) {
    Error error = std::move(made).error();
    if (error.code == ErrorCode::Engine) {
      error.message = fmt::format("write_to={}: {}", location.write_to, error.message);
      error.advice =
          "name a table that is not there yet, in a schema in which you may make one; nothing was "
          "read or published";
    }
    return std::unexpected(std::move(error));
  }
  return session.clean_up(drop->text());
}

Status write(Session& session, const plan::Plan& plan, const Location& location,
             const Remote& remote) {
  const Dialect d(session.server().product);
  const CustomersTable& customers = remote.customers;
  const int scale = customers.money_scale;
  std::vector<Sql> columns;
  const auto add = [&](std::string_view name, const Sql& value) {
    columns.push_back(sql("{} AS {}", value, d.name(name)));
  };
  add("customer_id", sql("q_id"));
  add("source_customer_id", sql("q_source"));
  for (std::size_t a = 0; a < customers.attributes.size(); ++a) {
    const Sql raw = attribute_column(a);
    const expression::FieldType& type = customers.attributes[a].type;
    Sql value = raw;
    if (type.type == Type::Date) value = d.date(raw);
    if (type.type == Type::Decimal) value = d.decimal(raw, type.scale);
    if (type.type == Type::Boolean)
      value = sql("CASE WHEN {0} = 1 THEN (1 = 1) WHEN {0} = 0 THEN (1 = 0) END", raw);
    add(customers.attributes[a].name, value);
  }
  if (customers.has_first) add("first_purchase_date", d.date(sql("q_first")));
  add("last_purchase_date", d.date(sql("({} - q_recency)", Sql::number(customers.analysis_day))));
  add("recency_days", sql("q_recency"));
  add("frequency", sql("q_frequency"));
  add("monetary", d.decimal(sql("q_monetary"), scale));
  add("average_order_value", d.decimal(sql("q_average"), scale));
  add("r_score", sql("q_r"));
  add("f_score", sql("q_f"));
  add("m_score", sql("q_m"));
  add("rfm_code", rfm_code(d, remote.scored));
  add("rfm_total", sql("q_r + q_f + q_m"));
  std::vector<Sql> ids, names;
  for (std::size_t r = 0; r < plan.segments.rules.size(); ++r) {
    const segments::Rule& rule = plan.segments.rules[r];
    const Sql number = Sql::number(static_cast<std::int64_t>(r));
    ids.push_back(sql("WHEN {} THEN {}", number, d.text(rule.id)));
    names.push_back(sql("WHEN {} THEN {}", number, d.text(rule.name)));
  }
  add("segment_id", sql("CASE q_segment {} END", Sql::join(ids, Separator::Blank)));
  add("segment_name", sql("CASE q_segment {} END", Sql::join(names, Separator::Blank)));
  QUINTILE_TRY(const Sql statement,
               d.write(location, sql("SELECT {} FROM {}", Sql::join(columns), remote.scored.name)));
  QUINTILE_TRY_STATUS(session.execute(statement.text()));
  QUINTILE_TRY(const Sql kept, d.kept(location));
  QUINTILE_TRY(const std::string found, fingerprint_of_kept(session, d, kept, scale));
  if (found == remote.fingerprint) return {};
  return fail(ErrorCode::Engine,
              fmt::format("what the engine kept at {} has fingerprint {}, its customers have {}",
                          location.write_to, found, remote.fingerprint),
              "nothing was published here; what was kept is no result: remove it");
}

}  // namespace quintile::engine::sql

#include "quintile/engine/sql/order_lines.h"

#include "quintile/base/money.h"

namespace quintile::engine::sql {

using customers::LineFault;

namespace {

// Beyond those that stay.
constexpr std::int64_t kTaken = 2;

Result<Sql> condition(const expression::Expression& expression, const NamedFields& fields,
                      const Dialect& dialect) {
  return translate(expression, fields.find, fields.names, dialect);
}

}  // namespace

std::int64_t OrderLines::taken_as(LineFault fault) {
  return kTaken + static_cast<std::int64_t>(fault);
}

std::int64_t OrderLines::taken_by_check(std::size_t check) {
  return kTaken + static_cast<std::int64_t>(customers::kLineFaults + check);
}

OrderLines::OrderLines(customers::TransactionSpec spec, TypedRows rows, const Dialect& dialect)
    : spec_(std::move(spec)),
      rows_(std::move(rows)),
      dialect_(dialect),
      needed_(spec_.roles.needed(spec_.frequency)),
      describing_(spec_.roles.describing()),
      analysis_day_(spec_.analysis_day),
      is_return_(sql("1 = 0")),
      is_kept_(sql("1 = 1")) {}

Result<OrderLines> OrderLines::of(customers::TransactionSpec spec, TypedRows rows,
                                  const Dialect& dialect) {
  if (spec.review.duplicate_ids.value_or(quality::DuplicateIds::Fail) !=
      quality::DuplicateIds::Fail) {
    return fail(ErrorCode::Plan,
                "review.duplicate_ids: regenerate and keep_latest are for grain customer",
                "order lines share their customer's id by nature, so it is trusted; leave the "
                "key out, or say fail");
  }
  OrderLines lines(std::move(spec), std::move(rows), dialect);
  const customers::TransactionRoles& roles = lines.roles();
  const NamedFields fields =
      named_fields(lines.rows_,
                   {{"customer_id", roles.customer_id},
                    {"order_id", roles.order_id},
                    {"order_date", roles.order_date},
                    {"quantity", roles.quantity},
                    {"unit_price", roles.unit_price},
                    {"amount", roles.amount}},
                   roles.personal, {roles.customer_id, roles.order_id}, dialect);
  if (lines.spec_.returns) {
    QUINTILE_TRY(lines.is_return_, condition(*lines.spec_.returns, fields, dialect));
  }
  if (lines.spec_.keep) {
    QUINTILE_TRY(lines.is_kept_, condition(*lines.spec_.keep, fields, dialect));
  }
  QUINTILE_TRY(lines.conditions_,
               PlanConditions::of(lines.spec_.review, lines.rows_, fields, dialect));
  return lines;
}

std::string OrderLines::amount_name() const {
  return roles().amount >= 0 ? name(roles().amount)
                             : name(roles().quantity) + " x " + name(roles().unit_price);
}

// |q p| < 10^18 exactly when |p| <= (10^18 - 1) div |q|, which nothing overflows.
Sql OrderLines::amount() const {
  if (roles().amount >= 0) return rows_.value(roles().amount);
  const Sql q = rows_.value(roles().quantity);
  const Sql p = rows_.value(roles().unit_price);
  const std::int64_t unit = power_of_ten(rows_.type(roles().quantity).scale);
  const Sql product = sql("{} * {}", q, p);
  Sql exact = product;
  if (unit > 1) {
    const Sql units = Sql::number(unit);
    // A whole multiple: its sign plays no part in the quotient.
    exact = sql("CASE WHEN {0} = 0 THEN CASE WHEN {1} < 0 THEN -({2}) ELSE {3} END END",
                dialect_.modulo(product, units), product,
                dialect_.quotient(sql("(-({}))", product), units),
                dialect_.quotient(sql("({})", product), units));
  }
  return sql("CASE WHEN {0} = 0 OR {1} = 0 THEN 0 WHEN ABS({1}) <= {2} THEN {3} END", q, p,
             dialect_.quotient(Sql::number(kMoneyLimit - 1), sql("ABS({})", q)), exact);
}

Sql OrderLines::query(As as) const {
  const auto layer = [&](const Sql& query) {
    return as == As::Closed ? dialect_.worked_out_once(query) : query;
  };
  std::vector<Sql> columns = {sql("q_t.*"), sql("{} AS q_exact", amount()),
                              sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_return", is_return_),
                              sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_kept", is_kept_)};
  for (Sql& flag : conditions_.columns()) columns.push_back(std::move(flag));
  const Sql looked =
      layer(sql("SELECT {} FROM ({}) q_t", Sql::join(columns), layer(rows_.query())));
  return layer(sql("SELECT q_u.*, {} AS q_fate FROM ({}) q_u", fate(), looked));
}

Sql OrderLines::fate() const {
  std::vector<Sql> whens;
  const auto when = [&whens](const std::vector<Sql>& any, std::int64_t fate) {
    if (any.empty()) return;
    whens.push_back(sql("WHEN {} THEN {}", Sql::join(any, Separator::Or), Sql::number(fate)));
  };
  std::vector<Sql> missing, unreadable;
  for (const int index : needed_) {
    // A return is no order, so it needs no order id.
    missing.push_back(index == roles().order_id
                          ? sql("({} AND q_return = 0)", rows_.is_missing(index))
                          : sql("({})", rows_.is_missing(index)));
    unreadable.push_back(sql("({})", rows_.is_unreadable(index)));
  }
  unreadable.push_back(sql("q_exact IS NULL"));
  when(missing, taken_as(LineFault::Missing));
  when(unreadable, taken_as(LineFault::Invalid));
  when(conditions_.outside_of(needed_), taken_as(LineFault::OutOfRange));
  if (analysis_day_) {
    when({sql("{} > {}", rows_.value(roles().order_date), Sql::number(*analysis_day_))},
         taken_as(LineFault::Future));
  }
  when({sql("{} IS NULL", rows_.value(roles().customer_id))}, taken_as(LineFault::NoCustomer));
  for (std::size_t c = 0; c < spec_.review.checks.size(); ++c) {
    if (spec_.review.checks[c].on_fail == quality::OnFail::Quarantine)
      when({conditions_.breaks(c)}, taken_by_check(c));
  }
  when({sql("q_return = 1")}, usable_return());
  when({sql("q_kept = 0")}, taken_as(LineFault::NotKept));
  return sql("CASE {} ELSE {} END", Sql::join(whens, Separator::Blank), Sql::number(kCounts));
}

Sql OrderLines::has_fate(std::int64_t fate) { return sql("q_fate = {}", Sql::number(fate)); }

std::int64_t OrderLines::usable_return() const {
  return spec_.net ? kReturnLeft : taken_as(LineFault::Returned);
}

// Written as a range, of which planners expect more rows than of a single value.
Sql OrderLines::counts_or_returns() const {
  if (!have_returns()) return sql("q_fate <= {}", Sql::number(kCounts));
  return spec_.net ? sql("q_fate <= {}", Sql::number(kReturnLeft))
                   : sql("q_fate <= {} OR {}", Sql::number(kCounts), has_fate(usable_return()));
}

}  // namespace quintile::engine::sql

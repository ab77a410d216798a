#include "quintile/engine/sql/transactions.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/engine/columns.h"
#include "quintile/engine/sql/review_builder.h"
#include "quintile/engine/sql/typed_rows.h"

namespace quintile::engine::sql {

namespace {

using customers::LineFault;
using quality::Decision;
using quality::Finding;
using quality::Severity;

// What becomes of a line, as a number of `q_fate`.
constexpr std::int64_t kCounts = 0, kReturnLeft = 1, kTaken = 2;
constexpr std::int64_t taken_as(LineFault fault) {
  return kTaken + static_cast<std::int64_t>(fault);
}
constexpr std::int64_t taken_by_check(std::size_t check) {
  return kTaken + static_cast<std::int64_t>(customers::kLineFaults + check);
}

bool contains(const std::vector<int>& indexes, int index) {
  return std::ranges::find(indexes, index) != indexes.end();
}

class Preparation {
 public:
  Preparation(Session& session, TemporaryTables& tables, const Dialect& dialect,
              customers::TransactionSpec spec, TypedRows rows, int money_scale)
      : session_(session),
        tables_(tables),
        d_(dialect),
        spec_(std::move(spec)),
        roles_(spec_.roles),
        rows_(std::move(rows)),
        needed_(roles_.needed(spec_.frequency)),
        describing_(roles_.describing()),
        analysis_day_(spec_.analysis_day) {
    customers_.money_scale = money_scale;
  }

  Result<Prepared> run() {
    QUINTILE_TRY_STATUS(read_conditions());
    QUINTILE_TRY_STATUS(tally());
    for (const auto& [index, untrimmed] : untrimmed_) {
      if (tally_.count(untrimmed) == 0) rows_.take_plain(index);
    }
    QUINTILE_TRY_STATUS(look_at_orders());
    QUINTILE_TRY_STATUS(look_at_attributes());
    QUINTILE_TRY_STATUS(total());
    tell_lines();
    QUINTILE_TRY_STATUS(balance());
    QUINTILE_TRY_STATUS(publish());
    return Prepared{std::move(customers_), std::move(review_)};
  }

 private:
  [[nodiscard]] const std::string& name(int index) const { return rows_.name(index); }
  [[nodiscard]] std::string amount_name() const {
    return roles_.amount >= 0 ? name(roles_.amount)
                              : name(roles_.quantity) + " x " + name(roles_.unit_price);
  }
  void add(Finding found) { review_.findings.push_back(std::move(found)); }
  void add(int number, std::string check, std::string column, Severity severity, Decision decision,
           std::string reason) {
    const std::int64_t rows = tally_.count(number);
    if (rows > 0)
      add(finding(std::move(check), std::move(column), severity, rows, review_.rows, decision,
                  std::move(reason)));
  }

  /// A role first, then a column.
  [[nodiscard]] std::optional<Field> field(std::string_view named) const {
    for (const auto& [role, index] : std::initializer_list<std::pair<std::string_view, int>>{
             {"customer_id", roles_.customer_id},
             {"order_id", roles_.order_id},
             {"order_date", roles_.order_date},
             {"quantity", roles_.quantity},
             {"unit_price", roles_.unit_price},
             {"amount", roles_.amount}}) {
      if (role == named && index >= 0) return field(index);
    }
    for (int i = 0; i < rows_.size(); ++i) {
      if (rows_.name(i) == named && !contains(roles_.personal, i)) return field(i);
    }
    return std::nullopt;
  }
  [[nodiscard]] Field field(int index) const {
    return rows_.field(index, index == roles_.customer_id || index == roles_.order_id, d_);
  }
  [[nodiscard]] Result<Sql> condition(const expression::Expression& expression) const {
    std::vector<std::string> names;
    for (int i = 0; i < rows_.size(); ++i) names.push_back(rows_.name(i));
    return translate(
        expression, [this](std::string_view named) { return field(named); }, names, d_);
  }

  Status read_conditions() {
    if (spec_.review.duplicate_ids.value_or(quality::DuplicateIds::Fail) !=
        quality::DuplicateIds::Fail) {
      return fail(ErrorCode::Plan,
                  "review.duplicate_ids: regenerate and keep_latest are for grain customer",
                  "order lines share their customer's id by nature, so it is trusted; leave the "
                  "key out, or say fail");
    }
    is_return_ = sql("1 = 0");
    is_kept_ = sql("1 = 1");
    if (spec_.returns) {
      QUINTILE_TRY(is_return_, condition(*spec_.returns));
    }
    if (spec_.keep) {
      QUINTILE_TRY(is_kept_, condition(*spec_.keep));
    }
    for (const quality::Check& check : spec_.review.checks) {
      QUINTILE_TRY(const Sql expected, condition(check.expect));
      breaks_.push_back(sql("NOT {}", expected));
    }
    std::vector<std::string_view> names;
    for (const table::ColumnRequest& column : spec_.columns) names.emplace_back(column.name);
    for (const auto& range : spec_.review.ranges) {
      QUINTILE_TRY(const int index, quality::column_of(range, names));
      range_columns_.push_back(index);
      Field ranged = rows_.field(range_columns_.back(), false, d_);
      QUINTILE_TRY(const Sql beyond, outside(ranged, range, d_));
      outside_.push_back(beyond);
    }
    return {};
  }

  // |q p| < 10^18 exactly when |p| <= (10^18 - 1) div |q|, which nothing overflows.
  [[nodiscard]] Sql amount() const {
    if (roles_.amount >= 0) return rows_.value(roles_.amount);
    const Sql q = rows_.value(roles_.quantity);
    const Sql p = rows_.value(roles_.unit_price);
    const std::int64_t unit = power_of_ten(rows_.type(roles_.quantity).scale);
    const Sql product = sql("{} * {}", q, p);
    Sql exact = product;
    if (unit > 1) {
      const Sql units = Sql::number(unit);
      // A whole multiple: its sign plays no part in the quotient.
      exact = sql("CASE WHEN {0} = 0 THEN CASE WHEN {1} < 0 THEN -({2}) ELSE {3} END END",
                  d_.modulo(product, units), product, d_.quotient(sql("(-({}))", product), units),
                  d_.quotient(sql("({})", product), units));
    }
    return sql("CASE WHEN {0} = 0 OR {1} = 0 THEN 0 WHEN ABS({1}) <= {2} THEN {3} END", q, p,
               d_.quotient(Sql::number(kMoneyLimit - 1), sql("ABS({})", q)), exact);
  }

  /// The lines with what is known of each: `q_amount` (0 without one), `q_return`, `q_kept`,
  /// `q_check0`, ..., `q_out0`, ... and `q_fate`.
  [[nodiscard]] Sql lines() const {
    std::vector<Sql> columns = {sql("q_t.*"), sql("{} AS q_exact", amount()),
                                sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_return", is_return_),
                                sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_kept", is_kept_)};
    const auto flags = [&](const std::vector<Sql>& conditions, auto named) {
      for (std::size_t i = 0; i < conditions.size(); ++i)
        columns.push_back(named(conditions[i], Sql::number(static_cast<std::int64_t>(i))));
    };
    flags(breaks_, [](const Sql& x, const Sql& i) {
      return sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_check{}", x, i);
    });
    flags(outside_, [](const Sql& x, const Sql& i) {
      return sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_out{}", x, i);
    });
    const Sql looked = sql("SELECT {} FROM ({}) q_t", Sql::join(columns), rows_.query());
    return sql("SELECT q_u.*, COALESCE(q_exact, 0) AS q_amount, {} AS q_fate FROM ({}) q_u", fate(),
               looked);
  }

  [[nodiscard]] Sql fate() const {
    std::vector<Sql> whens;
    const auto when = [&whens](std::vector<Sql> any, std::int64_t fate) {
      if (any.empty()) return;
      whens.push_back(sql("WHEN {} THEN {}", Sql::join(any, Separator::Or), Sql::number(fate)));
    };
    std::vector<Sql> missing, unreadable, out_of_range;
    for (const int index : needed_) {
      // A return is no order, so it needs no order id.
      missing.push_back(index == roles_.order_id
                            ? sql("({} AND q_return = 0)", rows_.is_missing(index))
                            : sql("({})", rows_.is_missing(index)));
      unreadable.push_back(sql("({})", rows_.is_unreadable(index)));
    }
    unreadable.push_back(sql("q_exact IS NULL"));
    for (std::size_t r = 0; r < range_columns_.size(); ++r) {
      if (contains(needed_, range_columns_[r]))
        out_of_range.push_back(sql("q_out{} = 1", Sql::number(static_cast<std::int64_t>(r))));
    }
    when(missing, taken_as(LineFault::Missing));
    when(unreadable, taken_as(LineFault::Invalid));
    when(out_of_range, taken_as(LineFault::OutOfRange));
    if (analysis_day_) {
      when({sql("{} > {}", rows_.value(roles_.order_date), Sql::number(*analysis_day_))},
           taken_as(LineFault::Future));
    }
    when({sql("{} IS NULL", rows_.value(roles_.customer_id))}, taken_as(LineFault::NoCustomer));
    for (std::size_t c = 0; c < breaks_.size(); ++c) {
      if (spec_.review.checks[c].on_fail == quality::OnFail::Quarantine)
        when({sql("q_check{} = 1", Sql::number(static_cast<std::int64_t>(c)))}, taken_by_check(c));
    }
    when({sql("q_return = 1")}, spec_.net ? kReturnLeft : taken_as(LineFault::Returned));
    when({sql("q_kept = 0")}, taken_as(LineFault::NotKept));
    return sql("CASE {} ELSE {} END", Sql::join(whens, Separator::Blank), Sql::number(kCounts));
  }

  [[nodiscard]] static Sql has_fate(std::int64_t fate) {
    return sql("q_fate = {}", Sql::number(fate));
  }
  /// Returns that could be used, whether or not the plan takes them out.
  [[nodiscard]] Sql is_usable_return() const {
    return has_fate(spec_.net ? kReturnLeft : taken_as(LineFault::Returned));
  }

  /// The guard: one statement counts everything, by what becomes of the lines. A second one where
  /// the analysis date had to be found first and lines lie after it.
  Status tally() {
    QUINTILE_TRY_STATUS(tally_once());
    if (analysis_day_) return {};
    std::optional<std::int64_t> last;
    for (const Tally::Group& group : tally_.groups()) {
      if (group.group == kCounts) last = group.values[static_cast<std::size_t>(last_day_)];
    }
    if (!last) return nobody_left(review_);
    analysis_day_ = static_cast<std::int32_t>(*last) + 1;
    const auto latest = tally_.extreme(last_day_);
    return latest && *latest > *analysis_day_ ? tally_once() : Status{};
  }

  Status tally_once() {
    tally_ = Tally();
    columns_.assign(static_cast<std::size_t>(rows_.size()), {});
    std::vector<std::pair<int, int>> beyond;
    for (const auto& [index, role] : roles_.named()) {
      columns_[static_cast<std::size_t>(index)] = tally_column(tally_, rows_, index, role, d_);
      if (rows_.can_be_beyond(index) && contains(needed_, index))
        beyond.emplace_back(index, tally_.rows_where(rows_.is_beyond(index)));
    }
    amount_ = tally_.sum(sql("q_amount"));
    greatest_ = tally_.greatest(sql("ABS(q_amount)"));
    last_day_ = tally_.greatest(rows_.value(roles_.order_date));
    inexact_ = -1;
    int product_beyond = -1;
    if (roles_.amount < 0) {
      const Sql both = sql("{} IS NOT NULL AND {} IS NOT NULL", rows_.value(roles_.quantity),
                           rows_.value(roles_.unit_price));
      inexact_ = tally_.rows_where(sql("{} AND q_exact IS NULL", both));
      product_beyond = tally_.rows_where(sql(
          "{} <> 0 AND ABS({}) > {}", rows_.value(roles_.quantity), rows_.value(roles_.unit_price),
          d_.quotient(Sql::number(kMoneyLimit - 1),
                      sql("NULLIF(ABS({}), 0)", rows_.value(roles_.quantity)))));
    }
    text_ids_ = -1;
    if (rows_.type(roles_.customer_id).type == Type::Text) {
      const Sql id = rows_.value(roles_.customer_id);
      text_ids_ = tally_.rows_where(sql("NOT {}", d_.is_integer(id)));
    }
    untrimmed_.clear();
    for (const int index : {roles_.customer_id, roles_.order_id}) {
      if (index >= 0 && rows_.can_be_untrimmed(index))
        untrimmed_.emplace_back(index, tally_.rows_where(rows_.is_untrimmed(index)));
    }
    text_orders_ = -1;
    if (roles_.order_id >= 0 && rows_.type(roles_.order_id).type == Type::Text)
      text_orders_ = tally_.rows_where(is_no_plain_integer(rows_.value(roles_.order_id), d_));
    future_ = analysis_day_ ? tally_.rows_where(sql("{} > {}", rows_.value(roles_.order_date),
                                                    Sql::number(*analysis_day_)))
                            : -1;
    negative_ = tally_.rows_where(sql("q_exact < 0"));
    zero_ = tally_.rows_where(sql("q_exact = 0"));
    negative_counted_ = tally_.rows_where(sql("q_amount < 0 AND {}", has_fate(kCounts)));
    zero_counted_ = tally_.rows_where(sql("q_amount = 0 AND {}", has_fate(kCounts)));
    returns_ = tally_.rows_where(is_usable_return());
    positive_returns_ = tally_.rows_where(sql("q_amount > 0 AND {}", is_usable_return()));
    if (roles_.amount < 0) {
      const auto of_sign = [&](int index, bool negative) {
        const Sql both = sql("{} IS NOT NULL AND {} IS NOT NULL", rows_.value(roles_.quantity),
                             rows_.value(roles_.unit_price));
        return tally_.rows_where(negative ? sql("{} AND {} < 0", both, rows_.value(index))
                                          : sql("{} AND {} = 0", both, rows_.value(index)));
      };
      signs_ = {of_sign(roles_.quantity, true), of_sign(roles_.unit_price, true),
                of_sign(roles_.quantity, false), of_sign(roles_.unit_price, false)};
    }
    checks_.clear();
    ranges_.clear();
    for (std::size_t c = 0; c < breaks_.size(); ++c)
      checks_.push_back(
          tally_.rows_where(sql("q_check{} = 1", Sql::number(static_cast<std::int64_t>(c)))));
    for (std::size_t r = 0; r < outside_.size(); ++r)
      ranges_.push_back(
          tally_.rows_where(sql("q_out{} = 1", Sql::number(static_cast<std::int64_t>(r)))));
    QUINTILE_TRY_STATUS(tally_.ask(session_, d_, lines(), sql("q_fate")));
    review_.rows = tally_.rows();
    if (review_.rows == 0)
      return fail(ErrorCode::Input, "the input has no data rows",
                  "a table or a path without rows makes no customers; is it the right one?");
    for (const auto& [index, number] : beyond) {
      if (tally_.count(number) > 0) return too_large(tally_.count(number), name(index));
    }
    if (product_beyond >= 0 && tally_.count(product_beyond) > 0)
      return too_large(tally_.count(product_beyond), amount_name());
    return sums_fit(tally_.extreme(greatest_).value_or(0), review_.rows);
  }

  /// Orders whose lines disagree, counted order by order.
  Status look_at_orders() {
    if (roles_.order_id < 0) return {};
    const Sql customer = rows_.value(roles_.customer_id);
    const Sql order = rows_.value(roles_.order_id);
    const Sql moment = rows_.moment(roles_.order_date);
    const auto number = [&](const Sql& x) { return d_.to_integer(sql("COALESCE(SUM({}), 0)", x)); };
    const Sql by_customer =
        sql("SELECT {0} AS q_order, {1} AS q_customer, COUNT(*) AS q_lines, MIN({2}) AS q_from, "
            "MAX({2}) AS q_to, SUM(CASE WHEN {3} THEN q_amount ELSE 0 END) AS q_value, MAX(CASE "
            "WHEN {3} THEN 1 ELSE 0 END) AS q_counts, MAX(CASE WHEN {4} THEN 1 ELSE 0 END) AS "
            "q_returned FROM ({5}) q_l WHERE {0} IS NOT NULL GROUP BY {0}, {1}",
            order, customer, moment, has_fate(kCounts), is_usable_return(), lines());
    const Sql by_order =
        sql("SELECT q_order, COUNT(q_customer) AS q_customers, SUM(q_lines) AS q_lines, CASE WHEN "
            "MIN(q_from) <> MAX(q_to) THEN 1 ELSE 0 END AS q_moments, SUM(CASE WHEN q_counts = 1 "
            "AND q_value = 0 THEN 1 ELSE 0 END) AS q_zeros, MAX(q_returned) AS q_returned FROM "
            "({}) q_c GROUP BY q_order",
            by_customer);
    const Sql several = sql("CASE WHEN q_customers > 1 THEN 1 ELSE 0 END");
    const Sql statement =
        sql("SELECT {}, {}, {}, {}, {}, {} FROM ({}) q_o", d_.to_integer(sql("COUNT(*)")),
            number(several), number(sql("q_moments")),
            number(sql("CASE WHEN q_customers > 1 OR q_moments = 1 THEN q_lines ELSE 0 END")),
            number(sql("q_zeros")), number(sql("q_returned")), by_order);
    const std::vector<Type> types(6, Type::Integer);
    QUINTILE_TRY(const Answer answer, query(session_, statement.text(), types));
    if (answer.rows() != 1) return fail(ErrorCode::Engine, "the engine gave no count of orders");
    orders_ = {answer.integer(0, 0), answer.integer(0, 1), answer.integer(0, 2),
               answer.integer(0, 3), answer.integer(0, 4), answer.integer(0, 5)};
    return {};
  }

  Status look_at_attributes() {
    for (const int index : describing_) {
      Spellings spellings;
      if (rows_.type(index).type == Type::Text) {
        QUINTILE_TRY(spellings, unify_spellings(session_, rows_, index, review_.rows));
      }
      spellings_.push_back(std::move(spellings));
    }
    return {};
  }

  /// What each customer's lines add up to, those with nothing but returns included.
  Status total() {
    const Sql customer = rows_.value(roles_.customer_id);
    const Sql day = rows_.value(roles_.order_date);
    const Sql counts = has_fate(kCounts);
    const Sql returned = is_usable_return();
    const auto where = [](const Sql& condition, const Sql& x) {
      return sql("CASE WHEN {} THEN {} ELSE 0 END", condition, x);
    };
    const auto number = [&](const Sql& x) { return d_.to_integer(x); };
    const Sql of_lines =
        sql("MIN(CASE WHEN {0} THEN {1} END) AS q_first, MAX(CASE WHEN {0} THEN {1} END) AS "
            "q_last, SUM({2}) AS q_lines, SUM({3}) AS q_returns, SUM({4}) AS q_gross, SUM({5}) AS "
            "q_returned",
            counts, day, where(counts, sql("1")), where(returned, sql("1")),
            where(counts, sql("q_amount")), where(returned, sql("q_amount")));
    // Written as a range, of which planners expect more rows than of a single value.
    const Sql is_left = spec_.net ? sql("q_fate <= {}", Sql::number(kReturnLeft))
                                  : sql("q_fate <= {} OR {}", Sql::number(kCounts), returned);
    const Sql left = sql("({}) q_l WHERE {}", lines(), is_left);
    const bool by_days = spec_.frequency == customers::FrequencyUnit::Days;
    const bool by_orders =
        spec_.frequency == customers::FrequencyUnit::Orders && roles_.order_id >= 0;
    Sql totals;
    if (!by_days && !by_orders) {
      totals = sql("SELECT {0} AS q_customer, {1}, SUM({2}) AS q_frequency FROM {3} GROUP BY {0}",
                   customer, of_lines, where(counts, sql("1")), left);
    } else {
      const Sql unit = by_days ? day : rows_.value(roles_.order_id);
      if (d_.traits().counts_orders_in_two_steps) {
        totals = sql(
            "SELECT q_customer, MIN(q_first) AS q_first, MAX(q_last) AS q_last, SUM(q_lines) AS "
            "q_lines, SUM(q_returns) AS q_returns, SUM(q_gross) AS q_gross, SUM(q_returned) AS "
            "q_returned, SUM(CASE WHEN q_lines > 0 THEN 1 ELSE 0 END) AS q_frequency FROM (SELECT "
            "{0} AS q_customer, {1} AS q_unit, {2} FROM {3} GROUP BY {0}, {1}) q_o GROUP BY "
            "q_customer",
            customer, unit, of_lines, left);
      } else {
        totals =
            sql("SELECT {0} AS q_customer, {1}, COUNT(DISTINCT CASE WHEN {2} THEN {3} END) AS "
                "q_frequency FROM {4} GROUP BY {0}",
                customer, of_lines, counts, unit, left);
      }
    }
    const Sql typed =
        sql("SELECT q_customer, {} AS q_first, {} AS q_last, {} AS q_lines, {} AS q_returns, {} AS "
            "q_gross, {} AS q_returned, {} AS q_frequency FROM ({}) q_s",
            number(sql("q_first")), number(sql("q_last")), number(sql("q_lines")),
            number(sql("q_returns")), number(sql("q_gross")), number(sql("q_returned")),
            number(sql("q_frequency")), totals);
    QUINTILE_TRY(totals_, tables_.create("totals", typed));

    // 0: with returns alone, 1: with a line that counts.
    with_return_ = total_tally_.rows_where(sql("q_returns > 0"));
    total_lines_ = total_tally_.sum(sql("q_lines"));
    total_returns_ = total_tally_.sum(sql("q_returns"));
    gross_ = total_tally_.sum(sql("q_gross"));
    returned_ = total_tally_.sum(sql("q_returned"));
    below_zero_ = total_tally_.rows_where(sql("q_gross + q_returned < 0"));
    greatest_sum_ = total_tally_.greatest(sql("ABS(q_gross)"));
    greatest_net_ = total_tally_.greatest(sql("ABS(q_gross + q_returned)"));
    QUINTILE_TRY_STATUS(total_tally_.ask(
        session_, d_,
        sql("SELECT q_totals.*, CASE WHEN q_lines > 0 THEN 1 ELSE 0 END AS q_has FROM {} q_totals",
            totals_),
        sql("q_has")));
    for (const int greatest : {greatest_sum_, greatest_net_}) {
      if (total_tally_.extreme(greatest).value_or(0) < kMoneyLimit) continue;
      return fail(
          ErrorCode::Input, "the lines of one customer add up to 10^18 minor units or more",
          "correct the lines, or say with money_scale that fewer digits stand after the point");
    }
    return {};
  }

  [[nodiscard]] std::int64_t of_group(std::int64_t group, int number) const {
    for (const Tally::Group& mine : total_tally_.groups()) {
      if (mine.group == group) return mine.values[static_cast<std::size_t>(number)].value_or(0);
    }
    return 0;
  }
  [[nodiscard]] std::int64_t customers_in(std::int64_t group) const {
    for (const Tally::Group& mine : total_tally_.groups()) {
      if (mine.group == group) return mine.rows;
    }
    return 0;
  }

  void tell_lines() {
    for (const auto& [index, role] : roles_.named()) {
      quality::ColumnProfile profile =
          profile_of(tally_, columns_[static_cast<std::size_t>(index)], rows_, index, role);
      if (index == roles_.order_id) profile.distinct = orders_.orders;
      const auto described = std::ranges::find(describing_, index);
      if (described != describing_.end()) {
        const Spellings& spellings =
            spellings_[static_cast<std::size_t>(described - describing_.begin())];
        if (rows_.type(index).type == Type::Text && spellings.texts > 0) {
          profile.distinct = spellings.texts;
          profile.distinct_is_lower_bound = !spellings.is_complete;
          profile.top = spellings.top;
        }
      }
      review_.columns.push_back(std::move(profile));
    }
    for (const auto& [index, role] : roles_.named()) tell_cells(index);
    if (inexact_ >= 0) {
      add(inexact_, "invalid_type", amount_name(), Severity::Error, Decision::Quarantined,
          fmt::format("the product has more than {} digits after the point, and nothing is rounded "
                      "in silence",
                      customers_.money_scale));
    }
    for (std::size_t r = 0; r < ranges_.size(); ++r) {
      const auto& range = spec_.review.ranges[r];
      const bool is_needed = contains(needed_, range_columns_[r]);
      add(ranges_[r], "out_of_range", range.column, is_needed ? Severity::Error : Severity::Warning,
          is_needed ? Decision::Quarantined : Decision::Removed,
          fmt::format("outside {} to {}{}", range.low, range.high,
                      is_needed ? "" : "; the value was left empty"));
    }
    if (future_ >= 0) {
      add(future_, "future_date", name(roles_.order_date), Severity::Error, Decision::Quarantined,
          "an order after the analysis date " + day_to_string(*analysis_day_));
    }
    if (orders_.conflict_lines > 0) {
      Finding conflict = finding("order_conflict", name(roles_.order_id), Severity::Warning,
                                 orders_.conflict_lines, review_.rows, Decision::Kept,
                                 "an order belongs to one customer at one time; each customer is "
                                 "credited with the lines that name him, the order counts once for "
                                 "each, and each line keeps its own date");
      conflict.details = {{"several_customers", orders_.several_customers},
                          {"several_time_stamps", orders_.several_moments}};
      add(std::move(conflict));
    }
    for (Spellings& spellings : spellings_) {
      if (spellings.finding) add(std::move(*spellings.finding));
    }
    tell_amounts();
    tell_returns();
    for (std::size_t c = 0; c < checks_.size(); ++c) {
      const quality::Check& check = spec_.review.checks[c];
      const auto fields = expression::fields_of(check.expect);
      add(checks_[c], check.id, fields.size() == 1 ? fields[0] : "", check.severity,
          decision_of(check.on_fail), "the plan expects: " + check.expect.source);
    }
  }

  void tell_cells(int index) {
    const ColumnTally& column = columns_[static_cast<std::size_t>(index)];
    const bool is_needed = contains(needed_, index);
    if (index == roles_.customer_id) {
      add(column.missing, "missing_customer", name(index), Severity::Error, Decision::Quarantined,
          "nobody can be credited with the line");
    } else if (is_needed) {
      add(column.missing, "missing_value", name(index), Severity::Error, Decision::Quarantined,
          "without it the line cannot count");
    } else if (index == roles_.consent) {
      add(column.missing, "missing_value", name(index), Severity::Warning, Decision::Kept,
          "a missing consent is no consent, and replaces none that is there");
    } else {
      add(column.missing, "missing_value", name(index), Severity::Info, Decision::Kept,
          contains(describing_, index) ? "a missing value does not replace one that is there"
                                       : "the line counts without it");
    }
    if (column.unreadable < 0) return;
    const bool is_money = index == roles_.unit_price || index == roles_.amount;
    add(column.unreadable, "invalid_type", name(index),
        is_needed ? Severity::Error : Severity::Warning,
        is_needed ? Decision::Quarantined : Decision::Removed,
        is_money ? fmt::format("no amount with at most {} digits after the point",
                               customers_.money_scale)
                 : fmt::format("no {} can be read from it", to_string(rows_.type(index).type)));
  }

  void tell_amounts() {
    const auto tell = [&](int rows, std::string check, int counted_rows, int quantities,
                          int prices) {
      const std::int64_t counted = tally_.count(counted_rows);
      const bool has_signs =
          roles_.amount < 0 && (tally_.count(quantities) > 0 || tally_.count(prices) > 0);
      if (tally_.count(rows) == 0 && !has_signs) return;
      Finding told = finding(
          std::move(check), amount_name(), Severity::Warning, tally_.count(rows), review_.rows,
          counted > 0 || (spec_.returns && spec_.net) ? Decision::Kept : Decision::Quarantined,
          counted > 0 ? "lines that the plan counts, with this amount"
                      : "none of these lines counts as an order");
      told.details = {{"counted", counted}};
      if (roles_.amount < 0) {
        told.details.push_back({"quantities", tally_.count(quantities)});
        told.details.push_back({"prices", tally_.count(prices)});
      }
      if (told.check == "zero_amount" && roles_.order_id >= 0)
        told.details.push_back({"orders", orders_.zero_value});
      add(std::move(told));
    };
    tell(negative_, "negative_amount", negative_counted_, signs_[0], signs_[1]);
    tell(zero_, "zero_amount", zero_counted_, signs_[2], signs_[3]);
  }

  void tell_returns() {
    const auto money = [&](Int128 amount) {
      return decimal_to_string(amount, customers_.money_scale);
    };
    if (tally_.count(returns_) > 0) {
      Finding told = finding(
          "returns", amount_name(), Severity::Info, tally_.count(returns_), review_.rows,
          spec_.net ? Decision::Kept : Decision::Quarantined,
          spec_.net ? "returns lower what a customer is worth; they are no orders and no dates"
                    : "the plan takes returns out; gross and net are told for comparison");
      const std::int64_t gross = of_group(1, gross_);
      const std::int64_t returned = of_group(1, returned_);
      told.details = {{"orders", orders_.returned},
                      {"customers", of_group(1, with_return_)},
                      {"gross", money(gross)},
                      {"returned", money(returned)},
                      {"net", money(static_cast<Int128>(gross) + returned)},
                      {"customers_below_zero", of_group(1, below_zero_)}};
      add(std::move(told));
    }
    add(positive_returns_, "positive_return", amount_name(), Severity::Warning,
        spec_.net ? Decision::Kept : Decision::Quarantined,
        "a return that adds to what the customer is worth: its amount is taken with its own sign");
    if (customers_in(0) > 0) {
      Finding told =
          finding("returns_only", name(roles_.customer_id), Severity::Warning,
                  of_group(0, total_returns_), review_.rows, Decision::Quarantined,
                  "customers with nothing but returns have made no order, so they are not "
                  "published");
      told.details = {{"customers", customers_in(0)}, {"returned", money(of_group(0, returned_))}};
      add(std::move(told));
    }
    for (const Tally::Group& group : tally_.groups()) {
      if (group.group != taken_as(LineFault::NotKept)) continue;
      add(finding("not_kept", "", Severity::Info, group.rows, review_.rows, Decision::Quarantined,
                  "the plan keeps: " + spec_.keep->source));
    }
  }

  Status balance() {
    auto& waterfall = review_.waterfall;
    waterfall.push_back({"read", review_.rows, tally_.total(amount_)});
    const auto put = [&](std::string_view step, std::int64_t rows, Int128 money) {
      if (rows > 0) waterfall.push_back({std::string(step), rows, money});
    };
    const auto put_fate = [&](std::string_view step, std::int64_t fate, std::int64_t less_rows = 0,
                              Int128 less_money = 0) {
      for (const Tally::Group& group : tally_.groups()) {
        if (group.group == fate)
          put(step, group.rows - less_rows,
              group.values[static_cast<std::size_t>(amount_)].value_or(0) - less_money);
      }
    };
    const std::int64_t returns_only = of_group(0, total_returns_);
    const std::int64_t returned_only = of_group(0, returned_);
    for (std::size_t code = 0; code < customers::kLineFaults; ++code) {
      const auto fault = static_cast<LineFault>(code);
      if (fault == LineFault::PlanCheck) {
        for (std::size_t c = 0; c < spec_.review.checks.size(); ++c)
          put_fate(spec_.review.checks[c].id, taken_by_check(c));
      } else if (fault == LineFault::ReturnsOnly) {
        put(customers::check_of(fault), returns_only, returned_only);
      } else if (fault == LineFault::Returned) {
        put_fate(customers::check_of(fault), taken_as(fault), returns_only, returned_only);
      } else {
        put_fate(customers::check_of(fault), taken_as(fault));
      }
    }
    const Int128 returned = spec_.net ? of_group(1, returned_) : 0;
    waterfall.push_back({"published",
                         of_group(1, total_lines_) + (spec_.net ? of_group(1, total_returns_) : 0),
                         of_group(1, gross_) + returned});
    if (customers_in(1) == 0) return nobody_left(review_);
    if (!quality::balances(waterfall)) {
      return fail(ErrorCode::Engine,
                  "rows read less rows taken out are not the rows published: the input changed "
                  "while it was read, or the engine's sums are wrong",
                  "run again on data at rest; `quintile engines check` tests the engine itself");
    }
    return {};
  }

  Status publish() {
    const bool is_integer = rows_.type(roles_.customer_id).type == Type::Integer;
    const bool numeric = is_integer || tally_.count(text_ids_) == 0;
    const Sql id = sql("q_customer");
    const Sql text = is_integer ? d_.to_text(id) : id;
    Sql order = is_integer ? id : d_.by_bytes(id);
    if (!is_integer && numeric) order = sql("{}, {}", d_.to_integer(id), order);
    const Sql value = spec_.net ? sql("q_gross + q_returned") : sql("q_gross");
    std::vector<Sql> columns = {
        sql("q_before.q_offset + ROW_NUMBER() OVER (PARTITION BY q_b.q_first ORDER BY {}) AS q_id",
            order),
        sql("{} AS q_source", text),
        sql("q_customer AS q_key"),
        sql("q_b.q_first AS q_first"),
        sql("{} - q_last AS q_recency", Sql::number(*analysis_day_)),
        sql("q_frequency"),
        sql("{} AS q_monetary", value),
        sql("{} AS q_average",
            d_.floor_quotient(sql("(2 * ({}) + q_frequency)", value), sql("(2 * q_frequency)")))};
    const Sql before =
        sql("SELECT q_first, {} AS q_offset FROM (SELECT q_first, COUNT(*) AS q_n FROM {} WHERE "
            "q_lines > 0 GROUP BY q_first) q_d",
            d_.to_integer(sql("SUM(q_n) OVER (ORDER BY q_first ROWS BETWEEN UNBOUNDED PRECEDING "
                              "AND CURRENT ROW) - q_n")),
            totals_);
    const Sql numbered =
        sql("SELECT {} FROM {} q_b INNER JOIN ({}) q_before ON q_b.q_first = q_before.q_first "
            "WHERE q_lines > 0",
            Sql::join(columns), totals_, before);
    const auto whole = [&](const Sql& x) { return d_.to_integer(x); };
    std::vector<Sql> typed = {sql("{} AS q_id", whole(sql("q_c.q_id"))),
                              sql("q_c.q_source AS q_source"),
                              sql("{} AS q_first", whole(sql("q_c.q_first"))),
                              sql("{} AS q_recency", whole(sql("q_c.q_recency"))),
                              sql("{} AS q_frequency", whole(sql("q_c.q_frequency"))),
                              sql("{} AS q_monetary", whole(sql("q_c.q_monetary"))),
                              sql("{} AS q_average", whole(sql("q_c.q_average")))};
    Sql source = sql("({}) q_c", numbered);
    if (!describing_.empty()) {
      for (std::size_t a = 0; a < describing_.size(); ++a)
        typed.push_back(sql("q_d.{0} AS {0}", attribute_column(a)));
      source = sql("{} LEFT JOIN ({}) q_d ON q_c.q_key = q_d.q_customer", source, latest());
    }
    QUINTILE_TRY(customers_.name,
                 tables_.create("customers", sql("SELECT {} FROM {}", Sql::join(typed), source)));
    tables_.drop(totals_);
    customers_.customers = customers_in(1);
    customers_.analysis_day = *analysis_day_;
    customers_.has_first = true;
    customers_.ids_are_integers = is_integer;
    for (std::size_t a = 0; a < describing_.size(); ++a) {
      customers_.attributes.push_back({name(describing_[a]), rows_.type(describing_[a])});
      if (describing_[a] == roles_.overlay) customers_.overlay = a;
      if (describing_[a] == roles_.consent) customers_.consent = a;
    }
    return {};
  }

  /// Per customer, each attribute at its latest (moment, order, value) that is there.
  [[nodiscard]] Sql latest() const {
    const Sql customer = rows_.value(roles_.customer_id);
    std::vector<Sql> inner = {sql("{} AS q_customer", customer)};
    std::vector<Sql> outer;
    for (std::size_t a = 0; a < describing_.size(); ++a) {
      const int index = describing_[a];
      const Sql number = Sql::number(static_cast<std::int64_t>(a));
      const Sql value = usable(index);
      std::vector<Sql> keys = {sql("CASE WHEN {} IS NULL THEN 1 ELSE 0 END", value),
                               sql("{} DESC", rows_.moment(roles_.order_date))};
      if (roles_.order_id >= 0) {
        const Sql order = rows_.value(roles_.order_id);
        const bool is_text = text_orders_ >= 0 && tally_.count(text_orders_) > 0;
        const Sql as_number = text_orders_ >= 0 && !is_text ? d_.to_integer(order) : order;
        keys.push_back(sql("CASE WHEN {} IS NULL THEN 1 ELSE 0 END", order));
        keys.push_back(sql("{} DESC", is_text ? d_.by_bytes(order) : as_number));
      }
      keys.push_back(
          sql("{} DESC", rows_.type(index).type == Type::Text ? d_.by_bytes(value) : value));
      inner.push_back(sql("{} AS q_x{}", value, number));
      inner.push_back(sql("ROW_NUMBER() OVER (PARTITION BY {} ORDER BY {}) AS q_n{}", customer,
                          Sql::join(keys), number));
      const Sql spelled = respelled(sql("q_x{}", number), spellings_[a], d_);
      outer.push_back(
          sql("MAX(CASE WHEN q_n{} = 1 THEN {} END) AS {}", number, spelled, attribute_column(a)));
    }
    return sql(
        "SELECT q_customer, {} FROM (SELECT {} FROM ({}) q_l WHERE {}) q_w GROUP BY q_customer",
        Sql::join(outer), Sql::join(inner), lines(), sql("q_fate <= {}", Sql::number(kCounts)));
  }

  /// An attribute's value, none where it is out of range.
  [[nodiscard]] Sql usable(int index) const {
    std::vector<Sql> outside;
    for (std::size_t r = 0; r < range_columns_.size(); ++r) {
      if (range_columns_[r] == index)
        outside.push_back(sql("q_out{} = 1", Sql::number(static_cast<std::int64_t>(r))));
    }
    if (outside.empty()) return rows_.value(index);
    return sql("CASE WHEN {} THEN NULL ELSE {} END", Sql::join(outside, Separator::Or),
               rows_.value(index));
  }

  Session& session_;
  TemporaryTables& tables_;
  const Dialect& d_;
  const customers::TransactionSpec spec_;
  const customers::TransactionRoles& roles_;
  TypedRows rows_;
  const std::vector<int> needed_, describing_;
  std::optional<std::int32_t> analysis_day_;
  Sql is_return_, is_kept_;
  std::vector<Sql> breaks_, outside_;  ///< by check, by range
  std::vector<int> range_columns_;

  Tally tally_;  ///< of lines, by fate
  std::vector<ColumnTally> columns_;
  int amount_ = -1, greatest_ = -1, last_day_ = -1, inexact_ = -1, text_ids_ = -1,
      text_orders_ = -1, future_ = -1;
  int negative_ = -1, zero_ = -1, negative_counted_ = -1, zero_counted_ = -1;
  int returns_ = -1, positive_returns_ = -1;
  std::array<int, 4> signs_ = {-1, -1, -1, -1};
  std::vector<std::pair<int, int>> untrimmed_;  ///< identifier and number
  std::vector<int> checks_, ranges_;
  struct Orders {
    std::int64_t orders = 0, several_customers = 0, several_moments = 0, conflict_lines = 0,
                 zero_value = 0, returned = 0;
  } orders_;
  std::vector<Spellings> spellings_;  ///< by describing column

  Sql totals_;
  Tally total_tally_;  ///< of customers: 0 with returns alone, 1 with a line that counts
  int with_return_ = -1, total_lines_ = -1, total_returns_ = -1, gross_ = -1, returned_ = -1,
      below_zero_ = -1, greatest_sum_ = -1, greatest_net_ = -1;

  CustomersTable customers_;
  quality::Review review_;
};

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
  return Preparation(session, tables, dialect, std::move(spec), std::move(rows), scale).run();
}

}  // namespace quintile::engine::sql

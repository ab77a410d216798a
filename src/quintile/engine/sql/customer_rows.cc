#include "quintile/engine/sql/customer_rows.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/engine/columns.h"
#include "quintile/engine/sql/review_builder.h"
#include "quintile/engine/sql/typed_rows.h"

namespace quintile::engine::sql {

namespace {

using quality::Decision;
using quality::DuplicateIds;
using quality::Finding;
using quality::Severity;

// What becomes of a row, as a number of `q_fate`: it stays, or the first of these takes it.
enum Fate : std::int64_t {
  Stays,
  Missing,
  Invalid,
  OutOfRange,
  Future,
  DateOrder,
  OrderValue,
  Copy,
  NoIdentity,
  NotLatest,
  FirstCheck,  // and those of the plan's further checks
};

bool contains(const std::vector<int>& indexes, int index) {
  return std::ranges::find(indexes, index) != indexes.end();
}

Sql flag(const Sql& condition) { return sql("CASE WHEN {} THEN 1 ELSE 0 END", condition); }
Sql numbered(std::size_t i) { return Sql::number(static_cast<std::int64_t>(i)); }

class Preparation {
 public:
  Preparation(Session& session, TemporaryTables& tables, const Dialect& dialect,
              const plan::Plan& plan, customers::CustomerRoles roles, TypedRows rows,
              const std::vector<SourceColumn>& columns, int money_scale)
      : session_(session),
        tables_(tables),
        d_(dialect),
        plan_(plan),
        roles_(std::move(roles)),
        rows_(std::move(rows)),
        columns_(columns) {
    customers_.money_scale = money_scale;
    if (plan.analysis_date) analysis_day_ = to_day_number(*plan.analysis_date);
    describing_ = roles_.attributes;
    for (const int index : {roles_.overlay, roles_.consent}) {
      if (index >= 0) describing_.push_back(index);
    }
    needed_ = {roles_.customer_id, roles_.first_purchase_date, when(),
               roles_.monetary,    roles_.average_order_value, roles_.frequency};
    std::erase_if(needed_, [](int index) { return index < 0; });
  }

  Result<Prepared> run() {
    QUINTILE_TRY_STATUS(look_at_ids());
    QUINTILE_TRY_STATUS(read_conditions());
    QUINTILE_TRY_STATUS(settle_analysis_day());
    QUINTILE_TRY_STATUS(tally());
    for (const int index : describing_) {
      Spellings spellings;
      if (rows_.type(index).type == Type::Text) {
        QUINTILE_TRY(spellings, unify_spellings(session_, rows_, index, review_.rows));
      }
      spellings_.push_back(std::move(spellings));
    }
    tell();
    QUINTILE_TRY_STATUS(balance());
    QUINTILE_TRY_STATUS(publish());
    return Prepared{std::move(customers_), std::move(review_)};
  }

 private:
  [[nodiscard]] int when() const {
    return roles_.last_purchase_date >= 0 ? roles_.last_purchase_date : roles_.recency_days;
  }
  [[nodiscard]] bool identifies(int index) const {
    return index == roles_.customer_id || index == roles_.first_purchase_date;
  }
  [[nodiscard]] const std::string& name(int index) const { return rows_.name(index); }
  [[nodiscard]] Sql id() const { return rows_.value(roles_.customer_id); }
  [[nodiscard]] DuplicateIds policy() const {
    return plan_.review.duplicate_ids.value_or(DuplicateIds::Regenerate);
  }
  void add(Finding found) { review_.findings.push_back(std::move(found)); }
  void add(int number, std::string check, std::string column, Severity severity, Decision decision,
           std::string reason) {
    if (number < 0) return;
    const std::int64_t rows = tally_.count(number);
    if (rows > 0)
      add(finding(std::move(check), std::move(column), severity, rows, review_.rows, decision,
                  std::move(reason)));
  }

  /// Ids that stand on several rows, and whether rows that share one can be told apart exactly.
  Status look_at_ids() {
    const Sql groups =
        sql("SELECT COUNT(*) AS q_n FROM ({0}) q_t WHERE {1} IS NOT NULL GROUP BY {1}",
            rows_.query(), id());
    const auto number = [&](const Sql& x) { return d_.to_integer(sql("COALESCE({}, 0)", x)); };
    const std::vector<Type> types(3, Type::Integer);
    QUINTILE_TRY(const Answer answer,
                 query(session_,
                       sql("SELECT {}, {}, {} FROM ({}) q_g WHERE q_n > 1", number(sql("COUNT(*)")),
                           number(sql("SUM(q_n)")), number(sql("MAX(q_n)")), groups)
                           .text(),
                       types));
    if (answer.rows() != 1) return fail(ErrorCode::Engine, "the engine gave no count of ids");
    shared_ids_ = {answer.integer(0, 0), answer.integer(0, 1), answer.integer(0, 2)};
    if (shared_ids_.ids == 0) return {};
    for (const SourceColumn& column : columns_) {
      if (column.stored != Stored::Other) continue;
      return fail(
          ErrorCode::Unsupported,
          fmt::format("{} customer ids stand on several rows, and rows cannot be told apart "
                      "by column {}, which is {}",
                      shared_ids_.ids, column.name, column.declared),
          "leave the column out of a view at the engine, and name the view");
    }
    return check_ties();
  }

  /// Records whose day and id tie are ordered by their other cells: numbers by value, text by its
  /// bytes. Texts that look like numbers would be compared by value, which SQL cannot do exactly.
  Status check_ties() {
    std::vector<Sql> looks;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].stored == Stored::Text && columns_[i].name != name(roles_.customer_id)) {
        looks.push_back(
            sql("SUBSTR({}, 1, 1) IN ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', "
                "'.')",
                d_.trim(cell(i))));
      }
    }
    if (looks.empty()) return {};
    const Sql ties =
        sql("SELECT q_t.*, COUNT(*) OVER (PARTITION BY {0}, {1}) AS q_tied FROM ({2}) q_t WHERE "
            "{1} IS NOT NULL",
            first(), id(), rows_.query(record()));
    const std::vector<Type> types(1, Type::Integer);
    QUINTILE_TRY(
        const Answer answer,
        query(session_,
              sql("SELECT {} FROM ({}) q_w WHERE q_tied > 1",
                  d_.to_integer(sql("COALESCE(SUM({}), 0)", flag(Sql::join(looks, Separator::Or)))),
                  ties)
                  .text(),
              types));
    if (answer.rows() == 1 && answer.integer(0, 0) == 0) return {};
    return fail(ErrorCode::Unsupported,
                "rows with one customer id and one first purchase date differ in texts that look "
                "like numbers, whose order has no exact form in SQL",
                "leave those columns out of a view at the engine, or run the plan on a copy here");
  }

  /// The cells of a record, raw, as `q_r0`, `q_r1`, ...
  [[nodiscard]] std::vector<Sql> record() const {
    std::vector<Sql> cells;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      Sql raw = d_.name(columns_[i].name);
      if (columns_[i].stored == Stored::Text) raw = d_.to_text(raw);
      cells.push_back(sql("{} AS q_r{}", raw, numbered(i)));
    }
    return cells;
  }
  [[nodiscard]] static Sql cell(std::size_t i) { return sql("q_r{}", numbered(i)); }
  [[nodiscard]] Sql first() const {
    return roles_.first_purchase_date >= 0 ? rows_.value(roles_.first_purchase_date) : sql("0");
  }
  /// What orders records that share day and id, ascending or descending.
  [[nodiscard]] std::vector<Sql> record_order(const Sql& direction) const {
    std::vector<Sql> keys;
    if (shared_ids_.ids == 0) return keys;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name == name(roles_.customer_id)) continue;
      Sql value = cell(i);
      Sql is_there = sql("{} IS NOT NULL", value);
      if (columns_[i].stored == Stored::Text) {
        is_there = sql("{} IS NOT NULL AND {} <> ''", value, value);
        value = d_.by_bytes(value);
      }
      if (columns_[i].stored == Stored::Boolean)
        value = sql("CASE WHEN {} THEN 1 ELSE 0 END", value);
      keys.push_back(sql("{} {}", flag(is_there), direction));
      keys.push_back(sql("{} {}", value, direction));
    }
    return keys;
  }

  /// A role first, then a column; numbers outside their range are gone before anybody looks.
  [[nodiscard]] std::optional<Field> field(std::string_view named) const {
    for (const auto& [role, index] : std::initializer_list<std::pair<std::string_view, int>>{
             {"customer_id", roles_.customer_id},
             {"first_purchase_date", roles_.first_purchase_date},
             {"last_purchase_date", roles_.last_purchase_date},
             {"recency_days", roles_.recency_days},
             {"monetary", roles_.monetary},
             {"average_order_value", roles_.average_order_value},
             {"frequency", roles_.frequency}}) {
      if (role == named && index >= 0) return field(index);
    }
    for (int i = 0; i < rows_.size(); ++i) {
      if (rows_.name(i) == named && !contains(roles_.personal, i)) return field(i);
    }
    return std::nullopt;
  }
  [[nodiscard]] Field field(int index) const {
    return rows_.field(index, index == roles_.customer_id, d_);
  }
  [[nodiscard]] Sql usable(int index) const {
    std::vector<Sql> beyond;
    for (std::size_t r = 0; r < outside_.size(); ++r) {
      if (range_columns_[r] == index) beyond.push_back(outside_[r]);
    }
    if (beyond.empty()) return rows_.value(index);
    return sql("CASE WHEN {} THEN NULL ELSE {} END", Sql::join(beyond, Separator::Or),
               rows_.value(index));
  }

  Status read_conditions() {
    std::vector<std::string> names;
    for (int i = 0; i < rows_.size(); ++i) names.push_back(rows_.name(i));
    const std::vector<std::string_view> views(names.begin(), names.end());
    for (const auto& range : plan_.review.ranges) {
      QUINTILE_TRY(const int index, quality::column_of(range, views));
      QUINTILE_TRY(const Sql beyond, outside(rows_.field(index, false, d_), range, d_));
      range_columns_.push_back(index);
      outside_.push_back(beyond);
    }
    for (const quality::Check& check : plan_.review.checks) {
      QUINTILE_TRY(
          const Sql expected,
          translate(
              check.expect, [this](std::string_view named) { return field(named); }, names, d_));
      breaks_.push_back(sql("NOT {}", expected));
    }
    return {};
  }

  /// The rows with `q_copy` (an exact copy of another row that stays) and `q_fate`.
  [[nodiscard]] Sql rows() const {
    std::vector<Sql> more;
    Sql copy = sql("0");
    if (shared_ids_.ids > 0) {
      more = record();
      std::vector<Sql> cells = {id()};
      for (std::size_t i = 0; i < columns_.size(); ++i) cells.push_back(cell(i));
      copy =
          sql("CASE WHEN {0} IS NOT NULL AND ROW_NUMBER() OVER (PARTITION BY {1} ORDER BY {0}) "
              "> 1 THEN 1 ELSE 0 END",
              id(), Sql::join(cells));
    }
    const Sql copies = sql("SELECT q_t.*, {} AS q_copy FROM ({}) q_t", copy, rows_.query(more));
    Sql faulty = sql("SELECT q_u.*, {} AS q_fate0 FROM ({}) q_u", fate(), copies);
    Sql fate = sql("q_fate0");
    if (policy() == DuplicateIds::KeepLatest && shared_ids_.ids > 0) {
      // Of the usable rows that share an id all but the latest go.
      const bool days_ago = when() == roles_.recency_days;
      const Sql down = sql("DESC");
      std::vector<Sql> keys = {days_ago ? rows_.value(when())
                                        : sql("{} DESC", rows_.value(when()))};
      for (Sql& key : record_order(down)) keys.push_back(std::move(key));
      fate = sql(
          "CASE WHEN q_fate0 = 0 AND ROW_NUMBER() OVER (PARTITION BY {}, q_fate0 ORDER BY {}) > 1 "
          "THEN {} ELSE q_fate0 END",
          id(), Sql::join(keys), Sql::number(NotLatest));
    }
    return sql("SELECT q_w.*, {} AS q_fate FROM ({}) q_w", fate, faulty);
  }

  [[nodiscard]] Sql fate() const {
    std::vector<Sql> whens;
    const auto when_any = [&whens](const std::vector<Sql>& any, std::int64_t fate) {
      if (!any.empty())
        whens.push_back(sql("WHEN {} THEN {}", Sql::join(any, Separator::Or), Sql::number(fate)));
    };
    std::vector<Sql> missing, invalid, out_of_range, no_identity;
    for (const int index : needed_) {
      (identifies(index) ? no_identity : missing).push_back(sql("({})", rows_.is_missing(index)));
      invalid.push_back(sql("({})", rows_.is_unreadable(index)));
    }
    for (std::size_t r = 0; r < outside_.size(); ++r) {
      if (contains(needed_, range_columns_[r])) out_of_range.push_back(outside_[r]);
    }
    when_any(missing, Missing);
    when_any(invalid, Invalid);
    when_any(out_of_range, OutOfRange);
    if (analysis_day_) when_any(in_the_future(), Future);
    when_any(dates_out_of_order(), DateOrder);
    std::vector<Sql> order_value;
    for (const auto& [index, condition] : bad_order_values()) order_value.push_back(condition);
    when_any(order_value, OrderValue);
    when_any({sql("q_copy = 1")}, Copy);
    when_any(no_identity, NoIdentity);
    for (std::size_t c = 0; c < breaks_.size(); ++c) {
      if (plan_.review.checks[c].on_fail == quality::OnFail::Quarantine)
        when_any({breaks_[c]}, FirstCheck + static_cast<std::int64_t>(c));
    }
    return sql("CASE {} ELSE 0 END", Sql::join(whens, Separator::Blank));
  }

  [[nodiscard]] std::vector<Sql> in_the_future() const {
    std::vector<Sql> any;
    for (const int index : {roles_.first_purchase_date, roles_.last_purchase_date}) {
      if (index >= 0) any.push_back(future(index));
    }
    if (roles_.last_purchase_date < 0) any.push_back(future(roles_.recency_days));
    return any;
  }
  [[nodiscard]] Sql future(int index) const {
    if (index == roles_.recency_days) {
      return sql("({0} < 0 OR {0} > {1})", rows_.value(index),
                 Sql::number(std::int64_t{*analysis_day_} - kDayNumberMin));
    }
    return sql("({} > {})", rows_.value(index), Sql::number(*analysis_day_));
  }
  [[nodiscard]] std::vector<Sql> dates_out_of_order() const {
    if (roles_.first_purchase_date < 0 || roles_.last_purchase_date < 0) return {};
    return {sql("({} > {})", rows_.value(roles_.first_purchase_date),
                rows_.value(roles_.last_purchase_date))};
  }
  [[nodiscard]] std::vector<std::pair<int, Sql>> bad_order_values() const {
    std::vector<std::pair<int, Sql>> bad = {
        {roles_.monetary, sql("({} < 0)", rows_.value(roles_.monetary))}};
    if (roles_.average_order_value >= 0)
      bad.emplace_back(roles_.average_order_value,
                       sql("({} <= 0)", rows_.value(roles_.average_order_value)));
    if (roles_.frequency >= 0)
      bad.emplace_back(roles_.frequency, sql("({} < 1)", rows_.value(roles_.frequency)));
    return bad;
  }

  Status settle_analysis_day() {
    if (analysis_day_) return {};
    if (roles_.last_purchase_date < 0) {
      return fail(ErrorCode::Plan,
                  "analysis_date: day_after_last_purchase needs a last_purchase_date",
                  "state the date on which recency_days was counted");
    }
    const std::vector<Type> types(1, Type::Integer);
    QUINTILE_TRY(
        const Answer answer,
        query(session_,
              sql("SELECT {} FROM ({}) q_x WHERE q_fate0 = 0",
                  d_.to_integer(sql("MAX({})", rows_.value(roles_.last_purchase_date))), rows())
                  .text(),
              types));
    if (answer.rows() != 1 || answer.is_missing(0, 0)) return nobody_left(review_);
    analysis_day_ = static_cast<std::int32_t>(answer.integer(0, 0)) + 1;
    return {};
  }

  Status tally() {
    tallied_.assign(static_cast<std::size_t>(rows_.size()), {});
    std::vector<std::pair<int, int>> beyond;
    for (const auto& [index, role] : roles_.named()) {
      tallied_[static_cast<std::size_t>(index)] = tally_column(tally_, rows_, index, role, d_);
      if (rows_.can_be_beyond(index) && contains(needed_, index))
        beyond.emplace_back(index, tally_.rows_where(rows_.is_beyond(index)));
    }
    const Sql total = rows_.value(roles_.monetary);
    monetary_ = tally_.sum(sql("COALESCE({}, 0)", total));
    const int greatest = tally_.greatest(sql("ABS({})", total));
    copies_ = tally_.rows_where(sql("q_copy = 1"));
    if (rows_.type(roles_.customer_id).type == Type::Text)
      text_ids_ = tally_.rows_where(sql("NOT {}", d_.is_integer(id())));
    for (const int index : {roles_.first_purchase_date, roles_.last_purchase_date,
                            roles_.last_purchase_date < 0 ? roles_.recency_days : -1})
      future_.emplace_back(index, index < 0 ? -1 : tally_.rows_where(future(index)));
    if (const auto condition = dates_out_of_order(); !condition.empty())
      date_order_ = tally_.rows_where(condition[0]);
    for (const auto& [index, condition] : bad_order_values())
      order_values_.emplace_back(index, tally_.rows_where(condition));
    if (roles_.average_order_value >= 0) {
      below_one_order_ = tally_.rows_where(sql("{0} >= 0 AND {1} > 0 AND {0} < {1}", total,
                                               rows_.value(roles_.average_order_value)));
    }
    for (const Sql& condition : breaks_) checks_.push_back(tally_.rows_where(condition));
    for (const Sql& condition : outside_) ranges_.push_back(tally_.rows_where(condition));
    QUINTILE_TRY_STATUS(tally_.ask(session_, d_, rows(), sql("q_fate")));
    review_.rows = tally_.rows();
    if (review_.rows == 0) return nobody_left(review_);
    for (const auto& [index, number] : beyond) {
      if (tally_.count(number) > 0) return too_large(tally_.count(number), name(index));
    }
    return sums_fit(tally_.extreme(greatest).value_or(0), review_.rows);
  }

  void tell() {
    for (const auto& [index, role] : roles_.named()) {
      quality::ColumnProfile profile =
          profile_of(tally_, tallied_[static_cast<std::size_t>(index)], rows_, index, role);
      const auto described = std::ranges::find(describing_, index);
      if (described != describing_.end() && rows_.type(index).type == Type::Text) {
        const Spellings& spellings =
            spellings_[static_cast<std::size_t>(described - describing_.begin())];
        profile.distinct = spellings.texts;
        profile.distinct_is_lower_bound = !spellings.is_complete;
        profile.top = spellings.top;
      }
      review_.columns.push_back(std::move(profile));
    }
    for (const int index : needed_) tell_needed(index);
    for (const int index : roles_.personal) {
      add(tallied_[static_cast<std::size_t>(index)].missing, "missing_value", name(index),
          Severity::Info, Decision::Kept, "personal fields only tell people apart");
    }
    for (std::size_t d = 0; d < describing_.size(); ++d) tell_describing(d);
    for (std::size_t r = 0; r < ranges_.size(); ++r) {
      const auto& range = plan_.review.ranges[r];
      const bool is_needed = contains(needed_, range_columns_[r]);
      add(ranges_[r], "out_of_range", range.column, is_needed ? Severity::Error : Severity::Warning,
          is_needed ? Decision::Quarantined : Decision::Removed,
          fmt::format("outside {} to {}{}", range.low, range.high,
                      is_needed ? "" : "; the value was left empty"));
    }
    if (date_order_ >= 0)
      add(date_order_, "date_order", name(roles_.first_purchase_date), Severity::Error,
          Decision::Quarantined, "the first purchase lies after the last");
    for (const auto& [index, number] : order_values_) {
      add(number, "inconsistent_order_value", name(index), Severity::Error, Decision::Quarantined,
          index == roles_.monetary              ? "the total is negative"
          : index == roles_.average_order_value ? "the average order value is zero or negative"
                                                : "a customer has at least one order");
      if (index == roles_.average_order_value)
        add(below_one_order_, "inconsistent_order_value", name(index), Severity::Warning,
            Decision::Kept, "the total is below the average order value: counted as one order");
    }
    tell_ids();
    for (std::size_t c = 0; c < checks_.size(); ++c) {
      const quality::Check& check = plan_.review.checks[c];
      const auto fields = expression::fields_of(check.expect);
      add(checks_[c], check.id, fields.size() == 1 ? fields[0] : "", check.severity,
          decision_of(check.on_fail), "the plan expects: " + check.expect.source);
    }
    for (const auto& [index, number] : future_) {
      if (index >= 0)
        add(number, "future_date", name(index), Severity::Error, Decision::Quarantined,
            "a purchase after the analysis date " + day_to_string(*analysis_day_));
    }
  }

  void tell_needed(int index) {
    const ColumnTally& column = tallied_[static_cast<std::size_t>(index)];
    add(column.missing, "missing_value", name(index), Severity::Error, Decision::Quarantined,
        "without it the customer cannot be scored");
    const expression::FieldType& type = rows_.type(index);
    add(column.unreadable, "invalid_type", name(index), Severity::Error, Decision::Quarantined,
        type.type == Type::Decimal
            ? fmt::format("no amount with at most {} digits after the point",
                          customers_.money_scale)
            : fmt::format("no {} can be read from it", to_string(type.type)));
  }

  void tell_describing(std::size_t d) {
    const int index = describing_[d];
    const ColumnTally& column = tallied_[static_cast<std::size_t>(index)];
    const bool consent = index == roles_.consent;
    add(column.missing, "missing_value", name(index), consent ? Severity::Warning : Severity::Info,
        Decision::Kept,
        consent ? "a missing consent is no consent" : "the customer stays, the attribute is empty");
    add(column.unreadable, "invalid_type", name(index), Severity::Warning, Decision::Removed,
        fmt::format("the column holds values of type {}; what cannot be read so was left empty",
                    to_string(rows_.type(index).type)));
    if (spellings_[d].finding) add(*spellings_[d].finding);
  }

  void tell_ids() {
    if (shared_ids_.ids > 0) {
      const Decision decision = policy() == DuplicateIds::Regenerate ? Decision::Regenerated
                                : policy() == DuplicateIds::Fail     ? Decision::Fail
                                                                     : Decision::Quarantined;
      Finding shared = finding(
          "duplicate_identifier", name(roles_.customer_id), Severity::Error, shared_ids_.rows,
          review_.rows, decision,
          "ids stand on several rows; whether those are copies, updates, one person's history or "
          "different people is not told apart at an engine");
      shared.details = {{"ids", shared_ids_.ids},
                        {"rows", shared_ids_.rows},
                        {"surplus_rows", shared_ids_.rows - shared_ids_.ids},
                        {"largest_group", shared_ids_.largest}};
      add(std::move(shared));
    }
    if (tally_.count(copies_) > 0) {
      Finding copies = finding("exact_duplicate", "", Severity::Warning, tally_.count(copies_),
                               review_.rows, Decision::Quarantined,
                               "every cell equals an earlier record; one of them is kept");
      copies.details = {{"surplus_rows", tally_.count(copies_)}};
      add(std::move(copies));
    }
  }

  [[nodiscard]] quality::WaterfallStep step(std::string named, std::int64_t fate) const {
    quality::WaterfallStep step{std::move(named), 0, 0};
    for (const Tally::Group& group : tally_.groups()) {
      if (group.group != fate) continue;
      step.rows = group.rows;
      step.monetary = group.values[static_cast<std::size_t>(monetary_)].value_or(0);
    }
    return step;
  }

  Status balance() {
    auto& waterfall = review_.waterfall;
    waterfall.push_back({"read", review_.rows, tally_.total(monetary_)});
    const auto put = [&](quality::WaterfallStep taken) {
      if (taken.rows > 0) waterfall.push_back(std::move(taken));
    };
    // Both kinds of missing values are one step, as they are one check.
    quality::WaterfallStep missing = step("missing_value", Missing);
    const quality::WaterfallStep nobody = step("missing_value", NoIdentity);
    missing.rows += nobody.rows;
    missing.monetary += nobody.monetary;
    put(std::move(missing));
    put(step("invalid_type", Invalid));
    put(step("out_of_range", OutOfRange));
    put(step("future_date", Future));
    put(step("date_order", DateOrder));
    put(step("inconsistent_order_value", OrderValue));
    put(step("exact_duplicate", Copy));
    for (std::size_t c = 0; c < plan_.review.checks.size(); ++c)
      put(step(plan_.review.checks[c].id, FirstCheck + static_cast<std::int64_t>(c)));
    put(step("duplicate_identifier", NotLatest));
    waterfall.push_back(step("published", Stays));
    customers_.customers = waterfall.back().rows;
    return customers_.customers > 0 ? Status{} : Status(nobody_left(review_));
  }

  Status publish() {
    const bool is_integer = rows_.type(roles_.customer_id).type == Type::Integer;
    const bool numeric = is_integer || tally_.count(text_ids_) == 0;
    std::vector<Sql> order;
    if (numeric) order.push_back(is_integer ? id() : d_.to_integer(id()));
    if (!is_integer) order.push_back(d_.by_bytes(id()));
    for (Sql& key : record_order(sql("ASC"))) order.push_back(std::move(key));
    const Sql total = rows_.value(roles_.monetary);
    const Sql average =
        roles_.average_order_value >= 0 ? rows_.value(roles_.average_order_value) : sql("NULL");
    Sql frequency;
    if (roles_.frequency >= 0) {
      frequency = rows_.value(roles_.frequency);
    } else {
      // One order at least: the quotient is 0 exactly where 2 total + average < 2 average.
      const Sql orders =
          d_.quotient(sql("(2 * {} + {})", total, average), sql("(2 * {})", average));
      frequency = sql("CASE WHEN {0} < 1 THEN 1 ELSE {0} END", orders);
    }
    const bool days_ago = when() == roles_.recency_days;
    const Sql last = rows_.value(when());
    const Sql recency = days_ago ? last : sql("{} - {}", Sql::number(*analysis_day_), last);
    std::vector<Sql> columns = {sql("q_k.*"), sql("{} AS q_day", first()),
                                sql("ROW_NUMBER() OVER (PARTITION BY {} ORDER BY {}) AS q_place",
                                    first(), Sql::join(order))};
    const Sql kept = sql("SELECT {} FROM ({}) q_k WHERE q_fate = 0", Sql::join(columns), rows());
    const Sql days = sql(
        "SELECT q_day, COUNT(*) AS q_n FROM (SELECT {} AS q_day FROM ({}) q_e WHERE q_fate = 0) "
        "q_h GROUP BY q_day",
        first(), rows());
    const Sql before =
        sql("SELECT q_day AS q_before_day, {} AS q_offset FROM ({}) q_f",
            d_.to_integer(sql("SUM(q_n) OVER (ORDER BY q_day ROWS BETWEEN UNBOUNDED PRECEDING AND "
                              "CURRENT ROW) - q_n")),
            days);
    const auto whole = [&](const Sql& x) { return d_.to_integer(x); };
    std::vector<Sql> typed = {sql("{} AS q_id", whole(sql("q_offset + q_place"))),
                              sql("{} AS q_source", is_integer ? d_.to_text(id()) : id()),
                              sql("{} AS q_recency", whole(recency)),
                              sql("{} AS q_frequency", whole(frequency)),
                              sql("{} AS q_monetary", whole(total))};
    if (roles_.first_purchase_date >= 0) typed.push_back(sql("{} AS q_first", whole(first())));
    const Sql mean =
        roles_.average_order_value >= 0
            ? average
            : d_.floor_quotient(sql("(2 * {} + {})", total, frequency), sql("(2 * {})", frequency));
    typed.push_back(sql("{} AS q_average", whole(mean)));
    for (std::size_t a = 0; a < describing_.size(); ++a)
      typed.push_back(sql("{} AS {}", respelled(usable(describing_[a]), spellings_[a], d_),
                          attribute_column(a)));
    QUINTILE_TRY(customers_.name,
                 tables_.create("customers",
                                sql("SELECT {} FROM ({}) q_c INNER JOIN ({}) q_g ON q_c.q_day = "
                                    "q_g.q_before_day",
                                    Sql::join(typed), kept, before)));
    customers_.analysis_day = *analysis_day_;
    customers_.has_first = roles_.first_purchase_date >= 0;
    customers_.ids_are_integers = is_integer;
    for (std::size_t a = 0; a < describing_.size(); ++a) {
      customers_.attributes.push_back({name(describing_[a]), rows_.type(describing_[a])});
      if (describing_[a] == roles_.overlay) customers_.overlay = a;
      if (describing_[a] == roles_.consent) customers_.consent = a;
    }
    return {};
  }

  Session& session_;
  TemporaryTables& tables_;
  const Dialect& d_;
  const plan::Plan& plan_;
  const customers::CustomerRoles roles_;
  const TypedRows rows_;
  const std::vector<SourceColumn>& columns_;
  std::vector<int> describing_, needed_;
  std::optional<std::int32_t> analysis_day_;
  struct SharedIds {
    std::int64_t ids = 0, rows = 0, largest = 0;
  } shared_ids_;
  std::vector<Sql> breaks_, outside_;  ///< by check, by range
  std::vector<int> range_columns_;

  Tally tally_;  ///< of rows, by fate
  std::vector<ColumnTally> tallied_;
  int monetary_ = -1, copies_ = -1, text_ids_ = -1, date_order_ = -1, below_one_order_ = -1;
  std::vector<std::pair<int, int>> future_, order_values_;  ///< column and number
  std::vector<int> checks_, ranges_;
  std::vector<Spellings> spellings_;  ///< by describing column

  CustomersTable customers_;
  quality::Review review_;
};

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
  return Preparation(session, tables, dialect, plan, roles, std::move(rows), columns, scale).run();
}

}  // namespace quintile::engine::sql

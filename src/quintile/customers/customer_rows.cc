#include "quintile/customers/customer_rows.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/customers/duplicates.h"
#include "quintile/expression/expression.h"
#include "quintile/quality/attribute_checks.h"
#include "quintile/quality/profile.h"
#include "quintile/table/gather.h"

namespace quintile::customers {

namespace {

using quality::Decision;
using quality::Finding;
using quality::RowCollector;
using quality::Severity;
using table::Column;
using table::ReadColumn;

/// Why a row is taken out; the first that applies, in this order, is the one it is quarantined
/// under.
enum Fault : std::uint8_t {
  Missing,
  Invalid,
  OutOfRange,
  Future,
  DateOrder,
  OrderValue,
  Copy,
  NoIdentity,
  PlanCheck,
  NotLatest,
  kFaults
};
constexpr std::array<std::string_view, kFaults> kFaultChecks = {
    "missing_value",       "invalid_type",  "out_of_range",
    "future_date",         "date_order",    "inconsistent_order_value",
    "exact_duplicate",     "missing_value", "",
    "duplicate_identifier"};
constexpr std::array<std::string_view, kFaults> kFaultReasons = {
    "a value that the scores need is missing",
    "a value that the scores need cannot be read",
    "a value that the scores need lies outside the plan's range",
    "a purchase lies after the analysis date",
    "the first purchase lies after the last",
    "the order value, the order count or the total makes no sense",
    "the record is an exact copy of an earlier one",
    "the customer id or the first purchase date is missing",
    "",
    "a later record carries the same id"};

constexpr std::uint16_t bit(Fault fault) { return static_cast<std::uint16_t>(1U << fault); }

/// The review in the making. Steps are run in a fixed order; each adds findings and marks rows.
class Cleaning {
 public:
  explicit Cleaning(const CustomerRows& input)
      : input_(input),
        table_(input.table),
        roles_(input.roles),
        faults_(static_cast<std::size_t>(input.table.rows)) {
    for (const ReadColumn& column : table_.columns) columns_.push_back(column.column);
  }

  Result<CleanedCustomers> run() {
    profile_columns();
    look_at_needed_columns();
    look_at_attributes();
    QUINTILE_TRY_STATUS(look_at_ranges());
    look_at_date_order();
    look_at_order_values();
    QUINTILE_TRY_STATUS(look_at_ids());
    QUINTILE_TRY_STATUS(run_plan_checks());
    QUINTILE_TRY_STATUS(settle_analysis_day());
    look_at_future_dates();
    look_at_shapes();
    if (id_policy_ == quality::DuplicateIds::KeepLatest) keep_latest();
    QUINTILE_TRY_STATUS(publish());
    return std::move(result_);
  }

 private:
  [[nodiscard]] const ReadColumn& read(int index) const {
    return table_.columns[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] Column& column(int index) { return columns_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] bool has(int index) const { return index >= 0; }
  void mark(std::int64_t row, Fault fault) { faults_[static_cast<std::size_t>(row)] |= bit(fault); }
  void add(Finding finding) { result_.review.findings.push_back(std::move(finding)); }

  [[nodiscard]] std::vector<int> needed() const {
    std::vector<int> indexes = {roles_.customer_id, roles_.first_purchase_date, when(),
                                roles_.monetary,    roles_.average_order_value, roles_.frequency};
    // Where the file counts orders, its average order value is only shown.
    std::erase_if(indexes, [](int index) { return index < 0; });
    return indexes;
  }
  [[nodiscard]] int when() const {
    return has(roles_.last_purchase_date) ? roles_.last_purchase_date : roles_.recency_days;
  }

  [[nodiscard]] std::vector<std::pair<int, std::string>> roles_of_columns() const {
    std::vector<std::pair<int, std::string>> named;
    const auto name = [&](int index, std::string role) {
      if (index >= 0) named.emplace_back(index, std::move(role));
    };
    name(roles_.customer_id, "customer_id");
    name(roles_.first_purchase_date, "first_purchase_date");
    name(roles_.last_purchase_date, "last_purchase_date");
    name(roles_.recency_days, "recency_days");
    name(roles_.monetary, "monetary");
    name(roles_.average_order_value, "average_order_value");
    name(roles_.frequency, "frequency");
    for (const int index : roles_.attributes) name(index, "attribute");
    for (const int index : roles_.personal) name(index, "personal");
    name(roles_.overlay, "overlay");
    name(roles_.consent, "consent");
    for (const int index : roles_.unused) name(index, "unused");
    return named;
  }

  void profile_columns() {
    const auto named = roles_of_columns();
    profiles_.resize(table_.columns.size());
    input_.executor(static_cast<std::int64_t>(named.size()), [&](std::int64_t i) {
      const auto& [index, role] = named[static_cast<std::size_t>(i)];
      profiles_[static_cast<std::size_t>(index)] =
          quality::profile(read(index), role, role == "personal");
    });
    result_.review.rows = table_.rows;
    for (std::size_t index = 0; index < profiles_.size(); ++index) {
      if (!profiles_[index].column.empty()) result_.review.columns.push_back(profiles_[index]);
    }
  }

  /// Rows whose cell is blank: those without a value that are not listed as unreadable.
  [[nodiscard]] RowCollector blank_rows(int index, std::optional<Fault> fault) {
    RowCollector rows;
    const ReadColumn& source = read(index);
    if (source.missing == 0) return rows;
    auto unreadable = source.unreadable.begin();
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      if (source.column.is_valid(row)) continue;
      while (unreadable != source.unreadable.end() && *unreadable < row) ++unreadable;
      if (unreadable != source.unreadable.end() && *unreadable == row) continue;
      rows.add(row);
      if (fault) mark(row, *fault);
    }
    return rows;
  }

  /// Who the customer is and since when, not what the scores are made of.
  [[nodiscard]] bool identifies(int index) const {
    return index == roles_.customer_id || index == roles_.first_purchase_date;
  }

  void look_at_needed_columns() {
    for (const int index : needed()) {
      const ReadColumn& source = read(index);
      if (const RowCollector rows = blank_rows(index, identifies(index) ? NoIdentity : Missing);
          rows.rows() > 0) {
        add(rows.finding("missing_value", source.column.name, Severity::Error,
                         Decision::Quarantined, "without it the customer cannot be scored",
                         table_.rows));
      }
      if (source.unreadable.empty()) continue;
      RowCollector rows;
      for (const std::int64_t row : source.unreadable) {
        rows.add(row);
        mark(row, Invalid);
      }
      const bool money = source.column.view.type == Type::Decimal;
      add(rows.finding(
          "invalid_type", source.column.name, Severity::Error, Decision::Quarantined,
          money
              ? fmt::format("no amount with at most {} digits after the point", input_.money_scale)
              : fmt::format("no {} can be read from it", to_string(source.column.view.type)),
          table_.rows));
    }
  }

  [[nodiscard]] std::vector<int> describing() const {
    std::vector<int> indexes = roles_.attributes;
    if (has(roles_.overlay)) indexes.push_back(roles_.overlay);
    if (has(roles_.consent)) indexes.push_back(roles_.consent);
    return indexes;
  }

  /// A fault in an attribute costs the value, never the customer.
  void look_at_attributes() {
    for (const int index : roles_.personal) {
      if (const RowCollector rows = blank_rows(index, std::nullopt); rows.rows() > 0) {
        add(rows.finding("missing_value", read(index).column.name, Severity::Info, Decision::Kept,
                         "personal fields only tell people apart", table_.rows));
      }
    }
    for (const int index : describing()) {
      const ReadColumn& source = read(index);
      if (const RowCollector rows = blank_rows(index, std::nullopt); rows.rows() > 0) {
        const bool consent = index == roles_.consent;
        add(rows.finding("missing_value", source.column.name,
                         consent ? Severity::Warning : Severity::Info, Decision::Kept,
                         consent ? "a missing consent is no consent"
                                 : "the customer stays, the attribute is empty",
                         table_.rows));
      }
      if (!source.unreadable.empty()) {
        RowCollector rows;
        for (const std::int64_t row : source.unreadable) rows.add(row);
        add(rows.finding(
            "invalid_type", source.column.name, Severity::Warning, Decision::Removed,
            fmt::format("the column holds values of type {}; what cannot be read so was left empty",
                        to_string(source.column.view.type)),
            table_.rows));
      }
      quality::Checked checked = quality::unify_variants(column(index));
      if (checked.finding) add(std::move(*checked.finding));
      column(index) = std::move(checked.column);
    }
  }

  Status look_at_ranges() {
    for (const auto& range : input_.review.ranges) {
      const auto found = std::ranges::find(table_.columns, range.column,
                                           [](const ReadColumn& c) { return c.column.name; });
      if (found == table_.columns.end()) {
        return fail(ErrorCode::Plan,
                    fmt::format("review.ranges names the column '{}', which the file does not have",
                                range.column));
      }
      const int index = static_cast<int>(found - table_.columns.begin());
      QUINTILE_TRY(const auto inside, quality::within(column(index).view, range));
      const auto need = needed();
      const bool quarantines = std::ranges::find(need, index) != need.end();
      RowCollector rows;
      for (std::int64_t row = 0; row < table_.rows; ++row) {
        if (inside[static_cast<std::size_t>(row)] != 0) continue;
        rows.add(row);
        if (quarantines) mark(row, OutOfRange);
      }
      if (rows.rows() == 0) continue;
      Finding finding = rows.finding("out_of_range", range.column,
                                     quarantines ? Severity::Error : Severity::Warning,
                                     quarantines ? Decision::Quarantined : Decision::Removed,
                                     fmt::format("outside {} to {}{}", range.low, range.high,
                                                 quarantines ? "" : "; the value was left empty"),
                                     table_.rows);
      add(std::move(finding));
      if (!quarantines) column(index) = table::without(column(index), inside);
    }
    return {};
  }

  void look_at_order_values() {
    const Column& total = column(roles_.monetary);
    const auto totals = total.view.values<std::int64_t>();
    RowCollector negative_totals;
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      if (!total.is_valid(row) || totals[static_cast<std::size_t>(row)] >= 0) continue;
      negative_totals.add(row);
      mark(row, OrderValue);
    }
    add_order_value(negative_totals, total.name, Severity::Error, Decision::Quarantined,
                    "the total is negative");
    if (has(roles_.average_order_value)) {
      const Column& average = column(roles_.average_order_value);
      const auto averages = average.view.values<std::int64_t>();
      RowCollector no_average;
      RowCollector below_one_order;
      for (std::int64_t row = 0; row < table_.rows; ++row) {
        if (!average.is_valid(row)) continue;
        const std::int64_t value = averages[static_cast<std::size_t>(row)];
        if (value <= 0) {
          no_average.add(row);
          mark(row, OrderValue);
        } else if (total.is_valid(row) && totals[static_cast<std::size_t>(row)] >= 0 &&
                   totals[static_cast<std::size_t>(row)] < value) {
          below_one_order.add(row);
        }
      }
      add_order_value(no_average, average.name, Severity::Error, Decision::Quarantined,
                      "the average order value is zero or negative");
      add_order_value(below_one_order, average.name, Severity::Warning, Decision::Kept,
                      "the total is below the average order value: counted as one order");
    }
    if (has(roles_.frequency)) {
      const Column& orders = column(roles_.frequency);
      const auto counts = orders.view.values<std::int64_t>();
      RowCollector no_orders;
      for (std::int64_t row = 0; row < table_.rows; ++row) {
        if (!orders.is_valid(row) || counts[static_cast<std::size_t>(row)] >= 1) continue;
        no_orders.add(row);
        mark(row, OrderValue);
      }
      add_order_value(no_orders, orders.name, Severity::Error, Decision::Quarantined,
                      "a customer has at least one order");
    }
  }
  void add_order_value(const RowCollector& rows, const std::string& name, Severity severity,
                       Decision decision, std::string reason) {
    if (rows.rows() > 0)
      add(rows.finding("inconsistent_order_value", name, severity, decision, std::move(reason),
                       table_.rows));
  }

  void look_at_date_order() {
    if (!has(roles_.first_purchase_date) || !has(roles_.last_purchase_date)) return;
    const Column& first = column(roles_.first_purchase_date);
    const Column& last = column(roles_.last_purchase_date);
    RowCollector rows;
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      if (!first.is_valid(row) || !last.is_valid(row) ||
          first.view.integer(row) <= last.view.integer(row))
        continue;
      rows.add(row);
      mark(row, DateOrder);
    }
    if (rows.rows() > 0) {
      add(rows.finding("date_order", first.name, Severity::Error, Decision::Quarantined,
                       "the first purchase lies after the last", table_.rows));
    }
  }

  Status look_at_ids() {
    const Column& ids = column(roles_.customer_id);
    order_.emplace(ids.view);
    sorted_rows_ = order_->sorted_rows();
    const DuplicateIds duplicates = find_duplicates(input_, sorted_rows_, *order_);
    id_policy_ = input_.review.duplicate_ids.value_or(quality::DuplicateIds::Regenerate);
    if (duplicates.ids > 0) {
      const Decision decision = id_policy_ == quality::DuplicateIds::Regenerate
                                    ? Decision::Regenerated
                                : id_policy_ == quality::DuplicateIds::Fail ? Decision::Fail
                                                                            : Decision::Quarantined;
      add(duplicate_finding(duplicates, input_, ids.name, decision));
    }
    RowCollector copies;
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      if (duplicates.is_surplus_copy[static_cast<std::size_t>(row)] == 0) continue;
      copies.add(row);
      mark(row, Copy);
    }
    if (copies.rows() > 0) {
      Finding finding =
          copies.finding("exact_duplicate", "", Severity::Warning, Decision::Quarantined,
                         "every cell equals an earlier record; one of them is kept", table_.rows);
      finding.details = {{"groups", duplicates.copied_groups},
                         {"rows", duplicates.copied_rows},
                         {"surplus_rows", copies.rows()}};
      add(std::move(finding));
    }
    return {};
  }

  /// A role's name first, else a source column.
  [[nodiscard]] int index_of(std::string_view name) const {
    for (const auto& [role, index] : std::initializer_list<std::pair<std::string_view, int>>{
             {"customer_id", roles_.customer_id},
             {"first_purchase_date", roles_.first_purchase_date},
             {"last_purchase_date", roles_.last_purchase_date},
             {"recency_days", roles_.recency_days},
             {"monetary", roles_.monetary},
             {"average_order_value", roles_.average_order_value},
             {"frequency", roles_.frequency}}) {
      if (role == name && index >= 0) return index;
    }
    const auto found =
        std::ranges::find(table_.columns, name,
                          [](const ReadColumn& c) -> std::string_view { return c.column.name; });
    return found == table_.columns.end() ? -1 : static_cast<int>(found - table_.columns.begin());
  }

  Status run_plan_checks() {
    const auto& personal = roles_.personal;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      names.push_back(columns_[i].name);
    }
    // A check may look at a personal column; it has then been read as text beside its hash.
    const auto usable = [&](std::string_view name) {
      const int index = index_of(name);
      if (std::ranges::find(personal, index) == personal.end()) return index;
      const auto twin =
          std::ranges::find(roles_.personal_texts, name,
                            [&](int text) -> std::string_view { return read(text).column.name; });
      return twin == roles_.personal_texts.end() ? -1 : *twin;
    };
    Column id_texts;  // ids are texts wherever people write about them
    const auto view_of = [&](std::string_view name) -> ColumnView {
      const int index = usable(name);
      if (index != roles_.customer_id || column(index).view.type == Type::Text)
        return column(index).view;
      if (id_texts.size() == 0) {
        std::vector<std::string> texts;
        for (std::int64_t row = 0; row < table_.rows; ++row)
          texts.push_back(column(index).cell(row));
        id_texts = Column::of_texts(column(index).name, texts);
        id_texts.view.valid = column(index).view.valid;
      }
      return id_texts.view;
    };
    const auto type_of = [&](std::string_view name) -> std::optional<expression::FieldType> {
      const int index = usable(name);
      if (index < 0) return std::nullopt;
      if (index == roles_.customer_id) return expression::FieldType{Type::Text, 0};
      return expression::FieldType{column(index).view.type, column(index).view.scale};
    };
    plan_faults_.resize(input_.review.checks.empty() ? 0 : static_cast<std::size_t>(table_.rows),
                        0xFFFF);
    for (std::size_t c = 0; c < input_.review.checks.size(); ++c) {
      const quality::Check& check = input_.review.checks[c];
      QUINTILE_TRY_STATUS(expression::check_types(check.expect, type_of, names));
      const auto holds = expression::evaluate(check.expect, view_of, table_.rows);
      RowCollector rows;
      for (std::int64_t row = 0; row < table_.rows; ++row) {
        if (holds[static_cast<std::size_t>(row)] != expression::Truth::False) continue;
        rows.add(row);
        if (check.on_fail != quality::OnFail::Quarantine) continue;
        mark(row, PlanCheck);
        plan_faults_[static_cast<std::size_t>(row)] =
            std::min(plan_faults_[static_cast<std::size_t>(row)], static_cast<std::uint16_t>(c));
      }
      if (rows.rows() == 0) continue;
      const Decision decision = check.on_fail == quality::OnFail::Keep ? Decision::Kept
                                : check.on_fail == quality::OnFail::Quarantine
                                    ? Decision::Quarantined
                                    : Decision::Fail;
      const auto fields = expression::fields_of(check.expect);
      add(rows.finding(check.id, fields.size() == 1 ? fields[0] : "", check.severity, decision,
                       "the plan expects: " + check.expect.source, table_.rows));
    }
    return {};
  }

  Status settle_analysis_day() {
    if (input_.analysis_day) {
      result_.analysis_day = *input_.analysis_day;
      return {};
    }
    if (!has(roles_.last_purchase_date)) {
      return fail(ErrorCode::Plan,
                  "analysis_date: day_after_last_purchase needs a last_purchase_date",
                  "state the date on which recency_days was counted");
    }
    const Column& last = column(roles_.last_purchase_date);
    std::int64_t latest = std::numeric_limits<std::int64_t>::min();
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      if (faults_[static_cast<std::size_t>(row)] == 0)
        latest = std::max(latest, last.view.integer(row));
    }
    if (latest == std::numeric_limits<std::int64_t>::min()) return nobody_left();
    result_.analysis_day = static_cast<std::int32_t>(latest) + 1;
    return {};
  }

  [[nodiscard]] std::unexpected<Error> nobody_left() const {
    if (table_.rows == 0) return fail(ErrorCode::Input, "the input has no data rows");
    std::string advice = "the review found:";
    for (const Finding& finding : result_.review.findings) {
      if (finding.decision == Decision::Quarantined)
        advice += fmt::format(" {} in {} ({} rows);", finding.check,
                              finding.column.empty() ? "records" : finding.column, finding.rows);
    }
    advice.back() = '.';
    return fail(ErrorCode::Input, fmt::format("none of the {} rows can be used", table_.rows),
                advice);
  }

  void look_at_future_dates() {
    for (const int index : {roles_.first_purchase_date, roles_.last_purchase_date}) {
      if (!has(index)) continue;
      const Column& date = column(index);
      RowCollector rows;
      for (std::int64_t row = 0; row < table_.rows; ++row) {
        if (!date.is_valid(row) || date.view.integer(row) <= result_.analysis_day) continue;
        rows.add(row);
        mark(row, Future);
      }
      add_future(rows, date.name);
    }
    if (has(roles_.recency_days) && !has(roles_.last_purchase_date)) {
      const Column& days = column(roles_.recency_days);
      RowCollector rows;
      for (std::int64_t row = 0; row < table_.rows; ++row) {
        if (!days.is_valid(row) || (days.view.integer(row) >= 0 &&
                                    days.view.integer(row) <= result_.analysis_day - kDayNumberMin))
          continue;
        rows.add(row);
        mark(row, Future);
      }
      add_future(rows, days.name);
    }
  }
  void add_future(const RowCollector& rows, const std::string& name) {
    if (rows.rows() == 0) return;
    add(rows.finding("future_date", name, Severity::Error, Decision::Quarantined,
                     "a purchase after the analysis date " + day_to_string(result_.analysis_day),
                     table_.rows));
  }

  void look_at_shapes() {
    std::vector<int> indexes = describing();
    indexes.push_back(roles_.monetary);
    if (has(roles_.average_order_value)) indexes.push_back(roles_.average_order_value);
    if (has(roles_.frequency)) indexes.push_back(roles_.frequency);
    std::vector<std::vector<Finding>> found(indexes.size());
    input_.executor(static_cast<std::int64_t>(indexes.size()), [&](std::int64_t i) {
      const auto index = static_cast<std::size_t>(indexes[static_cast<std::size_t>(i)]);
      const Column& cleaned = columns_[index];
      const bool changed = cleaned.view.valid != table_.columns[index].column.view.valid ||
                           cleaned.view.data != table_.columns[index].column.view.data;
      found[static_cast<std::size_t>(i)] = quality::shape_findings(
          cleaned, changed ? quality::profile({cleaned, cleaned.missing(), {}}, "attribute", false)
                           : profiles_[index]);
    });
    for (auto& findings : found) {
      for (Finding& finding : findings) add(std::move(finding));
    }
  }

  /// Of the rows that share an id and can be used, all but the latest go.
  void keep_latest() {
    const Column& last = column(when());
    const bool days_ago = when() == roles_.recency_days;
    const auto later = [&](std::uint32_t a, std::uint32_t b) {
      const std::int64_t x = last.view.integer(a);
      const std::int64_t y = last.view.integer(b);
      return days_ago ? x < y : x > y;
    };
    for (std::size_t begin = 0; begin < sorted_rows_.size();) {
      std::size_t end = begin + 1;
      while (end < sorted_rows_.size() && order_->same(sorted_rows_[begin], sorted_rows_[end]))
        ++end;
      std::vector<std::uint32_t> usable;
      for (std::size_t i = begin; i < end; ++i) {
        if (faults_[sorted_rows_[i]] == 0) usable.push_back(sorted_rows_[i]);
      }
      begin = end;
      if (usable.size() < 2) continue;
      std::uint32_t best = usable[0];
      for (const std::uint32_t row : usable) {
        if (later(row, best) || (!later(best, row) && greater_record(row, best))) best = row;
      }
      for (const std::uint32_t row : usable) {
        if (row != best) mark(row, NotLatest);
      }
    }
  }
  /// Equal days are settled by the records themselves, so that the order of rows plays no part.
  [[nodiscard]] bool greater_record(std::uint32_t a, std::uint32_t b) const {
    if (a == b) return false;
    const auto left = input_.record(a);
    const auto right = input_.record(b);
    return left && right && record_less(*right, *left);
  }

  Status publish() {
    std::vector<std::uint32_t> kept;
    kept.reserve(sorted_rows_.size());
    for (const std::uint32_t row : sorted_rows_) {
      if (faults_[row] == 0) kept.push_back(row);
    }
    balance(static_cast<std::int64_t>(kept.size()));
    if (kept.empty()) return nobody_left();
    std::span<const std::int32_t> days;
    if (has(roles_.first_purchase_date))
      days = column(roles_.first_purchase_date).view.values<std::int32_t>();
    QUINTILE_TRY(const std::vector<std::uint32_t> order,
                 by_first_purchase(std::move(kept), days, *order_, input_.record));

    Customers& customers = result_.customers;
    customers.size = static_cast<std::int64_t>(order.size());
    customers.money_scale = input_.money_scale;
    const auto take = [&](int index) {
      // Texts in order of their bytes, so that the order of the rows leaves no trace.
      Column taken =
          table::with_sorted_dictionary(table::gather(column(index), order, input_.executor));
      if (taken.view.valid != nullptr && taken.missing() == 0) {
        taken.view.valid = nullptr;
        taken.valid_owner.reset();
      }
      return taken;
    };
    customers.source_customer_id = take(roles_.customer_id);
    for (const int index : roles_.attributes) customers.attributes.push_back(take(index));
    if (has(roles_.overlay)) customers.overlay = take(roles_.overlay);
    if (has(roles_.consent)) customers.consent = take(roles_.consent);
    if (has(roles_.first_purchase_date))
      customers.first_purchase_date = take(roles_.first_purchase_date);
    set_recency(customers, order);
    customers.monetary = take(roles_.monetary);
    customers.monetary.name = "monetary";
    set_orders(customers, order);
    for (auto* date : {&customers.first_purchase_date, &customers.last_purchase_date}) {
      if (*date)
        (*date)->name =
            date == &customers.first_purchase_date ? "first_purchase_date" : "last_purchase_date";
    }
    write_crosswalk(order);
    return {};
  }

  void set_recency(Customers& customers, std::span<const std::uint32_t> order) {
    table::Buffer<std::int32_t> recency(customers.size);
    table::Buffer<std::int32_t> last(customers.size);
    const ColumnView& source = column(when()).view;
    const bool days_ago = when() == roles_.recency_days;
    for (std::int64_t i = 0; i < customers.size; ++i) {
      const auto value =
          static_cast<std::int32_t>(source.integer(order[static_cast<std::size_t>(i)]));
      recency[i] = days_ago ? value : result_.analysis_day - value;
      last[i] = days_ago ? result_.analysis_day - value : value;
    }
    customers.recency_days = Column::days("recency_days", std::move(recency));
    customers.last_purchase_date = Column::dates("last_purchase_date", std::move(last));
  }

  void set_orders(Customers& customers, std::span<const std::uint32_t> order) {
    const auto totals = customers.value();
    table::Buffer<std::int64_t> orders(customers.size);
    table::Buffer<std::int64_t> averages(customers.size);
    const bool counted = has(roles_.frequency);
    const bool averaged = has(roles_.average_order_value);
    for (std::int64_t i = 0; i < customers.size; ++i) {
      const std::uint32_t row = order[static_cast<std::size_t>(i)];
      const std::int64_t total = totals[static_cast<std::size_t>(i)];
      if (averaged)
        averages[i] = column(roles_.average_order_value).view.values<std::int64_t>()[row];
      orders[i] = counted ? column(roles_.frequency).view.values<std::int64_t>()[row]
                          : orders_implied(total, averages[i]);
      if (!averaged) averages[i] = static_cast<std::int64_t>(divide_half_up(total, orders[i]));
    }
    customers.frequency = Column::integers("frequency", std::move(orders));
    customers.average_order_value =
        Column::decimals("average_order_value", input_.money_scale, std::move(averages));
  }

  void write_crosswalk(std::span<const std::uint32_t> order) {
    std::vector<std::int64_t> id_of_row(static_cast<std::size_t>(table_.rows));
    for (std::size_t i = 0; i < order.size(); ++i)
      id_of_row[order[i]] = static_cast<std::int64_t>(i) + 1;
    std::vector<std::uint32_t> rows;
    rows.reserve(order.size());
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      if (id_of_row[static_cast<std::size_t>(row)] == 0) continue;
      rows.push_back(static_cast<std::uint32_t>(row));
      result_.crosswalk.source_row.push_back(static_cast<std::uint32_t>(row));
      result_.crosswalk.customer_id.push_back(
          static_cast<std::uint32_t>(id_of_row[static_cast<std::size_t>(row)]));
    }
    result_.crosswalk_source_ids = table::gather(column(roles_.customer_id), rows, input_.executor);
  }

  /// Quarantine and waterfall: every row taken out stands in both, under its first fault.
  void balance(std::int64_t published) {
    const Column& total = column(roles_.monetary);
    struct Step {
      std::int64_t rows = 0;
      Int128 monetary = 0;
    };
    std::array<Step, kFaults> steps{};
    std::vector<Step> plan_steps(input_.review.checks.size());
    Step read;
    Step left;
    for (std::int64_t row = 0; row < table_.rows; ++row) {
      const Int128 money = total.is_valid(row)
                               ? total.view.values<std::int64_t>()[static_cast<std::size_t>(row)]
                               : 0;
      ++read.rows;
      read.monetary += money;
      const std::uint16_t faults = faults_[static_cast<std::size_t>(row)];
      if (faults == 0) {
        ++left.rows;
        left.monetary += money;
        continue;
      }
      const auto fault = static_cast<std::size_t>(__builtin_ctz(faults));
      Step& step = fault == PlanCheck ? plan_steps[plan_faults_[static_cast<std::size_t>(row)]]
                                      : steps[fault];
      ++step.rows;
      step.monetary += money;
      if (fault == PlanCheck) {
        const quality::Check& check =
            input_.review.checks[plan_faults_[static_cast<std::size_t>(row)]];
        result_.quarantine.push_back({row, check.id, "the plan expects: " + check.expect.source});
      } else {
        result_.quarantine.push_back(
            {row, std::string(kFaultChecks[fault]), std::string(kFaultReasons[fault])});
      }
    }
    auto& waterfall = result_.review.waterfall;
    const auto put = [&](std::string_view name, const Step& step) {
      waterfall.push_back({std::string(name), step.rows, step.monetary});
    };
    put("read", read);
    // Both kinds of missing values are one step, as they are one check.
    steps[Missing].rows += steps[NoIdentity].rows;
    steps[Missing].monetary += steps[NoIdentity].monetary;
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
      if (fault != PlanCheck && fault != NoIdentity && steps[fault].rows > 0)
        put(kFaultChecks[fault], steps[fault]);
      if (fault != PlanCheck) continue;
      for (std::size_t c = 0; c < plan_steps.size(); ++c) {
        if (plan_steps[c].rows > 0) put(input_.review.checks[c].id, plan_steps[c]);
      }
    }
    put("published", left);
    QUINTILE_CHECK(left.rows == published && quality::balances(waterfall));
  }

  const CustomerRows& input_;
  const table::Table& table_;
  const CustomerRoles& roles_;
  std::vector<Column> columns_;             ///< as cleaned so far, by table index
  std::vector<std::uint16_t> faults_;       ///< bits of `Fault`, one set a row
  std::vector<std::uint16_t> plan_faults_;  ///< the first of the plan's checks that took the row
  std::vector<quality::ColumnProfile> profiles_;
  std::optional<IdOrder> order_;
  std::vector<std::uint32_t> sorted_rows_;
  quality::DuplicateIds id_policy_ = quality::DuplicateIds::Regenerate;
  CleanedCustomers result_;
};

}  // namespace

Result<CleanedCustomers> clean(const CustomerRows& input) {
  if (input.table.rows > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::Input,
                fmt::format("{} rows are more than a customer file may have (4,294,967,295)",
                            input.table.rows));
  }
  if (input.table.rows == 0)
    return fail(ErrorCode::Input, "the input has no data rows",
                "the header alone makes no customers");
  return Cleaning(input).run();
}

}  // namespace quintile::customers

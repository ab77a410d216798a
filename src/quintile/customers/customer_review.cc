#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/base/date.h"
#include "quintile/customers/customer_review_internal.h"
#include "quintile/customers/duplicates.h"
#include "quintile/customers/stretches_internal.h"
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

/// The review in the making. Steps are run in a fixed order; each adds findings and marks rows.
class CustomerReview {
 public:
  explicit CustomerReview(const CustomerRows& input)
      : input_(input),
        table_(input.table),
        roles_(input.roles),
        faults_(input.table.rows, input.review.checks.size()) {
    for (const ReadColumn& column : table_.columns) columns_.push_back(column.column);
  }

  Result<ReviewedRows> run() {
    look_at_whole_columns();
    look_at_needed_columns();
    look_at_attributes();
    QUINTILE_TRY_STATUS(look_at_ranges());
    look_at_date_order();
    look_at_order_values();
    look_at_ids();
    QUINTILE_TRY_STATUS(run_plan_checks());
    QUINTILE_TRY_STATUS(settle_analysis_day());
    look_at_future_dates();
    look_at_recency();
    look_at_shapes();
    if (id_policy_ == quality::DuplicateIds::KeepLatest) QUINTILE_TRY_STATUS(keep_latest());
    return ReviewedRows{std::move(columns_), std::move(faults_), std::move(ids_), analysis_day_,
                        std::move(review_)};
  }

 private:
  [[nodiscard]] const ReadColumn& read(int index) const {
    return table_.columns[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] Column& column(int index) { return columns_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] bool has(int index) const { return index >= 0; }
  void add(Finding finding) { review_.findings.push_back(std::move(finding)); }
  /// The rows for which `wanted` is true, marked with `fault` if there is one.
  template <typename Wanted>
  [[nodiscard]] RowCollector rows_where(std::optional<Fault> fault, Wanted wanted) {
    return collect_rows(table_.rows, input_.executor, [&](std::int64_t row) {
      const bool is_wanted = wanted(row);
      if (is_wanted && fault) faults_.mark(row, *fault);
      return is_wanted;
    });
  }

  [[nodiscard]] std::vector<int> needed() const {
    std::vector<int> indexes = {roles_.customer_id,         roles_.first_purchase_date,
                                last_purchase(roles_),      roles_.monetary,
                                roles_.average_order_value, roles_.frequency};
    // Where the file counts orders, its average order value is only shown.
    std::erase_if(indexes, [](int index) { return index < 0; });
    return indexes;
  }

  /// Profiles, and the ids in order: the dearest looks, so all of them at once.
  void look_at_whole_columns() {
    // Those with the most distinct values take longest: they come first, so that none of them is
    // left for one thread at the end.
    auto named = roles_.named();
    std::ranges::stable_partition(named,
                                  [](const auto& column) { return column.second == "personal"; });
    profiles_.resize(table_.columns.size());
    ids_order_.emplace(column(roles_.customer_id).view);
    ids_ = ids_order_->sorted(input_.executor);
    input_.executor(static_cast<std::int64_t>(named.size()), [&](std::int64_t i) {
      const auto& [index, role] = named[static_cast<std::size_t>(i)];
      profiles_[static_cast<std::size_t>(index)] =
          quality::profile(read(index), role, role == "personal");
    });
    review_.rows = table_.rows;
    for (const quality::ProfiledColumn& profiled : profiles_) {
      if (!profiled.profile.role.empty()) review_.columns.push_back(profiled.profile);
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
      if (fault) faults_.mark(row, *fault);
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
        faults_.mark(row, Invalid);
      }
      const bool money = source.column.view.type == Type::Decimal;
      add(rows.finding(
          "invalid_type", source.column.name, Severity::Error, Decision::Quarantined,
          money ? quality::unreadable_amount(input_.money_scale)
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
    const std::vector<int> indexes = describing();
    std::vector<std::optional<quality::Checked>> unified(indexes.size());
    input_.executor(std::ssize(indexes), [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      unified[at] = quality::unify_variants(column(indexes[at]));
    });
    for (std::size_t i = 0; i < indexes.size(); ++i) {
      const int index = indexes[i];
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
      if (unified[i]->finding) add(std::move(*unified[i]->finding));
      column(index) = std::move(unified[i]->column);
    }
  }

  Status look_at_ranges() {
    std::vector<std::string_view> names;
    for (const ReadColumn& read : table_.columns) names.emplace_back(read.column.name);
    for (const auto& range : input_.review.ranges) {
      QUINTILE_TRY(const int index, quality::column_of(range, names));
      QUINTILE_TRY(const auto inside, quality::within(column(index).view, range));
      const auto need = needed();
      const bool quarantines = std::ranges::find(need, index) != need.end();
      const RowCollector rows =
          rows_where(quarantines ? std::optional(OutOfRange) : std::nullopt,
                     [&](std::int64_t row) { return inside[static_cast<std::size_t>(row)] == 0; });
      if (rows.rows() == 0) continue;
      Finding finding = rows.finding("out_of_range", range.column,
                                     quarantines ? Severity::Error : Severity::Warning,
                                     quarantines ? Decision::Quarantined : Decision::Removed,
                                     fmt::format("outside {} to {}{}", range.low, range.high,
                                                 quarantines ? "" : "; the value was left empty"),
                                     table_.rows);
      add(std::move(finding));
      if (quarantines) continue;
      before_ranges_.try_emplace(index, column(index));
      column(index) = table::without(column(index), inside);
    }
    return {};
  }

  void look_at_order_values() {
    const Column& total = column(roles_.monetary);
    const auto totals = total.view.values<std::int64_t>();
    add_order_value(rows_where(OrderValue,
                               [&](std::int64_t row) {
                                 return total.is_valid(row) &&
                                        totals[static_cast<std::size_t>(row)] < 0;
                               }),
                    total.name, Severity::Error, Decision::Quarantined, "the total is negative");
    if (has(roles_.average_order_value)) {
      const Column& average = column(roles_.average_order_value);
      const auto averages = average.view.values<std::int64_t>();
      add_order_value(rows_where(OrderValue,
                                 [&](std::int64_t row) {
                                   return average.is_valid(row) &&
                                          averages[static_cast<std::size_t>(row)] <= 0;
                                 }),
                      average.name, Severity::Error, Decision::Quarantined,
                      "the average order value is zero or negative");
      add_order_value(rows_where(std::nullopt,
                                 [&](std::int64_t row) {
                                   const auto at = static_cast<std::size_t>(row);
                                   return average.is_valid(row) && averages[at] > 0 &&
                                          total.is_valid(row) && totals[at] >= 0 &&
                                          totals[at] < averages[at];
                                 }),
                      average.name, Severity::Warning, Decision::Kept,
                      "the total is below the average order value: counted as one order");
    }
    if (has(roles_.frequency)) {
      const Column& orders = column(roles_.frequency);
      const auto counts = orders.view.values<std::int64_t>();
      add_order_value(
          rows_where(OrderValue,
                     [&](std::int64_t row) {
                       return orders.is_valid(row) && counts[static_cast<std::size_t>(row)] < 1;
                     }),
          orders.name, Severity::Error, Decision::Quarantined, "a customer has at least one order");
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
    const RowCollector rows = rows_where(DateOrder, [&](std::int64_t row) {
      return first.is_valid(row) && last.is_valid(row) &&
             first.view.integer(row) > last.view.integer(row);
    });
    if (rows.rows() > 0) {
      add(rows.finding("date_order", first.name, Severity::Error, Decision::Quarantined,
                       "the first purchase lies after the last", table_.rows));
    }
  }

  void look_at_ids() {
    const std::string& name = column(roles_.customer_id).name;
    const DuplicateIds duplicates = find_duplicates(input_, ids_);
    id_policy_ = input_.review.duplicate_ids.value_or(quality::DuplicateIds::Regenerate);
    if (duplicates.ids > 0) {
      const Decision decision = id_policy_ == quality::DuplicateIds::Regenerate
                                    ? Decision::Regenerated
                                : id_policy_ == quality::DuplicateIds::Fail ? Decision::Fail
                                                                            : Decision::Quarantined;
      add(duplicate_finding(duplicates, input_, name, decision));
    }
    const RowCollector copies = rows_where(Copy, [&](std::int64_t row) {
      return duplicates.is_surplus_copy[static_cast<std::size_t>(row)] != 0;
    });
    if (copies.rows() > 0) {
      Finding finding =
          copies.finding("exact_duplicate", "", Severity::Warning, Decision::Quarantined,
                         "every cell equals an earlier record; one of them is kept", table_.rows);
      finding.details = {{"groups", duplicates.copied_groups},
                         {"rows", duplicates.copied_rows},
                         {"surplus_rows", copies.rows()}};
      add(std::move(finding));
    }
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

  /// A column as the plan's checks see it: a value that is out of range is one that they may be
  /// about.
  [[nodiscard]] const Column& checked(int index) {
    const auto before = before_ranges_.find(index);
    return before == before_ranges_.end() ? column(index) : before->second;
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
        return checked(index).view;
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
      return expression::FieldType::of(checked(index).view);
    };
    for (std::size_t c = 0; c < input_.review.checks.size(); ++c) {
      const quality::Check& check = input_.review.checks[c];
      QUINTILE_TRY_STATUS(expression::check_types(check.expect, type_of, names));
      const auto holds = expression::evaluate(check.expect, view_of, table_.rows);
      const RowCollector rows = rows_where(std::nullopt, [&](std::int64_t row) {
        if (holds[static_cast<std::size_t>(row)] != expression::Truth::False) return false;
        if (check.on_fail == quality::OnFail::Quarantine) faults_.mark_check(row, c);
        return true;
      });
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
      analysis_day_ = *input_.analysis_day;
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
      if (faults_.is_sound(row)) latest = std::max(latest, last.view.integer(row));
    }
    if (latest == std::numeric_limits<std::int64_t>::min()) return nobody_left(review_);
    analysis_day_ = static_cast<std::int32_t>(latest) + 1;
    return {};
  }

  void look_at_future_dates() {
    for (const int index : {roles_.first_purchase_date, roles_.last_purchase_date}) {
      if (!has(index)) continue;
      const Column& date = column(index);
      add_future(rows_where(Future,
                            [&](std::int64_t row) {
                              return date.is_valid(row) && date.view.integer(row) > analysis_day_;
                            }),
                 date.name);
    }
    if (has(roles_.recency_days) && !has(roles_.last_purchase_date)) {
      const Column& days = column(roles_.recency_days);
      add_future(rows_where(Future,
                            [&](std::int64_t row) {
                              return days.is_valid(row) &&
                                     (days.view.integer(row) < 0 ||
                                      days.view.integer(row) > analysis_day_ - kDayNumberMin);
                            }),
                 days.name);
    }
  }
  void add_future(const RowCollector& rows, const std::string& name) {
    if (rows.rows() == 0) return;
    add(rows.finding("future_date", name, Severity::Error, Decision::Quarantined,
                     "a purchase after the analysis date " + day_to_string(analysis_day_),
                     table_.rows));
  }

  /// Days beside the date that they could stand for: the date counts.
  void look_at_recency() {
    if (!has(roles_.recency_days) || !has(roles_.last_purchase_date)) return;
    const Column& days = column(roles_.recency_days);
    const Column& last = column(roles_.last_purchase_date);
    const RowCollector rows = rows_where(std::nullopt, [&](std::int64_t row) {
      return days.is_valid(row) && last.is_valid(row) &&
             days.view.integer(row) != analysis_day_ - last.view.integer(row);
    });
    if (rows.rows() == 0) return;
    add(rows.finding("inconsistent_recency", days.name, Severity::Warning, Decision::Kept,
                     "not the days from the last purchase to the analysis date " +
                         day_to_string(analysis_day_) + "; the date of the purchase counts",
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

  /// Of the rows that share an id and can be used, all but the latest go. Equal days are settled by
  /// the records themselves, the greatest one stays, so that the order of rows plays no part.
  Status keep_latest() {
    const int index = last_purchase(roles_);
    const Column& last = column(index);
    const bool days_ago = index == roles_.recency_days;
    const auto later = [&](std::uint32_t a, std::uint32_t b) {
      const std::int64_t x = last.view.integer(a);
      const std::int64_t y = last.view.integer(b);
      return days_ago ? x < y : x > y;
    };
    std::vector<std::uint32_t> latest;  // of each id, those of one day
    std::vector<TiedRows> ties;
    for (std::size_t begin = 0; begin < ids_.rows.size();) {
      std::size_t end = begin + 1;
      while (end < ids_.rows.size() && ids_.begins[end] == 0) ++end;
      const std::size_t first = latest.size();
      for (std::size_t i = begin; i < end; ++i) {
        const std::uint32_t row = ids_.rows[i];
        if (!faults_.is_sound(row)) continue;
        if (latest.size() > first && later(latest.back(), row)) {
          faults_.mark(row, NotLatest);
          continue;
        }
        while (latest.size() > first && later(row, latest.back())) {
          faults_.mark(latest.back(), NotLatest);
          latest.pop_back();
        }
        latest.push_back(row);
      }
      begin = end;
      if (latest.size() - first > 1) ties.push_back({first, latest.size()});
      if (latest.size() - first == 1) latest.pop_back();
    }
    QUINTILE_TRY_STATUS(settle_ties(latest, ties, input_.records));
    for (const TiedRows& tie : ties) {
      for (std::size_t i = tie.begin; i + 1 < tie.end; ++i) faults_.mark(latest[i], NotLatest);
    }
    return {};
  }

  const CustomerRows& input_;
  const table::Table& table_;
  const CustomerRoles& roles_;
  std::vector<Column> columns_;  ///< as cleaned so far, by table index
  RowFaults faults_;
  std::vector<quality::ProfiledColumn> profiles_;
  std::optional<IdOrder> ids_order_;
  SortedIds ids_;
  std::map<int, Column> before_ranges_;  ///< those from which values out of range were taken
  quality::DuplicateIds id_policy_ = quality::DuplicateIds::Regenerate;
  std::int32_t analysis_day_ = 0;
  quality::Review review_;
};

}  // namespace

Result<ReviewedRows> review_rows(const CustomerRows& input) { return CustomerReview(input).run(); }

std::string what_took_rows(const quality::Review& review) {
  std::string advice = "the review found:";
  for (const Finding& finding : review.findings) {
    if (finding.decision == Decision::Quarantined)
      advice += fmt::format(" {} in {} ({}: {});", finding.check,
                            finding.column.empty() ? "records" : finding.column,
                            counted(finding.rows, "row"), finding.reason);
  }
  advice.back() = '.';
  return advice;
}

std::unexpected<Error> nobody_left(const quality::Review& review) {
  if (review.rows == 0) return fail(ErrorCode::Input, "the input has no data rows");
  return fail(ErrorCode::Input,
              review.rows == 1 ? "the one row cannot be used"
                               : fmt::format("none of the {} rows can be used", review.rows),
              what_took_rows(review));
}

}  // namespace quintile::customers

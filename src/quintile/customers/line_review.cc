#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/order_statistics.h"
#include "quintile/customers/line_review_internal.h"
#include "quintile/quality/statistics.h"

namespace quintile::customers {

namespace {

using quality::Decision;
using quality::Detail;
using quality::Finding;
using quality::RowCollector;
using quality::Severity;

constexpr std::size_t kTopMax = 10;
constexpr std::int64_t kGapDaysMin = 5;  // long weekends are no gap
constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

class Reviewing {
 public:
  Reviewing(const Transactions& input, const LinesFollowed& followed)
      : input_(input),
        followed_(followed),
        spec_(input.spec),
        roles_(input.spec.roles),
        totals_(input.totals),
        customers_(input.customers) {}

  LineReview run() {
    profile_columns();
    tell_cells();
    tell_ranges();
    tell_dates();
    tell_ids();
    tell_copies();
    tell_orders();
    unify_texts();
    tell_attributes();
    tell_shapes();
    tell_amounts();
    tell_returns();
    tell_plan_checks();
    tell_outliers();
    tell_gaps();
    return std::move(review_);
  }

 private:
  void add(Finding finding) { review_.findings.push_back(std::move(finding)); }
  [[nodiscard]] Finding finding(const RowCollector& rows, std::string check, std::string column,
                                Severity severity, Decision decision, std::string reason) const {
    return rows.finding(std::move(check), std::move(column), severity, decision, std::move(reason),
                        totals_.rows);
  }
  [[nodiscard]] Share share(std::int64_t rows) const {
    return Share{static_cast<double>(rows) /
                 static_cast<double>(std::max<std::int64_t>(1, totals_.rows))};
  }
  [[nodiscard]] const std::string& name(int index) const {
    return spec_.columns[static_cast<std::size_t>(index)].name;
  }
  [[nodiscard]] std::string amount_name() const {
    return roles_.amount >= 0 ? name(roles_.amount)
                              : name(roles_.quantity) + " x " + name(roles_.unit_price);
  }
  [[nodiscard]] std::string money(Int128 amount) const {
    return decimal_to_string(amount, totals_.money_scale);
  }
  [[nodiscard]] static bool contains(const std::vector<int>& indexes, int index) {
    return std::ranges::find(indexes, index) != indexes.end();
  }

  /// How many texts an attribute has; none where it is no text.
  [[nodiscard]] static std::uint32_t texts_of(const LineColumn& column) {
    return column.texts == nullptr ? 0 : column.texts->size();
  }

  void profile_columns() {
    for (const auto& [index, role] : roles_.named()) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(index)];
      quality::ColumnProfile profile;
      profile.column = name(index);
      profile.role = role;
      profile.type = role == "personal" ? "text" : std::string(to_string(column.type));
      profile.rows = totals_.rows;
      profile.missing = column.missing;
      profile.invalid = column.unreadable;
      if (index == roles_.customer_id) profile.distinct = customers_.customers();
      if (index == roles_.order_id) profile.distinct = input_.orders.orders;
      const bool is_id = index == roles_.customer_id || index == roles_.order_id;
      if (role != "personal" && !is_id && column.present > 0) profile_values(column, profile);
      review_.columns.push_back(std::move(profile));
    }
  }

  static void profile_values(const LineColumn& column, quality::ColumnProfile& profile) {
    const auto day = [](std::int64_t value) {
      return day_to_string(static_cast<std::int32_t>(value));
    };
    switch (column.type) {
      case Type::Text: {
        if (texts_of(column) == 0) return;
        profile.distinct = texts_of(column);
        for (std::uint32_t text = 0; text < texts_of(column); ++text) {
          profile.top.emplace_back(column.texts->text(text), column.text_rows[text]);
        }
        const std::size_t shown = std::min(kTopMax, profile.top.size());
        std::ranges::partial_sort(
            profile.top, profile.top.begin() + static_cast<std::ptrdiff_t>(shown),
            [](const auto& a, const auto& b) {
              return a.second != b.second ? a.second > b.second : a.first < b.first;
            });
        profile.top.resize(shown);
        return;
      }
      case Type::Boolean: {
        const auto yes = static_cast<std::int64_t>(column.sum);
        if (column.minimum > column.maximum) return;
        profile.distinct = yes > 0 && yes < column.present ? 2 : 1;
        if (yes > 0) profile.top.emplace_back("true", yes);
        if (yes < column.present) profile.top.emplace_back("false", column.present - yes);
        std::ranges::stable_sort(profile.top,
                                 [](const auto& a, const auto& b) { return a.second > b.second; });
        return;
      }
      case Type::Date:
        profile.minimum = day(column.minimum);
        profile.maximum = day(column.maximum);
        return;
      case Type::Timestamp:
        profile.minimum =
            day(static_cast<std::int64_t>(divide_floor(column.minimum, kMicrosecondsADay)));
        profile.maximum =
            day(static_cast<std::int64_t>(divide_floor(column.maximum, kMicrosecondsADay)));
        return;
      case Type::Real:
        profile.minimum = fmt::format("{}", from_ordered_bits(column.minimum));
        profile.maximum = fmt::format("{}", from_ordered_bits(column.maximum));
        return;
      case Type::Integer:
      case Type::Decimal: {
        const auto unit = static_cast<double>(power_of_ten(column.scale));
        const auto count = static_cast<double>(column.present);
        profile.minimum = decimal_to_string(column.minimum, column.scale);
        profile.maximum = decimal_to_string(column.maximum, column.scale);
        profile.mean = static_cast<double>(column.sum) / count / unit;
        if (!column.squares_fit) return;
        const double mean = static_cast<double>(column.sum) / count;
        const double spread =
            static_cast<double>(column.squares) - mean * static_cast<double>(column.sum);
        profile.standard_deviation =
            column.present < 2 ? 0.0 : std::sqrt(std::max(0.0, spread) / (count - 1)) / unit;
        return;
      }
    }
  }

  void tell_cells() {
    const auto needed = roles_.needed(spec_.frequency);
    const auto describing = roles_.describing();
    for (const auto& [index, role] : roles_.named()) {
      const auto i = static_cast<std::size_t>(index);
      const LineColumn& column = totals_.columns[i];
      const bool is_needed = contains(needed, index);
      if (const RowCollector& rows = totals_.missing[i]; rows.rows() > 0) {
        if (index == roles_.customer_id) {
          add(finding(rows, "missing_customer", name(index), Severity::Error, Decision::Quarantined,
                      "nobody can be credited with the line"));
        } else if (is_needed) {
          add(finding(rows, "missing_value", name(index), Severity::Error, Decision::Quarantined,
                      "without it the line cannot count"));
        } else if (index == roles_.consent) {
          add(finding(rows, "missing_value", name(index), Severity::Warning, Decision::Kept,
                      "a missing consent is no consent, and replaces none that is there"));
        } else {
          add(finding(rows, "missing_value", name(index), Severity::Info, Decision::Kept,
                      contains(describing, index)
                          ? "a missing value does not replace one that is there"
                          : "the line counts without it"));
        }
      }
      if (const RowCollector& rows = totals_.unreadable[i]; rows.rows() > 0) {
        const bool is_money = index == roles_.unit_price || index == roles_.amount;
        add(finding(rows, "invalid_type", name(index),
                    is_needed ? Severity::Error : Severity::Warning,
                    is_needed ? Decision::Quarantined : Decision::Removed,
                    is_money ? quality::unreadable_amount(totals_.money_scale)
                             : fmt::format("no {} can be read from it", to_string(column.type))));
      }
    }
    if (totals_.inexact.rows() > 0) {
      add(finding(totals_.inexact, "invalid_type", amount_name(), Severity::Error,
                  Decision::Quarantined,
                  fmt::format("the product has more than {} digits after the point, and nothing is "
                              "rounded in silence",
                              totals_.money_scale)));
    }
  }

  void tell_ranges() {
    const auto needed = roles_.needed(spec_.frequency);
    for (std::size_t r = 0; r < spec_.review.ranges.size(); ++r) {
      const auto& range = spec_.review.ranges[r];
      const RowCollector& rows = totals_.out_of_range[r];
      if (rows.rows() == 0) continue;
      const auto found =
          std::ranges::find(spec_.columns, range.column, &table::ColumnRequest::name);
      const bool is_needed = contains(needed, static_cast<int>(found - spec_.columns.begin()));
      add(finding(rows, "out_of_range", range.column,
                  is_needed ? Severity::Error : Severity::Warning,
                  is_needed ? Decision::Quarantined : Decision::Removed,
                  fmt::format("outside {} to {}{}", range.low, range.high,
                              is_needed ? "" : "; the value was left empty")));
    }
  }

  void tell_dates() {
    if (totals_.future.rows() == 0) return;
    add(finding(totals_.future, "future_date", name(roles_.order_date), Severity::Error,
                Decision::Quarantined,
                "an order after the analysis date " + day_to_string(input_.analysis_day)));
  }

  void tell_copies() {
    const CopyFacts& copies = input_.orders.copies;
    if (copies.surplus.rows() == 0) return;
    Finding equal =
        finding(copies.surplus, "exact_duplicate", "", Severity::Warning, Decision::Kept,
                "every cell equals an earlier line; two of one article on one order are real, so "
                "all of them count");
    equal.details = {
        {"groups", copies.groups}, {"rows", copies.rows}, {"surplus_rows", copies.surplus.rows()}};
    add(std::move(equal));
  }

  /// Ids that several persons share. They are trusted all the same: a line says nothing of who is
  /// who but its id.
  void tell_ids() {
    std::int64_t ids = 0;
    std::int64_t lines = 0;
    customers_.for_each_person([&](const Person& person) {
      if (!person.several) return;
      ++ids;
      lines += person.lines;
    });
    if (ids == 0) return;
    const bool stops = spec_.review.duplicate_ids == quality::DuplicateIds::Fail;
    Finding told;
    told.check = "duplicate_identifier";
    told.column = name(roles_.customer_id);
    told.severity = Severity::Warning;
    told.rows = lines;
    told.share = share(lines);
    told.decision = stops ? Decision::Fail : Decision::Kept;
    told.reason =
        stops ? "the personal fields of these customers' lines differ; the plan says to stop"
              : "the personal fields of these customers' lines differ: people move and marry, so "
                "the id is trusted";
    told.details = {{"ids", ids}, {"rows", lines}};
    add(std::move(told));
  }

  void tell_orders() {
    const OrderFacts& orders = input_.orders;
    if (orders.conflicts.rows() == 0) return;
    Finding conflict = finding(orders.conflicts, "order_conflict", name(roles_.order_id),
                               Severity::Warning, Decision::Kept,
                               "an order belongs to one customer at one time; each customer is "
                               "credited with the lines that name him, "
                               "the order counts once for each, and each line keeps its own date");
    conflict.details = {{"several_customers", orders.several_customers},
                        {"several_time_stamps", orders.several_moments}};
    add(std::move(conflict));
  }

  /// `category_variant`: attributes' texts that are alike but for case or blanks become one.
  void unify_texts() {
    const auto describing = roles_.describing();
    review_.spellings.resize(describing.size());
    for (std::size_t d = 0; d < describing.size(); ++d) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(describing[d])];
      std::vector<std::string_view> texts;
      for (std::uint32_t text = 0; text < texts_of(column); ++text)
        texts.push_back(column.texts->text(text));
      if (texts.size() > quality::kCategoriesMax) {
        review_.spellings[d].assign(texts.begin(), texts.end());
        continue;
      }
      review_.spellings[d] = quality::chosen_spellings(texts, column.text_rows);
      RowCollector rows;
      std::map<std::string, std::int64_t> rows_of_text;
      for (std::size_t text = 0; text < texts.size(); ++text) {
        if (review_.spellings[d][text] == texts[text]) continue;
        rows.add(column.text_first_row[text], column.text_rows[text]);
        rows_of_text[review_.spellings[d][text]] += column.text_rows[text];
      }
      if (rows.rows() == 0) continue;
      Finding variant = finding(
          rows, "category_variant", name(describing[d]), Severity::Warning, Decision::Regenerated,
          "spellings that differ in case or blanks were written as the most frequent one");
      std::vector<Detail> merged;
      for (const auto& [text, count] : rows_of_text) {
        if (merged.size() < quality::kExamplesMax) merged.push_back({text, count});
      }
      variant.details = {{"categories", static_cast<std::int64_t>(rows_of_text.size())},
                         {"rows_by_category", merged}};
      add(std::move(variant));
    }
  }

  void tell_attributes() {
    const auto describing = roles_.describing();
    for (std::size_t d = 0; d < describing.size(); ++d) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(describing[d])];
      std::int64_t customers = 0;
      std::int64_t lines = 0;
      customers_.for_each([&](std::size_t number) {
        if (!column.is_conflict(customers_.latest(d, number))) return;
        ++customers;
        lines += customers_.totals(number).counted_lines;
      });
      if (customers == 0) continue;
      Finding conflict =
          finding(followed_.conflicts[d], "attribute_conflict", name(describing[d]), Severity::Info,
                  Decision::Kept,
                  "customers whose lines disagree: the value of the latest order is published");
      conflict.rows = lines;
      conflict.share = share(lines);
      conflict.details = {{"customers", customers}};
      add(std::move(conflict));
    }
  }

  void tell_shapes() {
    for (const int index : roles_.describing()) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(index)];
      if (column.present < 2) continue;
      const std::int64_t distinct = texts_of(column);
      const bool is_text = column.type == Type::Text;
      Finding told;
      told.column = name(index);
      told.rows = column.present;
      told.share = share(column.present);
      if (is_text ? distinct == 1 : column.minimum == column.maximum) {
        told.check = "constant";
        told.reason = "all lines hold the same value: it cannot tell customers apart";
      } else if (is_text && distinct > quality::kHighCardinalityLevels &&
                 static_cast<double>(distinct) >
                     quality::kHighCardinalityShare * static_cast<double>(column.present)) {
        told.check = "high_cardinality";
        told.reason = "nearly as many texts as lines: hardly a category";
        told.details = {{"distinct", distinct}};
      } else {
        continue;
      }
      add(std::move(told));
    }
  }

  void tell_amounts() {
    const LineTotals::Signs& signs = totals_.signs;
    const bool is_product = roles_.amount < 0;
    const auto tell = [&](const RowCollector& rows, std::string check, std::int64_t counted,
                          std::int64_t quantities, std::int64_t prices) {
      // Without an amount of its sign a line can still have a price or a quantity of it: "-1 x 0".
      if (rows.rows() == 0 && quantities == 0 && prices == 0) return;
      Finding told = finding(
          rows, std::move(check), amount_name(), Severity::Warning,
          counted > 0 || (spec_.returns && spec_.net) ? Decision::Kept : Decision::Quarantined,
          counted > 0 ? "lines that the plan counts, with this amount"
                      : "none of these lines counts as an order");
      told.details = {{"counted", counted}};
      if (is_product) {
        told.details.push_back({"quantities", quantities});
        told.details.push_back({"prices", prices});
      }
      if (told.check == "zero_amount" && roles_.order_id >= 0)
        told.details.push_back({"orders", input_.orders.zero_value});
      add(std::move(told));
    };
    tell(totals_.negative, "negative_amount", signs.negative_counted, signs.negative_quantities,
         signs.negative_prices);
    tell(totals_.zero, "zero_amount", signs.zero_counted, signs.zero_quantities, signs.zero_prices);
  }

  void tell_returns() {
    const ReturnSums sums = sum_returns(customers_);
    if (totals_.returns.rows() > 0) {
      Finding told = finding(
          totals_.returns, "returns", amount_name(), Severity::Info,
          spec_.net ? Decision::Kept : Decision::Quarantined,
          spec_.net ? "returns lower what a customer is worth; they are no orders and no dates"
                    : "the plan takes returns out; gross and net are told for comparison");
      told.details = {{"orders", input_.orders.returned},
                      {"customers", sums.customers},
                      {"gross", money(sums.gross)},
                      {"returned", money(sums.returned)},
                      {"net", money(sums.gross + sums.returned)},
                      {"customers_below_zero", sums.customers_below_zero}};
      add(std::move(told));
    }
    if (totals_.positive_returns.rows() > 0) {
      add(finding(totals_.positive_returns, "positive_return", amount_name(), Severity::Warning,
                  spec_.net ? Decision::Kept : Decision::Quarantined,
                  "a return that adds to what the customer is worth: its amount is taken with its "
                  "own sign"));
    }
    if (sums.customers_only > 0) {
      Finding told = finding(
          followed_.returns_only, "returns_only", name(roles_.customer_id), Severity::Warning,
          Decision::Quarantined,
          "customers with nothing but returns have made no order, so they are not published");
      told.details = {{"customers", sums.customers_only}, {"returned", money(sums.only.amount)}};
      add(std::move(told));
    }
    if (totals_.not_kept.rows() > 0) {
      add(finding(totals_.not_kept, "not_kept", "", Severity::Info, Decision::Quarantined,
                  "the plan keeps: " + spec_.keep->source));
    }
  }

  void tell_plan_checks() {
    for (std::size_t c = 0; c < spec_.review.checks.size(); ++c) {
      const quality::Check& check = spec_.review.checks[c];
      const RowCollector& rows = totals_.check_failures[c];
      if (rows.rows() == 0) continue;
      const Decision decision = check.on_fail == quality::OnFail::Keep ? Decision::Kept
                                : check.on_fail == quality::OnFail::Quarantine
                                    ? Decision::Quarantined
                                    : Decision::Fail;
      const auto fields = expression::fields_of(check.expect);
      add(finding(rows, check.id, fields.size() == 1 ? fields[0] : "", check.severity, decision,
                  "the plan expects: " + check.expect.source));
    }
  }

  /// Lines far out by Tukey's fences; the quartiles come out of a histogram, so they are near, not
  /// exact.
  void tell_outliers() {
    const AmountHistogram& amounts = totals_.amounts;
    if (amounts.count() < 4) return;
    const std::int64_t low_quartile = amounts.at((amounts.count() - 1) / 4);
    const std::int64_t high_quartile = amounts.at((amounts.count() - 1) * 3 / 4);
    const auto reach = static_cast<std::int64_t>(quality::kOutlierFence *
                                                 static_cast<double>(high_quartile - low_quartile));
    if (reach <= 0) return;
    const std::int64_t low = low_quartile - reach;
    const std::int64_t high = high_quartile + reach;
    const std::int64_t beyond = amounts.beyond(low, high);
    if (beyond == 0) return;
    RowCollector rows;
    for (const LineTotals::Extreme& line : totals_.largest) {
      if (line.amount > high) rows.add(line.row);
    }
    Finding told = finding(
        rows, "outlier", amount_name(), Severity::Info, Decision::Kept,
        "lines far from the middle half of the amounts, yet possible: quantile scores do not mind");
    told.rows = beyond;
    told.share = share(beyond);
    told.details = {{"low", money(low)}, {"high", money(high)}};
    if (!totals_.largest.empty())
      told.details.push_back({"largest", money(totals_.largest.front().amount)});
    add(std::move(told));
  }

  /// Runs of days without an order between the first and the last.
  void tell_gaps() {
    std::int64_t before = -1;
    std::int64_t gaps = 0, days = 0, longest = 0, longest_begin = 0;
    for (std::size_t word = 0; word < totals_.days_with_orders.size(); ++word) {
      for (std::uint64_t bits = totals_.days_with_orders[word]; bits != 0; bits &= bits - 1) {
        const std::int64_t day = static_cast<std::int64_t>(word) * 64 + std::countr_zero(bits);
        const std::int64_t gap = before < 0 ? 0 : day - before - 1;
        if (gap >= kGapDaysMin) {
          ++gaps;
          days += gap;
          if (gap > longest) longest = gap, longest_begin = before + 1;
        }
        before = day;
      }
    }
    if (gaps == 0) return;
    const auto day = [](std::int64_t offset) {
      return day_to_string(static_cast<std::int32_t>(offset + kDayNumberMin));
    };
    Finding told;
    told.check = "calendar_gap";
    told.column = name(roles_.order_date);
    told.reason =
        fmt::format("{} days or more without any order: a pause, or lines that were not delivered",
                    kGapDaysMin);
    told.details = {{"gaps", gaps},
                    {"days", days},
                    {"longest_days", longest},
                    {"longest_from", day(longest_begin)},
                    {"longest_to", day(longest_begin + longest - 1)}};
    add(std::move(told));
  }

  const Transactions& input_;
  const LinesFollowed& followed_;
  const TransactionSpec& spec_;
  const TransactionRoles& roles_;
  const LineTotals& totals_;
  const CustomerTable& customers_;
  LineReview review_;
};

}  // namespace

LineReview review_lines(const Transactions& transactions, const LinesFollowed& followed) {
  return Reviewing(transactions, followed).run();
}

ReturnSums sum_returns(const CustomerTable& customers) {
  ReturnSums sums;
  customers.for_each([&](std::size_t number) {
    const CustomerTotals& customer = customers.totals(number);
    if (customer.returned_lines == 0) {
      sums.gross += customer.counted;
      return;
    }
    LineTotals::Step& step = customer.counted_lines == 0 ? sums.only : sums.all;
    step.rows += customer.returned_lines;
    step.amount += customer.returned;
    if (customer.counted_lines == 0) {
      ++sums.customers_only;
      return;
    }
    ++sums.customers;
    sums.gross += customer.counted;
    sums.returned += customer.returned;
    sums.customers_below_zero += customer.counted + customer.returned < 0 ? 1 : 0;
  });
  return sums;
}

}  // namespace quintile::customers

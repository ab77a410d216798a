#include "quintile/customers/transactions.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/order_statistics.h"
#include "quintile/quality/statistics.h"
#include "quintile/table/gather.h"

namespace quintile::customers {

namespace {

using quality::Decision;
using quality::Detail;
using quality::Finding;
using quality::RowCollector;
using quality::Severity;
using table::Column;

constexpr std::size_t kTopMax = 10;
constexpr std::int64_t kGapDaysMin = 5;  // long weekends are no gap
constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

auto order_of(const OrderRecord& record) { return std::pair(record.key_high, record.key_low); }

}  // namespace

void OrderFacts::merge(const OrderFacts& other) {
  orders += other.orders;
  several_customers += other.several_customers;
  several_moments += other.several_moments;
  conflicts.merge(other.conflicts);
  zero_value += other.zero_value;
  returned += other.returned;
}

OrderFacts count_orders(std::span<OrderRecord> records) {
  std::ranges::sort(records, [](const OrderRecord& a, const OrderRecord& b) {
    if (order_of(a) != order_of(b)) return order_of(a) < order_of(b);
    if (a.customer != b.customer) return a.customer < b.customer;
    return a.first_row < b.first_row;
  });
  OrderFacts facts;
  for (std::size_t begin = 0; begin < records.size();) {
    std::size_t end = begin + 1;
    while (end < records.size() && order_of(records[end]) == order_of(records[begin])) ++end;
    const auto order = records.subspan(begin, end - begin);
    begin = end;
    ++facts.orders;
    std::int64_t lines = 0;
    std::int64_t first_row = order[0].first_row;
    std::int64_t known_customers = 0;
    std::int64_t moment = kNoMoment;
    bool several_moments = false;
    bool is_returned = false;
    for (std::size_t i = 0; i < order.size();) {
      Int128 amount = 0;
      bool counts = false;
      const std::uint32_t customer = order[i].customer;
      for (; i < order.size() && order[i].customer == customer; ++i) {
        lines += order[i].lines;
        first_row = std::min(first_row, order[i].first_row);
        amount += order[i].amount;
        counts = counts || order[i].counts != 0;
        is_returned = is_returned || order[i].returns != 0;
        if (order[i].moment == kNoMoment) continue;
        several_moments = several_moments || (moment != kNoMoment && moment != order[i].moment);
        moment = order[i].moment;
      }
      known_customers += customer != kNoCustomer ? 1 : 0;
      if (!counts) continue;
      facts.customers.push_back(customer);
      facts.zero_value += amount == 0 ? 1 : 0;
    }
    facts.several_customers += known_customers > 1 ? 1 : 0;
    facts.several_moments += several_moments ? 1 : 0;
    facts.returned += is_returned ? 1 : 0;
    if (known_customers > 1 || several_moments) facts.conflicts.add(first_row, lines);
  }
  return facts;
}

std::vector<std::uint32_t> count_days(std::span<DayRecord> records) {
  const auto key = [](const DayRecord& record) { return std::pair(record.customer, record.day); };
  std::ranges::sort(records, {}, key);
  std::vector<std::uint32_t> customers;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i == 0 || key(records[i]) != key(records[i - 1])) customers.push_back(records[i].customer);
  }
  return customers;
}

void CopyFacts::merge(const CopyFacts& other) {
  groups += other.groups;
  rows += other.rows;
  surplus.merge(other.surplus);
}

CopyFacts count_copies(std::span<const CopyRecord> records) {
  // Half full at most. Nearly all hashes are there once, so a table is quicker than a sort.
  struct Slot {
    std::uint64_t hash = 0;
    std::int64_t first_row = 0;
    std::int64_t rows = 0;  ///< 0: free
  };
  std::vector<Slot> slots(std::bit_ceil(records.size() * 2 + 2));
  const std::size_t mask = slots.size() - 1;
  CopyFacts facts;
  for (const CopyRecord& record : records) {
    // The upper bits chose the partition, so the lower ones are spread.
    std::size_t at = (record.hash ^ (record.hash >> 32)) & mask;
    while (slots[at].rows > 0 && slots[at].hash != record.hash) at = (at + 1) & mask;
    Slot& slot = slots[at];
    if (slot.rows == 0) {
      slot = {record.hash, record.row, 1};
      continue;
    }
    facts.groups += slot.rows == 1 ? 1 : 0;
    facts.rows += slot.rows == 1 ? 2 : 1;
    ++slot.rows;
    facts.surplus.add(std::max(slot.first_row, record.row));
    slot.first_row = std::min(slot.first_row, record.row);
  }
  return facts;
}

namespace {

/// The review of the lines in the making, then the customers.
class Cleaning {
 public:
  explicit Cleaning(Transactions&& input)
      : input_(std::move(input)),
        spec_(input_.spec),
        roles_(spec_.roles),
        totals_(input_.totals),
        review_(result_.cleaned.review) {}

  Result<CleanedTransactions> run() {
    result_.cleaned.analysis_day = input_.analysis_day;
    review_.rows = totals_.rows;
    QUINTILE_TRY_STATUS(check_sums());
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
    find_published();
    QUINTILE_TRY_STATUS(follow_lines());
    tell_returns();
    tell_plan_checks();
    tell_outliers();
    tell_gaps();
    balance();
    if (order_.empty()) return nobody_left();
    publish();
    return std::move(result_);
  }

 private:
  void add(Finding finding) { review_.findings.push_back(std::move(finding)); }
  [[nodiscard]] Finding finding(const RowCollector& rows, std::string check, std::string column,
                                Severity severity, Decision decision, std::string reason) const {
    return rows.finding(std::move(check), std::move(column), severity, decision, std::move(reason),
                        totals_.rows);
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
  [[nodiscard]] std::int64_t published_lines(const CustomerTotals& totals) const {
    return totals.counted_lines + (spec_.net ? totals.returned_lines : 0);
  }
  [[nodiscard]] Int128 value_of(const CustomerTotals& totals) const {
    return spec_.net ? totals.counted + totals.returned : totals.counted;
  }

  Status check_sums() {
    constexpr Int128 kLimit = kMoneyLimit;
    for (const CustomerTotals& customer : totals_.customers) {
      for (const Int128 sum : {customer.counted, customer.counted + customer.returned}) {
        if (sum < kLimit && sum > -kLimit) continue;
        return fail(
            ErrorCode::Input,
            fmt::format("the lines of one customer add up to 10^18 minor units or more: {}",
                        money(sum)),
            "correct the lines, or say with money_scale that fewer digits stand after the point");
      }
    }
    return {};
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
      if (index == roles_.customer_id) profile.distinct = totals_.keys.size();
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
        if (column.texts.size() == 0) return;
        profile.distinct = column.texts.size();
        for (std::uint32_t text = 0; text < column.texts.size(); ++text) {
          profile.top.emplace_back(column.texts.text(text), column.text_rows[text]);
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
                    is_money ? fmt::format("no amount with at most {} digits after the point",
                                           totals_.money_scale)
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
    const CopyFacts& copies = input_.copies;
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
    for (const Person& person : totals_.persons) {
      if (!person.several) continue;
      ++ids;
      lines += person.lines;
    }
    if (ids == 0) return;
    const bool stops = spec_.review.duplicate_ids == quality::DuplicateIds::Fail;
    Finding told;
    told.check = "duplicate_identifier";
    told.column = name(roles_.customer_id);
    told.severity = Severity::Warning;
    told.rows = lines;
    told.share = Share{static_cast<double>(lines) / static_cast<double>(totals_.rows)};
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
    spellings_.resize(describing.size());
    for (std::size_t d = 0; d < describing.size(); ++d) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(describing[d])];
      std::vector<std::string_view> texts;
      for (std::uint32_t text = 0; text < column.texts.size(); ++text)
        texts.push_back(column.texts.text(text));
      if (texts.size() > quality::kCategoriesMax) {
        spellings_[d].assign(texts.begin(), texts.end());
        continue;
      }
      spellings_[d] = quality::chosen_spellings(texts, column.text_rows);
      RowCollector rows;
      std::map<std::string, std::int64_t> rows_of_text;
      for (std::size_t text = 0; text < texts.size(); ++text) {
        if (spellings_[d][text] == texts[text]) continue;
        rows.add(column.text_first_row[text], column.text_rows[text]);
        rows_of_text[spellings_[d][text]] += column.text_rows[text];
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
      std::int64_t customers = 0;
      std::int64_t lines = 0;
      for (std::size_t i = 0; i < totals_.attributes[d].size(); ++i) {
        if (!totals_.attributes[d][i].differs) continue;
        ++customers;
        lines += totals_.customers[i].counted_lines;
      }
      if (customers == 0) continue;
      RowCollector none;
      Finding conflict =
          finding(none, "attribute_conflict", name(describing[d]), Severity::Info, Decision::Kept,
                  "customers whose lines disagree: the value of the latest order is published");
      conflict.rows = lines;
      conflict.share = Share{static_cast<double>(lines) /
                             static_cast<double>(std::max<std::int64_t>(1, totals_.rows))};
      conflict.details = {{"customers", customers}};
      add(std::move(conflict));
    }
  }

  void tell_shapes() {
    for (const int index : roles_.describing()) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(index)];
      if (column.present < 2) continue;
      const std::int64_t distinct = column.texts.size();
      const bool is_text = column.type == Type::Text;
      Finding told;
      told.column = name(index);
      told.rows = column.present;
      told.share = Share{static_cast<double>(column.present) / static_cast<double>(totals_.rows)};
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

  /// Those with a line that counts, by (first order date, source customer id).
  void find_published() {
    const std::uint32_t keys = totals_.keys.size();
    if (totals_.keys.all_integers()) {
      table::Buffer<std::int64_t> ids(keys);
      for (std::uint32_t i = 0; i < keys; ++i) ids[i] = totals_.keys.integer(i);
      ids_ = Column::integers(name(roles_.customer_id), std::move(ids));
    } else {
      auto texts = std::make_shared<std::vector<std::string>>(keys);
      table::Buffer<std::string_view> ids(keys);
      for (std::uint32_t i = 0; i < keys; ++i) {
        std::string& text = (*texts)[i];
        text = totals_.keys.is_integer(i) ? std::to_string(totals_.keys.integer(i))
                                          : std::string(totals_.keys.text(i));
        ids[i] = text;
      }
      ids_ = Column::texts(name(roles_.customer_id), std::move(ids), std::move(texts));
    }
    const IdOrder ids(ids_.view);
    std::vector<std::uint32_t> published = ids.sorted_rows();
    std::erase_if(published, [&](std::uint32_t number) {
      return totals_.customers[number].counted_lines == 0;
    });
    std::vector<std::int32_t> first_days(keys);
    for (std::uint32_t i = 0; i < keys; ++i) first_days[i] = totals_.customers[i].first_day;
    // Each id is there once, so no record has to be looked up.
    order_ = *by_first_purchase(std::move(published), first_days, ids,
                                [](std::int64_t) { return std::vector<std::string>{}; });
    id_of_number_.assign(keys, 0);
    for (std::size_t i = 0; i < order_.size(); ++i)
      id_of_number_[order_[i]] = static_cast<std::uint32_t>(i) + 1;
  }

  /// Quarantine and crosswalk, line by line.
  Status follow_lines() {
    CleanedCustomers& cleaned = result_.cleaned;
    std::int64_t published = 0;
    for (const std::uint32_t number : order_)
      published += published_lines(totals_.customers[number]);
    cleaned.crosswalk.source_row.reserve(static_cast<std::size_t>(published));
    cleaned.crosswalk.customer_id.reserve(static_cast<std::size_t>(published));
    return input_.fates([&](const LineFates& lines) {
      for (std::size_t i = 0; i < lines.fates.size(); ++i) {
        const std::int32_t fate = lines.fates[i];
        const std::int64_t row = lines.first_row + static_cast<std::int64_t>(i);
        if (fate < 0) {
          quarantine(row, static_cast<std::size_t>(-1 - fate));
        } else if (id_of_number_[static_cast<std::size_t>(fate)] == 0) {
          returns_only_.add(row);
          quarantine(row, static_cast<std::size_t>(LineFault::ReturnsOnly));
        } else {
          cleaned.crosswalk.source_row.push_back(static_cast<std::uint32_t>(row));
          cleaned.crosswalk.customer_id.push_back(id_of_number_[static_cast<std::size_t>(fate)]);
        }
      }
    });
  }

  void quarantine(std::int64_t row, std::size_t code) {
    if (code >= kLineFaults) {
      const quality::Check& check = spec_.review.checks[code - kLineFaults];
      result_.cleaned.quarantine.push_back(
          {row, check.id, "the plan expects: " + check.expect.source});
      return;
    }
    const auto fault = static_cast<LineFault>(code);
    result_.cleaned.quarantine.push_back(
        {row, std::string(check_of(fault)), std::string(reason_of(fault))});
  }

  void tell_returns() {
    std::int64_t customers = 0, customers_below_zero = 0, customers_only = 0;
    Int128 gross = 0, returned = 0;
    LineTotals::Step only;
    for (const CustomerTotals& totals : totals_.customers) {
      if (totals.counted_lines == 0) {
        customers_only += totals.returned_lines > 0 ? 1 : 0;
        only.rows += totals.returned_lines;
        only.amount += totals.returned;
        continue;
      }
      gross += totals.counted;
      returned += totals.returned;
      customers += totals.returned_lines > 0 ? 1 : 0;
      customers_below_zero += totals.counted + totals.returned < 0 ? 1 : 0;
    }
    // Ignored returns have been taken out as returns already, whoever sent them back.
    if (spec_.net) totals_.taken[static_cast<std::size_t>(LineFault::ReturnsOnly)] = only;
    if (totals_.returns.rows() > 0) {
      Finding told = finding(
          totals_.returns, "returns", amount_name(), Severity::Info,
          spec_.net ? Decision::Kept : Decision::Quarantined,
          spec_.net ? "returns lower what a customer is worth; they are no orders and no dates"
                    : "the plan takes returns out; gross and net are told for comparison");
      told.details = {{"orders", input_.orders.returned},
                      {"customers", customers},
                      {"gross", money(gross)},
                      {"returned", money(returned)},
                      {"net", money(gross + returned)},
                      {"customers_below_zero", customers_below_zero}};
      add(std::move(told));
    }
    if (totals_.positive_returns.rows() > 0) {
      add(finding(totals_.positive_returns, "positive_return", amount_name(), Severity::Warning,
                  spec_.net ? Decision::Kept : Decision::Quarantined,
                  "a return that adds to what the customer is worth: its amount is taken with its "
                  "own sign"));
    }
    if (customers_only > 0) {
      Finding told = finding(
          returns_only_, "returns_only", name(roles_.customer_id), Severity::Warning,
          Decision::Quarantined,
          "customers with nothing but returns have made no order, so they are not published");
      told.rows = only.rows;
      told.share = Share{static_cast<double>(only.rows) /
                         static_cast<double>(std::max<std::int64_t>(1, totals_.rows))};
      told.details = {{"customers", customers_only}, {"returned", money(only.amount)}};
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
    told.share = Share{static_cast<double>(beyond) / static_cast<double>(totals_.rows)};
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

  void balance() {
    auto& waterfall = review_.waterfall;
    LineTotals::Step left = totals_.read;
    waterfall.push_back({"read", left.rows, left.amount});
    const auto put = [&](std::string_view name, std::size_t code) {
      const LineTotals::Step& step = totals_.taken[code];
      if (step.rows == 0) return;
      waterfall.push_back({std::string(name), step.rows, step.amount});
      left.rows -= step.rows;
      left.amount -= step.amount;
    };
    for (std::size_t code = 0; code < kLineFaults; ++code) {
      const auto fault = static_cast<LineFault>(code);
      if (fault != LineFault::PlanCheck) {
        put(check_of(fault), code);
        continue;
      }
      for (std::size_t c = 0; c < spec_.review.checks.size(); ++c)
        put(spec_.review.checks[c].id, kLineFaults + c);
    }
    LineTotals::Step published;
    for (const std::uint32_t number : order_) {
      const CustomerTotals& totals = totals_.customers[number];
      published.rows += published_lines(totals);
      published.amount += value_of(totals);
    }
    waterfall.push_back({"published", published.rows, published.amount});
    QUINTILE_CHECK(quality::balances(waterfall));
    QUINTILE_CHECK(static_cast<std::int64_t>(result_.cleaned.crosswalk.source_row.size()) ==
                   published.rows);
  }

  [[nodiscard]] std::unexpected<Error> nobody_left() const {
    std::string advice = "the review found:";
    for (const Finding& found : review_.findings) {
      if (found.decision == Decision::Quarantined)
        advice += fmt::format(" {} ({} rows);", found.check, found.rows);
    }
    advice.back() = '.';
    return fail(ErrorCode::Input,
                fmt::format("none of the {} lines counts as an order", totals_.rows), advice);
  }

  void publish() {
    Customers& customers = result_.cleaned.customers;
    customers.size = static_cast<std::int64_t>(order_.size());
    customers.money_scale = totals_.money_scale;
    customers.source_customer_id = table::gather(ids_, order_, input_.executor);
    table::Buffer<std::int32_t> first(customers.size), last(customers.size),
        recency(customers.size);
    table::Buffer<std::int64_t> frequency(customers.size), monetary(customers.size),
        average(customers.size);
    result_.gross.resize(order_.size());
    result_.net.resize(order_.size());
    for (std::int64_t i = 0; i < customers.size; ++i) {
      const std::uint32_t number = order_[static_cast<std::size_t>(i)];
      const CustomerTotals& totals = totals_.customers[number];
      first[i] = totals.first_day;
      last[i] = totals.last_day;
      recency[i] = input_.analysis_day - totals.last_day;
      frequency[i] = input_.frequency[number];
      monetary[i] = static_cast<std::int64_t>(value_of(totals));
      average[i] = static_cast<std::int64_t>(divide_half_up(monetary[i], frequency[i]));
      result_.gross[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(totals.counted);
      result_.net[static_cast<std::size_t>(i)] =
          static_cast<std::int64_t>(totals.counted + totals.returned);
    }
    customers.first_purchase_date = Column::dates("first_purchase_date", std::move(first));
    customers.last_purchase_date = Column::dates("last_purchase_date", std::move(last));
    customers.recency_days = Column::days("recency_days", std::move(recency));
    customers.frequency = Column::integers("frequency", std::move(frequency));
    customers.monetary = Column::decimals("monetary", customers.money_scale, std::move(monetary));
    customers.average_order_value =
        Column::decimals("average_order_value", customers.money_scale, std::move(average));
    const auto describing = roles_.describing();
    for (std::size_t d = 0; d < describing.size(); ++d) {
      Column column = attribute(d, describing[d]);
      if (describing[d] == roles_.overlay) {
        customers.overlay = std::move(column);
      } else if (describing[d] == roles_.consent) {
        customers.consent = std::move(column);
      } else {
        customers.attributes.push_back(std::move(column));
      }
    }
  }

  [[nodiscard]] Column attribute(std::size_t d, int index) const {
    const LineColumn& source = totals_.columns[static_cast<std::size_t>(index)];
    const auto size = static_cast<std::int64_t>(order_.size());
    table::Buffer<std::uint8_t> valid(size);
    bool all_valid = true;
    for (std::int64_t i = 0; i < size; ++i) {
      valid[i] = totals_.attributes[d][order_[static_cast<std::size_t>(i)]].is_there ? 1 : 0;
      all_valid = all_valid && valid[i] != 0;
    }
    if (all_valid) valid = {};
    const auto filled = [&]<typename T>(T, const auto& convert) {
      table::Buffer<T> values(size);
      for (std::int64_t i = 0; i < size; ++i) {
        const LatestValue& latest = totals_.attributes[d][order_[static_cast<std::size_t>(i)]];
        values[i] = latest.is_there ? convert(latest.value) : T{};
      }
      return values;
    };
    const auto plain = [&]<typename T>(T type) {
      return filled(type, [](std::int64_t value) { return static_cast<T>(value); });
    };
    switch (source.type) {
      case Type::Boolean:
        return Column::booleans(name(index), plain(std::uint8_t{}), std::move(valid));
      case Type::Integer:
        return Column::integers(name(index), plain(std::int64_t{}), std::move(valid));
      case Type::Decimal:
        return Column::decimals(name(index), source.scale, plain(std::int64_t{}), std::move(valid));
      case Type::Date: return Column::dates(name(index), plain(std::int32_t{}), std::move(valid));
      case Type::Timestamp:
        return Column::timestamps(name(index), plain(std::int64_t{}), std::move(valid));
      case Type::Real:
        return Column::reals(
            name(index),
            filled(double{}, [](std::int64_t bits) { return from_ordered_bits(bits); }),
            std::move(valid));
      case Type::Text: break;
    }
    std::map<std::string_view, std::int32_t> code_of_text;
    std::vector<std::int32_t> codes;
    std::vector<std::string> distinct;
    for (const std::string& text : spellings_[d]) {
      const auto [entry, is_new] =
          code_of_text.try_emplace(text, static_cast<std::int32_t>(distinct.size()));
      if (is_new) distinct.push_back(text);
      codes.push_back(entry->second);
    }
    return table::with_sorted_dictionary(Column::codes(
        name(index),
        filled(std::int32_t{},
               [&](std::int64_t text) { return codes[static_cast<std::size_t>(text)]; }),
        table::Dictionary::of(std::move(distinct)), std::move(valid)));
  }

  Transactions input_;
  const TransactionSpec& spec_;
  const TransactionRoles& roles_;
  LineTotals& totals_;
  CleanedTransactions result_;
  quality::Review& review_;
  std::vector<std::vector<std::string>> spellings_;  ///< by attribute, then text: as it is written
  Column ids_;                                       ///< by customer number
  std::vector<std::uint32_t> order_;                 ///< customer numbers, in `customer_id` order
  std::vector<std::uint32_t> id_of_number_;          ///< 0: not published
  RowCollector returns_only_;
};

}  // namespace

Result<CleanedTransactions> clean(Transactions&& transactions) {
  if (transactions.spec.review.duplicate_ids.value_or(quality::DuplicateIds::Fail) !=
      quality::DuplicateIds::Fail) {
    return fail(ErrorCode::Plan,
                "review.duplicate_ids: regenerate and keep_latest are for grain customer",
                "order lines share their customer's id by nature, so it is trusted; leave the key "
                "out, or say fail");
  }
  if (transactions.totals.rows > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::Input,
                fmt::format("{} lines are more than a run may have (4,294,967,295)",
                            transactions.totals.rows),
                "split the file by customer");
  }
  if (transactions.totals.rows == 0)
    return fail(ErrorCode::Input, "the input has no data rows",
                "the header alone makes no customers");
  return Cleaning(std::move(transactions)).run();
}

}  // namespace quintile::customers

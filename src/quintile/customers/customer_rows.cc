#include "quintile/customers/customer_rows.h"

#include <array>
#include <limits>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/customers/customer_review_internal.h"
#include "quintile/customers/stretches_internal.h"
#include "quintile/table/gather.h"

namespace quintile::customers {

namespace {

using table::Column;

/// What was taken out under one fault, or left.
struct Step {
  std::int64_t rows = 0;
  Int128 monetary = 0;
  void add(Int128 money) {
    ++rows;
    monetary += money;
  }
};

/// Quarantine and waterfall: every row taken out stands in both, under its first fault.
class Balance {
 public:
  Balance(const CustomerRows& input, const ReviewedRows& rows)
      : checks_(input.review.checks), plan_steps_(checks_.size()) {
    const ColumnView& total = rows.columns[static_cast<std::size_t>(input.roles.monetary)].view;
    const auto totals = total.values<std::int64_t>();
    for (std::int64_t row = 0; row < total.size; ++row) {
      const std::int64_t money = total.is_valid(row) ? totals[static_cast<std::size_t>(row)] : 0;
      read_.add(money);
      if (rows.faults.is_sound(row)) {
        left_.add(money);
      } else {
        take_out(row, money, rows.faults);
      }
    }
  }

  [[nodiscard]] std::int64_t rows_left() const { return left_.rows; }
  [[nodiscard]] quality::Quarantine take_quarantine() { return std::move(quarantine_); }

  [[nodiscard]] std::vector<quality::WaterfallStep> waterfall() const {
    std::vector<quality::WaterfallStep> waterfall;
    const auto put = [&](std::string_view name, const Step& step) {
      waterfall.push_back({std::string(name), step.rows, step.monetary});
    };
    put("read", read_);
    // Both kinds of missing values are one step, as they are one check.
    auto steps = steps_;
    steps[Missing].rows += steps[NoIdentity].rows;
    steps[Missing].monetary += steps[NoIdentity].monetary;
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
      if (fault != PlanCheck && fault != NoIdentity && steps[fault].rows > 0)
        put(kFaultChecks[fault], steps[fault]);
      if (fault != PlanCheck) continue;
      for (std::size_t c = 0; c < plan_steps_.size(); ++c) {
        if (plan_steps_[c].rows > 0) put(checks_[c].id, plan_steps_[c]);
      }
    }
    put("published", left_);
    QUINTILE_CHECK(quality::balances(waterfall));
    return waterfall;
  }

 private:
  void take_out(std::int64_t row, Int128 money, const RowFaults& faults) {
    const Fault fault = faults.first(row);
    if (fault == PlanCheck) {
      const std::size_t number = faults.check(row);
      plan_steps_[number].add(money);
      const quality::Check& check = checks_[number];
      quarantine_.push_back({row, check.id, "the plan expects: " + check.expect.source});
    } else {
      steps_[fault].add(money);
      quarantine_.push_back(
          {row, std::string(kFaultChecks[fault]), std::string(kFaultReasons[fault])});
    }
  }

  const std::vector<quality::Check>& checks_;
  Step read_, left_;
  std::array<Step, kFaults> steps_{};
  std::vector<Step> plan_steps_;
  quality::Quarantine quarantine_;
};

/// Customers out of reviewed rows, in the order of their ids. Columns are made side by side, and
/// each read one is let go as soon as it has been used.
class Publication {
 public:
  Publication(const CustomerRows& input, std::vector<Column> columns, std::int32_t analysis_day,
              std::span<const std::uint32_t> order)
      : roles_(input.roles),
        columns_(std::move(columns)),
        analysis_day_(analysis_day),
        order_(order),
        executor_(input.executor) {
    customers_.size = static_cast<std::int64_t>(order.size());
    customers_.money_scale = input.money_scale;
  }

  /// `beside` is run at the same time.
  Customers run(std::function<void()> beside) {
    std::vector<std::function<void()>> tasks = {std::move(beside)};
    const auto take_later = [&](int index, Column& to) {
      tasks.emplace_back([this, index, &to] { to = take(index); });
    };
    tasks.emplace_back([this] { set_orders(); });
    tasks.emplace_back([this] { set_recency(); });
    take_later(roles_.customer_id, customers_.source_customer_id);
    customers_.attributes.resize(roles_.attributes.size());
    for (std::size_t i = 0; i < roles_.attributes.size(); ++i)
      take_later(roles_.attributes[i], customers_.attributes[i]);
    if (roles_.overlay >= 0) take_later(roles_.overlay, customers_.overlay.emplace());
    if (roles_.consent >= 0) take_later(roles_.consent, customers_.consent.emplace());
    if (roles_.first_purchase_date >= 0)
      take_later(roles_.first_purchase_date, customers_.first_purchase_date.emplace());
    executor_(static_cast<std::int64_t>(tasks.size()),
              [&](std::int64_t i) { tasks[static_cast<std::size_t>(i)](); });
    if (customers_.first_purchase_date)
      customers_.first_purchase_date->name = "first_purchase_date";
    return std::move(customers_);
  }

 private:
  /// A column's values in the new order. Texts in order of their bytes, so that the order of the
  /// rows leaves no trace.
  [[nodiscard]] Column take(int index) {
    const Column source = std::move(columns_[static_cast<std::size_t>(index)]);
    Column taken = table::with_sorted_dictionary(table::gather(source, order_));
    if (taken.view.valid != nullptr && taken.missing() == 0) {
      taken.view.valid = nullptr;
      taken.valid_owner.reset();
    }
    return taken;
  }

  void set_recency() {
    const int index = last_purchase(roles_);
    const Column source = std::move(columns_[static_cast<std::size_t>(index)]);
    const bool days_ago = index == roles_.recency_days;
    table::Buffer<std::int32_t> recency(customers_.size);
    table::Buffer<std::int32_t> last(customers_.size);
    for (std::int64_t i = 0; i < customers_.size; ++i) {
      const auto value =
          static_cast<std::int32_t>(source.view.integer(order_[static_cast<std::size_t>(i)]));
      recency[i] = days_ago ? value : analysis_day_ - value;
      last[i] = days_ago ? analysis_day_ - value : value;
    }
    customers_.recency_days = Column::days("recency_days", std::move(recency));
    customers_.last_purchase_date = Column::dates("last_purchase_date", std::move(last));
  }

  void set_orders() {
    customers_.monetary = take(roles_.monetary);
    customers_.monetary.name = "monetary";
    const auto totals = customers_.value();
    const bool counted = roles_.frequency >= 0;
    const bool averaged = roles_.average_order_value >= 0;
    if (counted) customers_.frequency = take(roles_.frequency);
    if (averaged) customers_.average_order_value = take(roles_.average_order_value);
    if (!counted) {
      const auto averages = customers_.average_order_value.view.values<std::int64_t>();
      table::Buffer<std::int64_t> orders(customers_.size);
      for (std::int64_t i = 0; i < customers_.size; ++i)
        orders[i] = orders_implied(totals[static_cast<std::size_t>(i)],
                                   averages[static_cast<std::size_t>(i)]);
      customers_.frequency = Column::integers("frequency", std::move(orders));
    }
    if (!averaged) {
      const auto orders = customers_.orders();
      table::Buffer<std::int64_t> averages(customers_.size);
      for (std::int64_t i = 0; i < customers_.size; ++i)
        averages[i] = static_cast<std::int64_t>(divide_half_up(
            totals[static_cast<std::size_t>(i)], orders[static_cast<std::size_t>(i)]));
      customers_.average_order_value =
          Column::decimals("average_order_value", customers_.money_scale, std::move(averages));
    }
    customers_.frequency.name = "frequency";
    customers_.average_order_value.name = "average_order_value";
  }

  const CustomerRoles& roles_;
  std::vector<Column> columns_;
  std::int32_t analysis_day_;
  std::span<const std::uint32_t> order_;
  const Executor& executor_;
  Customers customers_;
};

/// Which customer each published row became, by row.
Crosswalk crosswalk_of(std::span<const std::uint32_t> order, std::int64_t rows) {
  table::UnsetVector<std::uint32_t> id_of_row(static_cast<std::size_t>(rows), 0U);
  for (std::size_t i = 0; i < order.size(); ++i)
    id_of_row[order[i]] = static_cast<std::uint32_t>(i) + 1;
  Crosswalk crosswalk;
  crosswalk.source_row.reserve(order.size());
  for (std::size_t row = 0; row < id_of_row.size(); ++row) {
    if (id_of_row[row] != 0) crosswalk.source_row.push_back(static_cast<std::uint32_t>(row));
  }
  std::erase(id_of_row, 0U);
  crosswalk.customer_id = std::move(id_of_row);
  return crosswalk;
}

}  // namespace

std::vector<std::pair<int, std::string>> CustomerRoles::named() const {
  std::vector<std::pair<int, std::string>> named;
  const auto name = [&](int index, std::string role) {
    if (index >= 0) named.emplace_back(index, std::move(role));
  };
  name(customer_id, "customer_id");
  name(first_purchase_date, "first_purchase_date");
  name(last_purchase_date, "last_purchase_date");
  name(recency_days, "recency_days");
  name(monetary, "monetary");
  name(average_order_value, "average_order_value");
  name(frequency, "frequency");
  for (const int index : attributes) name(index, "attribute");
  for (const int index : personal) name(index, "personal");
  name(overlay, "overlay");
  name(consent, "consent");
  for (const int index : unused) name(index, "unused");
  return named;
}

Result<CleanedCustomers> clean(CustomerRows input) {
  if (input.table.rows > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::Input,
                fmt::format("{} rows are more than a customer file may have (4,294,967,295)",
                            input.table.rows));
  }
  if (input.table.rows == 0)
    return fail(ErrorCode::Input, "the input has no data rows",
                "the header alone makes no customers");
  QUINTILE_TRY(ReviewedRows rows, review_rows(input));
  // Ten million rows take a gigabyte as read: nothing is kept for longer than it is needed.
  const std::int64_t rows_read = input.table.rows;
  input.table = {};
  input.record_hashes = {};
  for (const auto* looked_at :
       {&input.roles.personal, &input.roles.personal_texts, &input.roles.unused}) {
    for (const int index : *looked_at) rows.columns[static_cast<std::size_t>(index)] = {};
  }

  CleanedCustomers cleaned;
  Balance balance(input, rows);
  cleaned.review = std::move(rows.review);
  cleaned.review.waterfall = balance.waterfall();
  cleaned.quarantine = balance.take_quarantine();
  cleaned.analysis_day = rows.analysis_day;
  if (balance.rows_left() == 0) return nobody_left(cleaned.review);

  if (balance.rows_left() < rows_read)
    rows.ids.filter([&](std::uint32_t row) { return rows.faults.is_sound(row); });
  std::span<const std::int32_t> days;
  if (input.roles.first_purchase_date >= 0) {
    days = rows.columns[static_cast<std::size_t>(input.roles.first_purchase_date)]
               .view.values<std::int32_t>();
  }
  QUINTILE_TRY(const std::vector<std::uint32_t> order,
               by_first_purchase(std::move(rows.ids), days, input.records, input.executor));
  QUINTILE_CHECK(static_cast<std::int64_t>(order.size()) == balance.rows_left());
  const Column ids = rows.columns[static_cast<std::size_t>(input.roles.customer_id)];
  cleaned.customers =
      Publication(input, std::move(rows.columns), rows.analysis_day, order).run([&] {
        cleaned.crosswalk = crosswalk_of(order, rows_read);
      });
  cleaned.crosswalk_source_ids =
      cleaned.crosswalk.source_row.size() == static_cast<std::size_t>(rows_read)
          ? ids
          : table::gather(ids, cleaned.crosswalk.source_row, input.executor);
  return cleaned;
}

}  // namespace quintile::customers

#include <numeric>
#include <utility>

#include "quintile/customers/identifiers.h"
#include "quintile/customers/order_counts.h"
#include "quintile/customers/transaction_lines.h"
#include "quintile/quality/statistics.h"

#include "kernels.h"

namespace quintile::instructions {

namespace {

using customers::LineAggregator;
using customers::LineRecords;
using customers::LineTotals;
using customers::TransactionSpec;
using table::Buffer;
using table::Column;
using table::ReadColumn;

constexpr std::int64_t kLinesAnOrder = 4;
constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

template <typename T, typename Value>
Buffer<T> rows_of(const Value& value) {
  Buffer<T> rows(kRows);
  for (std::int64_t row = 0; row < kRows; ++row) rows[row] = static_cast<T>(value(row));
  return rows;
}

/// A batch of order lines, four an order, a tenth of the orders returns ("C" before the id), and
/// what a plan makes of them.
struct Lines {
  TransactionSpec spec;
  table::Batch batch;
  std::vector<std::string> orders;

  explicit Lines(std::uint64_t seed) {
    const auto order_of = [](std::int64_t row) {
      return static_cast<std::size_t>(row / kLinesAnOrder);
    };
    const auto customer = numbers(2000, seed), day = numbers(730, seed + 1),
               cents = numbers(20'000, seed + 2), country = numbers(8, seed + 3);
    for (std::int64_t row = 0; row < kRows; row += kLinesAnOrder) {
      const std::int64_t order = row / kLinesAnOrder;
      orders.push_back((order % 10 == 0 ? "C" : "") +
                       std::to_string(seed % 100 * 1'000'000 + order));
    }
    add({"customer", table::Reading::Identifier},
        Column::integers("customer",
                         rows_of<std::int64_t>([&](auto row) { return customer[order_of(row)]; })));
    add({"order", table::Reading::Identifier},
        Column::texts("order", rows_of<std::string_view>([&](auto row) {
                        return std::string_view(orders[order_of(row)]);
                      }),
                      nullptr));
    add({"day", table::Reading::Moment},
        Column::timestamps("day", rows_of<std::int64_t>([&](auto row) {
                             return (19'000 + day[order_of(row)]) * kMicrosecondsADay;
                           })));
    add({"amount", table::Reading::Money},
        Column::decimals("amount", 2, rows_of<std::int64_t>([&](auto row) {
                           return order_of(row) % 10 == 0 ? -cents[static_cast<std::size_t>(row)]
                                                          : cents[static_cast<std::size_t>(row)];
                         })));
    add({"country", table::Reading::Inferred},
        Column::codes("country",
                      rows_of<std::int32_t>([&](auto row) { return country[order_of(row)]; }),
                      table::Dictionary::of({"AT", "DE", "ES", "FR", "IT", "NL", "PL", "PT"})));
    spec.roles = {.customer_id = 0, .order_id = 1, .order_date = 2, .amount = 3, .attributes = {4}};
    spec.returns = *expression::parse("starts_with(order, \"C\")");
    batch.rows = kRows;
    batch.record_hash.resize(kRows);
    std::iota(batch.record_hash.begin(), batch.record_hash.end(), seed);
  }

 private:
  void add(table::ColumnRequest request, Column column) {
    spec.columns.push_back(std::move(request));
    batch.columns.push_back({.column = std::move(column)});
  }
};

void add_lines() {
  const Lines lines(1);
  LineAggregator aggregator(lines.spec);
  LineRecords records;
  measured([&] { static_cast<void>(aggregator.add(lines.batch, records)); });
}

void merge_totals() {
  const Lines one(1), other(2);
  LineAggregator a(one.spec), b(other.spec);
  LineRecords records;
  static_cast<void>(a.add(one.batch, records));
  static_cast<void>(b.add(other.batch, records));
  measured([&] { static_cast<void>(merge(a.totals(), std::move(b.totals()), one.spec)); });
}

void count_orders() {
  const Lines lines(1);
  LineAggregator aggregator(lines.spec);
  LineRecords records;
  static_cast<void>(aggregator.add(lines.batch, records));
  measured(
      [&] { static_cast<void>(customers::count_orders(records.orders, lines.batch.record_hash)); });
}

/// New ids by first purchase.
void number_customers() {
  const auto ids = numbers(10'000), days = numbers(2000, 2);
  const std::vector<std::int32_t> first_days(days.begin(), days.end());
  const ColumnView view = view_of(ids);
  const customers::Records records{
      .is_number = {true},
      .cells = [&](std::size_t, std::span<const std::int64_t> rows)
          -> Result<std::vector<std::string>> { return std::vector<std::string>(rows.size()); }};
  measured([&] {
    const customers::IdOrder order(view);
    static_cast<void>(customers::by_first_purchase(order.sorted(), first_days, records));
  });
}

}  // namespace

void add_customers(Kernels& kernels) {
  kernels["quality.count_distinct.close"] = [] {
    const auto values = numbers(10'000);
    measured([&] { static_cast<void>(quality::count_distinct(view_of(values))); });
  };
  kernels["quality.count_distinct.far"] = [] {
    const auto values = numbers(std::int64_t{1} << 62);
    measured([&] { static_cast<void>(quality::count_distinct(view_of(values))); });
  };
  kernels["quality.describe"] = [] {
    const auto values = numbers(10'000);
    measured([&] { static_cast<void>(quality::describe(view_of(values))); });
  };
  kernels["customers.number"] = number_customers;
  kernels["lines.add"] = add_lines;
  kernels["lines.merge"] = merge_totals;
  kernels["lines.count_orders"] = count_orders;
}

}  // namespace quintile::instructions

#include <numeric>
#include <utility>

#include "quintile/customers/customer_table.h"
#include "quintile/customers/identifiers.h"
#include "quintile/customers/order_counts.h"
#include "quintile/customers/transaction_lines.h"
#include "quintile/quality/statistics.h"

#include "kernels.h"

namespace quintile::instructions {

namespace {

using customers::CustomerTable;
using customers::LineAggregator;
using customers::LineRecords;
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

  Lines() {
    const auto order_of = [](std::int64_t row) {
      return static_cast<std::size_t>(row / kLinesAnOrder);
    };
    const auto customer = numbers(2000), day = numbers(730, 1), cents = numbers(20'000, 2),
               country = numbers(8, 3);
    for (std::int64_t row = 0; row < kRows; row += kLinesAnOrder) {
      const std::int64_t order = row / kLinesAnOrder;
      orders.push_back((order % 10 == 0 ? "C" : "") + std::to_string(order));
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
    std::iota(batch.record_hash.begin(), batch.record_hash.end(), 1);
  }

 private:
  void add(table::ColumnRequest request, Column column) {
    spec.columns.push_back(std::move(request));
    batch.columns.push_back({.column = std::move(column)});
  }
};

/// One thread's part of an aggregation.
struct Aggregation {
  Lines lines;
  customers::AttributeTexts texts;
  LineAggregator aggregator{lines.spec, [this](std::size_t, std::span<const std::string_view> asked,
                                               std::span<const customers::AttributeText*> found) {
                              for (std::size_t i = 0; i < asked.size(); ++i)
                                found[i] = &texts.find_or_add(asked[i]);
                            }};

  void read() { static_cast<void>(aggregator.read(lines.batch)); }
  void add() {
    CustomerTable table(1, false);
    for (std::size_t shard = 0; shard < customers::kCustomerShards; ++shard)
      table.add(shard, aggregator.runs());
  }
};

void read_lines() {
  Aggregation aggregation;
  measured([&] { aggregation.read(); });
}

void add_runs() {
  Aggregation aggregation;
  aggregation.read();
  measured([&] { aggregation.add(); });
}

void count_orders() {
  Aggregation aggregation;
  aggregation.read();
  aggregation.add();
  LineRecords records;
  aggregation.aggregator.record(aggregation.lines.batch, records);
  measured([&] {
    static_cast<void>(customers::count_orders(records.orders, aggregation.lines.batch.record_hash));
  });
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
  kernels["lines.read"] = read_lines;
  kernels["lines.add"] = add_runs;
  kernels["lines.count_orders"] = count_orders;
}

}  // namespace quintile::instructions

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/customers/customer_rows.h"
#include "quintile/customers/customer_table.h"
#include "quintile/customers/order_counts.h"

/// Transaction grain, second half: what the lines add up to, to a review and cleaned customers.
/// docs/formats/transactions.md tells the steps and findings.
namespace quintile::customers {

/// The fates of consecutive lines; customers by number.
struct LineFates {
  std::int64_t first_row = 0;
  std::span<const FateRun> runs;
};

/// The fates of all lines in stretches, in row order. Stretches may be read by several threads at
/// once, more than once.
struct AllFates {
  std::int64_t stretches = 0;
  /// What is handed out may lie in `buffer`.
  std::function<Result<LineFates>(std::int64_t stretch, std::vector<FateRun>& buffer)> read;
};

struct Transactions {
  const TransactionSpec& spec;
  LineTotals totals;
  CustomerTable customers;
  std::vector<std::int64_t> frequency;  ///< by customer number: orders, days or lines that count
  OrderFacts orders;
  std::int32_t analysis_day = 0;
  AllFates fates;
  Executor executor = run_serially;
};

struct CleanedTransactions {
  CleanedCustomers cleaned;
  /// Without and with returns, minor units, one a customer in `customer_id` order.
  std::vector<std::int64_t> gross, net;
};

/// Customers in the order of (first order date, source customer id), with review, waterfall,
/// quarantine and crosswalk. Errors: Input where no customer is left, or a customer's sum reaches
/// 10^18 minor units.
[[nodiscard]] Result<CleanedTransactions> clean(Transactions&& transactions);

}  // namespace quintile::customers

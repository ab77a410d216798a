#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/customers/customer_rows.h"
#include "quintile/customers/transaction_lines.h"

/// Transaction grain, second half: what the lines add up to, to a review and cleaned customers.
/// docs/formats/transactions.md tells the steps and findings.
namespace quintile::customers {

/// What the orders of some partition of all order ids show.
struct OrderFacts {
  std::int64_t orders = 0;               ///< distinct order ids
  std::int64_t several_customers = 0;    ///< ids under which more than one customer stands
  std::int64_t several_moments = 0;      ///< ids with more than one time stamp
  quality::RowCollector conflicts;       ///< lines of either
  std::int64_t zero_value = 0;           ///< orders that count and whose lines add up to nothing
  std::int64_t returned = 0;             ///< ids with a return among their lines
  std::vector<std::uint32_t> customers;  ///< one entry for each order that counts

  void merge(const OrderFacts& other);
};

/// Counts orders exactly: an id counts once for each customer who has a line that counts under it.
/// All lines of an id are in `records`, in any order; they are sorted in place.
[[nodiscard]] OrderFacts count_orders(std::span<OrderRecord> records);

/// The customers of the distinct (customer, day) pairs; `records` are sorted in place.
[[nodiscard]] std::vector<std::uint32_t> count_days(std::span<DayRecord> records);

struct CopyRecord {
  std::uint64_t hash = 0;
  std::int64_t row = 0;
};
struct CopyFacts {
  std::int64_t groups = 0, rows = 0;
  quality::RowCollector surplus;  ///< rows beyond the first of each group

  void merge(const CopyFacts& other);
};
/// Groups of equal lines by their hashes, all lines of a hash being among `records`.
[[nodiscard]] CopyFacts count_copies(std::span<const CopyRecord> records);

/// The fates of consecutive lines; customers by number in the merged totals.
struct LineFates {
  std::int64_t first_row = 0;
  std::span<const std::int32_t> fates;
};

struct Transactions {
  const TransactionSpec& spec;
  LineTotals totals;
  std::vector<std::int64_t> frequency;  ///< by customer number: orders, days or lines that count
  OrderFacts orders;
  CopyFacts copies;
  std::int32_t analysis_day = 0;
  /// Hands the fates of all lines to `take`, in row order.
  std::function<Status(const std::function<void(const LineFates&)>& take)> fates;
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

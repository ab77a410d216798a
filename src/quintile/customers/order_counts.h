#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quintile/customers/transaction_lines.h"
#include "quintile/quality/attribute_checks.h"

/// Transaction grain: exact counts of orders, days and equal lines. Each function takes all records
/// of the keys that it is to count, in any order.
namespace quintile::customers {

/// A line by the hash of all its cells.
struct CopyRecord {
  std::uint64_t hash = 0;
  std::int64_t row = 0;
};

/// Groups of equal lines.
struct CopyFacts {
  std::int64_t groups = 0, rows = 0;
  quality::RowCollector surplus;  ///< rows beyond the first of each group

  void merge(const CopyFacts& other);
};

/// What the orders of some partition of all order ids show.
struct OrderFacts {
  std::int64_t orders = 0;               ///< distinct order ids
  std::int64_t several_customers = 0;    ///< ids under which more than one customer stands
  std::int64_t several_moments = 0;      ///< ids with more than one time stamp
  quality::RowCollector conflicts;       ///< lines of either
  std::int64_t zero_value = 0;           ///< orders that count and whose lines add up to nothing
  std::int64_t returned = 0;             ///< ids with a return among their lines
  std::vector<std::uint32_t> customers;  ///< one entry for each order that counts
  CopyFacts copies;                      ///< equal lines, which have one order id

  void merge(const OrderFacts& other);  ///< but for `customers`
};

/// Counts orders: an id counts once for each customer who has a line that counts under it.
/// `hashes`: those of all lines, record by record; empty where equal lines are not looked for.
[[nodiscard]] OrderFacts count_orders(std::span<const OrderRecord> records,
                                      std::span<const std::uint64_t> hashes);

/// The customers of the distinct (customer, day) pairs; `records` are sorted in place.
[[nodiscard]] std::vector<std::uint32_t> count_days(std::span<DayRecord> records);

/// Groups of equal lines by their hashes.
[[nodiscard]] CopyFacts count_copies(std::span<const CopyRecord> records);

}  // namespace quintile::customers

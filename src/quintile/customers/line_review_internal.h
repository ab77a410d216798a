#pragma once

#include <string>
#include <vector>

#include "quintile/customers/transactions.h"

namespace quintile::customers {

/// What only a walk over all lines tells.
struct LinesFollowed {
  quality::RowCollector returns_only;            ///< of customers with nothing but returns
  std::vector<quality::RowCollector> conflicts;  ///< by `describing()`: of customers whose lines
                                                 ///< disagree; examples alone
};

/// The review of order lines: columns' profiles and findings, in the order of the documentation.
/// `spellings`: by attribute, then by the number of a text, as it is to be written.
struct LineReview {
  std::vector<quality::ColumnProfile> columns;
  std::vector<quality::Finding> findings;
  std::vector<std::vector<std::string>> spellings;
};
[[nodiscard]] LineReview review_lines(const Transactions& transactions,
                                      const LinesFollowed& followed);

/// What a customer's returns come to, and who sends back only.
struct ReturnSums {
  std::int64_t customers = 0;             ///< with orders and returns
  std::int64_t customers_below_zero = 0;  ///< of those
  std::int64_t customers_only = 0;        ///< with nothing but returns
  Int128 gross = 0, returned = 0;         ///< of customers with orders
  LineTotals::Step all, only;             ///< the lines of the former, of the latter
};
[[nodiscard]] ReturnSums sum_returns(const CustomerTable& customers);

}  // namespace quintile::customers

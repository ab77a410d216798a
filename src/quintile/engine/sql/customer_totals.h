#pragma once

#include "quintile/engine/sql/order_lines.h"
#include "quintile/engine/sql/temporary_tables.h"

namespace quintile::engine::sql {

/// What each customer's lines add up to, at the engine: a table, one row a customer, those with
/// nothing but returns included:
///
///     q_customer, q_first, q_last, q_lines, q_returns, q_gross, q_returned, q_frequency
///
/// `q_lines` that count, first and last day of them, their amounts; usable returns and theirs.
class CustomerTotals {
 public:
  /// Errors: Input where one customer's lines add up to more than an amount may be; those of the
  /// session.
  [[nodiscard]] static Result<CustomerTotals> of(Session& session, TemporaryTables& tables,
                                                 const Dialect& dialect, const OrderLines& lines);

  [[nodiscard]] const Sql& table() const { return table_; }

  /// Customers with a line that counts, or those with nothing but returns.
  struct Group {
    std::int64_t customers = 0, with_return = 0, below_zero = 0;
    std::int64_t lines = 0, returns = 0;
    std::int64_t gross = 0, returned = 0;  ///< minor units
  };
  Group ordered, returned_only;

 private:
  Sql table_;
};

}  // namespace quintile::engine::sql

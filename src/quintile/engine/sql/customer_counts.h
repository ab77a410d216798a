#pragma once

#include <utility>
#include <vector>

#include "quintile/engine/sql/column_counts.h"
#include "quintile/engine/sql/customer_records.h"
#include "quintile/engine/sql/numbering.h"

namespace quintile::engine::sql {

/// The guard of customer rows: what one statement counts of them, by what becomes of a row.
class CustomerCounts {
 public:
  /// `records` must have its analysis date.
  /// Errors: Input where there are no rows, or an amount is too large; Unsupported where sums may
  /// not fit into the engine's 64 bits; those of the session.
  [[nodiscard]] static Result<CustomerCounts> of(Session& session, const Dialect& dialect,
                                                 const CustomerRecords& records);

  [[nodiscard]] const Tally& tally() const { return tally_; }  ///< by fate
  [[nodiscard]] std::int64_t rows() const { return tally_.rows(); }
  [[nodiscard]] const ColumnCounts& columns() const { return columns_; }
  [[nodiscard]] const PlanConditions& conditions() const { return conditions_; }
  [[nodiscard]] const SourceIds& ids() const { return ids_; }

  [[nodiscard]] Int128 monetary() const { return tally_.total(monetary_); }
  [[nodiscard]] std::int64_t monetary_of(std::int64_t fate) const {
    return tally_.of(fate, monetary_);
  }
  // Rows; 0 of what was not asked for.
  [[nodiscard]] std::int64_t copies() const { return rows_of(copies_); }
  [[nodiscard]] std::int64_t date_order() const { return rows_of(date_order_); }
  [[nodiscard]] std::int64_t below_one_order() const { return rows_of(below_one_order_); }
  /// By column.
  [[nodiscard]] std::vector<std::pair<int, std::int64_t>> future() const {
    return rows_of(future_);
  }
  [[nodiscard]] std::vector<std::pair<int, std::int64_t>> order_values() const {
    return rows_of(order_values_);
  }

 private:
  explicit CustomerCounts(const CustomerRecords& records);
  [[nodiscard]] std::int64_t rows_of(int number) const {
    return number < 0 ? 0 : tally_.count(number);
  }
  [[nodiscard]] std::vector<std::pair<int, std::int64_t>> rows_of(
      const std::vector<std::pair<int, int>>& numbers) const;

  Tally tally_;
  ColumnCounts columns_;
  PlanConditions conditions_;
  SourceIds ids_;
  int monetary_ = -1, greatest_ = -1, copies_ = -1, date_order_ = -1, below_one_order_ = -1;
  std::vector<std::pair<int, int>> future_, order_values_;  ///< column and number
};

}  // namespace quintile::engine::sql

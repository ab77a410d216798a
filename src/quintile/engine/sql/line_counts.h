#pragma once

#include <array>
#include <utility>
#include <vector>

#include "quintile/engine/sql/column_counts.h"
#include "quintile/engine/sql/numbering.h"
#include "quintile/engine/sql/order_lines.h"

namespace quintile::engine::sql {

/// The guard of order lines: what one statement counts of them, by what becomes of a line.
class LineCounts {
 public:
  /// Counts, and gives `lines` the analysis date where the plan leaves it to the last purchase: a
  /// second time where lines lie after it. Then reads identifiers of `lines` as they stand where
  /// that is the same.
  /// Errors: Input where there are no rows, or an amount is too large; Unsupported where sums may
  /// not fit into the engine's 64 bits; those of the session.
  [[nodiscard]] static Result<LineCounts> of(Session& session, const Dialect& dialect,
                                             OrderLines& lines);

  [[nodiscard]] const Tally& tally() const { return tally_; }  ///< by fate
  [[nodiscard]] std::int64_t rows() const { return tally_.rows(); }
  [[nodiscard]] int passes() const { return passes_; }
  [[nodiscard]] const ColumnCounts& columns() const { return columns_; }
  [[nodiscard]] const PlanConditions& conditions() const { return conditions_; }
  [[nodiscard]] const SourceIds& ids() const { return ids_; }
  /// True where all order ids are integers in their plain form.
  [[nodiscard]] bool orders_are_integers() const;

  // Money.
  [[nodiscard]] Int128 amount() const { return tally_.total(amount_); }
  [[nodiscard]] std::int64_t amount_of(std::int64_t fate) const { return tally_.of(fate, amount_); }

  // Rows. Without a number that is asked for: 0.
  [[nodiscard]] std::int64_t inexact() const { return rows_of(inexact_); }
  [[nodiscard]] std::int64_t future() const { return rows_of(future_); }
  struct Signs {
    std::int64_t rows = 0, counted = 0;       ///< all of this sign; those that count
    std::int64_t quantities = 0, prices = 0;  ///< of this sign
  };
  [[nodiscard]] Signs negative() const { return signs(negative_, 0, 1); }
  [[nodiscard]] Signs zero() const { return signs(zero_, 2, 3); }
  [[nodiscard]] std::int64_t positive_of(std::int64_t fate) const {
    return tally_.of(fate, positive_);
  }

 private:
  explicit LineCounts(const OrderLines& lines);
  void count(const OrderLines& lines, const Dialect& dialect);
  void count_products(const OrderLines& lines, const Dialect& dialect);
  [[nodiscard]] Status ask(Session& session, const Dialect& dialect, const OrderLines& lines);
  [[nodiscard]] std::int64_t rows_of(int number) const {
    return number < 0 ? 0 : tally_.count(number);
  }
  [[nodiscard]] Signs signs(int number, std::size_t quantities, std::size_t prices) const;

  Tally tally_;
  ColumnCounts columns_;
  PlanConditions conditions_;
  SourceIds ids_;
  int amount_ = -1, greatest_ = -1, last_day_ = -1, future_ = -1;
  int inexact_ = -1, product_beyond_ = -1, text_orders_ = -1;
  int negative_ = -1, zero_ = -1, positive_ = -1;
  std::array<int, 4> signs_ = {-1, -1, -1, -1};
  bool orders_are_texts_ = false;
  int passes_ = 1;
  std::vector<std::pair<int, int>> untrimmed_;  ///< identifier and number
};

}  // namespace quintile::engine::sql

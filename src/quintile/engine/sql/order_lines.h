#pragma once

#include <optional>
#include <vector>

#include "quintile/customers/transaction_spec.h"
#include "quintile/engine/sql/plan_conditions.h"

namespace quintile::engine::sql {

/// Order lines with what is known of each, and what becomes of it, as a query.
class OrderLines {
 public:
  /// What becomes of a line, as a number of `q_fate`.
  static constexpr std::int64_t kCounts = 0, kReturnLeft = 1;
  [[nodiscard]] static std::int64_t taken_as(customers::LineFault fault);
  [[nodiscard]] static std::int64_t taken_by_check(std::size_t check);

  /// Errors: Plan for an expression or a range that does not fit the columns; Unsupported.
  [[nodiscard]] static Result<OrderLines> of(customers::TransactionSpec spec, TypedRows rows,
                                             const Dialect& dialect);

  /// The typed rows with `q_exact`, the line's amount where it has one; `q_return` and `q_kept`, 0
  /// or 1; the columns of the plan's conditions; and `q_fate`.
  ///
  /// Open: an engine may put the columns' expressions in their places, so that what is grouped by
  /// customer can be grouped by its data nodes. Closed: they are worked out once a line, however
  /// often they are named.
  enum class As : std::uint8_t { Open, Closed };
  [[nodiscard]] Sql query(As as) const;

  // Conditions on that query.
  [[nodiscard]] static Sql has_fate(std::int64_t fate);
  /// Returns that could be used, whether or not the plan takes them out.
  [[nodiscard]] std::int64_t usable_return() const;
  /// The lines that count and the usable returns, which `q_return` then tells apart.
  [[nodiscard]] Sql counts_or_returns() const;
  [[nodiscard]] bool have_returns() const { return spec_.returns.has_value(); }

  /// From now on lines after the day before this one are taken out.
  void settle(std::int32_t analysis_day) { analysis_day_ = analysis_day; }
  /// From now on reads an identifier as it stands: no cell of it is untrimmed.
  void take_plain(int index) { rows_.take_plain(index); }

  [[nodiscard]] const customers::TransactionSpec& spec() const { return spec_; }
  [[nodiscard]] const customers::TransactionRoles& roles() const { return spec_.roles; }
  [[nodiscard]] const TypedRows& rows() const { return rows_; }
  [[nodiscard]] const PlanConditions& conditions() const { return conditions_; }
  [[nodiscard]] const std::vector<int>& needed() const { return needed_; }
  [[nodiscard]] const std::vector<int>& describing() const { return describing_; }
  [[nodiscard]] std::optional<std::int32_t> analysis_day() const { return analysis_day_; }
  [[nodiscard]] const std::string& name(int index) const { return rows_.name(index); }
  /// "amount", or "quantity x price".
  [[nodiscard]] std::string amount_name() const;

 private:
  OrderLines(customers::TransactionSpec spec, TypedRows rows, const Dialect& dialect);
  [[nodiscard]] Sql amount() const;
  [[nodiscard]] Sql fate() const;

  customers::TransactionSpec spec_;
  TypedRows rows_;
  Dialect dialect_;
  std::vector<int> needed_, describing_;
  std::optional<std::int32_t> analysis_day_;
  PlanConditions conditions_;
  Sql is_return_, is_kept_;
};

}  // namespace quintile::engine::sql

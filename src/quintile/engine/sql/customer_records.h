#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "quintile/customers/customer_rows.h"
#include "quintile/engine/sql/plan_conditions.h"
#include "quintile/engine/sql/shared_ids.h"

namespace quintile::engine::sql {

/// Rows of one customer each with what becomes of them, as a query: the counterpart of `OrderLines`
/// at customer grain.
class CustomerRecords {
 public:
  /// What becomes of a row, as a number of `q_fate`: it stays, or the first of these takes it.
  enum Fate : std::int64_t {
    Stays,
    Missing,
    Invalid,
    OutOfRange,
    Future,
    DateOrder,
    OrderValue,
    Copy,
    NoIdentity,
    NotLatest,
    FirstCheck,  // and those of the plan's further checks
  };

  /// Errors: Plan for an expression or a range that does not fit the columns; Unsupported.
  [[nodiscard]] static Result<CustomerRecords> of(const quality::ReviewSpec& spec,
                                                  customers::CustomerRoles roles, TypedRows rows,
                                                  SharedIds shared, const Dialect& dialect);

  /// The rows with `q_copy` (1: an exact copy of another row that stays), the columns of the plan's
  /// conditions, and `q_fate`.
  [[nodiscard]] Sql query() const;

  // Conditions on that query.
  [[nodiscard]] Sql is_after_analysis(int index) const;
  /// One at most.
  [[nodiscard]] std::vector<Sql> dates_out_of_order() const;
  /// By column.
  [[nodiscard]] std::vector<std::pair<int, Sql>> bad_order_values() const;
  /// The day of the first purchase; without such a column the same for everybody.
  [[nodiscard]] Sql first_day() const;

  /// Rows of a purchase after the day before this one are taken out from now on.
  void settle(std::int32_t analysis_day) { analysis_day_ = analysis_day; }

  /// The column of the last purchase, a date or a number of days.
  [[nodiscard]] int when() const;
  [[nodiscard]] bool counts_days() const { return when() == roles_.recency_days; }
  [[nodiscard]] quality::DuplicateIds policy() const;
  [[nodiscard]] Sql id() const { return rows_.value(roles_.customer_id); }

  [[nodiscard]] const quality::ReviewSpec& spec() const { return spec_; }
  [[nodiscard]] const customers::CustomerRoles& roles() const { return roles_; }
  [[nodiscard]] const TypedRows& rows() const { return rows_; }
  [[nodiscard]] const SharedIds& shared() const { return shared_; }
  [[nodiscard]] const PlanConditions& conditions() const { return conditions_; }
  [[nodiscard]] const std::vector<int>& needed() const { return needed_; }
  [[nodiscard]] const std::vector<int>& describing() const { return describing_; }
  [[nodiscard]] std::optional<std::int32_t> analysis_day() const { return analysis_day_; }
  [[nodiscard]] const std::string& name(int index) const { return rows_.name(index); }

 private:
  CustomerRecords(quality::ReviewSpec spec, customers::CustomerRoles roles, TypedRows rows,
                  SharedIds shared, const Dialect& dialect);
  [[nodiscard]] Sql fate() const;

  quality::ReviewSpec spec_;
  customers::CustomerRoles roles_;
  TypedRows rows_;
  SharedIds shared_;
  Dialect dialect_;
  std::vector<int> describing_, needed_;
  std::optional<std::int32_t> analysis_day_;
  PlanConditions conditions_;
};

}  // namespace quintile::engine::sql

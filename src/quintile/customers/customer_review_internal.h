#pragma once

#include <cstdint>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/customers/customer_rows.h"
#include "quintile/customers/identifiers.h"
#include "quintile/customers/row_faults_internal.h"

namespace quintile::customers {

/// The rows as the review leaves them.
struct ReviewedRows {
  std::vector<table::Column> columns;  ///< cleaned, by table index
  RowFaults faults;                    ///< which rows are taken out, and why
  SortedIds ids;
  std::int32_t analysis_day = 0;
  quality::Review review;  ///< without its waterfall
};

/// Looks at the rows: profiles, findings, and which rows the scores cannot use.
[[nodiscard]] Result<ReviewedRows> review_rows(const CustomerRows& input);

/// The column that says when a customer last bought: a date, or days ago.
[[nodiscard]] inline int last_purchase(const CustomerRoles& roles) {
  return roles.last_purchase_date >= 0 ? roles.last_purchase_date : roles.recency_days;
}

/// "the review found: missing_value in total (3 rows: ...)." of whatever took rows out.
[[nodiscard]] std::string what_took_rows(const quality::Review& review);

/// None of the rows can be used, and why.
[[nodiscard]] std::unexpected<Error> nobody_left(const quality::Review& review);

}  // namespace quintile::customers

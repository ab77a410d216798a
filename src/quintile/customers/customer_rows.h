#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/base/result.h"
#include "quintile/customers/customers.h"
#include "quintile/customers/identifiers.h"
#include "quintile/quality/review.h"
#include "quintile/table/table.h"

/// Customer grain: from a read table, one row a customer, to a review and cleaned customers.
namespace quintile::customers {

/// Which column of the table plays which role. Absent ones are -1.
struct CustomerRoles {
  int customer_id = -1;
  int first_purchase_date = -1;
  int last_purchase_date = -1;
  int recency_days = -1;  ///< stands for `last_purchase_date` where that is absent
  int monetary = -1;
  int average_order_value = -1;
  int frequency = -1;
  std::vector<int> attributes;
  std::vector<int> personal;        ///< as hashes
  std::vector<int> personal_texts;  ///< those that a check names, as text too; seen by checks alone
  int overlay = -1;
  int consent = -1;
  std::vector<int> unused;  ///< profiled, nothing else

  /// All columns that play a role, with its name as reviews tell it: "customer_id", "attribute",
  /// ...
  [[nodiscard]] std::vector<std::pair<int, std::string>> named() const;
};

struct CustomerRows {
  table::Table table;  ///< memory is freed while the customers are made, if nobody else holds it
  CustomerRoles roles;
  std::vector<std::uint64_t> record_hashes;  ///< one a row
  Records records;
  int money_scale = 2;
  std::optional<std::int32_t>
      analysis_day;  ///< none: the day after the last purchase of the rows that count
  const quality::ReviewSpec& review;
  Executor executor = run_serially;
};

/// What a run goes on with: the review with its waterfall, the rows taken out, and the customers.
struct CleanedCustomers {
  quality::Review review;
  quality::Quarantine quarantine;  ///< ascending by row
  Customers customers;
  Crosswalk crosswalk;
  table::Column crosswalk_source_ids;  ///< one a crosswalk row; empty: the customer's own, as where
                                       ///< lines are reduced
  std::int32_t analysis_day = 0;
};

/// Reviews and cleans. Product contract, sections 4, 5 and 10. Columns that the roles name have
/// been read as Identifier, Day, Count, Money, Flag, Personal or Inferred. A finding decided `Fail`
/// does not end it: the caller looks at `review.failure()`. Errors: Input where no row is left, or
/// more than 4,294,967,295 rows; Plan for a check that does not fit the columns.
[[nodiscard]] Result<CleanedCustomers> clean(CustomerRows input);

/// The order count that a total and an average order value imply: max(1, floor((2 total + average)
/// / (2 average))). `total >= 0`, `average > 0`, minor units.
[[nodiscard]] constexpr std::int64_t orders_implied(std::int64_t total, std::int64_t average) {
  const auto orders = static_cast<std::int64_t>((2 * static_cast<Int128>(total) + average) /
                                                (2 * static_cast<Int128>(average)));
  return orders < 1 ? 1 : orders;
}

}  // namespace quintile::customers

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/expression/expression.h"
#include "quintile/quality/review.h"
#include "quintile/table/source.h"

/// Transaction grain: what the plan asks of order lines, and why a line may not count.
namespace quintile::customers {

/// What `frequency` counts.
enum class FrequencyUnit : std::uint8_t { Orders, Days, Lines };

/// Which column of a batch plays which role. Absent ones are -1.
struct TransactionRoles {
  int customer_id = -1;  ///< read as Identifier
  int order_id = -1;     ///< read as Identifier; without it each row is an order
  int order_date = -1;   ///< read as Moment
  int quantity = -1;     ///< read as Quantity; with `unit_price` (Money), in place of `amount`
  int unit_price = -1;
  int amount = -1;              ///< read as Money
  std::vector<int> attributes;  ///< read as Inferred
  int overlay = -1;             ///< read as Flag
  int consent = -1;             ///< read as Flag
  std::vector<int> personal;    ///< read as Personal; only counted
  std::vector<int> others;      ///< named by an expression or a range alone; read as Inferred

  /// Attributes, overlay and consent.
  [[nodiscard]] std::vector<int> describing() const;
  /// All columns that play a role, with its name as reviews tell it: "customer_id", "attribute",
  /// ...
  [[nodiscard]] std::vector<std::pair<int, std::string>> named() const;
  /// The columns without whose value a line cannot count, the customer's id left out.
  [[nodiscard]] std::vector<int> needed(FrequencyUnit frequency) const;
};

struct TransactionSpec {
  std::vector<table::ColumnRequest> columns;  ///< as requested of the source
  TransactionRoles roles;
  std::optional<expression::Expression> keep;  ///< none: every line counts
  std::optional<expression::Expression> returns;
  bool net = true;  ///< returns lower the monetary value; else they are taken out
  FrequencyUnit frequency = FrequencyUnit::Orders;
  quality::ReviewSpec review;
  std::optional<std::int32_t> analysis_day;  ///< none: not known yet, no date is in the future
};

/// Why a line is taken out; the first that applies, in this order, is the one it is quarantined
/// under.
enum class LineFault : std::uint8_t {
  Missing,
  Invalid,
  OutOfRange,
  Future,
  NoCustomer,
  PlanCheck,
  Returned,
  NotKept,
  ReturnsOnly,
};
inline constexpr std::size_t kLineFaults = 9;
/// The waterfall's step and the check that the quarantine names; empty for the plan's own checks.
[[nodiscard]] std::string_view check_of(LineFault fault);
[[nodiscard]] std::string_view reason_of(LineFault fault);

/// What became of a line, in 32 bits: the number of its customer, with `kReturnFate` where it is a
/// return; or -1 - a fault code, which is a `LineFault`, or `kLineFaults` and the number of the
/// plan's check.
inline constexpr std::int32_t kReturnFate = std::int32_t{1} << 30;
[[nodiscard]] constexpr std::int32_t fate_of(LineFault fault) {
  return -1 - static_cast<std::int32_t>(fault);
}
[[nodiscard]] constexpr std::int32_t fate_of_check(std::size_t check) {
  return -1 - static_cast<std::int32_t>(kLineFaults + check);
}

}  // namespace quintile::customers

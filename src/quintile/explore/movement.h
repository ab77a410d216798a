#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/explore/explorer.h"

/// Who moved between two marts, and why. Customers are the same where their source id is (and,
/// where ids repeat, their first purchase): see Explorer.
namespace quintile::explore {

/// What moves a customer. A metric moved where its score did because the customer's value did;
/// where the value is the same and the score is not, the cut points moved: the others changed.
enum class Reason : std::uint8_t {
  Recency,
  OrderCount,
  Value,
  CutPoints,
  Rules,
  OtherField  ///< a field of the rules beside the metrics: an attribute, the overlay, the tenure
};
inline constexpr std::size_t kReasons = 6;
/// "recency_moved", "order_count_moved", ...
[[nodiscard]] std::string_view to_string(Reason reason);

/// Reasons of one customer: bit `1 << reason`.
using Reasons = std::uint8_t;
[[nodiscard]] std::vector<std::string_view> names_of(Reasons reasons);

/// A customer of either mart. Segments are indexes into `Movement::segments`.
struct Mover {
  std::optional<std::int64_t> row_before, row_now;  ///< none: was not there, is gone
  std::optional<std::size_t> from, to;
  std::int64_t monetary =
      0;                ///< now, or before where the customer is gone; minor units of the mart now
  Reasons reasons = 0;  ///< none for new and gone
};

struct Movement {
  std::vector<Migration::Segment> segments;  ///< as in Migration
  std::int64_t before = 0, now = 0, both = 0;
  std::vector<Mover> movers;  ///< in both and in another segment, by `customer_id` now
  std::vector<Mover> arrived, gone;
};

/// From the older mart of `explorer` to its own.
///
/// Why a customer moved: the smallest set of the three metrics which, taken as they are now, put
/// the customer as it was under today's rules into today's segment; of sets of one size the first
/// in the order recency, orders, value. Where that is the empty set, the rules did it, or, where
/// the rules are the same, another field. Errors: Usage without an older mart, Rules where today's
/// rules cannot be applied to the older one.
[[nodiscard]] Result<Movement> movement(const Explorer& explorer);

}  // namespace quintile::explore

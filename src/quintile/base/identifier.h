#pragma once

#include <compare>
#include <cstdint>

namespace quintile {

/// The regenerated id of a customer: 1, 2, ... by first-purchase chronology.
struct CustomerId {
  std::int64_t value = 0;

  constexpr CustomerId() = default;
  explicit constexpr CustomerId(std::int64_t id) : value(id) {}
  friend constexpr auto operator<=>(const CustomerId&, const CustomerId&) = default;
};

/// A part of a whole, 0 to 1. Percent exist only where people read: in reports and pages.
struct Share {
  double value = 0;

  constexpr Share() = default;
  explicit constexpr Share(double share) : value(share) {}
  friend constexpr auto operator<=>(const Share&, const Share&) = default;
};

}  // namespace quintile

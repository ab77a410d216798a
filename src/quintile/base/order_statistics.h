#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace quintile {

/// The values that would stand at `positions` (0 = smallest; ascending, within range) if `values`
/// were sorted.
///
/// `values` in any order, not changed. Two passes over the values and a sort of the few buckets
/// that hold a wanted position: linear in the number of values unless they crowd into one bucket.
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::int64_t> values,
                                                         std::span<const std::int64_t> positions);
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::int32_t> values,
                                                         std::span<const std::int64_t> positions);

/// A double as an integer of the same order (NaN excluded), and back: for order statistics of
/// reals.
[[nodiscard]] std::int64_t ordered_bits(double value);
[[nodiscard]] double from_ordered_bits(std::int64_t bits);

}  // namespace quintile

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace quintile {

/// The values that would stand at `positions` (0 = smallest; ascending, within range) if `values`
/// were sorted.
///
/// `values` in any order, not changed. A count of the values by their highest differing bits tells
/// which few of them stand near a wanted position; those are looked at closer in the same way.
/// Linear in the number of values.
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::int64_t> values,
                                                         std::span<const std::int64_t> positions);
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::int32_t> values,
                                                         std::span<const std::int64_t> positions);
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::int16_t> values,
                                                         std::span<const std::int64_t> positions);
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::int8_t> values,
                                                         std::span<const std::int64_t> positions);
[[nodiscard]] std::vector<std::int64_t> order_statistics(std::span<const std::uint8_t> values,
                                                         std::span<const std::int64_t> positions);
/// The same of reals, none of them NaN; -0.0 counts as 0.0.
[[nodiscard]] std::vector<double> order_statistics(std::span<const double> values,
                                                   std::span<const std::int64_t> positions);

/// A double as an integer of the same order (NaN excluded), and back.
[[nodiscard]] std::int64_t ordered_bits(double value);
[[nodiscard]] double from_ordered_bits(std::int64_t bits);

}  // namespace quintile

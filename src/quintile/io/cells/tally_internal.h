#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "quintile/io/cells/tally.h"

/// What a single cell looks like.
namespace quintile::io {

inline constexpr int kQuantityScaleMax = 6;

[[nodiscard]] inline std::size_t index(NumberForm form) { return static_cast<std::size_t>(form); }
[[nodiscard]] inline std::size_t index(DateForm form) { return static_cast<std::size_t>(form); }

/// A number's bits without its sign: n bits hold it and its sign where it is below 2^(n - 1).
[[nodiscard]] inline std::uint64_t magnitude(std::int64_t value) {
  return static_cast<std::uint64_t>(value ^ (value >> 63));
}

/// What a trimmed cell is, as far as a reading cares.
struct Classified {
  NumberText number;
  DateText date;
  std::optional<bool> truth;
};
[[nodiscard]] Classified classify(table::Reading reading, std::string_view text,
                                  const CellRules& rules);

/// Counts it, `weight` times.
void count(const Classified& cell, std::string_view text, std::int64_t row, std::int64_t weight,
           Tally& tally);

}  // namespace quintile::io

#include "quintile/quality/statistics.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/base/order_statistics.h"

namespace quintile::quality {

namespace {

/// The present values as integers of the same order: unscaled, or the ordered bits of reals.
std::vector<std::int64_t> ordered_values(const ColumnView& column) {
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(column.size));
  const bool real = column.layout == Layout::Float64;
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (!column.is_valid(row)) continue;
    values.push_back(real ? ordered_bits(column.values<double>()[static_cast<std::size_t>(row)])
                          : column.integer(row));
  }
  return values;
}

/// A set of 64-bit keys that stops at `kDistinctMax`: open addressing, linear probing, 0 kept
/// apart.
class KeySet {
 public:
  KeySet() : slots_(1 << 10) {}
  /// False once the set is full.
  bool insert(std::uint64_t key) {
    if (key == 0) {
      size_ += has_zero_ ? 0 : 1;
      has_zero_ = true;
      return size_ < kDistinctMax;
    }
    std::size_t slot = slot_of(key);
    while (slots_[slot] != 0 && slots_[slot] != key) slot = (slot + 1) & (slots_.size() - 1);
    if (slots_[slot] == key) return true;
    slots_[slot] = key;
    if (++size_ * 2 > static_cast<std::int64_t>(slots_.size())) grow();
    return size_ < kDistinctMax;
  }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 20) & (slots_.size() - 1);
  }
  void grow() {
    std::vector<std::uint64_t> old(slots_.size() * 2);
    old.swap(slots_);
    for (const std::uint64_t key : old) {
      if (key == 0) continue;
      std::size_t slot = slot_of(key);
      while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = key;
    }
  }
  std::vector<std::uint64_t> slots_;
  std::int64_t size_ = 0;
  bool has_zero_ = false;
};

std::uint64_t key_at(const ColumnView& column, std::int64_t row) {
  switch (column.layout) {
    case Layout::Float64:
      return std::bit_cast<std::uint64_t>(column.values<double>()[static_cast<std::size_t>(row)] +
                                          0.0);
    case Layout::Views: {
      const std::string_view text = column.text(row);
      return XXH3_64bits(text.data(), text.size());
    }
    default: return static_cast<std::uint64_t>(column.integer(row));
  }
}

}  // namespace

bool is_numeric(Type type) {
  return type == Type::Integer || type == Type::Decimal || type == Type::Real;
}

double number_at(const ColumnView& column, std::int64_t row) {
  if (column.layout == Layout::Float64)
    return column.values<double>()[static_cast<std::size_t>(row)];
  const auto value = static_cast<double>(column.integer(row));
  return column.scale == 0 ? value : value / static_cast<double>(power_of_ten(column.scale));
}

std::optional<NumericStatistics> describe(const ColumnView& column) {
  const std::vector<std::int64_t> values = ordered_values(column);
  if (values.empty()) return std::nullopt;
  const bool real = column.layout == Layout::Float64;
  const double unit = column.scale == 0 ? 1.0 : static_cast<double>(power_of_ten(column.scale));
  const auto number = [real, unit](std::int64_t value) {
    return real ? from_ordered_bits(value) : static_cast<double>(value) / unit;
  };
  NumericStatistics statistics;
  statistics.count = static_cast<std::int64_t>(values.size());
  const auto count = static_cast<double>(statistics.count);
  if (real) {
    double sum = 0;
    for (const std::int64_t value : values) sum += from_ordered_bits(value);
    statistics.mean = sum / count;
  } else {
    Int128 sum = 0;
    for (const std::int64_t value : values) sum += value;
    statistics.mean = static_cast<double>(sum) / (count * unit);
  }
  double square = 0;
  double cube = 0;
  for (const std::int64_t value : values) {
    const double deviation = number(value) - statistics.mean;
    square += deviation * deviation;
    cube += deviation * deviation * deviation;
  }
  if (statistics.count > 1) statistics.standard_deviation = std::sqrt(square / (count - 1));
  // sqrt is exact to the last bit everywhere; pow is not.
  if (const double variance = square / count; variance > 0)
    statistics.skewness = (cube / count) / (variance * std::sqrt(variance));

  constexpr std::int64_t kPercents[] = {0, 5, 25, 50, 75, 95, 100};
  double* const targets[] = {&statistics.minimum, &statistics.quantile_05, &statistics.quantile_25,
                             &statistics.median,  &statistics.quantile_75, &statistics.quantile_95,
                             &statistics.maximum};
  std::vector<std::int64_t> positions;
  for (const std::int64_t percent : kPercents) {
    const std::int64_t position = (statistics.count - 1) * percent / 100;
    positions.push_back(position);
    positions.push_back(std::min(position + 1, statistics.count - 1));
  }
  std::vector<std::int64_t> sorted = positions;
  std::ranges::sort(sorted);
  const auto at = order_statistics(std::span<const std::int64_t>(values), sorted);
  const auto value_at = [&](std::int64_t position) {
    return number(
        at[static_cast<std::size_t>(std::ranges::lower_bound(sorted, position) - sorted.begin())]);
  };
  for (std::size_t i = 0; i < std::size(kPercents); ++i) {
    const std::int64_t remainder = (statistics.count - 1) * kPercents[i] % 100;
    const double low = value_at(positions[2 * i]);
    const double high = value_at(positions[2 * i + 1]);
    *targets[i] = low + (high - low) * static_cast<double>(remainder) / 100.0;
  }
  return statistics;
}

std::int64_t count_distinct(const ColumnView& column) {
  if (column.layout == Layout::Codes) {
    std::vector<std::uint8_t> seen(column.dictionary.size());
    for (std::int64_t row = 0; row < column.size; ++row) {
      if (column.is_valid(row)) seen[static_cast<std::size_t>(column.integer(row))] = 1;
    }
    return std::ranges::count(seen, std::uint8_t{1});
  }
  KeySet keys;
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (column.is_valid(row) && !keys.insert(key_at(column, row))) break;
  }
  return keys.size();
}

}  // namespace quintile::quality

#include "quintile/quality/statistics.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "quintile/base/check.h"
#include "quintile/base/money.h"
#include "quintile/base/order_statistics.h"

namespace quintile::quality {

namespace {

/// A set of 64-bit keys that stops at `kDistinctMax`: open addressing, linear probing, 0 kept
/// apart.
class KeySet {
 public:
  /// `keys_max`: how many are inserted at most.
  explicit KeySet(std::int64_t keys_max)
      : keys_max_(static_cast<std::size_t>(std::min(keys_max, kDistinctMax))), slots_(1 << 10) {}
  /// False once the set is full.
  bool insert(std::uint64_t key) {
    ++inserted_;
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
  void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[slot_of(key)]); }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 20) & (slots_.size() - 1);
  }
  /// Twice as large; where most keys have been new, at once as large as it can get.
  void grow() {
    constexpr std::int64_t kEvidence = 4096;
    std::size_t larger = slots_.size() * 2;
    if (size_ >= kEvidence && inserted_ < 2 * size_)
      larger = std::max(larger, std::bit_ceil(2 * keys_max_ + 1));
    std::vector<std::uint64_t> old(larger);
    old.swap(slots_);
    for (const std::uint64_t key : old) {
      if (key == 0) continue;
      std::size_t slot = slot_of(key);
      while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = key;
    }
  }
  std::size_t keys_max_;
  std::vector<std::uint64_t> slots_;
  std::int64_t size_ = 0, inserted_ = 0;
  bool has_zero_ = false;
};

/// Fetched ahead of their use, so that the set's memory is waited for once in so many keys: a
/// million different ones take 15 ms in place of 42 one by one (statistics_benchmark).
constexpr std::int64_t kAhead = 32;

/// Distinct keys of the rows that have a value.
template <typename KeyOf>
std::int64_t count_keys(const ColumnView& column, KeyOf key_of) {
  KeySet keys(column.size);
  std::array<std::uint64_t, kAhead> block;
  for (std::int64_t begin = 0; begin < column.size; begin += kAhead) {
    std::size_t count = 0;
    const std::int64_t end = std::min(column.size, begin + kAhead);
    for (std::int64_t row = begin; row < end; ++row) {
      if (!column.is_valid(row)) continue;
      block[count] = key_of(row);
      keys.prefetch(block[count++]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!keys.insert(block[i])) return keys.size();
    }
  }
  return keys.size();
}

/// Counts distinct integers between two bounds by a bit for each.
class BitSet {
 public:
  /// Whether that is worth its memory: no more than the keys of so many rows would take while it
  /// fits into a second-level cache, and a word a row beyond.
  [[nodiscard]] static bool pays(std::int64_t low, std::int64_t high, std::int64_t rows) {
    constexpr std::uint64_t kFew = 1 << 16, kCached = std::uint64_t{1} << 25;
    const auto all = static_cast<std::uint64_t>(rows);
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    return range < std::max({all * 32, std::min(all * 256, kCached), kFew});
  }
  BitSet(std::int64_t low, std::int64_t high)
      : low_(low),
        seen_((static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)) / 64 + 1) {}
  void insert(std::int64_t value) {
    const std::uint64_t at = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(low_);
    std::uint64_t& word = seen_[at / 64];
    size_ += static_cast<std::int64_t>(~(word >> (at % 64)) & 1);
    word |= std::uint64_t{1} << (at % 64);
  }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  std::int64_t low_;
  std::vector<std::uint64_t> seen_;
  std::int64_t size_ = 0;
};

template <typename T>
struct Bounds {
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
};
template <typename T>
Bounds<T> bounds_of(const ColumnView& column) {
  const auto values = column.values<T>();
  Bounds<T> bounds;
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (!column.is_valid(row)) continue;
    bounds.low = std::min(bounds.low, values[static_cast<std::size_t>(row)]);
    bounds.high = std::max(bounds.high, values[static_cast<std::size_t>(row)]);
  }
  return bounds;
}

template <typename T>
std::int64_t count_integers(const ColumnView& column) {
  const auto values = column.values<T>();
  const auto [low, high] = bounds_of<T>(column);
  if (low > high) return 0;
  if (!BitSet::pays(low, high, column.size)) {
    return count_keys(column, [values](std::int64_t row) {
      return static_cast<std::uint64_t>(values[static_cast<std::size_t>(row)]);
    });
  }
  BitSet seen(low, high);
  for (std::int64_t row = 0; row < column.size && seen.size() < kDistinctMax; ++row) {
    if (column.is_valid(row)) seen.insert(values[static_cast<std::size_t>(row)]);
  }
  return seen.size();
}

/// The integer whose quotient by `power` is `value`, as it is of a number that was read from text
/// with that many digits after the point. Nothing where there is none, or where integers might
/// share a quotient.
std::optional<std::int64_t> unscaled(double value, double power) {
  constexpr double kMax = 1e15;
  const double scaled = value * power;
  if (!(std::abs(scaled) < kMax)) return std::nullopt;
  const auto integer = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  if (static_cast<double>(integer) / power != value) return std::nullopt;
  return integer;
}

/// Distinct reals that are hundredths, told apart by bits; nothing where one is not, or where bits
/// do not pay. A million amounts take 7 ms in place of 186 by keys (statistics_benchmark).
std::optional<std::int64_t> count_hundredths(const ColumnView& column) {
  constexpr double kPower = 100;
  const auto values = column.values<double>();
  const auto bounds = bounds_of<double>(column);
  const auto low = unscaled(bounds.low, kPower), high = unscaled(bounds.high, kPower);
  if (!low || !high || *low > *high || !BitSet::pays(*low, *high, column.size)) return std::nullopt;
  BitSet seen(*low, *high);
  for (std::int64_t row = 0; row < column.size && seen.size() < kDistinctMax; ++row) {
    if (!column.is_valid(row)) continue;
    const auto integer = unscaled(values[static_cast<std::size_t>(row)], kPower);
    if (!integer) return std::nullopt;
    seen.insert(*integer);
  }
  return seen.size();
}

std::int64_t count_reals(const ColumnView& column) {
  if (const auto count = count_hundredths(column)) return *count;
  return count_keys(column, [values = column.values<double>()](std::int64_t row) {
    // Both zeros are one value.
    return std::bit_cast<std::uint64_t>(values[static_cast<std::size_t>(row)] + 0.0);
  });
}

/// `describe` of values next to each other; `unit` is what their numbers are divided by.
template <typename T>
NumericStatistics describe_values(std::span<const T> values, double unit) {
  const auto number = [unit](T value) { return static_cast<double>(value) / unit; };
  NumericStatistics statistics;
  statistics.count = static_cast<std::int64_t>(values.size());
  const auto count = static_cast<double>(statistics.count);
  using Sum = std::conditional_t<std::is_floating_point_v<T>, double, Int128>;
  Sum sum = 0;
  for (const T value : values) sum += value;
  statistics.mean = static_cast<double>(sum) / (count * unit);
  double square = 0;
  double cube = 0;
  for (const T value : values) {
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
  const auto at = order_statistics(values, sorted);
  const auto value_at = [&](std::int64_t position) {
    return static_cast<double>(at[static_cast<std::size_t>(
               std::ranges::lower_bound(sorted, position) - sorted.begin())]) /
           unit;
  };
  for (std::size_t i = 0; i < std::size(kPercents); ++i) {
    const std::int64_t remainder = (statistics.count - 1) * kPercents[i] % 100;
    const double low = value_at(positions[2 * i]);
    const double high = value_at(positions[2 * i + 1]);
    *targets[i] = low + (high - low) * static_cast<double>(remainder) / 100.0;
  }
  return statistics;
}

template <typename T>
std::optional<NumericStatistics> describe_present(const ColumnView& column) {
  const auto values = column.values<T>();
  const double unit = column.scale == 0 ? 1.0 : static_cast<double>(power_of_ten(column.scale));
  if (column.valid == nullptr)
    return values.empty() ? std::nullopt : std::optional(describe_values(values, unit));
  std::vector<T> present;
  present.reserve(values.size());
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (column.is_valid(row)) present.push_back(values[static_cast<std::size_t>(row)]);
  }
  if (present.empty()) return std::nullopt;
  return describe_values(std::span<const T>(present), unit);
}

}  // namespace

bool is_numeric(Type type) {
  return type == Type::Integer || type == Type::Decimal || type == Type::Real;
}

std::optional<NumericStatistics> describe(const ColumnView& column) {
  if (column.layout == Layout::Float64) return describe_present<double>(column);
  return with_integers(column,
                       [&]<typename T>(std::span<const T>) { return describe_present<T>(column); });
}

std::int64_t count_distinct(const ColumnView& column) {
  if (column.layout == Layout::Float64) return count_reals(column);
  if (column.layout == Layout::Views) {
    return count_keys(column, [&column](std::int64_t row) {
      const std::string_view text = column.text(row);
      return XXH3_64bits(text.data(), text.size());
    });
  }
  return with_integers(column,
                       [&]<typename T>(std::span<const T>) { return count_integers<T>(column); });
}

}  // namespace quintile::quality

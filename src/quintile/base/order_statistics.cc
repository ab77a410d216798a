#include "quintile/base/order_statistics.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <limits>

#include "quintile/base/check.h"

namespace quintile {

namespace {

// As many counters as stay in the first-level cache.
constexpr int kBucketBits = 12;
// So few values are sorted.
constexpr std::size_t kFew = 512;

template <std::integral T>
std::int64_t key_of(T value) {
  return value;
}

std::uint64_t distance(std::int64_t low, std::int64_t high) {
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

// Positive doubles order as their bits do; negative ones the other way round.
std::int64_t key_of(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
}

/// The keys at `positions`, less `before` each, into `selected`.
template <typename T>
void select(std::span<const T> values, std::span<const std::int64_t> positions, std::int64_t before,
            std::span<std::int64_t> selected) {
  if (positions.empty()) return;
  std::int64_t low = key_of(values[0]);
  std::int64_t high = low;
  for (const T value : values) {
    low = std::min(low, key_of(value));
    high = std::max(high, key_of(value));
  }
  const std::uint64_t range = distance(low, high);
  const int shift = std::max(0, static_cast<int>(std::bit_width(range)) - kBucketBits);
  const auto bucket_of = [low, shift](T value) {
    return static_cast<std::size_t>(distance(low, key_of(value)) >> shift);
  };
  std::vector<std::int64_t> counts((range >> shift) + 1);
  for (const T value : values) ++counts[bucket_of(value)];

  /// Positions of one bucket, and how many values come before it.
  struct Wanted {
    std::size_t bucket, size, first, count;
    std::int64_t before;
    std::vector<std::int64_t> members;
  };
  std::vector<Wanted> wanted;
  std::size_t bucket = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    while (before + counts[bucket] <= positions[i]) before += counts[bucket++];
    if (wanted.empty() || wanted.back().bucket != bucket)
      wanted.push_back({bucket, static_cast<std::size_t>(counts[bucket]), i, 0, before, {}});
    ++wanted.back().count;
  }
  if (shift == 0) {
    for (const Wanted& w : wanted) {
      std::ranges::fill(selected.subspan(w.first, w.count),
                        low + static_cast<std::int64_t>(w.bucket));
    }
    return;
  }
  // From here on a bucket's counter tells where its members go.
  std::ranges::fill(counts, -1);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    wanted[i].members.reserve(wanted[i].size);
    counts[wanted[i].bucket] = static_cast<std::int64_t>(i);
  }
  for (const T value : values) {
    if (const std::int64_t i = counts[bucket_of(value)]; i >= 0)
      wanted[static_cast<std::size_t>(i)].members.push_back(key_of(value));
  }
  for (Wanted& w : wanted) {
    const auto here = positions.subspan(w.first, w.count);
    const auto out = selected.subspan(w.first, w.count);
    if (w.members.size() > kFew) {
      select(std::span<const std::int64_t>(w.members), here, w.before, out);
      continue;
    }
    std::ranges::sort(w.members);
    for (std::size_t i = 0; i < w.count; ++i)
      out[i] = w.members[static_cast<std::size_t>(here[i] - w.before)];
  }
}

template <typename T>
std::vector<std::int64_t> select(std::span<const T> values,
                                 std::span<const std::int64_t> positions) {
  QUINTILE_CHECK(positions.empty() ||
                 (std::ranges::is_sorted(positions) && positions.front() >= 0 &&
                  positions.back() < static_cast<std::int64_t>(values.size())));
  std::vector<std::int64_t> selected(positions.size());
  select(values, positions, 0, selected);
  return selected;
}

}  // namespace

std::vector<std::int64_t> order_statistics(std::span<const std::int64_t> values,
                                           std::span<const std::int64_t> positions) {
  return select(values, positions);
}
std::vector<std::int64_t> order_statistics(std::span<const std::int32_t> values,
                                           std::span<const std::int64_t> positions) {
  return select(values, positions);
}
std::vector<std::int64_t> order_statistics(std::span<const std::int16_t> values,
                                           std::span<const std::int64_t> positions) {
  return select(values, positions);
}
std::vector<std::int64_t> order_statistics(std::span<const std::int8_t> values,
                                           std::span<const std::int64_t> positions) {
  return select(values, positions);
}
std::vector<std::int64_t> order_statistics(std::span<const std::uint8_t> values,
                                           std::span<const std::int64_t> positions) {
  return select(values, positions);
}
std::vector<double> order_statistics(std::span<const double> values,
                                     std::span<const std::int64_t> positions) {
  std::vector<double> selected;
  for (const std::int64_t bits : select(values, positions))
    selected.push_back(from_ordered_bits(bits));
  return selected;
}

std::int64_t ordered_bits(double value) { return key_of(value); }
double from_ordered_bits(std::int64_t bits) {
  return std::bit_cast<double>(bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits);
}

}  // namespace quintile

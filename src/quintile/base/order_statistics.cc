#include "quintile/base/order_statistics.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "quintile/base/check.h"

namespace quintile {

namespace {

constexpr int kBucketBits = 16;

std::uint64_t distance(std::int64_t low, std::int64_t high) {
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

template <typename T>
std::vector<std::int64_t> select(std::span<const T> values,
                                 std::span<const std::int64_t> positions) {
  std::vector<std::int64_t> selected(positions.size());
  if (positions.empty()) return selected;
  QUINTILE_CHECK(std::ranges::is_sorted(positions) && positions.front() >= 0 &&
                 positions.back() < static_cast<std::int64_t>(values.size()));
  T low = values[0];
  T high = values[0];
  for (const T value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const std::uint64_t range = distance(low, high);
  const int shift = std::max(0, static_cast<int>(std::bit_width(range)) - kBucketBits);
  const auto bucket_of = [low, shift](T value) {
    return static_cast<std::size_t>(distance(low, value) >> shift);
  };

  std::vector<std::int64_t> counts((range >> shift) + 1);
  for (const T value : values) ++counts[bucket_of(value)];

  // Which bucket holds each wanted position, and how many values lie before that bucket.
  struct Wanted {
    std::size_t bucket;
    std::int64_t before;
  };
  std::vector<Wanted> wanted;
  std::int64_t before = 0;
  std::size_t bucket = 0;
  for (const std::int64_t position : positions) {
    while (before + counts[bucket] <= position) before += counts[bucket++];
    wanted.push_back({bucket, before});
  }
  if (shift == 0) {
    for (std::size_t i = 0; i < positions.size(); ++i)
      selected[i] = low + static_cast<std::int64_t>(wanted[i].bucket);
    return selected;
  }
  std::vector<std::int32_t> slot(counts.size(), -1);
  std::vector<std::vector<std::int64_t>> members;
  for (const Wanted& w : wanted) {
    if (slot[w.bucket] >= 0) continue;
    slot[w.bucket] = static_cast<std::int32_t>(members.size());
    members.emplace_back().reserve(static_cast<std::size_t>(counts[w.bucket]));
  }
  for (const T value : values) {
    if (const std::int32_t s = slot[bucket_of(value)]; s >= 0)
      members[static_cast<std::size_t>(s)].push_back(value);
  }
  for (auto& member : members) std::ranges::sort(member);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    selected[i] = members[static_cast<std::size_t>(slot[wanted[i].bucket])]
                         [static_cast<std::size_t>(positions[i] - wanted[i].before)];
  }
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

// Positive doubles order as their bits do; negative ones the other way round.
std::int64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
}
double from_ordered_bits(std::int64_t bits) {
  return std::bit_cast<double>(bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits);
}

}  // namespace quintile

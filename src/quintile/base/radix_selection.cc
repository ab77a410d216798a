#include "quintile/base/radix_selection.h"

#include <algorithm>
#include <bit>

#include "quintile/base/check.h"

namespace quintile {

namespace {

std::uint64_t distance(std::int64_t low, std::int64_t high) {
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
}

}  // namespace

RadixSelection::RadixSelection(std::int64_t low, std::int64_t high,
                               std::span<const std::int64_t> positions)
    : positions_(positions.begin(), positions.end()),
      ranges_{{low, high}},
      range_of_(positions.size(), 0),
      before_(positions.size(), 0) {
  QUINTILE_CHECK(low <= high && std::ranges::is_sorted(positions));
  if (positions_.empty()) ranges_.clear();
  set_width();
}

void RadixSelection::set_width() {
  std::uint64_t widest = 0;
  for (const Range& range : ranges_) widest = std::max(widest, distance(range.low, range.high));
  is_single_ = widest == 0;
  shift_ = std::max(0, static_cast<int>(std::bit_width(widest)) - kBucketBits);
}

bool RadixSelection::narrow(std::span<const ValueBucket> buckets) {
  std::vector<Range> narrowed;
  std::size_t bucket = 0;
  std::int64_t counted = 0;  // values of the current range in the buckets before `bucket`
  std::size_t range = 0;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    if (i == 0 || range_of_[i] != range) {
      range = range_of_[i];
      counted = 0;
      while (bucket < buckets.size() && buckets[bucket].low < ranges_[range].low) ++bucket;
    }
    while (bucket < buckets.size() && before_[i] + counted + buckets[bucket].count <= positions_[i])
      counted += buckets[bucket++].count;
    if (bucket == buckets.size() || buckets[bucket].low > ranges_[range].high) return false;
    const std::int64_t low = buckets[bucket].low;
    const auto room = static_cast<std::int64_t>(
        std::min(distance(low, ranges_[range].high), (std::uint64_t{1} << shift_) - 1));
    if (narrowed.empty() || narrowed.back().low != low) narrowed.push_back({low, low + room});
    range_of_[i] = narrowed.size() - 1;
    before_[i] += counted;
  }
  ranges_ = std::move(narrowed);
  set_width();
  return true;
}

std::vector<std::int64_t> RadixSelection::values() const {
  QUINTILE_CHECK(is_single_);
  std::vector<std::int64_t> values;
  for (const std::size_t range : range_of_) values.push_back(ranges_[range].low);
  return values;
}

}  // namespace quintile

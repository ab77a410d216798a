#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace quintile::customers {

/// A count of amounts by size, from which quartiles come within 1 part in 128, whatever the order
/// of the lines.
class AmountHistogram {
 public:
  void add(std::int64_t amount) {
    if (counts_.empty()) counts_.resize(2 * kMagnitudes);
    ++counts_[bucket_of(amount)];
    ++count_;
  }
  void merge(const AmountHistogram& other);
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The smallest amount of the bucket that holds the value at `position` (0 = smallest).
  [[nodiscard]] std::int64_t at(std::int64_t position) const;
  /// How many amounts lie in buckets that are wholly beyond `low` or `high`.
  [[nodiscard]] std::int64_t beyond(std::int64_t low, std::int64_t high) const;

 private:
  static constexpr int kMantissaBits = 7;
  static constexpr std::int64_t kMantissas = 1 << kMantissaBits;
  static constexpr std::size_t kMagnitudes = 54 * kMantissas;  // of amounts below 2^60

  static std::size_t bucket_of(std::int64_t amount) {
    const auto magnitude = static_cast<std::uint64_t>(amount < 0 ? -amount : amount);
    const int shift = std::max(0, static_cast<int>(std::bit_width(magnitude)) - kMantissaBits - 1);
    const std::size_t size =
        static_cast<std::size_t>(shift) * kMantissas + static_cast<std::size_t>(magnitude >> shift);
    return amount < 0 ? kMagnitudes - 1 - size : kMagnitudes + size;
  }
  static std::int64_t least_of(std::size_t bucket);
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
};

}  // namespace quintile::customers

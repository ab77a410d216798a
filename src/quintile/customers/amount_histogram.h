#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quintile::customers {

/// A count of amounts by size, from which quartiles come within 1 part in 128, whatever the order
/// of the lines.
class AmountHistogram {
 public:
  void add(std::int64_t amount);
  void merge(const AmountHistogram& other);
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The smallest amount of the bucket that holds the value at `position` (0 = smallest).
  [[nodiscard]] std::int64_t at(std::int64_t position) const;
  /// How many amounts lie in buckets that are wholly beyond `low` or `high`.
  [[nodiscard]] std::int64_t beyond(std::int64_t low, std::int64_t high) const;

 private:
  static std::size_t bucket_of(std::int64_t amount);
  static std::int64_t least_of(std::size_t bucket);
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
};

}  // namespace quintile::customers

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace quintile {

/// Values from `low` to `high` that are counted together.
struct ValueBucket {
  std::int64_t low = 0;
  std::int64_t count = 0;
};

/// Order statistics of values that lie elsewhere, found by counting alone: each pass counts the
/// values of some ranges in buckets and narrows the ranges to the buckets that hold a wanted
/// position, until a bucket is one value. Whoever has the values counts: a loop or a SQL engine.
///
///     RadixSelection selection(minimum, maximum, positions);
///     while (!selection.done() && selection.narrow(buckets counted of selection.ranges())) {}
///
/// Passes: the bits of `high - low` by `kBucketBits`, rounded up.
class RadixSelection {
 public:
  static constexpr int kBucketBits = 16;

  /// `positions` (0 = smallest) ascend and are within the values, all of which are in [low, high].
  RadixSelection(std::int64_t low, std::int64_t high, std::span<const std::int64_t> positions);

  /// Both ends belong to it.
  struct Range {
    std::int64_t low = 0, high = 0;
    friend bool operator==(const Range&, const Range&) = default;
  };
  [[nodiscard]] bool done() const { return is_single_; }
  /// What to count next: ascending, without overlap.
  [[nodiscard]] std::span<const Range> ranges() const { return ranges_; }
  /// A value x of a range belongs to the bucket from x - (x - range.low) mod width.
  [[nodiscard]] std::int64_t width() const { return std::int64_t{1} << shift_; }
  [[nodiscard]] int shift() const { return shift_; }

  /// Takes the buckets of all ranges that hold any value, ascending by `low`. False, and nothing is
  /// as it was, where they hold fewer values than those counted before: whoever counts contradicts
  /// himself.
  [[nodiscard]] bool narrow(std::span<const ValueBucket> buckets);

  /// The values at the positions, when done.
  [[nodiscard]] std::vector<std::int64_t> values() const;
  /// Values before the range that holds each position.
  [[nodiscard]] std::span<const std::int64_t> before() const { return before_; }
  /// Which of `ranges` holds each position.
  [[nodiscard]] std::span<const std::size_t> range_of() const { return range_of_; }

 private:
  std::vector<std::int64_t> positions_;
  std::vector<Range> ranges_;
  std::vector<std::size_t> range_of_;  ///< by position
  std::vector<std::int64_t> before_;   ///< by position: values below its range
  int shift_ = 0;
  bool is_single_ = false;  ///< each range is one value
  void set_width();
};

}  // namespace quintile

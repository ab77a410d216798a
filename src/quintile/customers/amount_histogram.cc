#include "quintile/customers/amount_histogram.h"

#include <utility>

#include "quintile/base/check.h"

namespace quintile::customers {

std::int64_t AmountHistogram::least_of(std::size_t bucket) {
  const auto bounds = [](std::size_t size) {
    const std::size_t shift = size < 2 * kMantissas ? 0 : size / kMantissas - 1;
    const auto mantissa = static_cast<std::int64_t>(size - shift * kMantissas);
    return std::pair(mantissa << shift, ((mantissa + 1) << shift) - 1);
  };
  return bucket >= kMagnitudes ? bounds(bucket - kMagnitudes).first
                               : -bounds(kMagnitudes - 1 - bucket).second;
}

void AmountHistogram::merge(const AmountHistogram& other) {
  if (other.counts_.empty()) return;
  counts_.resize(2 * kMagnitudes);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::int64_t AmountHistogram::at(std::int64_t position) const {
  std::int64_t before = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    before += counts_[i];
    if (position < before) return least_of(i);
  }
  QUINTILE_CHECK(false);
  return 0;
}

std::int64_t AmountHistogram::beyond(std::int64_t low, std::int64_t high) const {
  std::int64_t amounts = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const bool is_below = i + 1 < counts_.size() && least_of(i + 1) - 1 < low;
    if (is_below || least_of(i) > high) amounts += counts_[i];
  }
  return amounts;
}

}  // namespace quintile::customers

#include "quintile/segments/movement.h"

#include "quintile/base/check.h"

namespace quintile::segments {

std::vector<Flow> flows(std::span<const SegmentIndex> before, std::span<const SegmentIndex> after,
                        std::span<const std::int64_t> monetary) {
  QUINTILE_CHECK(before.size() == after.size() && before.size() == monetary.size());
  constexpr std::size_t kSegments = 256;
  std::vector<Flow> all(kSegments * kSegments);
  for (std::size_t row = 0; row < before.size(); ++row) {
    Flow& flow = all[before[row] * kSegments + after[row]];
    ++flow.customers;
    flow.monetary += monetary[row];
  }
  std::vector<Flow> found;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].customers == 0) continue;
    all[i].from = static_cast<SegmentIndex>(i / kSegments);
    all[i].to = static_cast<SegmentIndex>(i % kSegments);
    found.push_back(all[i]);
  }
  return found;
}

}  // namespace quintile::segments

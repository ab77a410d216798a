#include "quintile/quality/quarantine.h"

#include <algorithm>

namespace quintile::quality {

std::uint32_t Quarantine::cause(const Cause& cause) {
  const auto found = std::ranges::find(causes_, cause);
  const auto number = static_cast<std::uint32_t>(found - causes_.begin());
  if (found == causes_.end()) causes_.push_back(cause);
  return number;
}

bool operator==(const Quarantine& a, const Quarantine& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a.row(i) != b.row(i) || a.causes_[a.cause_of(i)] != b.causes_[b.cause_of(i)]) return false;
  }
  return true;
}

}  // namespace quintile::quality

#include "quintile/segments/rule_set.h"

namespace quintile::segments {

std::string_view to_string(Family family) {
  switch (family) {
    case Family::Core: return "core";
    case Family::Growing: return "growing";
    case Family::Slipping: return "slipping";
    case Family::Dormant: return "dormant";
  }
  return "";
}

}  // namespace quintile::segments

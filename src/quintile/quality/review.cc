#include "quintile/quality/review.h"

#include <algorithm>

namespace quintile::quality {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Info: return "info";
    case Severity::Warning: return "warning";
    case Severity::Error: return "error";
  }
  return "";
}

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::Kept: return "kept";
    case Decision::Quarantined: return "quarantined";
    case Decision::Regenerated: return "regenerated";
    case Decision::Removed: return "removed";
    case Decision::Fail: return "fail";
  }
  return "";
}

bool balances(const std::vector<WaterfallStep>& waterfall) {
  if (waterfall.size() < 2) return false;
  std::int64_t rows = waterfall.front().rows;
  Int128 monetary = waterfall.front().monetary;
  for (std::size_t i = 1; i + 1 < waterfall.size(); ++i) {
    rows -= waterfall[i].rows;
    monetary -= waterfall[i].monetary;
  }
  return rows == waterfall.back().rows && monetary == waterfall.back().monetary;
}

const Finding* Review::failure() const {
  const auto found = std::ranges::find(findings, Decision::Fail, &Finding::decision);
  return found == findings.end() ? nullptr : &*found;
}

}  // namespace quintile::quality

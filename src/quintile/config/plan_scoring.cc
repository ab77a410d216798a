#include <fmt/format.h>

#include "quintile/config/plan_internal.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Plan;

Result<std::vector<std::string>> read_bounds(const Node& node, const std::string& what) {
  if (!node.is_sequence()) return wrong_type(node, what, "a list of numbers", kCode);
  const auto size = static_cast<int>(node.items.size());
  if (size < kBinsMin - 1 || size > kBinsMax - 1) {
    return wrong(node,
                 fmt::format("'{}' must hold {} to {} bounds, not {}", what, kBinsMin - 1,
                             kBinsMax - 1, size),
                 "a bound fewer than bins: bin k holds values up to and with bound k");
  }
  std::vector<std::string> bounds;
  for (const Node& item : node.items) {
    QUINTILE_TRY(std::string bound, read_decimal(item, what, kCode));
    if (compare_decimals(bound, "1e14") >= 0 || compare_decimals(bound, "-1e14") <= 0)
      return wrong(item, fmt::format("'{}' is out of range: {}", what, bound));
    if (!bounds.empty() && compare_decimals(bounds.back(), bound) >= 0) {
      return wrong(item,
                   fmt::format("'{}' must ascend, but {} follows {}", what, bound, bounds.back()));
    }
    bounds.push_back(std::move(bound));
  }
  return bounds;
}

Result<rfm::MetricSpec> read_metric(const Node& node, const std::string& what) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, what, kMetricKeys, kCode));
  rfm::MetricSpec spec;
  if (const Node* method = fields.find("method")) {
    QUINTILE_TRY(spec.method, read_choice(*method, fields.path_of("method"), kMethods, kCode));
  }
  const Node* bounds = fields.find("upper_bounds");
  const Node* bins = fields.find("bins");
  if (bins != nullptr) {
    QUINTILE_TRY(const std::int64_t number,
                 read_integer(*bins, fields.path_of("bins"), kBinsMin, kBinsMax, kCode));
    spec.bins = static_cast<int>(number);
  }
  if (spec.method != rfm::Method::Thresholds) {
    if (bounds == nullptr) return spec;
    return wrong(*bounds,
                 fmt::format("'{}' is for method thresholds", fields.path_of("upper_bounds")),
                 "write 'method: thresholds', or remove the bounds");
  }
  QUINTILE_TRY(const Node* required,
               fields.require("upper_bounds",
                              "method thresholds needs the upper bound of every bin but the last"));
  QUINTILE_TRY(spec.upper_bounds, read_bounds(*required, fields.path_of("upper_bounds")));
  const int bins_of_bounds = static_cast<int>(spec.upper_bounds.size()) + 1;
  if (bins != nullptr && spec.bins != bins_of_bounds) {
    return wrong(*bins,
                 fmt::format("{} upper bounds make {} bins, not {}", spec.upper_bounds.size(),
                             bins_of_bounds, spec.bins),
                 "remove 'bins'");
  }
  spec.bins = bins_of_bounds;
  return spec;
}

}  // namespace

Result<rfm::ScoringSpec> read_scoring(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "scoring", kScoringKeys, kCode));
  rfm::ScoringSpec scoring;
  constexpr std::string_view kNames[] = {"recency", "frequency", "monetary"};
  for (std::size_t i = 0; i < scoring.metrics.size(); ++i) {
    if (const Node* metric = fields.find(kNames[i])) {
      QUINTILE_TRY(scoring.metrics[i], read_metric(*metric, fields.path_of(kNames[i])));
    }
  }
  if (const Node* cut_points = fields.find("cut_points")) {
    QUINTILE_TRY(scoring.cut_points, read_text(*cut_points, "scoring.cut_points", kCode, 4'096));
  }
  if (const Node* preset = fields.find("preset")) {
    QUINTILE_TRY(scoring.preset, read_choice(*preset, "scoring.preset", kPresets, kCode));
    if (!scoring.cut_points.empty()) {
      return wrong(*preset, "'scoring.preset' and 'scoring.cut_points' both say how to score",
                   "remove one of them");
    }
  }
  return scoring;
}

}  // namespace quintile::config

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quintile/quality/review.h"
#include "quintile/segments/segmentation.h"
#include "quintile/summary/summary.h"

/// Claims that are tested before they are said. Product contract, section 9.
namespace quintile::insights {

enum class Verdict : std::uint8_t { Supported, NotSupported, NotTestable };
[[nodiscard]] std::string_view to_string(Verdict verdict);  ///< "supported", "not_supported", "not_testable"

struct Insight {
  std::string id;
  std::string claim;  ///< one sentence, worded as an association
  Verdict verdict = Verdict::NotTestable;
  std::optional<double> estimate;
  std::optional<std::array<double, 2>> interval;  ///< 95 %
  double threshold = 0;
  std::vector<quality::Detail> evidence;  ///< numbers by name, in order
  friend bool operator==(const Insight&, const Insight&) = default;
};

/// The four claims of the contract in its order (concentration, recent_split, at_risk_value, overlay_effect), then
/// further ones. `selected` as in `summarise`.
[[nodiscard]] std::vector<Insight> test_insights(const segments::Segmentation& segmentation,
                                                 const segments::RuleSet& rules,
                                                 std::span<const std::uint8_t> selected = {});

/// What to do, ordered by value at stake, from the rules' actions and the segments' own numbers.
struct Recommendation {
  std::string id;         ///< "protect_top", "activate_new", "re_engage_at_risk", "premium_modifier", or a segment's id
  std::string title;
  std::vector<std::string> segment_ids;
  std::int64_t customers = 0;
  Int128 monetary = 0;                     ///< value at stake, minor units
  std::optional<std::int64_t> contactable; ///< customers with consent
  std::optional<double> median_recency_days;
  std::optional<std::int64_t> window_days; ///< days until the segment's median customer crosses the next recency cut
  std::string text;                        ///< the recommendation in numbers
  std::string risk;                        ///< what could go wrong
  friend bool operator==(const Recommendation&, const Recommendation&) = default;
};

[[nodiscard]] std::vector<Recommendation> recommend(const segments::Segmentation& segmentation,
                                                    const segments::RuleSet& rules,
                                                    const summary::Summary& summary,
                                                    const std::vector<Insight>& insights,
                                                    const std::string& currency);

}  // namespace quintile::insights

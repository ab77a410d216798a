#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

namespace {

// Customers of the highest recency score by frequency score, 1 first.
std::vector<std::int64_t> recent_by_f_score(const Figures& figures) {
  return {figures.cells.end() - figures.f_bins, figures.cells.end()};
}

}  // namespace

Insight test_recent_split(const Context& context) {
  Insight insight{
      "recent_split",
      "The most recent customers split into frequent, loyal ones and new ones with few orders."};
  insight.threshold = 0.15;
  const int r_score = context.figures.r_bins;
  const int f_bins = context.figures.f_bins;
  const int low = std::max(1, (2 * f_bins + 1) / 5);
  const int high = f_bins - low + 1;
  const std::vector<std::int64_t> counts = recent_by_f_score(context.figures);
  const std::int64_t recent = std::reduce(counts.begin(), counts.end(), std::int64_t{0});
  note(insight.evidence, "r_score", std::int64_t{r_score});
  note(insight.evidence, "recent_customers", recent);
  if (recent < kCustomersMin) {
    return not_testable(
        std::move(insight),
        fmt::format("fewer than {} customers have the highest recency score", kCustomersMin));
  }
  const std::int64_t few = std::reduce(counts.begin(), counts.begin() + low, std::int64_t{0});
  const std::int64_t many = std::reduce(counts.begin() + high - 1, counts.end(), std::int64_t{0});
  const std::int64_t middle = recent - few - many;
  const double frequent_share = share_of(many, recent);
  const double few_share = share_of(few, recent);
  insight.estimate = frequent_share;
  insight.interval = summary::wilson_interval({many, recent});
  insight.verdict = verdict_of(frequent_share >= insight.threshold &&
                               few_share >= insight.threshold && middle < few && middle < many);

  note(insight.evidence, "f_score_high_min", std::int64_t{high});
  note(insight.evidence, "f_score_low_max", std::int64_t{low});
  note(insight.evidence, "high_customers", many);
  note(insight.evidence, "high_share", frequent_share);
  note(insight.evidence, "middle_customers", middle);
  note(insight.evidence, "middle_share", share_of(middle, recent));
  note(insight.evidence, "low_customers", few);
  note(insight.evidence, "low_share", few_share);
  std::vector<quality::Detail> shares;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    note(shares, fmt::format("{}", i + 1), share_of(counts[i], recent));
  }
  note(insight.evidence, "share_by_f_score", std::move(shares));
  note(insight.evidence, "method",
       std::string("shares of the customers with the highest recency score; Wilson interval"));
  return insight;
}

}  // namespace quintile::insights

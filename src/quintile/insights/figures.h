#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/insights/insight.h"
#include "quintile/segments/segmentation.h"
#include "quintile/summary/moments.h"

/// What claims and recommendations are made of: counts, exact sums and order statistics. Here they
/// are counted from columns; an engine that has the customers counts them there, and the claims are
/// the same.
namespace quintile::insights {

/// Some of the customers: their value in minor units, and the moments of it in currency units.
struct Part {
  Int128 value = 0;
  summary::Moments monetary;
};

/// `percent` of `customers`, rounded up to whole ones.
[[nodiscard]] constexpr std::int64_t ceil_percent(std::int64_t customers, std::int64_t percent) {
  return (customers * percent + 99) / 100;
}

/// How value is spread over the customers, those of most value first. In minor units.
struct ValueByRank {
  std::array<Int128, 101> top{};  ///< value of the first `ceil_percent(n, p)`, by p
  Int128 ranked = 0;              ///< sum of (n + 1 - 2 i) x_i, i from 1
  std::int64_t negative_customers = 0;
  std::int64_t fifth = 0;          ///< value of the last of the top 20 %
  summary::Moments above, others;  ///< customers worth more than that; all others
};

/// The customers of an r x f cell that have the overlay and that have not; one without a flag is
/// neither.
struct Sides {
  summary::Moments with, without;
};

/// Above this number of cells no claim is made from them.
inline constexpr int kCellsMax = 100;

struct Figures {
  int r_bins = 5, f_bins = 5, money_scale = 2;
  std::vector<Part> segments;        ///< in rule order
  std::vector<Int128> recency_days;  ///< sums by segment
  std::vector<std::int64_t> cells;   ///< customers at (r_score - 1) * f_bins + f_score - 1
  std::int64_t one_time_customers = 0;
  Int128 one_time_value = 0;
  std::string overlay;        ///< name of its column; empty: the plan names none
  std::vector<Sides> sides;   ///< as `cells`; empty without an overlay and beyond `kCellsMax`
  std::vector<Part> consent;  ///< without, with; empty where the plan names no such flag
  ValueByRank by_rank;
};

/// Counted from the customers themselves; `selected` as for `test_insights`.
[[nodiscard]] Figures figures_of(const segments::Segmentation& segmentation,
                                 const segments::RuleSet& rules,
                                 std::span<const std::uint8_t> selected = {},
                                 const Executor& executor = run_serially);

/// The claims that follow from the figures.
[[nodiscard]] std::vector<Insight> test_insights(const Figures& figures,
                                                 const segments::RuleSet& rules);

/// Customers that a recommendation is about.
struct Audience {
  std::vector<std::int64_t> customers;  ///< by segment
  std::vector<Int128> value;            ///< by segment, minor units
  std::optional<std::int64_t> contactable;
  std::optional<double> median_recency_days;
  std::optional<double> median_movable;  ///< the same of those above the lowest recency score
};

struct Audiences {
  /// Whom a recommendation is about by family: those of `families`, in that order.
  static constexpr std::array families = {segments::Family::Core, segments::Family::Growing,
                                          segments::Family::Slipping};
  std::array<Audience, families.size()> of_family;
  std::string overlay;  ///< name of its column; empty: the plan names none
  Audience with_overlay;
  int money_scale = 2;
};

/// Counted from the customers themselves.
[[nodiscard]] Audiences audiences_of(const segments::Segmentation& segmentation,
                                     const segments::RuleSet& rules,
                                     const Executor& executor = run_serially);

/// The recommendations that follow; as `recommend` of the customers.
[[nodiscard]] std::vector<Recommendation> recommend(const Audiences& audiences,
                                                    const rfm::CutPoints& recency,
                                                    const segments::RuleSet& rules,
                                                    const summary::Summary& summary,
                                                    const std::vector<Insight>& insights,
                                                    const std::string& currency);

}  // namespace quintile::insights

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/rfm/score_metric.h"

/// Other tools' scores, reproduced with their quirks, and how they differ from ours. Each tool's
/// rule, source and faults are in docs/methods/parity.md.
namespace quintile::rfm {

/// The metrics of all customers: columns without missing values, one entry a customer, all of one
/// length.
struct MetricValues {
  ColumnView recency, frequency, monetary;  ///< days, orders, minor units
  int money_scale = 2;
  RankOrder
      rank_order;  ///< who comes first among equals where a tool splits them: by source customer id
};

/// The bins that a preset asks for: 5, but 4 for pymc and 3 for klaviyo.
[[nodiscard]] int bins_of(Preset preset);

/// Scores of the three metrics, by `Metric`, as the named tool gives them.
///
///   r-rfm              type-7 quantiles plus 1, lower <= x < upper, in currency units; own
///   floating point included pandas-qcut        qcut(x, 5, labels=False, duplicates="drop") + 1;
///   equal edges are dropped and the scale shrinks pandas-rank-first  qcut(x.rank(method="first"),
///   5): equal values are split by the order of the customers ntile              NTILE(5) with the
///   customer id as tie-breaker: equal values are split pymc               pymc-marketing's
///   rfm_segments: qcut with 4, equal edges dropped; monetary is the mean per order
///                      (with `metrics.frequency: days` the mean per day, as there)
///   klaviyo            180 and 365 days; thirds for orders and value
///
/// Where a tool's scale shrinks, `bins` of the cut points is what is left of it. Scores that no cut
/// points on the metric explain (rank-first, ntile, pymc's monetary) have cut points of
/// `Method::Rank`, for orientation. Errors: Input where there are no customers, or where the tool
/// itself fails (all values equal under qcut).
[[nodiscard]] Result<std::array<ScoredMetric, 3>> score_by_preset(
    Preset preset, const MetricValues& values, const Executor& executor = run_serially);

/// How a preset's scores of one metric differ from the safe method (quantile, equal values alike)
/// with as many bins.
struct MetricDifference {
  Metric metric = Metric::Recency;
  int bins_asked = 5, bins_used = 5;         ///< by the preset
  std::vector<std::int64_t> customers;       ///< per score of the preset, 1 first
  std::vector<std::int64_t> customers_safe;  ///< per score of the safe method
  std::int64_t different = 0;                ///< customers with another score
  struct Shift {
    int by = 0;  ///< the preset's score less the safe one
    std::int64_t customers = 0;
    friend bool operator==(const Shift&, const Shift&) = default;
  };
  std::vector<Shift> shifts;  ///< ascending, 0 left out
  struct Reason {
    std::string_view id;    ///< "ties_split", "places_counted", "edges_dropped", "plus_one",
                            ///< "mean_for_total", "fixed_days"
    std::string_view text;  ///< one sentence
    std::int64_t customers = 0;
    friend bool operator==(const Reason&, const Reason&) = default;
  };
  std::vector<Reason> reasons;  ///< most customers first
};

struct PresetComparison {
  Preset preset = Preset::None;
  std::int64_t customers = 0;
  std::int64_t different = 0;  ///< customers with another score in any metric
  std::array<MetricDifference, 3> metrics;
};

[[nodiscard]] Result<PresetComparison> compare_preset(Preset preset, const MetricValues& values,
                                                      const Executor& executor = run_serially);

/// The comparison as lines for people.
[[nodiscard]] std::vector<std::string> describe(const PresetComparison& comparison);

/// The preset of a name as `to_string` gives it; None for an unknown one.
[[nodiscard]] Preset preset_of(std::string_view name);

}  // namespace quintile::rfm

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"

/// Scores of recency, frequency and monetary value: cut points, bins and ties. Product contract,
/// section 5.
namespace quintile::rfm {

enum class Metric : std::uint8_t { Recency, Frequency, Monetary };
inline constexpr std::array kMetrics = {Metric::Recency, Metric::Frequency, Metric::Monetary};
[[nodiscard]] std::string_view to_string(Metric metric);  ///< "recency", "frequency", "monetary"

enum class Method : std::uint8_t { Quantile, Thresholds, Rank };
[[nodiscard]] std::string_view to_string(Method method);

/// Another tool's scoring, reproduced with its quirks (docs/methods on parity).
enum class Preset : std::uint8_t { None, RRfm, PandasQcut, PandasRankFirst, Ntile, Pymc, Klaviyo };
[[nodiscard]] std::string_view to_string(Preset preset);  ///< "", "r-rfm", "pandas-qcut", ...

/// How one metric is scored, as the plan says it.
struct MetricSpec {
  Method method = Method::Quantile;
  int bins = 5;  ///< 2 to 10; with thresholds, their number and one
  std::vector<std::string>
      upper_bounds;  ///< thresholds, ascending decimal texts (money in currency units)
};

struct ScoringSpec {
  std::array<MetricSpec, 3> metrics;  ///< by `Metric`
  Preset preset = Preset::None;
  std::string cut_points;  ///< path of a frozen scoring model, as the plan spells it; empty: none
};

/// How one metric was scored: everything needed to score another value alike.
/// A value x falls into bin 1 + #(cut < x); bin 1 scores `bins` for recency and 1 otherwise.
struct CutPoints {
  Metric metric = Metric::Recency;
  Method method = Method::Quantile;
  int bins = 5;
  std::vector<std::int64_t>
      cuts;  ///< bins - 1 values, ascending, perhaps equal; days, orders or minor units.
             ///< With rank: the greatest value of each bin but the last, for orientation
  std::int64_t minimum = 0, maximum = 0;  ///< of the values that they were made from
  friend bool operator==(const CutPoints&, const CutPoints&) = default;
};

/// Three scoring rules in `Metric` order: the model that `cut_points.yaml` keeps.
struct Model {
  std::array<CutPoints, 3> metrics;
  int money_scale = 2;  ///< of the monetary cuts
  friend bool operator==(const Model&, const Model&) = default;
};

/// Type-7 cut points (Hyndman and Fan 1996; R's default, NumPy's and pandas' `linear`) floored to
/// integers: with h = (n-1)k, i = h div K, r = h mod K on ascending v, floor(v[i] + (v[i+1]-v[i]) r
/// / K), in 128 bits. `values`: one a customer, any order. Errors: Input if there are none.
[[nodiscard]] Result<std::vector<std::int64_t>> quantile_cuts(std::span<const std::int64_t> values,
                                                              int bins);
[[nodiscard]] Result<std::vector<std::int64_t>> quantile_cuts(std::span<const std::int32_t> values,
                                                              int bins);

/// The same from distinct ascending values with their counts.
struct ValueCount {
  std::int64_t value = 0;
  std::int64_t count = 0;
};
[[nodiscard]] Result<std::vector<std::int64_t>> quantile_cuts(std::span<const ValueCount> counts,
                                                              int bins);

/// The same in two halves, for whoever ranks values elsewhere: the places (0 = smallest, ascending)
/// whose values are needed, and the cut points that the values at these places give.
[[nodiscard]] std::vector<std::int64_t> positions_of_cuts(std::int64_t customers, int bins);
[[nodiscard]] std::vector<std::int64_t> cuts_at(std::int64_t customers, int bins,
                                                std::span<const std::int64_t> ranked);

/// The score of one value: 1 is worst, `bins` best.
[[nodiscard]] int score_of(std::int64_t value, const CutPoints& cut_points);

/// Per metric: what ties did to the bins.
struct TieReport {
  Metric metric = Metric::Recency;
  int bins_asked = 5;
  int bins_used = 5;
  std::vector<std::int64_t> customers;  ///< per score, score 1 first
  double share_other_rule = 0;          ///< customers whom `rank` would score differently
  friend bool operator==(const TieReport&, const TieReport&) = default;
};

/// Scores 1 to bins, one a customer.
using Score = std::int8_t;

/// "545"; with more than nine bins "5-10-5".
[[nodiscard]] std::string rfm_code(int r_score, int f_score, int m_score, int bins_max);

}  // namespace quintile::rfm

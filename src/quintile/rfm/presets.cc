#include "quintile/rfm/presets.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"

namespace quintile::rfm {

namespace {

constexpr int kBins = 5;
constexpr int kBinsPymc = 4;
constexpr int kBinsKlaviyo = 3;

const ColumnView& values_of(const MetricValues& values, Metric metric) {
  switch (metric) {
    case Metric::Recency: return values.recency;
    case Metric::Frequency: return values.frequency;
    case Metric::Monetary: break;
  }
  return values.monetary;
}

int scale_of(const MetricValues& values, Metric metric) {
  return metric == Metric::Monetary ? values.money_scale : 0;
}

Score score_of_bin(Metric metric, int bins, int bin) {
  return static_cast<Score>(metric == Metric::Recency ? bins - bin : 1 + bin);
}

/// The number that the other tool reads: correctly rounded, as its parser would.
double in_units(std::int64_t value, int scale) {
  return static_cast<double>(value) / static_cast<double>(power_of_ten(scale));
}

/// NumPy's linear quantile at fraction k of `bins`, as pandas calls it: by percent and back.
double numpy_quantile(const std::vector<double>& sorted, int k, int bins) {
  const double step = 1.0 / bins;
  const double fraction = (k == bins ? 1.0 : k * step) * 100.0 / 100.0;
  const double place = static_cast<double>(sorted.size() - 1) * fraction;
  const double below = std::floor(place);
  const auto i = static_cast<std::size_t>(below);
  const double low = sorted[i];
  const double high = sorted[std::min(i + 1, sorted.size() - 1)];
  const double t = place - below;
  const double difference = high - low;
  return t >= 0.5 ? high - difference * (1 - t) : low + difference * t;
}

/// R's quantile of type 7 at fraction k of `bins`.
double r_quantile(const std::vector<double>& sorted, int k, int bins) {
  const double index = static_cast<double>(sorted.size() - 1) * (k * (1.0 / bins));
  const double below = std::floor(index);
  const auto i = static_cast<std::size_t>(below);
  const double low = sorted[i];
  const double high = sorted[std::min(i + 1, sorted.size() - 1)];
  const double h = index - below;
  return h > 0 && high != low ? (1 - h) * low + h * high : low;
}

/// The greatest integer whose number in units satisfies `holds`, which holds below some number near
/// `bound`.
std::int64_t greatest(double bound, int scale, const std::function<bool(double)>& holds) {
  auto cut =
      static_cast<std::int64_t>(std::floor(bound * static_cast<double>(power_of_ten(scale))));
  while (holds(in_units(cut + 1, scale))) ++cut;
  while (!holds(in_units(cut, scale))) --cut;
  return cut;
}

std::vector<double> sorted_units(const ColumnView& values, int scale) {
  std::vector<double> sorted(static_cast<std::size_t>(values.size));
  for (std::int64_t row = 0; row < values.size; ++row)
    sorted[static_cast<std::size_t>(row)] = in_units(values.integer(row), scale);
  std::ranges::sort(sorted);
  return sorted;
}

/// qcut's edges with equal ones dropped; at least two.
Result<std::vector<double>> qcut_edges(const std::vector<double>& sorted, int bins, Metric metric) {
  std::vector<double> edges;
  for (int k = 0; k <= bins; ++k) edges.push_back(numpy_quantile(sorted, k, bins));
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
  if (edges.size() > 1) return edges;
  return fail(ErrorCode::Input,
              fmt::format("pandas.qcut finds no bins for {}: all customers have the same value",
                          to_string(metric)),
              "the tool gives missing scores here; use the safe method: scoring without a preset");
}

CutPoints empty_cuts(Metric metric, const ColumnView& values, int bins) {
  CutPoints cuts{.metric = metric,
                 .method = Method::Quantile,
                 .bins = bins,
                 .cuts = {},
                 .minimum = values.integer(0),
                 .maximum = values.integer(0)};
  for (std::int64_t row = 1; row < values.size; ++row) {
    cuts.minimum = std::min(cuts.minimum, values.integer(row));
    cuts.maximum = std::max(cuts.maximum, values.integer(row));
  }
  return cuts;
}

Result<ScoredMetric> score_like_r(Metric metric, const ColumnView& values, int scale,
                                  const Executor& executor) {
  CutPoints cuts = empty_cuts(metric, values, kBins);
  const auto sorted = sorted_units(values, scale);
  for (int k = 1; k < kBins; ++k) {
    const double bound = r_quantile(sorted, k, kBins) + 1;
    cuts.cuts.push_back(greatest(bound, scale, [bound](double x) { return x < bound; }));
  }
  return score_frozen(values, cuts, executor);
}

Result<ScoredMetric> score_by_qcut(Metric metric, const ColumnView& values, int scale, int bins,
                                   const Executor& executor) {
  QUINTILE_TRY(const auto edges, qcut_edges(sorted_units(values, scale), bins, metric));
  CutPoints cuts = empty_cuts(metric, values, static_cast<int>(edges.size()) - 1);
  for (std::size_t i = 1; i + 1 < edges.size(); ++i) {
    const double edge = edges[i];
    cuts.cuts.push_back(greatest(edge, scale, [edge](double x) { return x <= edge; }));
  }
  QUINTILE_TRY(ScoredMetric scored, score_frozen(values, cuts, executor));
  scored.ties.bins_asked = bins;
  return scored;
}

/// The tie report and the orienting cuts of scores that do not follow from the metric's value.
void describe_free_scores(ScoredMetric& scored, Metric metric, const ColumnView& values, int bins,
                          int bins_asked) {
  CutPoints& cuts = scored.cut_points;
  cuts = empty_cuts(metric, values, bins);
  cuts.method = Method::Rank;
  std::vector<std::int64_t> greatest_of_bin(static_cast<std::size_t>(bins), cuts.minimum);
  scored.ties = {.metric = metric,
                 .bins_asked = bins_asked,
                 .bins_used = 0,
                 .customers = std::vector<std::int64_t>(static_cast<std::size_t>(bins)),
                 .share_other_rule = 0};
  for (std::int64_t row = 0; row < values.size; ++row) {
    const int score = scored.scores[row];
    const auto bin = static_cast<std::size_t>(metric == Metric::Recency ? bins - score : score - 1);
    greatest_of_bin[bin] = std::max(greatest_of_bin[bin], values.integer(row));
    ++scored.ties.customers[static_cast<std::size_t>(score - 1)];
  }
  for (std::size_t bin = 0; bin + 1 < greatest_of_bin.size(); ++bin) {
    cuts.cuts.push_back(bin == 0 ? greatest_of_bin[0]
                                 : std::max(cuts.cuts.back(), greatest_of_bin[bin]));
  }
  scored.ties.bins_used = static_cast<int>(
      std::ranges::count_if(scored.ties.customers, [](std::int64_t n) { return n > 0; }));
}

/// Scores by place in (value, `rank_order`): bin_of_place(0 .. n-1) ascends. With `descending` the
/// greatest value has place 0; equal values stand in `rank_order` either way.
ScoredMetric score_by_place(Metric metric, const ColumnView& values, bool descending, int bins,
                            const RankOrder& rank_order,
                            const std::function<int(std::int64_t)>& bin_of_place,
                            const std::function<Score(int)>& score) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(values.size));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  std::ranges::stable_sort(rows, [&](std::int64_t a, std::int64_t b) {
    return descending ? values.integer(a) > values.integer(b)
                      : values.integer(a) < values.integer(b);
  });
  ScoredMetric scored;
  scored.scores = table::Buffer<Score>(values.size);
  std::vector<std::int64_t> group;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && values.integer(rows[end]) == values.integer(rows[begin])) ++end;
    group.assign(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                 rows.begin() + static_cast<std::ptrdiff_t>(end));
    // Only where a border runs through equal values does their order matter.
    if (bin_of_place(static_cast<std::int64_t>(begin)) !=
        bin_of_place(static_cast<std::int64_t>(end) - 1))
      rank_order(group);
    for (std::size_t i = 0; i < group.size(); ++i)
      scored.scores[group[i]] = score(bin_of_place(static_cast<std::int64_t>(begin + i)));
    begin = end;
  }
  describe_free_scores(scored, metric, values, bins, bins);
  return scored;
}

/// NTILE(5) OVER (ORDER BY metric, customer id), recency from old to new: the first buckets take
/// what is over.
ScoredMetric score_by_ntile(Metric metric, const ColumnView& values, const RankOrder& rank_order) {
  const std::int64_t size = values.size / kBins;
  const std::int64_t over = values.size % kBins;
  const auto bin_of_place = [size, over](std::int64_t place) {
    const std::int64_t in_large = over * (size + 1);
    return static_cast<int>(place < in_large ? place / (size + 1)
                                             : over + (place - in_large) / size);
  };
  return score_by_place(metric, values, metric == Metric::Recency, kBins, rank_order, bin_of_place,
                        [](int bin) { return static_cast<Score>(bin + 1); });
}

Result<ScoredMetric> score_by_rank_first(Metric metric, const ColumnView& values,
                                         const RankOrder& rank_order) {
  std::vector<double> ranks(static_cast<std::size_t>(values.size));
  std::iota(ranks.begin(), ranks.end(), 1.0);
  QUINTILE_TRY(const auto edges, qcut_edges(ranks, kBins, metric));
  const int bins = static_cast<int>(edges.size()) - 1;
  const auto bin_of_place = [&edges](std::int64_t place) {
    const auto rank = static_cast<double>(place + 1);
    int bin = 0;
    for (std::size_t i = 1; i + 1 < edges.size(); ++i) bin += edges[i] < rank ? 1 : 0;
    return bin;
  };
  return score_by_place(metric, values, false, bins, rank_order, bin_of_place,
                        [metric, bins](int bin) { return score_of_bin(metric, bins, bin); });
}

/// pymc-marketing's monetary value: the mean of a customer's purchases.
Result<ScoredMetric> score_means(const MetricValues& values) {
  std::vector<double> means(static_cast<std::size_t>(values.monetary.size));
  for (std::int64_t row = 0; row < values.monetary.size; ++row) {
    means[static_cast<std::size_t>(row)] =
        in_units(values.monetary.integer(row), values.money_scale) /
        static_cast<double>(values.frequency.integer(row));
  }
  std::vector<double> sorted = means;
  std::ranges::sort(sorted);
  QUINTILE_TRY(const auto edges, qcut_edges(sorted, kBinsPymc, Metric::Monetary));
  ScoredMetric scored;
  scored.scores = table::Buffer<Score>(values.monetary.size);
  for (std::int64_t row = 0; row < values.monetary.size; ++row) {
    int score = 1;
    for (std::size_t i = 1; i + 1 < edges.size(); ++i)
      score += edges[i] < means[static_cast<std::size_t>(row)] ? 1 : 0;
    scored.scores[row] = static_cast<Score>(score);
  }
  describe_free_scores(scored, Metric::Monetary, values.monetary,
                       static_cast<int>(edges.size()) - 1, kBinsPymc);
  return scored;
}

Result<ScoredMetric> score_like(Preset preset, Metric metric, const MetricValues& values,
                                const Executor& executor) {
  const ColumnView& view = values_of(values, metric);
  const int scale = scale_of(values, metric);
  switch (preset) {
    case Preset::RRfm: return score_like_r(metric, view, scale, executor);
    case Preset::PandasQcut: return score_by_qcut(metric, view, scale, kBins, executor);
    case Preset::PandasRankFirst: return score_by_rank_first(metric, view, values.rank_order);
    case Preset::Ntile: return score_by_ntile(metric, view, values.rank_order);
    case Preset::Pymc:
      return metric == Metric::Monetary ? score_means(values)
                                        : score_by_qcut(metric, view, scale, kBinsPymc, executor);
    case Preset::Klaviyo:
      if (metric == Metric::Recency) {
        return score_metric(
            metric, view,
            {.method = Method::Thresholds, .bins = kBinsKlaviyo, .upper_bounds = {"180", "365"}}, 0,
            values.rank_order, executor);
      }
      return score_metric(metric, view,
                          {.method = Method::Quantile, .bins = kBinsKlaviyo, .upper_bounds = {}},
                          scale, values.rank_order, executor);
    case Preset::None: break;
  }
  return score_metric(metric, view, {}, scale, values.rank_order, executor);
}

using Reason = MetricDifference::Reason;

constexpr Reason kTiesSplit{"ties_split", "customers with the same value stand in different bins",
                            0};
constexpr Reason kPlacesCounted{
    "places_counted",
    "bins are filled by counting places, so a border moves where others are split", 0};
constexpr Reason kEdgesDropped{
    "edges_dropped",
    "equal edges are dropped, so the scale shrinks and the upper scores do not exist", 0};
constexpr Reason kFloatingPoint{
    "floating_point", "an edge lies beside the value by the last digit of a floating-point number",
    0};
constexpr Reason kPlusOne{
    "plus_one", "1 is added to each quantile, which moves values within 1 of it one bin down", 0};
constexpr Reason kMeanForTotal{"mean_for_total",
                               "the mean of the purchases is scored in place of their total", 0};
constexpr Reason kFixedDays{"fixed_days",
                            "180 and 365 days are fixed, whatever this shop's customers do", 0};

/// Why the preset scores this customer otherwise.
Reason reason_of(Preset preset, Metric metric, bool is_split, bool has_shrunk) {
  switch (preset) {
    case Preset::RRfm: return kPlusOne;
    case Preset::Pymc:
      if (metric == Metric::Monetary) return kMeanForTotal;
      [[fallthrough]];
    case Preset::PandasQcut: return has_shrunk ? kEdgesDropped : kFloatingPoint;
    case Preset::PandasRankFirst:
    case Preset::Ntile: return is_split ? kTiesSplit : kPlacesCounted;
    case Preset::Klaviyo: return kFixedDays;
    case Preset::None: break;
  }
  QUINTILE_CHECK(false);
  return kFixedDays;
}

MetricDifference difference_of(Preset preset, Metric metric, const ColumnView& values,
                               const ScoredMetric& theirs, const ScoredMetric& ours,
                               std::vector<std::uint8_t>& is_different) {
  MetricDifference difference{.metric = metric,
                              .bins_asked = theirs.ties.bins_asked,
                              .bins_used = theirs.ties.bins_used,
                              .customers = theirs.ties.customers,
                              .customers_safe = ours.ties.customers,
                              .different = 0,
                              .shifts = {},
                              .reasons = {}};
  // Value to the lowest and highest score that it has: different ones where equals are split.
  std::map<std::int64_t, std::pair<int, int>> scores_of_value;
  if (preset == Preset::Ntile || preset == Preset::PandasRankFirst) {
    for (std::int64_t row = 0; row < values.size; ++row) {
      const int score = theirs.scores[row];
      auto& [low, high] =
          scores_of_value.try_emplace(values.integer(row), score, score).first->second;
      low = std::min(low, score);
      high = std::max(high, score);
    }
  }
  const bool has_shrunk = theirs.cut_points.bins < theirs.ties.bins_asked;
  std::map<int, std::int64_t> shifts;
  std::map<std::string_view, Reason> reasons;
  for (std::int64_t row = 0; row < values.size; ++row) {
    const int by = theirs.scores[row] - ours.scores[row];
    if (by == 0) continue;
    ++difference.different;
    ++shifts[by];
    is_different[static_cast<std::size_t>(row)] = 1;
    const auto found = scores_of_value.find(values.integer(row));
    const bool is_split =
        found != scores_of_value.end() && found->second.first != found->second.second;
    const Reason reason = reason_of(preset, metric, is_split, has_shrunk);
    ++reasons.try_emplace(reason.id, reason).first->second.customers;
  }
  for (const auto& [by, customers] : shifts) difference.shifts.push_back({by, customers});
  for (const auto& [id, reason] : reasons) difference.reasons.push_back(reason);
  std::ranges::stable_sort(difference.reasons, [](const Reason& a, const Reason& b) {
    return a.customers > b.customers;
  });
  return difference;
}

}  // namespace

int bins_of(Preset preset) {
  return preset == Preset::Pymc ? kBinsPymc : preset == Preset::Klaviyo ? kBinsKlaviyo : kBins;
}

Preset preset_of(std::string_view name) {
  for (const Preset preset : {Preset::RRfm, Preset::PandasQcut, Preset::PandasRankFirst,
                              Preset::Ntile, Preset::Pymc, Preset::Klaviyo}) {
    if (to_string(preset) == name) return preset;
  }
  return Preset::None;
}

Result<std::array<ScoredMetric, 3>> score_by_preset(Preset preset, const MetricValues& values,
                                                    const Executor& executor) {
  if (values.recency.size == 0) return fail(ErrorCode::Input, "there are no customers to score");
  std::array<ScoredMetric, 3> scored;
  for (std::size_t m = 0; m < scored.size(); ++m) {
    QUINTILE_TRY(scored[m], score_like(preset, kMetrics[m], values, executor));
  }
  return scored;
}

Result<PresetComparison> compare_preset(Preset preset, const MetricValues& values,
                                        const Executor& executor) {
  PresetComparison comparison{
      .preset = preset, .customers = values.recency.size, .different = 0, .metrics = {}};
  QUINTILE_TRY(const auto theirs, score_by_preset(preset, values, executor));
  std::vector<std::uint8_t> is_different(static_cast<std::size_t>(values.recency.size));
  for (std::size_t m = 0; m < kMetrics.size(); ++m) {
    const Metric metric = kMetrics[m];
    const MetricSpec safe{.method = Method::Quantile, .bins = bins_of(preset), .upper_bounds = {}};
    QUINTILE_TRY(const ScoredMetric ours,
                 score_metric(metric, values_of(values, metric), safe, scale_of(values, metric),
                              values.rank_order, executor));
    comparison.metrics[m] =
        difference_of(preset, metric, values_of(values, metric), theirs[m], ours, is_different);
  }
  comparison.different = std::ranges::count(is_different, std::uint8_t{1});
  return comparison;
}

std::vector<std::string> describe(const PresetComparison& comparison) {
  const auto share = [&](std::int64_t customers) {
    return 100.0 * static_cast<double>(customers) / static_cast<double>(comparison.customers);
  };
  std::vector<std::string> lines;
  lines.push_back(fmt::format(
      "{} gives {} of {} customers ({:.1f} %) another score than the safe method with {} bins",
      to_string(comparison.preset), with_thousands(comparison.different),
      with_thousands(comparison.customers), share(comparison.different),
      bins_of(comparison.preset)));
  for (const MetricDifference& metric : comparison.metrics) {
    std::string shifts;
    for (const auto& shift : metric.shifts)
      shifts += fmt::format("{}{:+d}: {}", shifts.empty() ? "; by " : ", ", shift.by,
                            with_thousands(shift.customers));
    lines.push_back(fmt::format("  {:<9}  {} customers ({:.1f} %){}", to_string(metric.metric),
                                with_thousands(metric.different), share(metric.different), shifts));
    if (metric.bins_used < metric.bins_asked)
      lines.push_back(fmt::format("             {} of {} scores are given at all", metric.bins_used,
                                  metric.bins_asked));
    for (const auto& reason : metric.reasons)
      lines.push_back(
          fmt::format("             {}: {}", with_thousands(reason.customers), reason.text));
  }
  return lines;
}

}  // namespace quintile::rfm

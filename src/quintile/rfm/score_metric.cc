#include "quintile/rfm/score_metric.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "quintile/base/check.h"
#include "quintile/base/money.h"
#include "quintile/base/order_statistics.h"

namespace quintile::rfm {

namespace {

constexpr std::int64_t kBlock = 1 << 16;
constexpr int kBinsMax = 10;

using BinCounts = std::array<std::int64_t, kBinsMax>;

Score score_of_bin(Metric metric, int bins, int bin) {
  return static_cast<Score>(metric == Metric::Recency ? bins - bin : 1 + bin);
}

/// Scores by cut points, block by block, and counts customers per bin (0 = smallest values).
template <typename T>
BinCounts score_values(std::span<const T> values, const CutPoints& cut_points,
                       table::Buffer<Score>& scores, const Executor& executor) {
  const auto customers = static_cast<std::int64_t>(values.size());
  const std::int64_t blocks = (customers + kBlock - 1) / kBlock;
  std::vector<BinCounts> block_counts(static_cast<std::size_t>(blocks));
  // Cuts beyond what T holds never lie below a value; padding keeps the loop free of branches.
  executor(blocks, [&](std::int64_t block) {
    const std::int64_t begin = block * kBlock;
    const std::int64_t end = std::min(customers, begin + kBlock);
    const bool reversed = cut_points.metric == Metric::Recency;
    Score* out = scores.data();
    std::fill(out + begin, out + end, Score{0});
    for (const std::int64_t cut : cut_points.cuts) {
      for (std::int64_t row = begin; row < end; ++row) {
        out[row] = static_cast<Score>(
            out[row] + static_cast<Score>(
                           cut < static_cast<std::int64_t>(values[static_cast<std::size_t>(row)])));
      }
    }
    BinCounts& counts = block_counts[static_cast<std::size_t>(block)];
    counts.fill(0);
    for (std::int64_t row = begin; row < end; ++row) {
      ++counts[static_cast<std::size_t>(out[row])];
      out[row] = static_cast<Score>(reversed ? cut_points.bins - out[row] : 1 + out[row]);
    }
  });
  BinCounts total{};
  for (const BinCounts& counts : block_counts) {
    for (std::size_t bin = 0; bin < counts.size(); ++bin) total[bin] += counts[bin];
  }
  return total;
}

/// The first place of each bin but the first under `rank`: the least p with floor(p bins / n) >=
/// bin.
std::int64_t first_place(std::int64_t customers, int bins, int bin) {
  return static_cast<std::int64_t>((static_cast<Int128>(customers) * bin + bins - 1) / bins);
}

/// How many customers `rank` would put into another bin. Sorted by value, both rules give bins that
/// ascend with the place, so the places where they differ are counted between the borders without
/// placing anybody.
std::int64_t customers_elsewhere_by_rank(const BinCounts& counts, int bins,
                                         std::int64_t customers) {
  std::int64_t same = 0;
  std::int64_t begin = 0;
  for (int bin = 0; bin < bins; ++bin) {
    const std::int64_t end = begin + counts[static_cast<std::size_t>(bin)];
    const std::int64_t rank_begin = first_place(customers, bins, bin);
    const std::int64_t rank_end = first_place(customers, bins, bin + 1);
    same += std::max<std::int64_t>(0, std::min(end, rank_end) - std::max(begin, rank_begin));
    begin = end;
  }
  return customers - same;
}

TieReport tie_report(const CutPoints& cut_points, const BinCounts& counts, std::int64_t elsewhere,
                     std::int64_t customers) {
  TieReport ties;
  ties.metric = cut_points.metric;
  ties.bins_asked = cut_points.bins;
  ties.bins_used =
      static_cast<int>(std::ranges::count_if(counts, [](std::int64_t count) { return count > 0; }));
  ties.customers.resize(static_cast<std::size_t>(cut_points.bins));
  for (int bin = 0; bin < cut_points.bins; ++bin) {
    const Score score = score_of_bin(cut_points.metric, cut_points.bins, bin);
    ties.customers[static_cast<std::size_t>(score - 1)] = counts[static_cast<std::size_t>(bin)];
  }
  ties.share_other_rule = static_cast<double>(elsewhere) / static_cast<double>(customers);
  return ties;
}

/// Even bins: everybody by value first, then the values that a border splits member by member.
template <typename T>
BinCounts score_ranks(std::span<const T> values, CutPoints& cut_points,
                      table::Buffer<Score>& scores, const RankOrder& rank_order,
                      const Executor& executor) {
  const auto customers = static_cast<std::int64_t>(values.size());
  const int bins = cut_points.bins;
  std::vector<std::int64_t> last_places;
  for (int bin = 1; bin < bins; ++bin)
    last_places.push_back(std::max<std::int64_t>(0, first_place(customers, bins, bin) - 1));
  cut_points.cuts = order_statistics(values, last_places);
  const BinCounts by_value = score_values(values, cut_points, scores, executor);

  BinCounts counts{};
  for (int bin = 0; bin < bins; ++bin) {
    counts[static_cast<std::size_t>(bin)] =
        first_place(customers, bins, bin + 1) - first_place(customers, bins, bin);
  }
  // A value is split where the places of those who hold it reach into more than one bin.
  std::vector<std::int64_t> split = cut_points.cuts;
  split.erase(std::ranges::unique(split).begin(), split.end());
  std::vector<std::vector<std::int64_t>> members(split.size());
  for (std::int64_t row = 0; row < customers; ++row) {
    const auto value = static_cast<std::int64_t>(values[static_cast<std::size_t>(row)]);
    const auto found = std::ranges::lower_bound(split, value);
    if (found != split.end() && *found == value)
      members[static_cast<std::size_t>(found - split.begin())].push_back(row);
  }
  for (std::size_t i = 0; i < split.size(); ++i) {
    // All values below `split[i]` are below each cut that equals it, so they fill the places
    // before.
    const auto bin_of_value = static_cast<std::size_t>(
        std::ranges::count_if(cut_points.cuts, [&](std::int64_t cut) { return cut < split[i]; }));
    std::int64_t up_to = 0;
    for (std::size_t bin = 0; bin <= bin_of_value; ++bin) up_to += by_value[bin];
    // Those who hold the value end its bin: a cut is the greatest value of the bin under it.
    std::int64_t place = up_to - static_cast<std::int64_t>(members[i].size());
    rank_order(members[i]);
    for (const std::int64_t row : members[i]) {
      const auto bin = static_cast<int>(static_cast<Int128>(place++) * bins / customers);
      scores[row] = score_of_bin(cut_points.metric, bins, bin);
    }
  }
  return counts;
}

// Metrics lie in 32 or 64 bits.
template <typename Action>
auto with_values(const ColumnView& values, Action action) {
  return values.layout == Layout::Int32 ? action(values.values<std::int32_t>())
                                        : action(values.values<std::int64_t>());
}

template <typename T>
void set_extremes(std::span<const T> values, CutPoints& cut_points) {
  const auto [low, high] = std::ranges::minmax(values);
  cut_points.minimum = low;
  cut_points.maximum = high;
}

}  // namespace

Result<std::int64_t> bound_at_scale(std::string_view text, int scale) {
  const auto decimal = parse_decimal(text);
  if (!decimal) return fail(ErrorCode::Plan, "not a decimal number: '" + std::string(text) + "'");
  if (decimal->scale <= scale) {
    if (const auto value = rescale(*decimal, scale)) return *value;
    return fail(ErrorCode::Plan, "the bound is too large: '" + std::string(text) + "'");
  }
  return static_cast<std::int64_t>(
      divide_floor(decimal->unscaled, power_of_ten(decimal->scale - scale)));
}

TieReport tie_report(const CutPoints& cut_points, std::span<const std::int64_t> customers_of_bin) {
  BinCounts counts{};
  QUINTILE_CHECK(customers_of_bin.size() <= counts.size());
  std::ranges::copy(customers_of_bin, counts.begin());
  const std::int64_t customers = std::reduce(counts.begin(), counts.end());
  return tie_report(cut_points, counts,
                    customers_elsewhere_by_rank(counts, cut_points.bins, customers), customers);
}

Result<std::vector<std::int64_t>> cuts_of_bounds(Metric metric,
                                                 std::span<const std::string> upper_bounds,
                                                 int money_scale) {
  std::vector<std::int64_t> cuts;
  for (const std::string& bound : upper_bounds) {
    QUINTILE_TRY(const std::int64_t cut,
                 bound_at_scale(bound, metric == Metric::Monetary ? money_scale : 0));
    cuts.push_back(cut);
  }
  if (!std::ranges::is_sorted(cuts)) return fail(ErrorCode::Plan, "upper_bounds do not ascend");
  return cuts;
}

Result<ScoredMetric> score_metric(Metric metric, const ColumnView& values, const MetricSpec& spec,
                                  int money_scale, const RankOrder& rank_order,
                                  const Executor& executor) {
  return with_values(values, [&](auto span) -> Result<ScoredMetric> {
    ScoredMetric scored;
    CutPoints& cut_points = scored.cut_points;
    cut_points.metric = metric;
    cut_points.method = spec.method;
    cut_points.bins = spec.method == Method::Thresholds
                          ? static_cast<int>(spec.upper_bounds.size()) + 1
                          : spec.bins;
    QUINTILE_CHECK(cut_points.bins >= 2 && cut_points.bins <= kBinsMax);
    if (span.empty()) return fail(ErrorCode::Input, "there are no customers to score");
    set_extremes(span, cut_points);
    scored.scores = table::Buffer<Score>(values.size);
    BinCounts counts{};
    switch (spec.method) {
      case Method::Quantile: {
        QUINTILE_TRY(cut_points.cuts, quantile_cuts(span, cut_points.bins));
        counts = score_values(span, cut_points, scored.scores, executor);
        break;
      }
      case Method::Thresholds: {
        QUINTILE_TRY(cut_points.cuts, cuts_of_bounds(metric, spec.upper_bounds, money_scale));
        counts = score_values(span, cut_points, scored.scores, executor);
        break;
      }
      case Method::Rank:
        counts = score_ranks(span, cut_points, scored.scores, rank_order, executor);
        break;
    }
    const std::int64_t elsewhere =
        spec.method == Method::Rank
            ? 0
            : customers_elsewhere_by_rank(counts, cut_points.bins, values.size);
    scored.ties = tie_report(cut_points, counts, elsewhere, values.size);
    return scored;
  });
}

Result<ScoredMetric> score_frozen(const ColumnView& values, const CutPoints& cut_points,
                                  const Executor& executor) {
  return with_values(values, [&](auto span) -> Result<ScoredMetric> {
    if (span.empty()) return fail(ErrorCode::Input, "there are no customers to score");
    ScoredMetric scored;
    scored.cut_points = cut_points;
    scored.scores = table::Buffer<Score>(values.size);
    const BinCounts counts = score_values(span, cut_points, scored.scores, executor);
    scored.ties =
        tie_report(cut_points, counts,
                   customers_elsewhere_by_rank(counts, cut_points.bins, values.size), values.size);
    return scored;
  });
}

}  // namespace quintile::rfm

#include "quintile/rfm/scoring.h"

#include <algorithm>

#include "quintile/base/check.h"
#include "quintile/base/money.h"
#include "quintile/base/order_statistics.h"

namespace quintile::rfm {

namespace {

/// The two order statistics that each cut lies between, and how far: k = 1 .. bins - 1.
struct Between {
  std::int64_t position;  ///< i; the other is i + 1 unless the remainder is 0
  std::int64_t remainder;
};

std::vector<Between> places_of_cuts(std::int64_t customers, int bins) {
  std::vector<Between> places;
  for (int k = 1; k < bins; ++k) {
    const Int128 h = static_cast<Int128>(customers - 1) * k;
    places.push_back({static_cast<std::int64_t>(h / bins), static_cast<std::int64_t>(h % bins)});
  }
  return places;
}

/// floor(low + (high - low) * remainder / bins), exact over the whole range of 64 bits.
std::int64_t interpolate(std::int64_t low, std::int64_t high, std::int64_t remainder, int bins) {
  const Int128 numerator =
      static_cast<Int128>(low) * bins + (static_cast<Int128>(high) - low) * remainder;
  return static_cast<std::int64_t>(divide_floor(numerator, bins));
}

std::unexpected<Error> no_customers() {
  return fail(ErrorCode::Input, "there are no customers to score",
              "look at the review's waterfall to see which step took the rows out");
}

template <typename T>
Result<std::vector<std::int64_t>> cuts_of(std::span<const T> values, int bins) {
  if (values.empty()) return no_customers();
  const auto customers = static_cast<std::int64_t>(values.size());
  return cuts_at(customers, bins, order_statistics(values, positions_of_cuts(customers, bins)));
}

}  // namespace

std::string_view to_string(Metric metric) {
  switch (metric) {
    case Metric::Recency: return "recency";
    case Metric::Frequency: return "frequency";
    case Metric::Monetary: return "monetary";
  }
  return "";
}

std::string_view to_string(Method method) {
  switch (method) {
    case Method::Quantile: return "quantile";
    case Method::Thresholds: return "thresholds";
    case Method::Rank: return "rank";
  }
  return "";
}

std::string_view to_string(Preset preset) {
  switch (preset) {
    case Preset::None: return "";
    case Preset::RRfm: return "r-rfm";
    case Preset::PandasQcut: return "pandas-qcut";
    case Preset::PandasRankFirst: return "pandas-rank-first";
    case Preset::Ntile: return "ntile";
    case Preset::Pymc: return "pymc";
    case Preset::Klaviyo: return "klaviyo";
  }
  return "";
}

Result<std::vector<std::int64_t>> quantile_cuts(std::span<const std::int64_t> values, int bins) {
  return cuts_of(values, bins);
}
Result<std::vector<std::int64_t>> quantile_cuts(std::span<const std::int32_t> values, int bins) {
  return cuts_of(values, bins);
}

Result<std::vector<std::int64_t>> quantile_cuts(std::span<const ValueCount> counts, int bins) {
  std::int64_t customers = 0;
  for (const ValueCount& entry : counts) customers += entry.count;
  if (customers == 0) return no_customers();
  std::vector<std::int64_t> ranked;
  std::size_t entry = 0;
  std::int64_t before = 0;
  for (const std::int64_t position : positions_of_cuts(customers, bins)) {
    while (before + counts[entry].count <= position) before += counts[entry++].count;
    ranked.push_back(counts[entry].value);
  }
  return cuts_at(customers, bins, ranked);
}

std::vector<std::int64_t> positions_of_cuts(std::int64_t customers, int bins) {
  std::vector<std::int64_t> positions;
  for (const Between& place : places_of_cuts(customers, bins)) {
    positions.push_back(place.position);
    positions.push_back(std::min(place.position + 1, customers - 1));
  }
  // Neighbouring cuts may share positions in either order when there are few customers.
  std::ranges::sort(positions);
  return positions;
}

std::vector<std::int64_t> cuts_at(std::int64_t customers, int bins,
                                  std::span<const std::int64_t> ranked) {
  const std::vector<std::int64_t> positions = positions_of_cuts(customers, bins);
  QUINTILE_CHECK(ranked.size() == positions.size());
  const auto value_at = [&](std::int64_t position) {
    return ranked[static_cast<std::size_t>(std::ranges::lower_bound(positions, position) -
                                           positions.begin())];
  };
  std::vector<std::int64_t> cuts;
  for (const Between& place : places_of_cuts(customers, bins)) {
    const std::int64_t low = value_at(place.position);
    const std::int64_t high =
        place.remainder == 0 ? low : value_at(std::min(place.position + 1, customers - 1));
    cuts.push_back(interpolate(low, high, place.remainder, bins));
  }
  return cuts;
}

int score_of(std::int64_t value, const CutPoints& cut_points) {
  const auto below = static_cast<int>(
      std::ranges::count_if(cut_points.cuts, [value](std::int64_t cut) { return cut < value; }));
  return cut_points.metric == Metric::Recency ? cut_points.bins - below : 1 + below;
}

std::string rfm_code(int r_score, int f_score, int m_score, int bins_max) {
  const std::string_view separator = bins_max > 9 ? "-" : "";
  std::string code = std::to_string(r_score);
  code += separator;
  code += std::to_string(f_score);
  code += separator;
  code += std::to_string(m_score);
  return code;
}

}  // namespace quintile::rfm

#include <algorithm>

#include "quintile/base/order_statistics.h"
#include "quintile/report/facts_internal.h"

namespace quintile::report {

namespace {

const quality::Detail* find_detail(const std::vector<quality::Detail>& details,
                                   std::string_view key) {
  const auto at = std::find_if(details.begin(), details.end(),
                               [key](const auto& detail) { return detail.key == key; });
  return at == details.end() ? nullptr : &*at;
}

}  // namespace

Cells count_cells(const segments::Segmentation& s) {
  Cells cells;
  cells.r_bins = s.model.metrics[0].bins;
  cells.f_bins = s.model.metrics[1].bins;
  cells.customers.assign(static_cast<std::size_t>(cells.r_bins * cells.f_bins), 0);
  for (std::int64_t row = 0; row < s.size(); ++row) {
    ++cells.customers[static_cast<std::size_t>((s.r_score[row] - 1) * cells.f_bins +
                                               (s.f_score[row] - 1))];
  }
  return cells;
}

Histogram count_values(const ColumnView& values, int bars_max) {
  Histogram histogram;
  if (values.size == 0) return histogram;
  const std::int64_t last = values.size - 1;
  const std::vector<std::int64_t> positions = {0, last - values.size / 100, last};
  const auto order =
      with_integers(values, [&](auto integers) { return order_statistics(integers, positions); });
  histogram.low = order[0];
  histogram.open = order[2] - order[0] > 2 * (order[1] - order[0]) && order[1] > order[0];
  const std::int64_t high = histogram.open ? order[1] : order[2];
  const auto span =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(histogram.low) + 1;
  const auto bars = static_cast<std::uint64_t>(bars_max);
  histogram.width = static_cast<std::int64_t>((span + bars - 1) / bars);
  const auto width = static_cast<std::uint64_t>(histogram.width);
  histogram.customers.assign(static_cast<std::size_t>((span + width - 1) / width), 0);
  with_integers(values, [&](auto integers) {
    for (const std::int64_t value : integers) {
      const auto offset =
          static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(histogram.low);
      ++histogram.customers[std::min<std::size_t>(offset / width, histogram.customers.size() - 1)];
    }
  });
  return histogram;
}

std::optional<BinRange> bin_range(const rfm::CutPoints& points, int bin) {
  const auto at = static_cast<std::size_t>(bin);
  BinRange range;
  range.low = bin == 1 ? points.minimum : points.cuts[at - 2] + 1;
  range.high = bin == points.bins ? points.maximum : points.cuts[at - 1];
  if (bin > 1) range.low = std::max(range.low, points.minimum);
  if (bin < points.bins) range.high = std::min(range.high, points.maximum);
  return range.low > range.high ? std::nullopt : std::optional(range);
}

int bin_of_score(const rfm::CutPoints& points, int score) {
  return points.metric == rfm::Metric::Recency ? points.bins + 1 - score : score;
}

std::optional<double> detail_number(const std::vector<quality::Detail>& details,
                                    std::string_view path) {
  const std::size_t slash = path.find('/');
  const quality::Detail* detail = find_detail(details, path.substr(0, slash));
  if (detail == nullptr) return std::nullopt;
  if (slash != std::string_view::npos) {
    const auto* group = std::get_if<std::vector<quality::Detail>>(&detail->value);
    return group == nullptr ? std::nullopt : detail_number(*group, path.substr(slash + 1));
  }
  if (const auto* real = std::get_if<double>(&detail->value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&detail->value))
    return static_cast<double>(*whole);
  return std::nullopt;
}

std::optional<double> evidence_number(const insights::Insight& insight, std::string_view path) {
  return detail_number(insight.evidence, path);
}

const std::vector<quality::Detail>* evidence_group(const insights::Insight& insight,
                                                   std::string_view name) {
  const quality::Detail* detail = find_detail(insight.evidence, name);
  return detail == nullptr ? nullptr : std::get_if<std::vector<quality::Detail>>(&detail->value);
}

const insights::Insight* find_insight(const mart::Mart& mart, std::string_view id) {
  for (const insights::Insight& insight : mart.insights) {
    if (insight.id == id) return &insight;
  }
  return nullptr;
}

}  // namespace quintile::report

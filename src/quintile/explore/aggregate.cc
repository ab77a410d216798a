#include <algorithm>
#include <cmath>

#include "quintile/explore/explorer.h"

namespace quintile::explore {
namespace {

constexpr std::int64_t kRecencySteps = 20;
constexpr std::int64_t kFrequencyBins = 12;
constexpr std::int64_t kMonetarySteps = 20;
constexpr std::size_t kLorenzPoints = 101;

template <typename Visit>
void for_each(const Selection& selection, std::int64_t size, const Visit& visit) {
  if (selection.everyone) {
    for (std::int64_t row = 0; row < size; ++row) visit(row);
    return;
  }
  // Rows are gathered before they are visited: whether one is selected is no guess for the
  // processor.
  constexpr std::int64_t kBlock = 1'024;
  std::array<std::int64_t, kBlock> found;
  const std::uint8_t* rows = selection.rows.data();
  for (std::int64_t begin = 0; begin < size; begin += kBlock) {
    const std::int64_t end = std::min(size, begin + kBlock);
    std::size_t count = 0;
    for (std::int64_t row = begin; row < end; ++row) {
      found[count] = row;
      count += rows[row];
    }
    for (std::size_t i = 0; i < count; ++i) visit(found[i]);
  }
}

}  // namespace

std::vector<CubeCell> Explorer::cube(const Selection& selection, bool by_segment) const {
  const segments::Segmentation& s = mart_.segmentation;
  const segments::Bins bins = this->bins();
  const std::size_t depth = by_segment ? mart_.rules.rules.size() : 1;
  struct Sums {
    std::int64_t customers = 0, frequency = 0, recency_days = 0, overlay = 0;
    Int128 monetary = 0;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(bins.r * bins.f * bins.m) * depth);
  const auto recency = s.customers.recency();
  const auto orders = s.customers.orders();
  const auto value = s.customers.value();
  const ColumnView* overlay = s.customers.overlay ? &s.customers.overlay->view : nullptr;
  const std::uint8_t* flags = overlay != nullptr ? overlay->values<std::uint8_t>().data() : nullptr;
  const std::uint8_t* known = overlay != nullptr ? overlay->valid : nullptr;
  for_each(selection, s.size(), [&](std::int64_t row) {
    const auto cell = static_cast<std::size_t>(
        ((s.r_score[row] - 1) * bins.f + s.f_score[row] - 1) * bins.m + s.m_score[row] - 1);
    Sums& sum = sums[by_segment ? cell * depth + s.segment[row] : cell];
    const auto i = static_cast<std::size_t>(row);
    ++sum.customers;
    sum.frequency += orders[i];
    sum.recency_days += recency[i];
    sum.monetary += value[i];
    if (flags != nullptr) sum.overlay += (known == nullptr || known[i] != 0) && flags[i] != 0;
  });
  std::vector<CubeCell> cells;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Sums& sum = sums[i];
    if (sum.customers == 0) continue;
    const auto cell = static_cast<int>(i / depth);
    cells.push_back({.r_score = cell / (bins.f * bins.m) + 1,
                     .f_score = cell / bins.m % bins.f + 1,
                     .m_score = cell % bins.m + 1,
                     .segment = by_segment ? static_cast<segments::SegmentIndex>(i % depth)
                                           : segments::kNoSegment,
                     .customers = sum.customers,
                     .monetary = sum.monetary,
                     .frequency = sum.frequency,
                     .recency_days = sum.recency_days,
                     .overlay = sum.overlay});
  }
  return cells;
}

std::vector<HistogramBin> Explorer::histogram(rfm::Metric metric,
                                              const Selection& selection) const {
  const customers::Customers& c = mart_.segmentation.customers;
  const table::Column& column = metric == rfm::Metric::Recency
                                    ? c.recency_days
                                    : (metric == rfm::Metric::Frequency ? c.frequency : c.monetary);
  if (customers() == 0) return {};
  std::int64_t least = column.view.integer(0), greatest = least;
  for (std::int64_t row = 0; row < customers(); ++row) {
    const std::int64_t value = column.view.integer(row);
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  std::int64_t start = least, step = 1, steps = 0;
  bool is_open = false;
  if (metric == rfm::Metric::Recency) {
    step = (greatest - least) / kRecencySteps + 1;
    steps = (greatest - least) / step + 1;
  } else if (metric == rfm::Metric::Frequency) {
    start = std::min<std::int64_t>(least, 1);
    steps = std::min(kFrequencyBins, greatest) - start + 1;
    is_open = greatest > kFrequencyBins;
  } else {
    start = std::min<std::int64_t>(least, 0);
    // by_value_ begins with the greatest.
    const std::int64_t cap = c.value()[static_cast<std::size_t>(by_value_[by_value_.size() / 50])];
    step = (cap - start) / kMonetarySteps + 1;
    steps = kMonetarySteps;
    is_open = greatest >= start + step * steps;
  }
  std::vector<HistogramBin> bins;
  for (std::int64_t i = 0; i < steps; ++i)
    bins.push_back({.from = start + i * step, .to = start + (i + 1) * step - 1});
  if (is_open) bins.push_back({.from = start + steps * step});
  for (std::int64_t row = 0; row < customers(); ++row) {
    const auto at = std::min<std::int64_t>((column.view.integer(row) - start) / step,
                                           static_cast<std::int64_t>(bins.size()) - 1);
    HistogramBin& bin = bins[static_cast<std::size_t>(at)];
    ++bin.population;
    bin.customers += selection.has(row);
  }
  return bins;
}

Lorenz Explorer::lorenz(const Selection& selection) const {
  const auto value = mart_.segmentation.customers.value();
  Lorenz lorenz;
  Int128 total = 0;
  for_each(selection, customers(),
           [&](std::int64_t row) { total += value[static_cast<std::size_t>(row)]; });
  const std::int64_t n = selection.customers;
  const auto share_of = [&](Int128 sum) -> std::optional<double> {
    if (total <= 0) return std::nullopt;
    return static_cast<double>(sum) / static_cast<double>(total);
  };
  for (const std::int64_t percent : {1, 5, 10, 20}) {
    lorenz.top.push_back(
        {static_cast<double>(percent) / 100, (n * percent + 99) / 100, std::nullopt});
  }
  if (n == 0) return lorenz;
  const auto points = std::min<std::int64_t>(static_cast<std::int64_t>(kLorenzPoints) - 1, n);
  std::int64_t rank = 0, point = 0;
  std::size_t top = 0;
  Int128 sum = 0;
  double area_terms = 0;  // sum of rank * value, greatest first
  if (total > 0) lorenz.points.push_back({0, 0});
  for (const std::int32_t row : by_value_) {
    if (!selection.has(row)) continue;
    const std::int64_t worth = value[static_cast<std::size_t>(row)];
    ++rank;
    sum += worth;
    area_terms += static_cast<double>(rank) * static_cast<double>(worth);
    while (top < lorenz.top.size() && lorenz.top[top].customers == rank)
      lorenz.top[top++].monetary_share = share_of(sum);
    if (total > 0 && rank * points >= (point + 1) * n) {
      lorenz.points.push_back({static_cast<double>(rank) / static_cast<double>(n), *share_of(sum)});
      point = rank * points / n;
    }
  }
  if (total > 0) {
    const auto size = static_cast<double>(n);
    lorenz.gini = (size + 1) / size - 2 * area_terms / (size * static_cast<double>(total));
  }
  return lorenz;
}

Distributions Explorer::distributions(const Selection& selection) const {
  Distributions distributions;
  for (const rfm::Metric metric : rfm::kMetrics)
    distributions.histograms[static_cast<std::size_t>(metric)] = histogram(metric, selection);
  distributions.lorenz = lorenz(selection);
  const segments::Segmentation& s = mart_.segmentation;
  if (!s.customers.overlay) return distributions;
  const segments::Bins bins = this->bins();
  auto& cells = distributions.overlay_cells;
  for (int r = 1; r <= bins.r; ++r) {
    for (int f = 1; f <= bins.f; ++f)
      cells.push_back({.r_score = r, .f_score = f, .with = {}, .without = {}});
  }
  const ColumnView& overlay = s.customers.overlay->view;
  const auto value = s.customers.value();
  for_each(selection, s.size(), [&](std::int64_t row) {
    if (!overlay.is_valid(row)) return;
    OverlayCell& cell =
        cells[static_cast<std::size_t>((s.r_score[row] - 1) * bins.f + s.f_score[row] - 1)];
    OverlayCell::Side& side = overlay.integer(row) != 0 ? cell.with : cell.without;
    ++side.customers;
    side.monetary += value[static_cast<std::size_t>(row)];
  });
  return distributions;
}

}  // namespace quintile::explore

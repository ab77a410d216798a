#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/report/figures_internal.h"
#include "quintile/summary/wording.h"

namespace quintile::report {

namespace {

constexpr double kLeft = 132, kTop = 46, kRight = 8, kWidth = 720;

std::string range_text(const rfm::CutPoints& points, int score, const char* one, const char* many) {
  const auto range = bin_range(points, bin_of_score(points, score));
  if (!range) return "none: ties";
  if (range->low == range->high)
    return fmt::format("{} {}", summary::count_text(range->low), range->low == 1 ? one : many);
  return fmt::format("{}–{} {}", summary::count_text(range->low), summary::count_text(range->high),
                     many);
}

}  // namespace

std::optional<Drawing> draw_heat_map(const mart::Mart& mart) {
  const segments::Segmentation& s = mart.segmentation;
  if (s.size() == 0) return std::nullopt;
  const Cells cells = count_cells(s);
  const double height = std::min(52.0, 400.0 / cells.r_bins);
  const double width = (kWidth - kLeft - kRight) / cells.f_bins;
  Drawing drawing("recency_frequency", "Recency against frequency", kWidth,
                  kTop + height * cells.r_bins + 10);
  const Numbers say(mart);
  const std::int64_t most = *std::max_element(cells.customers.begin(), cells.customers.end());

  drawing.text(0, 14, "Recency score", "s b");
  drawing.text(kLeft, 14, "Frequency score →  orders", "s b");
  for (int f = 1; f <= cells.f_bins; ++f) {
    const double x = kLeft + width * (f - 1) + width / 2;
    drawing.text(x, 28, std::to_string(f), "b", Anchor::Middle);
    drawing.text(x, 41, fit(range_text(s.model.metrics[1], f, "order", "orders"), width / 10),
                 "xs i2", Anchor::Middle);
  }
  int row = 0;
  for (int r = cells.r_bins; r >= 1; --r, ++row) {
    const double y = kTop + height * row;
    drawing.text(0, y + height / 2 + 4, std::to_string(r), "b");
    drawing.text(18, y + height / 2 + 4,
                 fit(range_text(s.model.metrics[0], r, "day", "days"), (kLeft - 24) / 10.5),
                 "xs i2");
    for (int f = 1; f <= cells.f_bins; ++f) {
      const std::int64_t customers = cells.at(r, f);
      const double x = kLeft + width * (f - 1);
      const double strength =
          most == 0 ? 0 : static_cast<double>(customers) / static_cast<double>(most);
      const std::string key = fmt::format("customer_segments.parquet/cells/r{}_f{}", r, f);
      const Number count = say.count(key + "/customers", customers);
      const Number share = say.share(
          key + "/customer_share", static_cast<double>(customers) / static_cast<double>(s.size()));
      drawing.begin_group(
          fmt::format("recency {}, frequency {}: {} customers, {}", r, f, count.text, share.text));
      drawing.rect(x, y, width, height, "empty", " rx=\"4\"");
      if (customers > 0) {
        drawing.rect(x, y, width, height, "cell",
                     fmt::format(" rx=\"4\" fill-opacity=\"{:.3f}\"", 0.06 + 0.44 * strength));
      }
      const bool roomy = height >= 36;
      drawing.number(x + width / 2, y + height / 2 + (roomy ? 0 : 4), count,
                     customers == 0 ? "i3" : "b", Anchor::Middle);
      if (roomy && customers > 0)
        drawing.number(x + width / 2, y + height / 2 + 14, share, "xs i2", Anchor::Middle);
      drawing.end_group();
    }
  }
  drawing.describe(fmt::format(
      "A grid of {} recency scores by {} frequency scores with the customers of each cell; the "
      "fullest cell has {}.",
      cells.r_bins, cells.f_bins, summary::count_text(most)));
  return drawing;
}

}  // namespace quintile::report

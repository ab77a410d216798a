#include <algorithm>

#include <fmt/format.h>

#include "quintile/mart/json_writer.h"
#include "quintile/report/figures_internal.h"
#include "quintile/summary/wording.h"

namespace quintile::report {

namespace {

constexpr double kLeft = 8, kBase = 166, kTall = 112, kWidth = 620, kHeight = 214;

struct Wording {
  const char* name;
  const char* title;
  const char* unit;
};

Wording wording_of(rfm::Metric metric) {
  switch (metric) {
    case rfm::Metric::Recency:
      return {"histogram_recency", "Recency: days since the last purchase", "days"};
    case rfm::Metric::Frequency: return {"histogram_frequency", "Frequency: orders", "orders"};
    case rfm::Metric::Monetary: break;
  }
  return {"histogram_monetary", "Monetary: what a customer has spent", ""};
}

const ColumnView& values_of(const mart::Mart& mart, rfm::Metric metric) {
  const customers::Customers& c = mart.segmentation.customers;
  switch (metric) {
    case rfm::Metric::Recency: return c.recency_days.view;
    case rfm::Metric::Frequency: return c.frequency.view;
    case rfm::Metric::Monetary: break;
  }
  return c.monetary.view;
}

}  // namespace

std::optional<Drawing> draw_histogram(const mart::Mart& mart, rfm::Metric metric) {
  const Histogram histogram = count_values(values_of(mart, metric), 80);
  if (histogram.customers.empty()) return std::nullopt;
  const Wording wording = wording_of(metric);
  const bool money = metric == rfm::Metric::Monetary;
  const double scale = money ? static_cast<double>(power_of_ten(mart.manifest.money_scale)) : 1;
  const auto bars = static_cast<double>(histogram.customers.size());
  const double step = (kWidth - 2 * kLeft) / bars;
  const double most = static_cast<double>(
      *std::max_element(histogram.customers.begin(), histogram.customers.end()));
  const double low = static_cast<double>(histogram.low),
               width = static_cast<double>(histogram.width);
  const double end = low + width * bars;
  const auto x_of = [&](double value) { return kLeft + (value - low) / width * step; };

  Drawing drawing(wording.name, wording.title, kWidth, kHeight);
  for (std::size_t i = 0; i < histogram.customers.size(); ++i) {
    const double height = kTall * static_cast<double>(histogram.customers[i]) / most;
    const bool rest = histogram.open && i + 1 == histogram.customers.size();
    drawing.rect(kLeft + step * static_cast<double>(i) + step * 0.06, kBase - height, step * 0.88,
                 height, rest ? "bar2" : "bar");
  }
  drawing.line(kLeft, kBase, kWidth - kLeft, kBase, "axis");
  for (const double tick : ticks(low / scale, end / scale, 8)) {
    const double x = x_of(tick * scale) + (money || width > 1 ? 0 : step / 2);
    if (x > kWidth - kLeft) continue;
    const std::string label =
        money ? short_amount(tick) : summary::count_text(static_cast<std::int64_t>(tick));
    const Anchor anchor = x < 30 ? Anchor::Start : x > kWidth - 50 ? Anchor::End : Anchor::Middle;
    drawing.text(x, kBase + 16, label, "xs i2", anchor);
  }
  drawing.text(kLeft, kBase + 36, money ? mart.manifest.currency : wording.unit, "s i2");
  if (histogram.open)
    drawing.text(kWidth - kLeft, kBase + 36, "last bar: the greatest hundredth, and beyond",
                 "xs i3", Anchor::End);

  // Cut points, labelled in two rows so that close ones stay legible.
  const Numbers say(mart);
  const rfm::CutPoints& points = mart.segmentation.model.metrics[static_cast<std::size_t>(metric)];
  double free_from[3] = {0, 0, 0};
  std::string described;
  for (std::size_t i = 0; i < points.cuts.size(); ++i) {
    const auto cut = static_cast<double>(points.cuts[i]);
    const double x = std::clamp(x_of(cut + 1), kLeft, kWidth - kLeft);
    const int money_scale = money ? mart.manifest.money_scale : 0;
    const std::string value = mart::JsonWriter::plain_decimal(points.cuts[i], money_scale);
    const Number number =
        say.plain(fmt::format("run.json/cut_points/{}/cut_points/{}", to_string(metric), i), value,
                  money ? short_amount(cut / scale) : summary::count_text(points.cuts[i]));
    described += (described.empty() ? "" : ", ") + number.text;
    if (i > 0 && points.cuts[i] == points.cuts[i - 1]) continue;
    const double half = text_width(number.text) * 11 / 2 + 4;
    const auto row = std::find_if(std::begin(free_from), std::end(free_from),
                                  [&](double free) { return x - half >= free; });
    drawing.line(x, kBase, x,
                 row == std::end(free_from) ? 46 : 18 + 13 * static_cast<double>(row - free_from),
                 "cut");
    if (row == std::end(free_from)) continue;
    drawing.number(std::clamp(x, half, kWidth - half),
                   14 + 13 * static_cast<double>(row - free_from), number, "s b halo",
                   Anchor::Middle);
    *row = x + half;
  }
  drawing.describe(fmt::format("Histogram of {} customers with the cut points {} drawn in.",
                               summary::count_text(mart.segmentation.size()), described));
  return drawing;
}

}  // namespace quintile::report

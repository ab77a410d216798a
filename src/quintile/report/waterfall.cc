#include <algorithm>

#include <fmt/format.h>

#include "quintile/report/figures_internal.h"

namespace quintile::report {

std::optional<Drawing> draw_waterfall(const mart::Mart& mart) {
  const auto& steps = mart.review.waterfall;
  if (steps.empty()) return std::nullopt;
  constexpr double kWidth = 720, kLabel = 210, kBars = 250, kRow = 30, kTop = 24;
  Drawing drawing("waterfall", "From the rows read to the rows published", kWidth,
                  kTop + kRow * static_cast<double>(steps.size()) + 6);
  const Numbers say(mart);
  drawing.text(kLabel + kBars + 100, 12, "rows", "s i2", Anchor::End);
  drawing.text(kWidth, 12, "value", "s i2", Anchor::End);
  const double all = std::max(1.0, static_cast<double>(steps.front().rows));
  double left = all;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const quality::WaterfallStep& step = steps[i];
    const bool end = i == 0 || i + 1 == steps.size();
    const double y = kTop + kRow * static_cast<double>(i);
    const auto rows = static_cast<double>(step.rows);
    const double from = end ? 0 : std::max(0.0, left - rows);
    if (!end) left -= rows;
    const double x = kLabel + kBars * from / all, width = kBars * rows / all;
    drawing.text(0, y + 18, fit((end ? "" : "less ") + words(step.step), kLabel / 12.5),
                 end ? "b" : "");
    drawing.line(kLabel, y + kRow, kLabel + kBars, y + kRow, "grid");
    if (step.rows > 0) {
      drawing.rect(std::min(x, kLabel + kBars - 2), y + 5, std::max(2.0, width), kRow - 10,
                   end ? "bar" : "out", " rx=\"2\"");
    }
    const std::string key = fmt::format("review.json/waterfall/{}", i);
    Number count = say.count(key + "/rows", step.rows),
           money = say.money(key + "/monetary", step.monetary);
    if (!end && step.rows > 0) count.text = "−" + count.text;
    if (!end && step.monetary > 0) money.text = "−" + money.text;
    if (!end && step.monetary < 0)
      money.text = "+" + money.text.substr(std::string_view("−").size());
    drawing.number(kLabel + kBars + 100, y + 18, count, end ? "b" : "", Anchor::End);
    drawing.number(kWidth, y + 18, money, end ? "b" : "i2", Anchor::End);
  }
  drawing.describe(
      fmt::format("{} rows read, {} published; each step between shows the rows it took out.",
                  say.count("", steps.front().rows).text, say.count("", steps.back().rows).text));
  return drawing;
}

std::vector<Drawing> draw_all(const mart::Mart& mart) {
  std::vector<Drawing> drawings;
  const auto add = [&drawings](std::optional<Drawing> drawing) {
    if (drawing) drawings.push_back(*std::move(drawing));
  };
  add(draw_treemap(mart, Size::Customers));
  add(draw_treemap(mart, Size::Value));
  add(draw_lorenz(mart));
  add(draw_recent_split(mart));
  add(draw_at_risk(mart));
  add(draw_overlay_effect(mart));
  add(draw_heat_map(mart));
  for (const rfm::Metric metric : rfm::kMetrics) add(draw_histogram(mart, metric));
  add(draw_waterfall(mart));
  return drawings;
}

}  // namespace quintile::report

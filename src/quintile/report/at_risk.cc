#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "quintile/report/figures_internal.h"
#include "quintile/summary/wording.h"

namespace quintile::report {

namespace {

constexpr double kLeft = 64, kRight = 20, kTop = 16, kBase = 330, kWidth = 720, kHeight = 376;

struct Box {
  double x1, y1, x2, y2;
  [[nodiscard]] bool meets(const Box& other) const {
    return x1 < other.x2 && other.x1 < x2 && y1 < other.y2 && other.y1 < y2;
  }
};

struct Point {
  const summary::SegmentSummary* entry = nullptr;
  segments::Family family = segments::Family::Core;
  double x = 0, y = 0, size = 0;
};

std::vector<Point> points_of(const mart::Mart& mart) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < mart.summary.segments.size(); ++i) {
    const summary::SegmentSummary& entry = mart.summary.segments[i];
    if (entry.customers == 0 || !entry.mean_recency_days || !entry.mean_monetary) continue;
    points.push_back(
        {&entry, mart.rules.rules[i].family, *entry.mean_recency_days, *entry.mean_monetary, 0});
  }
  return points;
}

// Puts each name where it covers nothing: right, left, above or below its mark; the greatest
// segments choose first.
void label(Drawing& drawing, std::vector<Point> points, std::vector<Box> taken) {
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return (a.family == segments::Family::Slipping) != (b.family == segments::Family::Slipping)
               ? a.family == segments::Family::Slipping
               : a.entry->customers > b.entry->customers;
  });
  for (const Point& point : points) {
    const std::string name = fit(point.entry->segment_name, 16);
    const double width = text_width(name) * 11.5 + 4, gap = point.size / 2 + 4;
    const std::array<std::pair<double, double>, 4> places = {
        {{point.x + gap, point.y + 4},
         {point.x - gap - width, point.y + 4},
         {point.x - width / 2, point.y - gap - 2},
         {point.x - width / 2, point.y + gap + 10}}};
    for (const auto& [x, y] : places) {
      const Box box{x, y - 11, x + width, y + 3};
      const bool inside = box.x1 >= kLeft && box.x2 <= kWidth - 2 && box.y1 >= 2 && box.y2 <= kBase;
      if (!inside || std::any_of(taken.begin(), taken.end(),
                                 [&](const Box& other) { return box.meets(other); }))
        continue;
      drawing.text(x, y, name,
                   point.family == segments::Family::Slipping ? "s b halo" : "s i2 halo");
      taken.push_back(box);
      break;
    }
  }
}

}  // namespace

std::optional<Drawing> draw_at_risk(const mart::Mart& mart) {
  std::vector<Point> points = points_of(mart);
  const summary::SegmentSummary& all = mart.summary.population;
  if (points.size() < 2 || !all.mean_recency_days || !all.mean_monetary) return std::nullopt;
  double right = 1, top = 0, bottom = 0;
  for (const Point& point : points) {
    right = std::max(right, point.x);
    top = std::max(top, point.y);
    bottom = std::min(bottom, point.y);
  }
  if (!(top > bottom)) return std::nullopt;
  right *= 1.12;
  top += (top - bottom) * 0.12;
  const auto x_of = [&](double days) { return kLeft + days / right * (kWidth - kLeft - kRight); };
  const auto y_of = [&](double amount) {
    return kBase - (amount - bottom) / (top - bottom) * (kBase - kTop);
  };

  Drawing drawing("at_risk_value", "Value against recency, by segment", kWidth, kHeight);
  const Numbers say(mart);
  for (const double tick : ticks(bottom, top, 6)) {
    drawing.line(kLeft, y_of(tick), kWidth - kRight, y_of(tick), "grid");
    drawing.text(kLeft - 6, y_of(tick) + 4, short_amount(tick), "xs i2", Anchor::End);
  }
  for (const double tick : ticks(0, right, 8)) {
    drawing.text(x_of(tick), kBase + 16, summary::count_text(static_cast<std::int64_t>(tick)),
                 "xs i2", Anchor::Middle);
  }
  drawing.line(kLeft, kBase, kWidth - kRight, kBase, "axis");
  drawing.text((kLeft + kWidth - kRight) / 2, kBase + 36, "mean days since the last purchase",
               "s i2", Anchor::Middle);
  drawing.text(kLeft + 2, kTop - 4, "mean value of a customer, " + mart.manifest.currency, "s i2");
  drawing.line(x_of(*all.mean_recency_days), kTop, x_of(*all.mean_recency_days), kBase, "dash");
  drawing.line(kLeft, y_of(*all.mean_monetary), kWidth - kRight, y_of(*all.mean_monetary), "dash");

  std::vector<Box> taken;
  taken.push_back({kWidth - kRight - 130, y_of(*all.mean_monetary) - 16, kWidth - kRight,
                   y_of(*all.mean_monetary)});
  drawing.text(kWidth - kRight - 2, y_of(*all.mean_monetary) - 5, "mean of all customers",
               "xs i3 halo", Anchor::End);
  for (Point& point : points) {
    point.x = x_of(point.x);
    point.y = y_of(point.y);
    point.size = 9 + 34 * std::sqrt(std::max(0.0, point.entry->customer_share));
    const double half = point.size / 2;
    taken.push_back({point.x - half, point.y - half, point.x + half, point.y + half});
  }
  for (const Point& point : points) {
    const std::string key = "summary.json/segments/" + point.entry->segment_id;
    drawing.begin_group(fmt::format("{}: {} customers, {} each, {} days", point.entry->segment_name,
                                    say.count(key, point.entry->customers).text,
                                    say.amount(key, point.entry->mean_monetary).text,
                                    say.real(key, point.entry->mean_recency_days).text));
    drawing.mark(point.family, point.x, point.y, point.size);
    drawing.end_group();
  }
  label(drawing, points, taken);
  drawing.describe(
      "Each mark is a segment, its size the number of customers, its shape the family: square "
      "core, triangle "
      "up growing, triangle down slipping, ring dormant. Up and to the right: valuable and gone "
      "quiet.");
  return drawing;
}

}  // namespace quintile::report

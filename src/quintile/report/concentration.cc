#include <algorithm>

#include <fmt/format.h>

#include "quintile/report/figures_internal.h"

namespace quintile::report {

namespace {

constexpr double kLeft = 52, kTop = 14, kPlot = 300, kHeight = 360, kWidth = 620;

double x_of(double share) { return kLeft + share * kPlot; }
double y_of(double share) { return kTop + (1 - share) * kPlot; }

void draw_axes(Drawing& drawing) {
  for (const int percent : {0, 20, 40, 60, 80, 100}) {
    const double share = percent / 100.0;
    drawing.line(x_of(share), y_of(0), x_of(share), y_of(1), "grid");
    drawing.line(x_of(0), y_of(share), x_of(1), y_of(share), "grid");
    drawing.text(x_of(share), y_of(0) + 16, fmt::format("{} %", percent), "xs i2", Anchor::Middle);
    drawing.text(x_of(0) - 6, y_of(share) + 4, fmt::format("{} %", percent), "xs i2", Anchor::End);
  }
  drawing.text(x_of(0.5), y_of(0) + 34, "customers, those who spent most first", "s i2",
               Anchor::Middle);
  drawing.text(x_of(0) + 14, y_of(1) - 4, "share of value", "s i2");
}

}  // namespace

std::optional<Drawing> draw_lorenz(const mart::Mart& mart) {
  const insights::Insight* insight = find_insight(mart, "concentration");
  const auto* points = insight == nullptr ? nullptr : evidence_group(*insight, "lorenz");
  if (points == nullptr || points->size() < 2) return std::nullopt;
  const Numbers say(mart);
  const std::string key = "insights.json/concentration/evidence/";
  Drawing drawing("lorenz", "How value is spread over customers", kWidth, kHeight);
  draw_axes(drawing);
  drawing.line(x_of(0), y_of(0), x_of(1), y_of(1), "dash");
  std::string commands;
  for (std::size_t i = 0; i < points->size(); ++i) {
    const double x = static_cast<double>(i) / static_cast<double>(points->size() - 1);
    const double y = std::clamp(detail_number(*points, (*points)[i].key).value_or(0), 0.0, 1.0);
    commands += fmt::format("{}{} {}", i == 0 ? "M" : "L", unit(x_of(x)), unit(y_of(y)));
  }
  drawing.path(commands + fmt::format("L{} {}Z", unit(x_of(1)), unit(y_of(0))), "area");
  drawing.path(commands, "curve");

  double y = 44;
  drawing.text(kLeft + kPlot + 34, y, "hold this share of value", "s i2");
  for (const int percent : {1, 5, 10, 20}) {
    const auto share = evidence_number(*insight, fmt::format("top_{}_share", percent));
    if (!share) continue;
    y += 34;
    drawing.circle(x_of(percent / 100.0), y_of(std::clamp(*share, 0.0, 1.0)), 4, "solid");
    drawing.text(kLeft + kPlot + 34, y, fmt::format("the top {} %", percent), "i2");
    drawing.number(kWidth - 40, y, say.share(key + fmt::format("top_{}_share", percent), share),
                   "l b", Anchor::End);
  }
  const Number gini = say.real(key + "gini", evidence_number(*insight, "gini"));
  y += 44;
  drawing.text(kLeft + kPlot + 34, y, "Gini coefficient", "i2");
  const auto value = evidence_number(*insight, "gini");
  drawing.number(kWidth - 40, y,
                 {gini.key, gini.value, value ? fmt::format("{:.2f}", *value) : "–"}, "l b",
                 Anchor::End);
  drawing.text(kLeft + kPlot + 34, y + 16, "0: all alike, 1: one holds all", "xs i3");
  drawing.describe(
      fmt::format("Lorenz curve from the greatest customer down; the dashed diagonal is where all "
                  "would be alike. The top 20 % hold {}.",
                  say.share("", evidence_number(*insight, "top_20_share")).text));
  return drawing;
}

std::optional<Drawing> draw_recent_split(const mart::Mart& mart) {
  const insights::Insight* insight = find_insight(mart, "recent_split");
  const auto* shares = insight == nullptr ? nullptr : evidence_group(*insight, "share_by_f_score");
  if (shares == nullptr || shares->empty()) return std::nullopt;
  const Numbers say(mart);
  const double low_max = evidence_number(*insight, "f_score_low_max").value_or(0);
  const double high_min = evidence_number(*insight, "f_score_high_min").value_or(1e9);
  const double step = 560.0 / static_cast<double>(shares->size());
  constexpr double kBase = 210, kTall = 150;
  double most = 0.01;
  for (const quality::Detail& share : *shares)
    most = std::max(most, detail_number(*shares, share.key).value_or(0));

  Drawing drawing("recent_split", "Who bought most lately, by frequency score", 620, 280);
  drawing.line(30, kBase, 590, kBase, "axis");
  for (std::size_t i = 0; i < shares->size(); ++i) {
    const double share = detail_number(*shares, (*shares)[i].key).value_or(0);
    const auto score = static_cast<int>(i) + 1;
    const bool outer = score <= low_max || score >= high_min;
    const double x = 30 + step * static_cast<double>(i), height = kTall * share / most;
    drawing.rect(x + step * 0.14, kBase - height, step * 0.72, height, outer ? "bar" : "bar2",
                 " rx=\"3\"");
    drawing.number(
        x + step / 2, kBase - height - 7,
        say.share("insights.json/recent_split/evidence/share_by_f_score/" + (*shares)[i].key,
                  share),
        "b", Anchor::Middle);
    drawing.text(x + step / 2, kBase + 16, fmt::format("frequency {}", score), "s i2",
                 Anchor::Middle);
  }
  const auto bracket = [&](double from, double to, const char* label, const char* key) {
    if (to < from) return;
    const double x1 = 30 + step * (from - 1) + 8, x2 = 30 + step * to - 8;
    drawing.path(fmt::format("M{0} {2}v6H{1}v-6", unit(x1), unit(x2), unit(kBase + 26)), "curve");
    drawing.text((x1 + x2) / 2, kBase + 50, label, "s i2", Anchor::Middle);
    drawing.number((x1 + x2) / 2, kBase + 66,
                   say.share(fmt::format("insights.json/recent_split/evidence/{}", key),
                             evidence_number(*insight, key)),
                   "b", Anchor::Middle);
  };
  const auto count = static_cast<double>(shares->size());
  bracket(1, low_max, "few orders", "low_share");
  bracket(low_max + 1, high_min - 1, "between", "middle_share");
  bracket(high_min, count, "many orders", "high_share");
  drawing.describe(
      "Bars: share of the customers with the highest recency score that have each frequency "
      "score.");
  return drawing;
}

}  // namespace quintile::report

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/report/figures_internal.h"

namespace quintile::report {

namespace {

constexpr double kWidth = 720, kLabels = 196, kRight = 178, kRow = 21;
constexpr std::size_t kCellsMax = 25;

struct Row {
  std::string label, key;
  double estimate = 0;
  std::optional<double> low, high;
  double customers = 0;
  bool whole = false;  // of all customers, not of a cell
};

std::vector<Row> cell_rows(const insights::Insight& insight) {
  std::vector<Row> rows;
  const auto* cells = evidence_group(insight, "cells");
  if (cells == nullptr) return rows;
  for (const quality::Detail& cell : *cells) {
    const auto* numbers = std::get_if<std::vector<quality::Detail>>(&cell.value);
    const auto estimate = numbers == nullptr ? std::nullopt : detail_number(*numbers, "relative");
    if (!estimate) continue;
    Row row;
    row.key = "insights.json/overlay_effect/evidence/cells/" + cell.key + "/relative";
    row.label = "recency " + cell.key.substr(1);
    if (const auto at = row.label.find("_f"); at != std::string::npos)
      row.label.replace(at, 2, ", frequency ");
    row.estimate = *estimate;
    row.low = detail_number(*numbers, "relative_low");
    row.high = detail_number(*numbers, "relative_high");
    row.customers = detail_number(*numbers, "customers").value_or(0);
    rows.push_back(row);
  }
  if (rows.size() > kCellsMax) {
    // The cells with most customers stay, in their order.
    std::vector<double> sizes;
    for (const Row& row : rows) sizes.push_back(row.customers);
    std::nth_element(sizes.begin(), sizes.begin() + kCellsMax - 1, sizes.end(), std::greater{});
    std::erase_if(rows, [&](const Row& row) { return row.customers < sizes[kCellsMax - 1]; });
  }
  return rows;
}

// From the estimates and intervals, cut where a tiny cell's interval would squeeze all others.
std::pair<double, double> extent(const std::vector<Row>& rows) {
  double low = -0.1, high = 0.1;
  for (const Row& row : rows) {
    low = std::min(low, row.estimate);
    high = std::max(high, row.estimate);
    if (row.low) low = std::min(low, std::max(*row.low, row.estimate - 1));
    if (row.high) high = std::max(high, std::min(*row.high, row.estimate + 1));
  }
  const double margin = (high - low) * 0.05;
  return {low - margin, high + margin};
}

}  // namespace

std::optional<Drawing> draw_overlay_effect(const mart::Mart& mart) {
  const insights::Insight* insight = find_insight(mart, "overlay_effect");
  if (insight == nullptr || !insight->estimate) return std::nullopt;
  const std::string key = "insights.json/overlay_effect/";
  std::vector<Row> rows;
  if (const auto crude = evidence_number(*insight, "crude_relative")) {
    rows.push_back({.label = "crude: all with against all without",
                    .key = key + "evidence/crude_relative",
                    .estimate = *crude,
                    .low = {},
                    .high = {},
                    .customers = 0,
                    .whole = true});
  }
  Row standardised{.label = "among like customers",
                   .key = key + "estimate",
                   .estimate = *insight->estimate,
                   .low = {},
                   .high = {},
                   .customers = 0,
                   .whole = true};
  if (insight->interval)
    standardised.low = (*insight->interval)[0], standardised.high = (*insight->interval)[1];
  rows.push_back(standardised);
  const std::size_t wholes = rows.size();
  const std::vector<Row> cells = cell_rows(*insight);
  rows.insert(rows.end(), cells.begin(), cells.end());

  const auto [low, high] = extent(rows);
  const auto x_of = [&, low = low, high = high](double value) {
    return kLabels +
           (std::clamp(value, low, high) - low) / (high - low) * (kWidth - kLabels - kRight);
  };
  const double top = 26, base = top + kRow * static_cast<double>(rows.size()) + 14;
  Drawing drawing("overlay_effect", "Value with the overlay against without it", kWidth, base + 38);
  const Numbers say(mart);
  for (const double tick : ticks(low, high, 7)) {
    drawing.line(x_of(tick), top - 8, x_of(tick), base, "grid");
    drawing.text(
        x_of(tick), base + 15,
        tick == 0 ? "0 %" : fmt::format("{}{:.0f} %", tick < 0 ? "−" : "+", std::fabs(tick) * 100),
        "xs i2", Anchor::Middle);
  }
  drawing.line(x_of(0), top - 8, x_of(0), base, "axis");
  drawing.line(x_of(insight->threshold), top - 8, x_of(insight->threshold), base, "dash");
  drawing.text(x_of(insight->threshold) + 4, top - 10, "needed for the claim", "xs i3");
  drawing.text((kLabels + kWidth - kRight) / 2, base + 32, "difference in mean value", "s i2",
               Anchor::Middle);
  double most = 1;
  for (const Row& row : rows) most = std::max(most, row.customers);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const double y = top + kRow * (static_cast<double>(i) + 0.5) + (i >= wholes ? 8 : 0);
    drawing.text(0, y + 4, row.label, row.whole ? "s b" : "s i2");
    if (row.low && row.high) drawing.line(x_of(*row.low), y, x_of(*row.high), y, "whisker");
    if (row.whole) {
      drawing.path(fmt::format("M{0} {3}L{1} {4}L{0} {5}L{2} {4}Z", unit(x_of(row.estimate)),
                               unit(x_of(row.estimate) + 7), unit(x_of(row.estimate) - 7),
                               unit(y - 6), unit(y), unit(y + 6)),
                   "solid");
    } else {
      drawing.circle(x_of(row.estimate), y, 2 + 3.5 * std::sqrt(row.customers / most), "solid");
    }
    const double right = kWidth - kRight + 60;
    drawing.number(right, y + 4, say.change(row.key, row.estimate), row.whole ? "b" : "s",
                   Anchor::End);
    if (row.low && row.high) {
      drawing.text(
          right + 8, y + 4,
          fmt::format("{} to {}", say.change("", row.low).text, say.change("", row.high).text),
          "xs i3");
    }
  }
  drawing.describe(fmt::format(
      "Forest plot: difference in mean value with the overlay against without it, crude {}, among "
      "customers of like recency and frequency {}; then cell by cell with 95 % intervals.",
      say.change("", evidence_number(*insight, "crude_relative")).text,
      say.change("", insight->estimate).text));
  return drawing;
}

}  // namespace quintile::report

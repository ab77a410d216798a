#include <cmath>

#include <fmt/format.h>

#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

namespace {

// A side of an r x f cell, or of everyone.
using Side = summary::Moments;

struct Cell {
  int r_score = 0, f_score = 0;
  std::int64_t customers = 0;  // those whose flag is missing too
  Side with, without;

  [[nodiscard]] bool comparable() const { return with.count > 0 && without.count > 0; }
};

std::vector<Cell> cells_of(const Figures& figures) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < figures.cells.size(); ++i) {
    const int at = static_cast<int>(i);
    cells.push_back({at / figures.f_bins + 1, at % figures.f_bins + 1, figures.cells[i],
                     figures.sides[i].with, figures.sides[i].without});
  }
  return cells;
}

// A mean over cells weighted by their customers, and its variance with the weights taken as given.
struct Standardised {
  double mean = 0, variance = 0;
};

Standardised standardise(const std::vector<Cell>& cells, Side Cell::* side) {
  std::int64_t customers = 0, freedom = 0;
  double squares = 0;
  for (const Cell& cell : cells) {
    if (!cell.comparable()) continue;
    customers += cell.customers;
    freedom += (cell.*side).count - 1;
    squares += (cell.*side).squares;
  }
  const double pooled = freedom > 0 ? squares / static_cast<double>(freedom) : 0;
  Standardised result;
  for (const Cell& cell : cells) {
    if (!cell.comparable()) continue;
    const Side& mine = cell.*side;
    const double weight = static_cast<double>(cell.customers) / static_cast<double>(customers);
    result.mean += weight * mine.mean;
    result.variance += weight * weight * (mine.count > 1 ? mine.variance() : pooled) /
                       static_cast<double>(mine.count);
  }
  return result;
}

struct Relative {
  double estimate = 0;
  std::array<double, 2> interval{};
};

// with / without - 1, its interval on the logarithm; both means are positive.
Relative relative_difference(const Standardised& with, const Standardised& without) {
  const double ratio = with.mean / without.mean;
  const double error = std::sqrt(with.variance / (with.mean * with.mean) +
                                 without.variance / (without.mean * without.mean));
  return {ratio - 1,
          {summary::stable(ratio * std::exp(-summary::kNormal975 * error) - 1),
           summary::stable(ratio * std::exp(summary::kNormal975 * error) - 1)}};
}

Standardised alone(const Side& side) {
  return {side.mean, side.variance() / static_cast<double>(side.count)};
}

void note_cells(std::vector<quality::Detail>& evidence, const std::vector<Cell>& cells) {
  std::vector<quality::Detail> used, left_out;
  std::int64_t customers_used = 0, customers_left_out = 0;
  for (const Cell& cell : cells) {
    if (cell.customers == 0) continue;
    std::string name = fmt::format("r{}_f{}", cell.r_score, cell.f_score);
    if (!cell.comparable()) {
      customers_left_out += cell.customers;
      note(left_out, std::move(name), cell.customers);
      continue;
    }
    customers_used += cell.customers;
    std::vector<quality::Detail> numbers;
    note(numbers, "customers", cell.customers);
    note(numbers, "customers_with", cell.with.count);
    note(numbers, "customers_without", cell.without.count);
    note(numbers, "mean_with", cell.with.mean);
    note(numbers, "mean_without", cell.without.mean);
    if (cell.with.mean > 0 && cell.without.mean > 0) {
      const Relative relative = relative_difference(alone(cell.with), alone(cell.without));
      note(numbers, "relative", relative.estimate);
      if (cell.with.count > 1 && cell.without.count > 1) {
        note(numbers, "relative_low", relative.interval[0]);
        note(numbers, "relative_high", relative.interval[1]);
      }
    }
    note(used, std::move(name), std::move(numbers));
  }
  note(evidence, "cells_used", static_cast<std::int64_t>(used.size()));
  note(evidence, "customers_used", customers_used);
  note(evidence, "cells_left_out", static_cast<std::int64_t>(left_out.size()));
  note(evidence, "customers_left_out", customers_left_out);
  note(evidence, "cells", std::move(used));
  note(evidence, "left_out", std::move(left_out));
}

}  // namespace

Insight test_overlay_effect(const Context& context) {
  const Figures& figures = context.figures;
  const std::string name = figures.overlay.empty() ? "the overlay" : figures.overlay;
  Insight insight{
      "overlay_effect",
      fmt::format("Among customers of like recency and frequency, {} goes with more value.", name)};
  insight.threshold = 0.05;
  if (figures.overlay.empty()) return not_testable(std::move(insight), "the plan names no overlay");
  if (figures.sides.empty())
    return not_testable(std::move(insight),
                        fmt::format("more than {} cells of recency and frequency", kCellsMax));

  const std::vector<Cell> cells = cells_of(figures);
  Side with, without;
  for (const Cell& cell : cells) {
    with = merge(with, cell.with);
    without = merge(without, cell.without);
  }
  note(insight.evidence, "overlay", name);
  note(insight.evidence, "customers_with", with.count);
  note(insight.evidence, "customers_without", without.count);
  note(insight.evidence, "customers_unknown", context.customers() - with.count - without.count);
  if (with.count < kCustomersMin || without.count < kCustomersMin) {
    return not_testable(std::move(insight),
                        fmt::format("fewer than {} customers on a side", kCustomersMin));
  }
  const Standardised mean_with = standardise(cells, &Cell::with);
  const Standardised mean_without = standardise(cells, &Cell::without);
  note(insight.evidence, "crude_mean_with", with.mean);
  note(insight.evidence, "crude_mean_without", without.mean);
  note(insight.evidence, "crude_difference", with.mean - without.mean);
  if (without.mean > 0) note(insight.evidence, "crude_relative", with.mean / without.mean - 1);
  note_cells(insight.evidence, cells);
  if (mean_with.mean <= 0 || mean_without.mean <= 0) {
    return not_testable(std::move(insight),
                        "no cell has both sides, or a mean value is zero or less");
  }
  const Relative relative = relative_difference(mean_with, mean_without);
  insight.estimate = relative.estimate;
  insight.interval = relative.interval;
  insight.verdict = verdict_of(relative.estimate >= insight.threshold && relative.interval[0] > 0);
  note(insight.evidence, "standardised_mean_with", mean_with.mean);
  note(insight.evidence, "standardised_mean_without", mean_without.mean);
  note(insight.evidence, "standardised_difference", mean_with.mean - mean_without.mean);
  note(insight.evidence, "standardised_relative", relative.estimate);
  note(insight.evidence, "method",
       std::string("direct standardisation to all customers' cells of recency and frequency; "
                   "stratified variance, "
                   "interval on the logarithm of the ratio"));
  return insight;
}

}  // namespace quintile::insights

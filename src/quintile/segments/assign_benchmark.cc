#include <array>

#include <benchmark/benchmark.h>

#include "quintile/rfm/score_metric.h"
#include "quintile/segments/assign.h"

namespace quintile::segments {
namespace {

constexpr std::int64_t kRows = 1'000'000;

RuleSet rules_of(const std::vector<std::string>& conditions) {
  RuleSet rules;
  for (const std::string& condition : conditions) {
    rules.rules.push_back(
        {.id = "s" + std::to_string(rules.rules.size()), .when = *expression::parse(condition)});
  }
  rules.rules.push_back({.id = "others"});
  return rules;
}

/// A million customers, evenly over the cells.
struct Rows {
  std::vector<rfm::Score> r = std::vector<rfm::Score>(kRows), f = r, m = r;
  std::vector<std::int64_t> monetary = std::vector<std::int64_t>(kRows);
  Rows() {
    for (std::size_t i = 0; i < kRows; ++i) {
      r[i] = static_cast<rfm::Score>(1 + i * 7919 % 5);
      f[i] = static_cast<rfm::Score>(1 + i * 104'729 / 7 % 5);
      m[i] = static_cast<rfm::Score>(1 + i * 1'299'709 / 11 % 5);
      monetary[i] = static_cast<std::int64_t>(i * 7919 % 1'000'003);
    }
  }
};

void assign(benchmark::State& state, const std::vector<std::string>& conditions) {
  static const Rows rows;
  const Assigner assigner(rules_of(conditions), {}, [](std::string_view) {
    return ColumnView{Type::Decimal, Layout::Int64, 2, kRows, rows.monetary.data()};
  });
  std::vector<SegmentIndex> segments(kRows);
  for (auto _ : state) {
    assigner.assign({rows.r, rows.f, rows.m}, 0, segments);
    benchmark::DoNotOptimize(segments.data());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

void assign_by_scores(benchmark::State& state) {
  assign(state, {"r_score >= 4 and f_score >= 4", "r_score <= 2 and m_score >= 4",
                 "rfm_total between 7 and 9"});
}
BENCHMARK(assign_by_scores);

void assign_by_scores_and_money(benchmark::State& state) {
  assign(state, {"r_score >= 4 and f_score >= 4 and monetary >= 500",
                 "r_score <= 2 and monetary >= 5000"});
}
BENCHMARK(assign_by_scores_and_money);

/// The shipped ten segments, as conditions on scores.
RuleSet ten_segments() {
  return rules_of({"r_score >= 4 and f_score >= 4 and m_score >= 4",
                   "r_score >= 3 and f_score >= 4", "r_score = 2 and f_score >= 4",
                   "r_score = 1 and f_score >= 4", "r_score >= 4 and f_score = 1",
                   "r_score >= 3 and m_score >= 4", "r_score >= 4", "r_score = 3",
                   "r_score <= 2 and (f_score = 3 or m_score >= 4)"});
}

ColumnView no_column(std::string_view) { return {}; }

/// What-if: other rules over the 125 cells, whose sizes and values are known. Under 1 ms.
void what_if_over_cells(benchmark::State& state) {
  const RuleSet rules = ten_segments();
  std::array<std::int64_t, 125> customers;
  for (std::size_t cell = 0; cell < customers.size(); ++cell)
    customers[cell] = static_cast<std::int64_t>(cell * 7919 % 1009);
  for (auto _ : state) {
    const Assigner assigner(rules, {}, no_column);
    std::vector<std::int64_t> moved(rules.rules.size());
    for (int cell = 0; cell < 125; ++cell) {
      const auto segment = assigner.segment_of_cell(cell / 25 + 1, cell / 5 % 5 + 1, cell % 5 + 1);
      moved[*segment] += customers[static_cast<std::size_t>(cell)];
    }
    benchmark::DoNotOptimize(moved.data());
  }
}
BENCHMARK(what_if_over_cells)->Unit(benchmark::kMicrosecond);

/// Under 1 ms.
void lint_cells(benchmark::State& state) {
  const RuleSet rules = ten_segments();
  for (auto _ : state) benchmark::DoNotOptimize(lint(rules));
}
BENCHMARK(lint_cells)->Unit(benchmark::kMicrosecond);

/// Cut points and scores of a million values.
void score_by_quantile(benchmark::State& state) {
  static const Rows rows;
  const ColumnView values{Type::Decimal, Layout::Int64, 2, kRows, rows.monetary.data()};
  for (auto _ : state)
    benchmark::DoNotOptimize(rfm::score_metric(rfm::Metric::Monetary, values, {}, 2, nullptr));
  state.SetBytesProcessed(state.iterations() * kRows * 8);
}
BENCHMARK(score_by_quantile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quintile::segments

// What segments and scores take a row, beside what memory takes: benchmarks/kernels.py sets them
// side by side.

#include <array>
#include <cstring>
#include <numeric>

#include <benchmark/benchmark.h>

#include "quintile/rfm/score_metric.h"
#include "quintile/segments/assign.h"

namespace quintile::segments {
namespace {

/// Beyond every cache.
constexpr std::int64_t kRows = 16'000'000;

/// Bytes a row of what `assign` reads and writes: three scores and a segment.
constexpr std::int64_t kScoreBytes = 4;
constexpr std::int64_t kMoneyBytes = 8;

RuleSet rules_of(const std::vector<std::string>& conditions) {
  RuleSet rules;
  for (const std::string& condition : conditions) {
    rules.rules.push_back(
        {.id = "s" + std::to_string(rules.rules.size()), .when = *expression::parse(condition)});
  }
  rules.rules.push_back({.id = "others"});
  return rules;
}

/// Customers, evenly over the cells.
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

const Rows& rows_once() {
  static const Rows rows;
  return rows;
}

/// What is read once and added up: no kernel that reads as much is faster.
void memory_read(benchmark::State& state) {
  const std::vector<std::int64_t>& values = rows_once().monetary;
  for (auto _ : state)
    benchmark::DoNotOptimize(std::accumulate(values.begin(), values.end(), std::int64_t{0}));
  state.SetBytesProcessed(state.iterations() * kRows * kMoneyBytes);
}
BENCHMARK(memory_read)->Unit(benchmark::kMillisecond);

/// What is read and written elsewhere, each byte counted twice.
void memory_copy(benchmark::State& state) {
  const std::vector<std::int64_t>& values = rows_once().monetary;
  std::vector<std::int64_t> copy(values.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), values.data(), values.size() * sizeof(std::int64_t));
    benchmark::DoNotOptimize(copy.data());
  }
  state.SetBytesProcessed(state.iterations() * kRows * kMoneyBytes * 2);
}
BENCHMARK(memory_copy)->Unit(benchmark::kMillisecond);

void assign(benchmark::State& state, const std::vector<std::string>& conditions,
            std::int64_t bytes) {
  const Rows& rows = rows_once();
  const Assigner assigner(rules_of(conditions), {}, [&](std::string_view) {
    return ColumnView{Type::Decimal, Layout::Int64, 2, kRows, rows.monetary.data()};
  });
  std::vector<SegmentIndex> segments(kRows);
  for (auto _ : state) {
    assigner.assign({rows.r, rows.f, rows.m}, 0, segments);
    benchmark::DoNotOptimize(segments.data());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * kRows * bytes);
}

void assign_by_scores(benchmark::State& state) {
  assign(state,
         {"r_score >= 4 and f_score >= 4", "r_score <= 2 and m_score >= 4",
          "rfm_total between 7 and 9"},
         kScoreBytes);
}
BENCHMARK(assign_by_scores)->Unit(benchmark::kMillisecond);

void assign_by_scores_and_money(benchmark::State& state) {
  assign(state,
         {"r_score >= 4 and f_score >= 4 and monetary >= 500", "r_score <= 2 and monetary >= 5000"},
         kScoreBytes + kMoneyBytes);
}
BENCHMARK(assign_by_scores_and_money)->Unit(benchmark::kMillisecond);

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

/// Cut points, and a score of one byte for each value.
void score_by_quantile(benchmark::State& state) {
  const Rows& rows = rows_once();
  const ColumnView values{Type::Decimal, Layout::Int64, 2, kRows, rows.monetary.data()};
  for (auto _ : state)
    benchmark::DoNotOptimize(rfm::score_metric(rfm::Metric::Monetary, values, {}, 2, nullptr));
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * kRows * (kMoneyBytes + 1));
}
BENCHMARK(score_by_quantile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quintile::segments

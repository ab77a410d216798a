#include <benchmark/benchmark.h>

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

}  // namespace
}  // namespace quintile::segments

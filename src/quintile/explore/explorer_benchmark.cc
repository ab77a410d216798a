#include <benchmark/benchmark.h>

#include "quintile/explore/explorer.h"
#include "quintile/explore/sample_mart_test.h"

namespace quintile::explore {
namespace {

const Explorer& explorer_of(std::int64_t customers) {
  static std::map<std::int64_t, std::unique_ptr<Explorer>> explorers;
  auto& explorer = explorers[customers];
  if (!explorer)
    explorer = std::make_unique<Explorer>(testing::SampleMart({.customers = customers}).open());
  return *explorer;
}

/// What a click on a filter asks for: at most 5 ms at 100,000 customers, 20 ms at 1,000,000.
void filter_and_cube(benchmark::State& state) {
  const Explorer& explorer = explorer_of(state.range(0));
  const std::vector<Parameter> parameters = {
      {"city", "Oslo"}, {"age", "25..54"}, {"subscription", "true"}};
  for (auto _ : state) {
    const Selection selection = explorer.select(parameters).value();
    benchmark::DoNotOptimize(explorer.cube(selection, true));
  }
}
BENCHMARK(filter_and_cube)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void filter_and_summarise(benchmark::State& state) {
  const Explorer& explorer = explorer_of(state.range(0));
  for (auto _ : state) {
    const Selection selection = explorer.select(std::vector<Parameter>{{"city", "Oslo"}}).value();
    benchmark::DoNotOptimize(explorer.summarise(selection));
  }
}
BENCHMARK(filter_and_summarise)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// What moving a rule asks for: under 10 ms at 100,000 customers.
void preview(benchmark::State& state) {
  const Explorer& explorer = explorer_of(state.range(0));
  const Selection everyone = explorer.select({}).value();
  for (auto _ : state) benchmark::DoNotOptimize(explorer.preview(explorer.mart().rules, everyone));
}
BENCHMARK(preview)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void page(benchmark::State& state) {
  const Explorer& explorer = explorer_of(state.range(0));
  const Selection everyone = explorer.select({}).value();
  const PageQuery query{.sort = SortKey::Monetary,
                        .descending = true,
                        .limit = 50,
                        .search = {},
                        .after_row = explorer.customers() / 2};
  for (auto _ : state) benchmark::DoNotOptimize(explorer.page(everyone, query));
}
BENCHMARK(page)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quintile::explore

#include <benchmark/benchmark.h>

#include "quintile/explore/explorer.h"
#include "quintile/explore/sample_mart_test.h"

namespace quintile::explore {
namespace {

/// As wide as a department store's: eleven attributes beside overlay and consent.
mart::testing::SampleSpec a_store(std::int64_t customers) {
  return {.customers = customers, .more_attributes = 9};
}

const Explorer& explorer_of(std::int64_t customers) {
  static std::map<std::int64_t, std::unique_ptr<Explorer>> explorers;
  auto& explorer = explorers[customers];
  if (!explorer)
    explorer = std::make_unique<Explorer>(testing::SampleMart(a_store(customers)).open());
  return *explorer;
}

/// Filters from narrow to wide: the p95 that a user sees is that of the wide ones.
const std::vector<std::vector<Parameter>> kFilters = {
    {{"city", "Oslo"}, {"age", "25..54"}, {"subscription", "true"}},
    {{"age", "25..34"}},
    {{"subscription", "true"}, {"cells", "55,54,45,44"}},
    {{"city", "Oslo"}},
    {{"attribute_0", "a,b,c,d,e,f"}},
    {{"recency_days", "..600"}}};

/// What a click on a filter asks for: at most 5 ms at 100,000 customers, 20 ms at 1,000,000.
void filter_and_cube(benchmark::State& state) {
  const Explorer& explorer = explorer_of(state.range(0));
  const auto& parameters = kFilters[static_cast<std::size_t>(state.range(1))];
  for (auto _ : state) {
    const Selection selection = explorer.select(parameters).value();
    benchmark::DoNotOptimize(explorer.cube(selection, true));
  }
}
BENCHMARK(filter_and_cube)
    ->ArgsProduct({{100'000, 1'000'000}, {0, 1, 2, 3, 4, 5}})
    ->Unit(benchmark::kMillisecond);

/// The whole of /segments but its JSON, on one thread: at most 10 ms and 40 ms on two.
void filter_and_summarise(benchmark::State& state) {
  const Explorer& explorer = explorer_of(state.range(0));
  const auto& parameters = kFilters[static_cast<std::size_t>(state.range(1))];
  for (auto _ : state) {
    const Selection selection = explorer.select(parameters).value();
    benchmark::DoNotOptimize(explorer.summarise(selection));
  }
}
BENCHMARK(filter_and_summarise)
    ->ArgsProduct({{100'000, 1'000'000}, {0, 1, 2, 3, 4, 5}})
    ->Unit(benchmark::kMillisecond);

/// From the published files to the first answer: under 2 s at 1,000,000.
void open(benchmark::State& state) {
  const testing::SampleMart mart(a_store(state.range(0)));
  for (auto _ : state) {
    const Explorer explorer(mart.open());
    benchmark::DoNotOptimize(explorer.customers());
  }
}
BENCHMARK(open)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

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

#include <cstdint>

#include <benchmark/benchmark.h>

#include "quintile/quality/statistics.h"
#include "quintile/table/column.h"

namespace quintile::quality {
namespace {

constexpr std::int64_t kRows = 1'000'000;

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

/// As the hashes of e-mail addresses are: all different, anywhere.
void count_distinct_keys(benchmark::State& state) {
  table::Buffer<std::int64_t> values(kRows);
  for (std::int64_t i = 0; i < kRows; ++i)
    values[i] = static_cast<std::int64_t>(mixed(static_cast<std::uint64_t>(i)));
  const auto column = table::Column::integers("keys", std::move(values));
  for (auto _ : state) benchmark::DoNotOptimize(count_distinct(column.view));
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(count_distinct_keys)->Unit(benchmark::kMillisecond);

/// Amounts of up to 200,000.00 as reals.
void count_distinct_reals(benchmark::State& state) {
  table::Buffer<double> values(kRows);
  for (std::int64_t i = 0; i < kRows; ++i)
    values[i] = static_cast<double>(mixed(static_cast<std::uint64_t>(i)) % 20'000'000) / 100;
  const auto column = table::Column::reals("reals", std::move(values));
  for (auto _ : state) benchmark::DoNotOptimize(count_distinct(column.view));
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(count_distinct_reals)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quintile::quality

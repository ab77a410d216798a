// Bytes a second of the two structural passes, per instruction set, over lines like those of a
// customer file.

#include <string>

#include <benchmark/benchmark.h>

#include "quintile/io/csv/structure.h"

namespace {

using quintile::io::csv::all_kernels;
using quintile::io::csv::CellIndex;

constexpr std::int64_t kColumns = 20;
constexpr std::int64_t kRows = 1600;  // a quarter of a megabyte, as one thread takes it

std::string customer_lines(bool quoted) {
  const std::string text = quoted ? "\"Leeds, West\"" : "Leeds";
  std::string lines;
  for (std::int64_t row = 0; row < kRows; ++row) {
    lines += std::to_string(10'000 + row * 7) +
             ",Isolde Pebblemere,isolde.pebblemere@example.org,52,Female," + text +
             ",United "
             "Kingdom,43267.73,751,4047,2022-10-16,2023-10-16,1135.67,35.67,Fashion,Mobile,0.26,"
             "false,true,0\n";
  }
  return lines;
}

void count_rows(benchmark::State& state) {
  const auto kernels = all_kernels()[static_cast<std::size_t>(state.range(0))];
  const std::string lines = customer_lines(state.range(1) != 0) + std::string(64, ' ');
  const std::string_view text = std::string_view(lines).substr(0, lines.size() - 64);
  state.SetLabel(kernels.name);
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(kernels.count_rows(text, ',', '"', '\n'));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void index_cells(benchmark::State& state) {
  const auto kernels = all_kernels()[static_cast<std::size_t>(state.range(0))];
  const std::string lines = customer_lines(state.range(1) != 0) + std::string(64, ' ');
  const std::string_view text = std::string_view(lines).substr(0, lines.size() - 64);
  state.SetLabel(kernels.name);
  CellIndex index;
  for ([[maybe_unused]] auto _ : state) {
    if (!kernels.index_cells(text, ',', '"', kColumns, kRows, index))
      state.SkipWithError("not regular");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void every_kernel(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"kernel", "quoted"});
  for (std::size_t i = 0; i < all_kernels().size(); ++i) {
    for (const int quoted : {0, 1}) benchmark->Args({static_cast<std::int64_t>(i), quoted});
  }
}
BENCHMARK(count_rows)->Apply(every_kernel);
BENCHMARK(index_cells)->Apply(every_kernel);

}  // namespace

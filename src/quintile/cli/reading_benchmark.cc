// How long the program takes to read a customer file, and nothing after it:
//   cli_benchmark PLAN.yaml [--benchmark_...]
// One reading a process, as in a run: the file is mapped and the memory is new, or the next figure
// would be that of memory used again. CPU time is that of all threads. benchmarks/reading.py sets
// it beside other readers.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <benchmark/benchmark.h>

#include "quintile/config/config.h"
#include "quintile/engine/columns.h"
#include "quintile/io/open.h"

namespace quintile::cli {
namespace {

using table::ReadRequest;
using table::Source;

Result<std::unique_ptr<Source>> open(const plan::Plan& plan) {
  const std::filesystem::path folder = std::filesystem::path(plan.file).parent_path();
  QUINTILE_TRY(const auto files, io::expand(plan.input.path, folder.string()));
  return io::open_source(files, {});
}

/// Personal columns as hashes and a hash of each record: what a run asks for.
ReadRequest for_a_run(const plan::Plan& plan, const Source& source) {
  return engine::customer_read(plan, source.column_names()).request;
}

/// Every column's values, personal ones too: what a reader of data frames gives.
ReadRequest every_value(const plan::Plan& plan, const Source& source) {
  ReadRequest request = for_a_run(plan, source);
  request.record_hash = false;
  for (table::ColumnRequest& column : request.columns) {
    if (column.reading == table::Reading::Personal) column.reading = table::Reading::Views;
  }
  return request;
}

using Request = ReadRequest (*)(const plan::Plan&, const Source&);

void read_customers(benchmark::State& state, const plan::Plan& plan, Request request) {
  // Outlives the loop, so that giving the memory back is not timed.
  std::optional<table::Table> table;
  std::unique_ptr<Source> source;
  for ([[maybe_unused]] auto _ : state) {
    auto opened = open(plan);
    if (!opened) return state.SkipWithError(opened.error().message.c_str());
    source = std::move(*opened);
    auto result = source->read(request(plan, *source));
    if (!result) return state.SkipWithError(result.error().message.c_str());
    table = std::move(*result);
  }
  state.SetItemsProcessed(table->rows);
  state.SetBytesProcessed(source->facts().bytes.front());
}

void add(const char* name, const plan::Plan& plan, Request request) {
  benchmark::RegisterBenchmark(
      name, [&plan, request](benchmark::State& state) { read_customers(state, plan, request); })
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond)
      ->MeasureProcessCPUTime()
      ->UseRealTime();
}

}  // namespace
}  // namespace quintile::cli

int main(int argc, char** argv) {
  using namespace quintile;
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s PLAN.yaml [--benchmark_filter=for_a_run] ...\n", argv[0]);
    return 2;
  }
  const auto plan = config::read_plan(argv[1]);
  if (!plan) {
    std::fprintf(stderr, "%s\n", plan.error().message.c_str());
    return 2;
  }
  cli::add("for_a_run", *plan, cli::for_a_run);
  cli::add("every_value", *plan, cli::every_value);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

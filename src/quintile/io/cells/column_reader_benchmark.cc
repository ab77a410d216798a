// Cells a second of each reading, over cells as the customer file has them.

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "quintile/io/bytes.h"
#include "quintile/io/cells/column_reader.h"

namespace {

using quintile::io::CellRules;
using quintile::io::ColumnPlan;
using quintile::io::ColumnReader;
using quintile::io::ColumnValues;
using quintile::io::Kind;
using quintile::table::Reading;

constexpr std::int64_t kCells = 1024;

/// `texts` over and over, one after the other in memory as in a file.
struct Cells {
  explicit Cells(const std::vector<std::string>& texts) {
    std::vector<std::size_t> ends;
    for (std::int64_t i = 0; i < kCells; ++i) {
      memory += texts[static_cast<std::size_t>(i) % texts.size()];
      ends.push_back(memory.size());
      memory += ',';
    }
    memory.append(quintile::io::kPadding, ' ');
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      views.push_back(std::string_view(memory).substr(begin, end - begin));
      begin = end + 1;
    }
  }
  std::string memory;
  std::vector<std::string_view> views;
};

void read(benchmark::State& state, const ColumnPlan& plan, const std::vector<std::string>& texts) {
  const Cells cells(texts);
  const CellRules rules;
  ColumnReader reader(plan, rules);
  ColumnValues values = quintile::io::make_values(plan, kCells);
  reader.set_target(values, 0);
  for ([[maybe_unused]] auto _ : state) {
    reader.read(cells.views, 0);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kCells);
}

BENCHMARK_CAPTURE(read, whole, ColumnPlan{.reading = Reading::Inferred, .kind = Kind::Integer},
                  {"52", "4047", "751", "0", "10293"});
BENCHMARK_CAPTURE(read, money,
                  ColumnPlan{.reading = Reading::Money, .kind = Kind::Decimal, .scale = 2},
                  {"35.67", "1135.07", "973.38", "2.50"});
BENCHMARK_CAPTURE(read, money_of_mixed_digits,
                  ColumnPlan{.reading = Reading::Money, .kind = Kind::Decimal, .scale = 2},
                  {"35.6", "1135.07", "973", "2.50"});
BENCHMARK_CAPTURE(read, real,
                  ColumnPlan{.reading = Reading::Inferred, .kind = Kind::Real, .scale = 2},
                  {"43267.73", "51164.85", "0.26"});
BENCHMARK_CAPTURE(read, iso_date, ColumnPlan{.reading = Reading::Day, .kind = Kind::Date},
                  {"2023-10-16", "2022-04-20", "2020-02-29"});
BENCHMARK_CAPTURE(read, slashed_date, ColumnPlan{.reading = Reading::Day, .kind = Kind::Date},
                  {"31/12/2011", "1/2/2011"});
BENCHMARK_CAPTURE(read, iso_moment, ColumnPlan{.reading = Reading::Moment, .kind = Kind::Timestamp},
                  {"2010-12-01 08:26:00"});
BENCHMARK_CAPTURE(read, flag, ColumnPlan{.reading = Reading::Flag, .kind = Kind::Boolean},
                  {"true", "false", "false"});
BENCHMARK_CAPTURE(read, codes, ColumnPlan{.reading = Reading::Text, .kind = Kind::Codes},
                  {"Leeds", "United Kingdom", "Vancouver", "Home"});
BENCHMARK_CAPTURE(read, personal, ColumnPlan{.reading = Reading::Personal, .kind = Kind::Hash},
                  {"Isolde Pebblemere", "isolde.pebblemere85002@example.org"});

}  // namespace

// Runs one kernel of the hot path, named by the only argument, over data that are always the same;
// without an argument says which there are. What happens inside `measured` is counted by
// compare.py.

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/order_statistics.h"
#include "quintile/io/bytes.h"
#include "quintile/io/cells/column_reader.h"
#include "quintile/io/csv/structure.h"
#include "quintile/mart/parquet_packing_internal.h"
#include "quintile/quality/statistics.h"
#include "quintile/rfm/score_metric.h"
#include "quintile/segments/assign.h"

extern "C" [[gnu::noinline]] void measured(const std::function<void()>& kernel) {
  kernel();
  asm volatile("" ::: "memory");
}

namespace {

using namespace quintile;

constexpr std::int64_t kRows = 20'000;

/// Numbers without pattern, the same everywhere.
std::vector<std::int64_t> numbers(std::int64_t below) {
  std::vector<std::int64_t> values;
  std::uint64_t state = 88172645463325252U;
  for (std::int64_t i = 0; i < kRows; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    values.push_back(static_cast<std::int64_t>(state % static_cast<std::uint64_t>(below)));
  }
  return values;
}

ColumnView view_of(const std::vector<std::int64_t>& values) {
  return {.type = Type::Integer,
          .layout = Layout::Int64,
          .size = std::ssize(values),
          .data = values.data()};
}

void csv_structure(const io::csv::Kernels& kernels, bool index) {
  constexpr std::int64_t kColumns = 8, kLines = 2000;
  std::string lines;
  for (std::int64_t row = 0; row < kLines; ++row) {
    lines += std::to_string(10'000 + row * 7) +
             ",Isolde Pebblemere,52,\"Leeds, West\",43267.73,2022-10-16,false,0\n";
  }
  const std::size_t size = lines.size();
  lines.append(io::kPadding, ' ');
  const std::string_view text = std::string_view(lines).substr(0, size);
  io::csv::CellIndex cells;
  measured([&] {
    if (index) {
      static_cast<void>(kernels.index_cells(text, ',', '"', kColumns, kLines, cells));
    } else {
      static_cast<void>(kernels.count_rows(text, ',', '"', '\n'));
    }
  });
}

void cells(const io::ColumnPlan& plan, const std::vector<std::string>& texts) {
  std::string memory;
  std::vector<std::size_t> ends;
  for (std::int64_t i = 0; i < kRows; ++i) {
    memory += texts[static_cast<std::size_t>(i) % texts.size()];
    ends.push_back(memory.size());
  }
  memory.append(io::kPadding, ' ');
  std::vector<std::string_view> views;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    views.push_back(std::string_view(memory).substr(begin, end - begin));
    begin = end;
  }
  const io::CellRules rules;
  io::ColumnReader reader(plan, rules);
  io::ColumnValues values = io::make_values(plan.kind, kRows);
  reader.set_target(values, 0);
  measured([&] { reader.read(views, 0); });
}

void assign() {
  segments::RuleSet rules;
  rules.rules.push_back({.id = "a", .when = *expression::parse("r_score >= 4 and f_score >= 4")});
  rules.rules.push_back({.id = "b", .when = *expression::parse("r_score <= 2 and m_score >= 4")});
  rules.rules.push_back({.id = "others"});
  const segments::Assigner assigner(rules, {}, [](std::string_view) { return ColumnView{}; });
  std::vector<rfm::Score> r, f, m;
  for (const std::int64_t value : numbers(125)) {
    r.push_back(static_cast<rfm::Score>(1 + value % 5));
    f.push_back(static_cast<rfm::Score>(1 + value / 5 % 5));
    m.push_back(static_cast<rfm::Score>(1 + value / 25));
  }
  std::vector<segments::SegmentIndex> segments(r.size());
  measured([&] { assigner.assign({r, f, m}, 0, segments); });
}

std::map<std::string, std::function<void()>> all_kernels() {
  using io::Kind;
  using table::Reading;
  std::map<std::string, std::function<void()>> kernels;
  for (const io::csv::Kernels& structure : io::csv::all_kernels()) {
    kernels[std::string("csv.count_rows.") + structure.name] = [structure] {
      csv_structure(structure, false);
    };
    kernels[std::string("csv.index_cells.") + structure.name] = [structure] {
      csv_structure(structure, true);
    };
  }
  const auto add_cells = [&](const char* name, const io::ColumnPlan& plan,
                             const std::vector<std::string>& texts) {
    kernels[std::string("cells.") + name] = [plan, texts] { cells(plan, texts); };
  };
  add_cells("whole", {.reading = Reading::Inferred, .kind = Kind::Integer},
            {"52", "4047", "751", "0", "10293"});
  add_cells("money", {.reading = Reading::Money, .kind = Kind::Decimal, .scale = 2},
            {"35.67", "1135.07", "973.38", "2.50"});
  add_cells("date", {.reading = Reading::Day, .kind = Kind::Date},
            {"2023-10-16", "2022-04-20", "2020-02-29"});
  add_cells("codes", {.reading = Reading::Text, .kind = Kind::Codes},
            {"Leeds", "United Kingdom", "Vancouver", "Home"});
  add_cells("personal", {.reading = Reading::Personal, .kind = Kind::Hash},
            {"Isolde Pebblemere", "isolde.pebblemere85002@example.org"});
  kernels["base.order_statistics"] = [] {
    const auto values = numbers(1'000'000);
    const std::vector<std::int64_t> positions = {0, 5000, 10'000, 15'000, kRows - 1};
    measured([&] {
      static_cast<void>(order_statistics(std::span<const std::int64_t>(values), positions));
    });
  };
  kernels["quality.count_distinct.close"] = [] {
    const auto values = numbers(10'000);
    measured([&] { static_cast<void>(quality::count_distinct(view_of(values))); });
  };
  kernels["quality.count_distinct.far"] = [] {
    const auto values = numbers(std::int64_t{1} << 62);
    measured([&] { static_cast<void>(quality::count_distinct(view_of(values))); });
  };
  kernels["quality.describe"] = [] {
    const auto values = numbers(10'000);
    measured([&] { static_cast<void>(quality::describe(view_of(values))); });
  };
  kernels["rfm.score"] = [] {
    const auto values = numbers(1'000'000);
    const rfm::MetricSpec spec{.method = rfm::Method::Quantile, .bins = 5};
    measured([&] {
      static_cast<void>(rfm::score_metric(rfm::Metric::Monetary, view_of(values), spec, 2, {}));
    });
  };
  kernels["segments.assign"] = assign;
  kernels["parquet.runs"] = [] {
    std::vector<std::uint16_t> codes;
    for (const std::int64_t value : numbers(500))
      codes.push_back(static_cast<std::uint16_t>(value));
    measured([&] {
      std::string out;
      mart::put_runs(out, std::span<const std::uint16_t>(codes), 9);
    });
  };
  kernels["parquet.deltas"] = [] {
    const auto values = numbers(1'000'000);
    measured([&] {
      std::string out;
      mart::put_deltas(out, std::span<const std::int64_t>(values));
    });
  };
  return kernels;
}

}  // namespace

int main(int argc, char** argv) {
  const auto kernels = all_kernels();
  if (argc < 2) {
    for (const auto& [name, run] : kernels) std::puts(name.c_str());
    return 0;
  }
  const auto found = kernels.find(argv[1]);
  if (found == kernels.end()) {
    std::fprintf(stderr, "no kernel is called %s\n", argv[1]);
    return 2;
  }
  found->second();
  return 0;
}

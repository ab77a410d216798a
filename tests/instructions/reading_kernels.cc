#include <memory>
#include <string_view>

#include <arrow/api.h>

#include "quintile/io/bytes.h"
#include "quintile/io/cells/column_reader.h"
#include "quintile/io/columnar/arrow_cells.h"
#include "quintile/io/csv/structure.h"

#include "kernels.h"

namespace quintile::instructions {

namespace {

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
  io::ColumnValues values = io::make_values(plan, kRows);
  reader.set_target(values, 0);
  measured([&] { reader.read(views, 0); });
}

/// Amounts as a Parquet file has them, in units.
std::vector<double> amounts() {
  std::vector<double> values;
  for (const std::int64_t cents : numbers(20'000))
    values.push_back(static_cast<double>(cents) / 100);
  return values;
}

/// Amounts that come as reals, as money.
void native_money() {
  const std::vector<double> values = amounts();
  const io::CellRules rules;
  io::ColumnReader reader({.reading = table::Reading::Money, .kind = io::Kind::Decimal, .scale = 2},
                          rules);
  io::ColumnValues decimals = io::make_values(reader.plan(), kRows);
  reader.set_target(decimals, 0);
  measured([&] {
    static_cast<void>(reader.read_native(
        {.type = io::NativeCells::Type::Real, .values = values.data(), .size = kRows}, 0));
  });
}

/// Hashes of an array's values, block by block.
void arrow_hashes(const std::shared_ptr<arrow::Array>& array) {
  io::columnar::ArrowCells cells;
  cells.set_array(*array);
  measured([&] {
    static_cast<void>(
        io::columnar::in_blocks(array->length(), [&](std::int64_t at, std::int64_t size) -> Status {
          QUINTILE_TRY([[maybe_unused]] const auto hashes, cells.hashes(at, size));
          return {};
        }));
  });
}

std::shared_ptr<arrow::Array> texts_of_arrow() {
  arrow::StringBuilder texts;
  for (const std::int64_t value : numbers(1'000'000))
    static_cast<void>(texts.Append("order " + std::to_string(value)));
  return *texts.Finish();
}

std::shared_ptr<arrow::Array> reals_of_arrow() {
  arrow::DoubleBuilder reals;
  static_cast<void>(reals.AppendValues(amounts()));
  return *reals.Finish();
}

}  // namespace

void add_reading(Kernels& kernels) {
  using io::Kind;
  using table::Reading;
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
  kernels["cells.native_money"] = native_money;
  kernels["columnar.hashes.texts"] = [] { arrow_hashes(texts_of_arrow()); };
  kernels["columnar.hashes.reals"] = [] { arrow_hashes(reals_of_arrow()); };
}

}  // namespace quintile::instructions

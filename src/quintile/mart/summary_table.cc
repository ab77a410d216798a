#include <variant>

#include <arrow/api.h>

#include "quintile/mart/json_fields_internal.h"
#include "quintile/mart/tables_internal.h"

namespace quintile::mart {

namespace {

/// A cell; nothing where the summary has no value.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double, Int128>;

/// The type of a column, known even where every cell is missing.
enum class CellType : std::uint8_t { Text, Integer, Real, Money };

struct FlatRow {
  std::vector<std::string> names;
  std::vector<CellType> types;
  std::vector<Cell> cells;
};

/// Flattens described values: nested keys are joined by "_", lists become JSON text.
class Flatten {
 public:
  Flatten(FlatRow& row, std::string prefix, int money_scale)
      : row_(row), prefix_(std::move(prefix)), money_scale_(money_scale) {}

  void operator()(std::string_view key, const std::string& value) {
    add(key, CellType::Text, value);
  }
  void operator()(std::string_view key, std::int64_t value) { add(key, CellType::Integer, value); }
  void operator()(std::string_view key, double value) { add(key, CellType::Real, value); }
  void operator()(std::string_view key, Int128 value) { add(key, CellType::Money, value); }
  void operator()(std::string_view key, const std::optional<double>& value) {
    add(key, CellType::Real, value ? Cell(*value) : Cell());
  }
  template <typename T>
  void operator()(std::string_view key, const std::vector<T>& value) {
    JsonWriter json(false);
    FieldWriter(json, money_scale_).put(value);
    add(key, CellType::Text, json.take());
  }
  template <typename T>
    requires(std::is_same_v<T, summary::Delta> ||
             std::is_same_v<T, summary::SegmentSummary::KpiDeltas>)
  void operator()(std::string_view key, T& value) {
    Flatten inner(row_, prefix_ + std::string(key) + "_", money_scale_);
    describe(inner, value);
  }

 private:
  void add(std::string_view key, CellType type, Cell cell) {
    row_.names.push_back(prefix_ + std::string(key));
    row_.types.push_back(type);
    row_.cells.push_back(std::move(cell));
  }

  FlatRow& row_;
  std::string prefix_;
  int money_scale_;
};

std::vector<FlatRow> flat_rows(const summary::Summary& summary, int money_scale) {
  std::vector<summary::SegmentSummary> entries = summary.segments;
  entries.push_back(summary.population);
  std::vector<FlatRow> rows;
  for (summary::SegmentSummary& entry : entries) {
    Flatten flatten(rows.emplace_back(), "", money_scale);
    describe(flatten, entry);
  }
  return rows;
}

std::shared_ptr<arrow::DataType> type_of(CellType type, int money_scale) {
  switch (type) {
    case CellType::Integer: return arrow::int64();
    case CellType::Real: return arrow::float64();
    case CellType::Money: return arrow::decimal128(38, money_scale);
    case CellType::Text: break;
  }
  return arrow::utf8();
}

struct AppendTo {
  arrow::ArrayBuilder& builder;
  arrow::Status operator()(std::monostate) const { return builder.AppendNull(); }
  arrow::Status operator()(const std::string& text) const {
    return static_cast<arrow::StringBuilder&>(builder).Append(text);
  }
  arrow::Status operator()(std::int64_t value) const {
    return static_cast<arrow::Int64Builder&>(builder).Append(value);
  }
  arrow::Status operator()(double value) const {
    return static_cast<arrow::DoubleBuilder&>(builder).Append(value);
  }
  arrow::Status operator()(Int128 value) const {
    const arrow::Decimal128 decimal(static_cast<std::int64_t>(value >> 64),
                                    static_cast<std::uint64_t>(value));
    return static_cast<arrow::Decimal128Builder&>(builder).Append(decimal);
  }
};

std::string csv_cell(const Cell& cell, int money_scale) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    if (text->find_first_of(",\"\n\r") == std::string::npos) return *text;
    std::string quoted = "\"";
    for (const char c : *text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
  }
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&cell))
    return std::isfinite(*real) ? shortest(*real) : "";
  if (const auto* money = std::get_if<Int128>(&cell)) return decimal_to_string(*money, money_scale);
  return "";
}

}  // namespace

std::vector<ParquetColumn> summary_columns(const summary::Summary& summary, int money_scale) {
  const auto rows = std::make_shared<const std::vector<FlatRow>>(flat_rows(summary, money_scale));
  std::vector<ParquetColumn> columns;
  for (std::size_t i = 0; i < rows->front().names.size(); ++i) {
    const auto type = type_of(rows->front().types[i], money_scale);
    columns.push_back(
        {rows->front().names[i], type, type, true,
         [rows, i, type](std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
           std::unique_ptr<arrow::ArrayBuilder> builder = *arrow::MakeBuilder(type);
           for (std::int64_t row = begin; row < begin + count; ++row) {
             const Cell& cell = (*rows)[static_cast<std::size_t>(row)].cells[i];
             if (!std::visit(AppendTo{*builder}, cell).ok()) throw std::bad_alloc();
           }
           return *builder->Finish();
         }});
  }
  return columns;
}

std::string summary_csv(const summary::Summary& summary, int money_scale) {
  const std::vector<FlatRow> rows = flat_rows(summary, money_scale);
  std::string csv;
  for (const std::string& name : rows.front().names) csv += (csv.empty() ? "" : ",") + name;
  csv += '\n';
  for (const FlatRow& row : rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) csv += ',';
      csv += csv_cell(row.cells[i], money_scale);
    }
    csv += '\n';
  }
  return csv;
}

}  // namespace quintile::mart

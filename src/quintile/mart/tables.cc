#include <set>
#include <span>

#include <arrow/api.h>
#include <fmt/format.h>

#include "quintile/mart/documents_internal.h"
#include "quintile/mart/rfm_codes_internal.h"
#include "quintile/mart/tables_internal.h"
#include "quintile/table/gather.h"

namespace quintile::mart {

namespace {

ParquetColumn renamed(ParquetColumn column, std::string name) {
  column.name = std::move(name);
  return column;
}

template <typename T>
ParquetColumn bytes(std::string name, const table::Buffer<T>& values) {
  static_assert(sizeof(T) == 1);
  const T* data = values.data();
  return {std::move(name), arrow::int8(), arrow::int8(), false,
          [data](std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
            return std::make_shared<arrow::Int8Array>(
                count, std::make_shared<arrow::Buffer>(
                           reinterpret_cast<const std::uint8_t*>(data) + begin, count));
          }};
}

ParquetColumn totals(const segments::Segmentation& s) {
  return {"rfm_total", arrow::int8(), arrow::int8(), false,
          [&s](std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
            std::string values(static_cast<std::size_t>(count), '\0');
            for (std::int64_t i = 0; i < count; ++i) {
              const std::int64_t row = begin + i;
              values[static_cast<std::size_t>(i)] =
                  static_cast<char>(s.r_score[row] + s.f_score[row] + s.m_score[row]);
            }
            return std::make_shared<arrow::Int8Array>(count,
                                                      arrow::Buffer::FromString(std::move(values)));
          }};
}

// The file and the number in it of each source row.
struct SourceRows {
  ParquetColumn file, number;
};

// `for_each(begin, count, take)` calls `take(row, rows)` for runs of consecutive source rows.
template <typename ForEach>
SourceRows source_rows(const table::Origin& origin, ForEach for_each) {
  std::vector<std::string> names;
  std::vector<std::int64_t> starts;
  for (const auto& file : origin.files) {
    names.push_back(file.name);
    starts.push_back(file.first_row);
  }
  names = published_names(names);
  if (names.empty()) names.emplace_back(), starts.push_back(0);
  const auto file_of = [starts](std::int64_t row) {
    if (starts.size() == 1) return std::int32_t{0};
    return static_cast<std::int32_t>(std::upper_bound(starts.begin() + 1, starts.end(), row) -
                                     starts.begin() - 1);
  };
  SourceRows out;
  out.file = parquet_codes(
      "source_file",
      [for_each, file_of](std::int64_t begin, std::span<std::int32_t> codes) {
        auto code = codes.begin();
        for_each(begin, static_cast<std::int64_t>(codes.size()),
                 [&](std::int64_t row, std::int64_t rows) {
                   for (std::int64_t i = 0; i < rows; ++i) *code++ = file_of(row + i);
                 });
      },
      names, false);
  out.number = {
      "source_row", arrow::int64(), arrow::int64(), false,
      [for_each, file_of, starts](std::int64_t begin,
                                  std::int64_t count) -> std::shared_ptr<arrow::Array> {
        arrow::TypedBufferBuilder<std::int64_t> numbers;
        if (!numbers.Reserve(count).ok()) throw std::bad_alloc();
        for_each(begin, count, [&](std::int64_t row, std::int64_t rows) {
          for (const std::int64_t end = row + rows; row < end; ++row)
            numbers.UnsafeAppend(row - starts[static_cast<std::size_t>(file_of(row))] + 1);
        });
        return std::make_shared<arrow::Int64Array>(count, *numbers.Finish());
      }};
  return out;
}

}  // namespace

std::string type_name(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      return fmt::format("decimal({}, {})", decimal.precision(), decimal.scale());
    }
    case arrow::Type::DICTIONARY: return "string (dictionary)";
    case arrow::Type::DATE32: return "date32";
    case arrow::Type::TIMESTAMP: return "timestamp";
    default: return type.ToString();
  }
}

Result<std::vector<CustomersColumn>> customers_columns(const segments::Segmentation& s,
                                                       const segments::RuleSet& rules) {
  const customers::Customers& c = s.customers;
  std::vector<CustomersColumn> columns;
  const auto add = [&columns](std::string role, ParquetColumn column) {
    columns.push_back({std::move(column), std::move(role)});
  };
  add("customer_id", parquet_row_ids("customer_id"));
  add("source_customer_id",
      renamed(parquet_text_column(c.source_customer_id), "source_customer_id"));
  for (const table::Column& attribute : c.attributes) add("attribute", parquet_column(attribute));
  if (c.overlay) add("overlay", parquet_column(*c.overlay));
  if (c.consent) add("consent", parquet_column(*c.consent));
  const auto metric = [&add](const table::Column& column, std::string name) {
    add("metric", renamed(parquet_column(column), std::move(name)));
  };
  if (c.first_purchase_date) metric(*c.first_purchase_date, "first_purchase_date");
  if (c.last_purchase_date) metric(*c.last_purchase_date, "last_purchase_date");
  add("metric", renamed(parquet_int32_column(c.recency_days), "recency_days"));
  metric(c.frequency, "frequency");
  metric(c.monetary, "monetary");
  metric(c.average_order_value, "average_order_value");
  add("score", bytes("r_score", s.r_score));
  add("score", bytes("f_score", s.f_score));
  add("score", bytes("m_score", s.m_score));
  const auto codes = std::make_shared<const RfmCodes>(s.model);
  add("score", parquet_codes(
                   "rfm_code",
                   [codes, &s](std::int64_t row, std::span<std::int32_t> out) {
                     for (std::int32_t& code : out) {
                       code = codes->index(s.r_score[row], s.f_score[row], s.m_score[row]);
                       ++row;
                     }
                   },
                   codes->texts(), false));
  add("score", totals(s));
  std::vector<std::string> ids, names;
  for (const segments::Rule& rule : rules.rules) ids.push_back(rule.id), names.push_back(rule.name);
  const auto segment_of = [&s](std::int64_t row, std::span<std::int32_t> out) {
    for (std::int32_t& code : out) code = s.segment[row++];
  };
  add("segment", parquet_codes("segment_id", segment_of, std::move(ids), true));
  add("segment", parquet_codes("segment_name", segment_of, std::move(names), true));

  std::set<std::string_view> seen;
  for (const CustomersColumn& column : columns) {
    if (!seen.insert(column.column.name).second) {
      return fail(ErrorCode::Plan,
                  fmt::format("two published columns would be named {}", column.column.name),
                  "Leave it out of input.attributes, or rename it in the file.");
    }
  }
  return columns;
}

// The source id of each crosswalk row's customer, as runs: the lines of an order follow each other.
static ParquetColumn source_ids_of_customers(const Contents& contents) {
  return {"source_customer_id", arrow::utf8(), arrow::utf8(), false,
          [&contents](std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
            std::vector<std::uint32_t> customers;
            arrow::TypedBufferBuilder<std::int32_t> ends;
            std::int64_t end = 0;
            contents.crosswalk.for_each(
                begin, count, [&](std::int64_t, std::int64_t rows, std::uint32_t customer_id) {
                  end += rows;
                  customers.push_back(customer_id - 1);
                  if (!ends.Append(static_cast<std::int32_t>(end)).ok()) throw std::bad_alloc();
                });
            const auto runs = static_cast<std::int64_t>(customers.size());
            const table::Column ids =
                table::gather(contents.segmentation.customers.source_customer_id, customers);
            return *arrow::RunEndEncodedArray::Make(
                count, std::make_shared<arrow::Int32Array>(runs, *ends.Finish()),
                parquet_text_column(ids).slice(0, runs));
          }};
}

std::vector<ParquetColumn> crosswalk_columns(const Contents& contents) {
  const customers::Crosswalk& crosswalk = contents.crosswalk;
  auto [file, number] = source_rows(
      contents.origin, [&crosswalk](std::int64_t begin, std::int64_t count, const auto& take) {
        crosswalk.for_each(
            begin, count,
            [&take](std::int64_t row, std::int64_t rows, std::uint32_t) { take(row, rows); });
      });
  std::vector<ParquetColumn> columns;
  columns.push_back(std::move(file));
  columns.push_back(std::move(number));
  columns.push_back(
      contents.crosswalk_source_ids.size() > 0
          ? renamed(parquet_text_column(contents.crosswalk_source_ids), "source_customer_id")
          : source_ids_of_customers(contents));
  columns.push_back(
      {"customer_id", arrow::int64(), arrow::int64(), false,
       [&crosswalk](std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
         arrow::TypedBufferBuilder<std::int64_t> ids;
         if (!ids.Reserve(count).ok()) throw std::bad_alloc();
         crosswalk.for_each(begin, count,
                            [&ids](std::int64_t, std::int64_t rows, std::uint32_t customer_id) {
                              ids.UnsafeAppend(rows, customer_id);
                            });
         return std::make_shared<arrow::Int64Array>(count, *ids.Finish());
       }});
  return columns;
}

std::vector<ParquetColumn> quarantine_columns(const Contents& contents) {
  const quality::Quarantine& quarantine = contents.quarantine;
  auto [file, number] = source_rows(
      contents.origin, [&quarantine](std::int64_t begin, std::int64_t count, const auto& take) {
        for (std::int64_t i = begin; i < begin + count; ++i)
          take(quarantine.row(static_cast<std::size_t>(i)), 1);
      });
  std::vector<std::string> checks, reasons;
  for (const quality::Quarantine::Cause& cause : quarantine.causes())
    checks.push_back(cause.check), reasons.push_back(cause.reason);
  const auto causes_of = [&quarantine](std::int64_t begin, std::span<std::int32_t> codes) {
    for (std::int32_t& code : codes)
      code = static_cast<std::int32_t>(quarantine.cause_of(static_cast<std::size_t>(begin++)));
  };
  std::vector<ParquetColumn> columns;
  columns.push_back(std::move(file));
  columns.push_back(std::move(number));
  columns.push_back(parquet_codes("check", causes_of, std::move(checks), false));
  columns.push_back(parquet_codes("reason", causes_of, std::move(reasons), false));
  return columns;
}

}  // namespace quintile::mart

#include <cstring>
#include <unordered_map>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>

#include "quintile/io/parallel.h"
#include "quintile/mart/parquet_internal.h"
#include "quintile/mart/tables_internal.h"

namespace quintile::mart {

namespace {

std::unexpected<Error> unsound(const std::string& shown, const std::string& why) {
  // Arrow's messages may run over several lines; the first says it.
  return fail(ErrorCode::CheckFailed, "is no sound Parquet file: " + why.substr(0, why.find('\n')),
              "Publish the mart again with `quintile run`.", {shown, 0, 0});
}

arrow::Result<std::unique_ptr<parquet::arrow::FileReader>> open_reader(
    const std::filesystem::path& file, bool dictionaries) {
  ARROW_ASSIGN_OR_RAISE(const auto input, arrow::io::ReadableFile::Open(file.string()));
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(input));
  parquet::ArrowReaderProperties properties(false);
  const auto* schema = builder.raw_reader()->metadata()->schema();
  for (int i = 0; dictionaries && i < schema->num_columns(); ++i) {
    if (schema->Column(i)->physical_type() == parquet::Type::BYTE_ARRAY)
      properties.set_read_dictionary(i, true);
  }
  builder.properties(properties);
  std::unique_ptr<parquet::arrow::FileReader> reader;
  ARROW_RETURN_NOT_OK(builder.Build(&reader));
  return reader;
}

table::Buffer<std::uint8_t> validity_of(const arrow::ChunkedArray& chunks) {
  if (chunks.null_count() == 0) return {};
  table::Buffer<std::uint8_t> valid(chunks.length());
  std::int64_t row = 0;
  for (const auto& chunk : chunks.chunks()) {
    for (std::int64_t i = 0; i < chunk->length(); ++i) valid[row++] = chunk->IsValid(i) ? 1 : 0;
  }
  return valid;
}

// `Array`'s values one after the other, converted by `value_of(array, i)`.
template <typename T, typename Array, typename ValueOf>
table::Buffer<T> gather(const arrow::ChunkedArray& chunks, ValueOf value_of) {
  table::Buffer<T> values(chunks.length());
  std::int64_t row = 0;
  for (const auto& chunk : chunks.chunks()) {
    const auto& array = static_cast<const Array&>(*chunk);
    for (std::int64_t i = 0; i < array.length(); ++i) values[row++] = value_of(array, i);
  }
  return values;
}

template <typename T, typename Array>
table::Buffer<T> plain(const arrow::ChunkedArray& chunks) {
  return gather<T, Array>(chunks,
                          [](const Array& array, std::int64_t i) { return array.raw_values()[i]; });
}

table::Column codes_of(std::string name, const arrow::ChunkedArray& chunks) {
  std::unordered_map<std::string, std::int32_t> known;
  std::vector<std::string> texts;
  table::Buffer<std::int32_t> codes(chunks.length());
  std::int64_t row = 0;
  for (const auto& chunk : chunks.chunks()) {
    const auto& array = static_cast<const arrow::DictionaryArray&>(*chunk);
    const auto& dictionary = static_cast<const arrow::StringArray&>(*array.dictionary());
    std::vector<std::int32_t> shared;
    for (std::int64_t i = 0; i < dictionary.length(); ++i) {
      const auto [at, added] =
          known.emplace(dictionary.GetString(i), static_cast<std::int32_t>(texts.size()));
      if (added) texts.push_back(at->first);
      shared.push_back(at->second);
    }
    for (std::int64_t i = 0; i < array.length(); ++i) {
      codes[row++] =
          array.IsValid(i) ? shared[static_cast<std::size_t>(array.GetValueIndex(i))] : 0;
    }
  }
  auto column = table::Column::codes(std::move(name), std::move(codes),
                                     table::Dictionary::of(std::move(texts)), validity_of(chunks));
  return table::with_sorted_dictionary(std::move(column));
}

table::Column views_of(std::string name, const std::shared_ptr<arrow::ChunkedArray>& chunks) {
  auto values = gather<std::string_view, arrow::StringArray>(
      *chunks, [](const arrow::StringArray& array, std::int64_t i) { return array.GetView(i); });
  return table::Column::texts(std::move(name), std::move(values), chunks, validity_of(*chunks));
}

arrow::Result<table::Column> column_of(const std::string& name,
                                       const std::shared_ptr<arrow::ChunkedArray>& chunks) {
  using table::Column;
  const auto& c = *chunks;
  switch (c.type()->id()) {
    case arrow::Type::BOOL:
      return Column::booleans(
          name,
          gather<std::uint8_t, arrow::BooleanArray>(
              c, [](const arrow::BooleanArray& array, std::int64_t i) { return array.Value(i); }),
          validity_of(c));
    case arrow::Type::INT8: {
      auto wide = gather<std::int64_t, arrow::Int8Array>(
          c, [](const arrow::Int8Array& array, std::int64_t i) {
            return std::int64_t{array.Value(i)};
          });
      return Column::integers(name, std::move(wide), validity_of(c));
    }
    case arrow::Type::INT32: {
      Column column = Column::days(name, plain<std::int32_t, arrow::Int32Array>(c));
      if (auto valid = validity_of(c); !valid.empty()) {
        column.valid_owner = valid.share();
        column.view.valid = static_cast<const std::uint8_t*>(column.valid_owner.get());
      }
      return column;
    }
    case arrow::Type::INT64:
      return Column::integers(name, plain<std::int64_t, arrow::Int64Array>(c), validity_of(c));
    case arrow::Type::DOUBLE:
      return Column::reals(name, plain<double, arrow::DoubleArray>(c), validity_of(c));
    case arrow::Type::DATE32:
      return Column::dates(name, plain<std::int32_t, arrow::Date32Array>(c), validity_of(c));
    case arrow::Type::TIMESTAMP:
      return Column::timestamps(name, plain<std::int64_t, arrow::TimestampArray>(c),
                                validity_of(c));
    case arrow::Type::DECIMAL128: {
      const int scale = static_cast<const arrow::DecimalType&>(*c.type()).scale();
      auto values = gather<std::int64_t, arrow::Decimal128Array>(
          c, [](const arrow::Decimal128Array& array, std::int64_t i) {
            std::int64_t low = 0;
            std::memcpy(&low, array.GetValue(i), sizeof low);
            return low;
          });
      return Column::decimals(name, scale, std::move(values), validity_of(c));
    }
    case arrow::Type::DICTIONARY: return codes_of(name, c);
    case arrow::Type::STRING: return views_of(name, chunks);
    default:
      return arrow::Status::TypeError("column ", name, " has the type ", c.type()->ToString());
  }
}

arrow::Result<table::Column> read_column(const std::filesystem::path& file, const std::string& name,
                                         bool views) {
  ARROW_ASSIGN_OR_RAISE(const auto reader, open_reader(file, !views));
  const int index = reader->parquet_reader()->metadata()->schema()->ColumnIndex(name);
  if (index < 0) return arrow::Status::KeyError("the column ", name, " is missing");
  std::shared_ptr<arrow::ChunkedArray> chunks;
  ARROW_RETURN_NOT_OK(reader->ReadColumn(index, &chunks));
  ARROW_RETURN_NOT_OK(chunks->ValidateFull());  // damaged pages may decode to codes out of range
  return column_of(name, chunks);
}

}  // namespace

Result<std::vector<table::Column>> read_parquet(const std::filesystem::path& file,
                                                const std::string& shown,
                                                const std::vector<std::string>& names,
                                                const std::vector<std::string>& text_views,
                                                int threads) {
  std::vector<table::Column> columns;
  const auto produce = [&](std::int64_t i) -> Result<table::Column> {
    const std::string& name = names[static_cast<std::size_t>(i)];
    try {
      auto column = read_column(
          file, name, std::find(text_views.begin(), text_views.end(), name) != text_views.end());
      if (column.ok()) return *std::move(column);
      return unsound(shown, column.status().message());
    } catch (const std::exception& exception) {
      return unsound(shown, exception.what());
    }
  };
  QUINTILE_TRY_STATUS(io::ordered_chunks(static_cast<std::int64_t>(names.size()), threads, produce,
                                         [&](Result<table::Column> column) -> Status {
                                           if (!column)
                                             return std::unexpected(std::move(column).error());
                                           // Each opens the file, which a run may replace
                                           // meanwhile.
                                           if (!columns.empty() &&
                                               column->size() != columns.front().size())
                                             return unsound(shown, "columns of several lengths");
                                           columns.push_back(*std::move(column));
                                           return {};
                                         }));
  return columns;
}

Result<std::shared_ptr<arrow::Table>> read_parquet_table(const std::filesystem::path& file,
                                                         const std::string& shown) {
  const auto read = [&]() -> arrow::Result<std::shared_ptr<arrow::Table>> {
    ARROW_ASSIGN_OR_RAISE(const auto reader, open_reader(file, false));
    reader->set_use_threads(true);
    ARROW_ASSIGN_OR_RAISE(auto table, reader->ReadTable());
    ARROW_RETURN_NOT_OK(table->ValidateFull());
    return table->ReplaceSchemaMetadata(nullptr);
  };
  try {
    auto table = read();
    if (table.ok()) return *std::move(table);
    return unsound(shown, table.status().message());
  } catch (const std::exception& exception) {
    return unsound(shown, exception.what());
  }
}

Result<ParquetHeader> read_parquet_header(const std::filesystem::path& file,
                                          const std::string& shown) {
  try {
    auto reader = open_reader(file, false);
    if (!reader.ok()) return unsound(shown, reader.status().message());
    ParquetHeader header;
    const auto metadata = (*reader)->parquet_reader()->metadata();
    header.rows = metadata->num_rows();
    std::shared_ptr<arrow::Schema> schema;
    if (const auto status = (*reader)->GetSchema(&schema); !status.ok())
      return unsound(shown, status.message());
    for (const auto& field : schema->fields())
      header.columns.emplace_back(field->name(), type_name(*field->type()));
    if (const auto pairs = metadata->key_value_metadata()) {
      for (std::int64_t i = 0; i < pairs->size(); ++i)
        header.metadata.emplace_back(pairs->key(i), pairs->value(i));
    }
    return header;
  } catch (const std::exception& exception) {
    return unsound(shown, exception.what());
  }
}

}  // namespace quintile::mart

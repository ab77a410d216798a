#include "quintile/mart/arrow_tables.h"

#include <algorithm>

#include <arrow/api.h>

#include "quintile/base/check.h"
#include "quintile/mart/mart_files_internal.h"
#include "quintile/mart/tables_internal.h"

namespace quintile::mart {

namespace {

constexpr std::int64_t kChunkRows = 1 << 20;

/// Another buffer's bytes, with what keeps them alive.
class KeptBuffer : public arrow::Buffer {
 public:
  KeptBuffer(std::shared_ptr<arrow::Buffer> bytes, std::shared_ptr<const void> owner)
      : Buffer(bytes->data(), bytes->size()), bytes_(std::move(bytes)), owner_(std::move(owner)) {}

 private:
  std::shared_ptr<arrow::Buffer> bytes_;
  std::shared_ptr<const void> owner_;
};

void keep(arrow::ArrayData& data, const std::shared_ptr<const void>& owner) {
  for (auto& buffer : data.buffers) {
    if (buffer) buffer = std::make_shared<KeptBuffer>(std::move(buffer), owner);
  }
}

std::shared_ptr<arrow::Buffer> room_for(std::int64_t bytes) {
  auto buffer = arrow::AllocateBuffer(bytes);
  if (!buffer.ok()) throw std::bad_alloc();
  return *std::move(buffer);
}

/// Decimals of 64 bits as the 128 bits that every reader knows.
std::shared_ptr<arrow::Array> widened(const arrow::Array& array,
                                      const std::shared_ptr<arrow::DataType>& type) {
  const std::int64_t* const narrow = array.data()->GetValues<std::int64_t>(1);
  const auto values = room_for(array.length() * 16);
  auto* const wide = reinterpret_cast<std::int64_t*>(values->mutable_data());
  for (std::int64_t i = 0; i < array.length(); ++i) {
    wide[2 * i] = narrow[i];
    wide[2 * i + 1] = narrow[i] < 0 ? -1 : 0;
  }
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, array.length(), {array.data()->buffers[0], values}));
}

/// A dictionary's texts written out.
std::shared_ptr<arrow::Array> decoded(const arrow::Array& array) {
  const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
  const auto& texts = static_cast<const arrow::StringArray&>(*coded.dictionary());
  const std::int32_t* const codes = coded.indices()->data()->GetValues<std::int32_t>(1);
  const auto offsets = room_for((array.length() + 1) * 4);
  auto* const ends = reinterpret_cast<std::int32_t*>(offsets->mutable_data());
  std::int64_t bytes = 0;
  ends[0] = 0;
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (coded.IsValid(i)) bytes += texts.value_length(codes[i]);
    QUINTILE_CHECK(bytes <= INT32_MAX);
    ends[i + 1] = static_cast<std::int32_t>(bytes);
  }
  const auto values = room_for(bytes);
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (!coded.IsValid(i)) continue;
    const std::string_view text = texts.GetView(codes[i]);
    std::copy(text.begin(), text.end(), values->mutable_data() + ends[i]);
  }
  return std::make_shared<arrow::StringArray>(array.length(), offsets, values,
                                              coded.indices()->data()->buffers[0]);
}

/// The texts of runs, one a row.
std::shared_ptr<arrow::Array> spread(const arrow::Array& array) {
  const auto& runs = static_cast<const arrow::RunEndEncodedArray&>(array);
  const auto& texts = static_cast<const arrow::StringArray&>(*runs.values());
  const auto& ends = static_cast<const arrow::Int32Array&>(*runs.run_ends());
  arrow::StringBuilder builder;
  arrow::Status status = builder.Reserve(array.length());
  std::int32_t row = 0;
  for (std::int64_t run = 0; run < texts.length(); ++run) {
    for (; row < ends.Value(run) && status.ok(); ++row) status = builder.Append(texts.GetView(run));
  }
  auto all = status.ok() ? builder.Finish() : status;
  if (!all.ok()) throw std::bad_alloc();
  return *std::move(all);
}

std::shared_ptr<arrow::Array> as_declared(std::shared_ptr<arrow::Array> array,
                                          const std::shared_ptr<arrow::DataType>& type) {
  if (array->type()->Equals(type)) return array;
  if (array->type_id() == arrow::Type::DECIMAL64) return widened(*array, type);
  if (array->type_id() == arrow::Type::RUN_END_ENCODED) return spread(*array);
  QUINTILE_CHECK(array->type_id() == arrow::Type::DICTIONARY && type->id() == arrow::Type::STRING);
  return decoded(*array);
}

std::shared_ptr<arrow::Table> table_of(const std::vector<ParquetColumn>& columns, std::int64_t rows,
                                       const std::shared_ptr<const void>& owner) {
  arrow::FieldVector fields;
  arrow::ChunkedArrayVector data;
  for (const ParquetColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.declared, column.nullable));
    arrow::ArrayVector chunks;
    for (std::int64_t begin = 0; begin == 0 || begin < rows; begin += kChunkRows) {
      auto array =
          as_declared(column.slice(begin, std::min(kChunkRows, rows - begin)), column.declared);
      keep(*array->data(), owner);
      chunks.push_back(std::move(array));
    }
    data.push_back(std::make_shared<arrow::ChunkedArray>(std::move(chunks), column.declared));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(data), rows);
}

Result<std::vector<ParquetColumn>> columns_of(const Contents& contents, TableName name) {
  switch (name) {
    case TableName::Summary:
      return summary_columns(contents.summary, contents.manifest.money_scale);
    case TableName::Quarantine: return quarantine_columns(contents);
    case TableName::Crosswalk: return crosswalk_columns(contents);
    case TableName::Customers: break;
  }
  QUINTILE_TRY(auto columns, customers_columns(contents.segmentation, contents.rules));
  std::vector<ParquetColumn> plain;
  for (CustomersColumn& column : columns) plain.push_back(std::move(column.column));
  return plain;
}

std::int64_t rows_of(const Contents& contents, TableName name) {
  switch (name) {
    case TableName::Customers: return contents.segmentation.size();
    case TableName::Summary: return static_cast<std::int64_t>(contents.summary.segments.size()) + 1;
    case TableName::Quarantine: return static_cast<std::int64_t>(contents.quarantine.size());
    case TableName::Crosswalk: return contents.crosswalk.size();
  }
  return 0;
}

std::string_view file_of(TableName name) {
  switch (name) {
    case TableName::Customers: return kCustomersFile;
    case TableName::Summary: return kSummaryFile;
    case TableName::Quarantine: return kQuarantineFile;
    case TableName::Crosswalk: return kCrosswalkFile;
  }
  return kCustomersFile;
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> arrow_table(const Contents& contents, TableName name,
                                                  const std::shared_ptr<const void>& owner) {
  QUINTILE_TRY(const auto columns, columns_of(contents, name));
  try {
    return table_of(columns, rows_of(contents, name), owner);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::Memory, "there is not enough memory for the table");
  }
}

Result<std::shared_ptr<arrow::Table>> read_arrow_table(const std::filesystem::path& folder,
                                                       TableName name) {
  const std::filesystem::path file = folder / file_of(name);
  return read_parquet_table(file, file.string());
}

}  // namespace quintile::mart

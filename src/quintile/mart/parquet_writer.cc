#include <optional>

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>
#include <arrow/util/thread_pool.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include "quintile/io/parallel.h"
#include "quintile/mart/parquet_internal.h"

namespace quintile::mart {

namespace {

// Fixed, so that the bytes never depend on threads or memory.
constexpr std::int64_t kRowGroupRows = 1 << 18;

/// Arrow's view of a staged file. Keeps our error, which says more than Arrow's.
class Sink : public arrow::io::OutputStream {
 public:
  explicit Sink(StagedFile& file) : file_(file) { set_mode(arrow::io::FileMode::WRITE); }

  std::optional<Error> error;

  arrow::Status Write(const void* data, std::int64_t bytes) override {
    auto status = file_.write({static_cast<const char*>(data), static_cast<std::size_t>(bytes)});
    if (status) return arrow::Status::OK();
    error = std::move(status).error();
    return arrow::Status::IOError(error->message);
  }
  using arrow::io::OutputStream::Write;
  arrow::Result<std::int64_t> Tell() const override { return file_.size(); }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

 private:
  StagedFile& file_;
  bool closed_ = false;
};

std::shared_ptr<parquet::WriterProperties> properties_of(
    const std::vector<ParquetColumn>& columns) {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->enable_store_decimal_as_integer()
      ->max_row_group_length(kRowGroupRows)
      ->compression(parquet::Compression::SNAPPY);
  for (const ParquetColumn& column : columns) {
    const auto path = parquet::schema::ColumnPath(std::vector<std::string>{column.name});
    const auto shared = std::make_shared<parquet::schema::ColumnPath>(path);
    if (column.storage != Storage::Dictionary) builder.disable_dictionary(shared);
    if (column.storage == Storage::Delta)
      builder.encoding(shared, parquet::Encoding::DELTA_BINARY_PACKED);
  }
  return builder.build();
}

// The schema that Arrow readers go by: what is declared, whatever the arrays were.
arrow::Result<std::string> declared_schema(const std::vector<ParquetColumn>& columns) {
  arrow::FieldVector fields;
  for (const ParquetColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.declared, column.nullable));
  }
  ARROW_ASSIGN_OR_RAISE(const auto buffer,
                        arrow::ipc::SerializeSchema(*arrow::schema(std::move(fields))));
  return arrow::util::base64_encode(std::string_view(*buffer));
}

arrow::Status write(Sink& sink, const std::vector<ParquetColumn>& columns, std::int64_t rows,
                    const std::vector<std::pair<std::string, std::string>>& metadata, int threads) {
  arrow::FieldVector fields;
  for (const ParquetColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.type, column.nullable));
  }
  const auto schema = arrow::schema(std::move(fields));
  std::shared_ptr<arrow::internal::ThreadPool> pool;
  parquet::ArrowWriterProperties::Builder arrow_properties;
  if (threads > 1 && rows > 20'000) {
    ARROW_ASSIGN_OR_RAISE(pool, arrow::internal::ThreadPool::Make(threads));
    arrow_properties.set_use_threads(true)->set_executor(pool.get());
  }
  ARROW_ASSIGN_OR_RAISE(const auto writer,
                        parquet::arrow::FileWriter::Open(
                            *schema, arrow::default_memory_pool(),
                            std::shared_ptr<arrow::io::OutputStream>(&sink, [](auto*) {}),
                            properties_of(columns), arrow_properties.build()));
  const auto batch_of = [&](std::int64_t group) {
    const std::int64_t begin = group * kRowGroupRows;
    const std::int64_t count = std::min(kRowGroupRows, rows - begin);
    arrow::ArrayVector arrays;
    for (const ParquetColumn& column : columns) arrays.push_back(column.slice(begin, count));
    return arrow::RecordBatch::Make(schema, count, std::move(arrays));
  };
  arrow::Status written;
  const auto status =
      io::ordered_chunks((rows + kRowGroupRows - 1) / kRowGroupRows, threads, batch_of,
                         [&](const std::shared_ptr<arrow::RecordBatch>& batch) -> Status {
                           written = writer->WriteRecordBatch(*batch);
                           if (!written.ok()) return fail(ErrorCode::Io, written.ToString());
                           return {};
                         });
  ARROW_RETURN_NOT_OK(written);
  ARROW_ASSIGN_OR_RAISE(std::string declared, declared_schema(columns));
  const auto pairs = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : metadata) pairs->Append(key, value);
  pairs->Append("ARROW:schema", std::move(declared));
  ARROW_RETURN_NOT_OK(writer->AddKeyValueMetadata(pairs));
  return writer->Close();
}

}  // namespace

Result<std::string> write_parquet(StagedFile file, const std::vector<ParquetColumn>& columns,
                                  std::int64_t rows,
                                  const std::vector<std::pair<std::string, std::string>>& metadata,
                                  int threads) {
  Sink sink(file);
  try {
    const arrow::Status status = write(sink, columns, rows, metadata, io::threads_or_all(threads));
    if (sink.error) return std::unexpected(*std::move(sink.error));
    if (!status.ok())
      return fail(ErrorCode::Io, "a Parquet file cannot be written: " + status.ToString());
  } catch (const std::exception& exception) {
    if (sink.error) return std::unexpected(*std::move(sink.error));
    return fail(ErrorCode::Io,
                fmt::format("a Parquet file cannot be written: {}", exception.what()));
  }
  return file.finish();
}

}  // namespace quintile::mart

#include <algorithm>
#include <optional>

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>
#include <parquet/column_page.h>
#include <parquet/column_writer.h>
#include <parquet/file_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include "quintile/io/parallel.h"
#include "quintile/mart/parquet_encoding_internal.h"
#include "quintile/mart/parquet_internal.h"

namespace quintile::mart {

namespace {

// Fixed, so that the bytes never depend on threads or memory.
constexpr std::int64_t kRowGroupRows = 1 << 18;
// So few that starting threads takes longer.
constexpr std::int64_t kFewRows = 4096;
constexpr std::int64_t kBatchRows = 1 << 16;

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Arrow's view of an output. Keeps our error, which says more than Arrow's.
class Sink : public arrow::io::OutputStream {
 public:
  explicit Sink(Output out) : out_(std::move(out)) { set_mode(arrow::io::FileMode::WRITE); }

  /// Runs `write`, which writes here, and says what went wrong; `what` is written.
  template <typename Write>
  [[nodiscard]] Status run(std::string_view what, const Write& write) {
    std::string trouble;
    try {
      const arrow::Status status = write();
      if (status.ok()) return {};
      trouble = status.ToString();
    } catch (const std::exception& exception) {
      trouble = exception.what();
    }
    if (error_) return std::unexpected(*std::move(error_));
    return fail(ErrorCode::Io, fmt::format("{} cannot be written: {}", what, trouble));
  }

  arrow::Status Write(const void* data, std::int64_t bytes) override {
    auto status = out_({static_cast<const char*>(data), static_cast<std::size_t>(bytes)});
    position_ += bytes;
    if (status) return arrow::Status::OK();
    error_ = std::move(status).error();
    return arrow::Status::IOError(error_->message);
  }
  using arrow::io::OutputStream::Write;
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

 private:
  Output out_;
  std::optional<Error> error_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

std::shared_ptr<parquet::WriterProperties> properties() {
  return parquet::WriterProperties::Builder()
      .version(parquet::ParquetVersion::PARQUET_2_6)
      ->enable_store_decimal_as_integer()
      ->build();
}

parquet::Encoding::type encoding_of(PageEncoding encoding) {
  switch (encoding) {
    case PageEncoding::Dictionary: return parquet::Encoding::RLE_DICTIONARY;
    case PageEncoding::Delta: return parquet::Encoding::DELTA_BINARY_PACKED;
    case PageEncoding::DeltaLength: return parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY;
    case PageEncoding::DeltaBytes: return parquet::Encoding::DELTA_BYTE_ARRAY;
    case PageEncoding::Plain: break;
  }
  return parquet::Encoding::PLAIN;
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

arrow::Result<std::shared_ptr<parquet::SchemaDescriptor>> stored_schema(
    const std::vector<ParquetColumn>& columns) {
  arrow::FieldVector fields;
  for (const ParquetColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.type, column.nullable));
  }
  std::shared_ptr<parquet::SchemaDescriptor> schema;
  ARROW_RETURN_NOT_OK(parquet::arrow::ToParquetSchema(arrow::schema(std::move(fields)).get(),
                                                      *properties(), &schema));
  return schema;
}

parquet::EncodedStatistics statistics_of(const ChunkStatistics& chunk) {
  constexpr std::size_t kBoundMax = 4096;  // longer ones are left out, as Arrow does
  parquet::EncodedStatistics statistics;
  statistics.null_count = chunk.missing;
  statistics.has_null_count = true;
  if (chunk.has_bounds) statistics.set_min(chunk.least).set_max(chunk.greatest);
  statistics.ApplyStatSizeLimits(kBoundMax);
  return statistics;
}

/// Puts encoded chunks behind one another, row group after row group; the rest of the format, from
/// page headers to the footer, is Arrow's.
class FileWriter {
 public:
  FileWriter(Sink& sink, std::shared_ptr<parquet::SchemaDescriptor> schema, std::int64_t rows)
      : sink_(std::shared_ptr<arrow::io::OutputStream>(&sink, [](auto*) {})),
        schema_(std::move(schema)),
        rows_(rows),
        file_(parquet::FileMetaDataBuilder::Make(schema_.get(), properties())) {}

  arrow::Status begin() { return sink_->Write("PAR1", 4); }

  /// The next column of the current row group, or the first of a new one.
  arrow::Status put(const EncodedChunk& chunk) {
    if (group_ == nullptr) {
      group_ = file_->AppendRowGroup();
      group_->set_num_rows(std::min(kRowGroupRows, rows_ - groups_ * kRowGroupRows));
      group_bytes_ = 0;
    }
    auto* const column = group_->NextColumnChunk();
    column->SetStatistics(statistics_of(chunk.statistics));
    const auto pages = parquet::PageWriter::Open(sink_, parquet::Compression::UNCOMPRESSED, column);
    const auto buffer = [](const std::string& bytes) {
      return std::make_shared<arrow::Buffer>(std::string_view(bytes));
    };
    const bool coded = chunk.encoding == PageEncoding::Dictionary;
    if (coded) {
      group_bytes_ += pages->WriteDictionaryPage(
          {buffer(chunk.dictionary), chunk.dictionary_values, parquet::Encoding::PLAIN, true});
    }
    for (const EncodedPage& page : chunk.pages) {
      group_bytes_ += pages->WriteDataPage(parquet::DataPageV1(
          buffer(page.bytes), page.values, encoding_of(chunk.encoding), parquet::Encoding::RLE,
          parquet::Encoding::RLE, static_cast<std::int64_t>(page.bytes.size())));
    }
    pages->Close(coded, false);
    if (group_->current_column() + 1 == group_->num_columns()) {
      group_->Finish(group_bytes_, static_cast<std::int16_t>(groups_++));
      group_ = nullptr;
    }
    return arrow::Status::OK();
  }

  arrow::Status end(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata) {
    parquet::WriteFileMetaData(*file_->Finish(metadata), sink_.get());
    return sink_->Close();
  }

 private:
  std::shared_ptr<arrow::io::OutputStream> sink_;
  std::shared_ptr<parquet::SchemaDescriptor> schema_;
  std::int64_t rows_;
  std::unique_ptr<parquet::FileMetaDataBuilder> file_;
  parquet::RowGroupMetaDataBuilder* group_ = nullptr;
  std::int64_t groups_ = 0, group_bytes_ = 0;
};

arrow::Status write(Sink& sink, const std::vector<ParquetColumn>& columns, std::int64_t rows,
                    const Pairs& metadata, int threads) {
  ARROW_ASSIGN_OR_RAISE(auto schema, stored_schema(columns));
  FileWriter writer(sink, std::move(schema), rows);
  ARROW_RETURN_NOT_OK(writer.begin());
  // A column of a row group is encoded by itself, so that few rows keep all threads busy too.
  const auto width = static_cast<std::int64_t>(columns.size());
  const auto encode = [&](std::int64_t i) {
    const ParquetColumn& column = columns[static_cast<std::size_t>(i % width)];
    const std::int64_t begin = i / width * kRowGroupRows;
    return encode_chunk(*column.slice(begin, std::min(kRowGroupRows, rows - begin)),
                        column.nullable);
  };
  arrow::Status written;
  const std::int64_t groups = (rows + kRowGroupRows - 1) / kRowGroupRows;
  const auto status = io::ordered_chunks(groups * width, rows > kFewRows ? threads : 1, encode,
                                         [&](const EncodedChunk& chunk) -> Status {
                                           written = writer.put(chunk);
                                           if (!written.ok())
                                             return fail(ErrorCode::Io, written.ToString());
                                           return {};
                                         });
  ARROW_RETURN_NOT_OK(written);
  ARROW_ASSIGN_OR_RAISE(std::string declared, declared_schema(columns));
  const auto pairs = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : metadata) pairs->Append(key, value);
  pairs->Append("ARROW:schema", std::move(declared));
  return writer.end(pairs);
}

/// Rows `begin` to `begin + count` in the types that a reader is to see.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> declared_batch(
    const std::vector<ParquetColumn>& columns, const std::shared_ptr<arrow::Schema>& schema,
    std::int64_t begin, std::int64_t count) {
  arrow::ArrayVector arrays;
  for (const ParquetColumn& column : columns) {
    ARROW_ASSIGN_OR_RAISE(const auto array,
                          arrow::compute::Cast(*column.slice(begin, count), column.declared));
    arrays.push_back(array);
  }
  return arrow::RecordBatch::Make(schema, count, std::move(arrays));
}

arrow::Status write_batches(Sink& sink, const std::vector<ParquetColumn>& columns,
                            std::int64_t rows, const Pairs& metadata) {
  const auto pairs = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : metadata) pairs->Append(key, value);
  arrow::FieldVector fields;
  for (const ParquetColumn& column : columns)
    fields.push_back(arrow::field(column.name, column.declared, column.nullable));
  const auto schema = arrow::schema(std::move(fields), pairs);
  ARROW_ASSIGN_OR_RAISE(const auto writer, arrow::ipc::MakeStreamWriter(&sink, schema));
  for (std::int64_t begin = 0; begin < rows; begin += kBatchRows) {
    ARROW_ASSIGN_OR_RAISE(const auto batch, declared_batch(columns, schema, begin,
                                                           std::min(kBatchRows, rows - begin)));
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
  }
  return writer->Close();
}

}  // namespace

Status write_parquet(StagedFile& file, const std::vector<ParquetColumn>& columns, std::int64_t rows,
                     const Pairs& metadata, int threads) {
  Sink sink([&file](std::string_view bytes) { return file.write(bytes); });
  return sink.run("a Parquet file", [&] {
    return write(sink, columns, rows, metadata, io::threads_or_all(threads));
  });
}

Status write_parquet(const Output& out, const std::vector<ParquetColumn>& columns,
                     std::int64_t rows, const Pairs& metadata) {
  Sink sink(out);
  return sink.run("a Parquet file", [&] { return write(sink, columns, rows, metadata, 1); });
}

Status write_arrow_stream(const Output& out, const std::vector<ParquetColumn>& columns,
                          std::int64_t rows, const Pairs& metadata) {
  Sink sink(out);
  return sink.run("an Arrow stream", [&] { return write_batches(sink, columns, rows, metadata); });
}

}  // namespace quintile::mart

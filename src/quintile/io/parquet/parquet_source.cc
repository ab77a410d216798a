#include "quintile/io/parquet/parquet_source.h"

#include <algorithm>

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>

#include "quintile/io/columnar/columnar_source.h"

namespace quintile::io::parquet {

namespace {

using columnar::kBatchRows;
using columnar::Slice;

/// A file as Arrow wants to see it. Reads at a place of their own are safe from several threads.
class ArrowFile : public arrow::io::RandomAccessFile {
 public:
  explicit ArrowFile(const File& file) : file_(file) { set_mode(arrow::io::FileMode::READ); }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Seek(std::int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> GetSize() override { return file_.size(); }
  arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t size, void* out) override {
    if (position < 0 || size < 0 || position > file_.size())
      return arrow::Status::IOError("a place outside the file");
    size = std::min(size, file_.size() - position);
    if (const auto read = file_.read_into(position, size, static_cast<char*>(out)); !read) {
      return arrow::Status::IOError(read.error().message);
    }
    return size;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t position,
                                                       std::int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const auto count, ReadAt(position, size, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(count));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Result<std::int64_t> Read(std::int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const auto count, ReadAt(position_, size, out));
    position_ += count;
    return count;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
    position_ += buffer->size();
    return buffer;
  }

 private:
  const File& file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

Error damaged(const std::string& file, std::string_view what) {
  // The library's words come after the first line; they can be long.
  return {.code = ErrorCode::Input,
          .message = fmt::format("the Parquet file is damaged or cut off: {}",
                                 what.substr(0, what.find('\n'))),
          .advice = "fetch or make the file again",
          .place = {.file = file}};
}

/// Runs what calls the library, and makes its failures ours.
template <typename Function>
Status guarded(const std::string& file, Function&& function) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::Memory, "there is not enough memory to read the file", "",
                {.file = file});
  } catch (const std::exception& exception) {
    return std::unexpected(damaged(file, exception.what()));
  }
}

struct InputFile {
  std::unique_ptr<File> disk;
  std::shared_ptr<::parquet::FileMetaData> metadata;
  std::vector<int> leaves;  ///< by column of the table: the Parquet column
  std::int64_t first_row = 0, rows = 0;
};

class ParquetSource : public columnar::ColumnarSource {
 public:
  explicit ParquetSource(const OpenOptions& options) : ColumnarSource(options) {}
  Status open_file(std::unique_ptr<File> disk);
  void start_digests() {
    std::vector<const Bytes*> disks;
    for (const InputFile& file : files_) disks.push_back(file.disk.get());
    digests_ = std::make_unique<Digests>(std::move(disks));
  }

 private:
  Result<std::unique_ptr<::parquet::arrow::FileReader>> open_reader(
      const InputFile& file, const std::vector<std::size_t>& coded, std::int64_t batch_rows) const;
  Result<std::vector<std::size_t>> match_columns(const std::vector<columnar::SourceColumn>& columns,
                                                 const std::string& file) const;
  Status read_slice(const Slice& slice, const std::vector<std::size_t>& columns,
                    const std::vector<std::size_t>& coded, std::int64_t rows_max,
                    const TakePiece& take) const override;
  Status describe_files(table::ReadFacts& facts) override;
  table::Detection format() const override { return {"format", "parquet", "by the first bytes"}; }
  std::string file_of(std::int64_t row) const override {
    const auto after = std::ranges::upper_bound(files_, row, {}, &InputFile::first_row);
    return std::prev(after)->disk->name();
  }

  std::vector<InputFile> files_;
  std::unique_ptr<Digests> digests_;  ///< declared after what it reads, so that it stops first
};

Result<std::unique_ptr<::parquet::arrow::FileReader>> ParquetSource::open_reader(
    const InputFile& file, const std::vector<std::size_t>& coded, std::int64_t batch_rows) const {
  std::unique_ptr<::parquet::arrow::FileReader> reader;
  const Status status = guarded(file.disk->name(), [&]() -> Status {
    // The library's own pool keeps what was freed: 60 MB more at the peak, and not quicker.
    arrow::MemoryPool* const pool = arrow::system_memory_pool();
    ::parquet::ReaderProperties properties(pool);
    properties.enable_buffered_stream();
    ::parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
    arrow_properties.set_batch_size(batch_rows);
    arrow_properties.set_pre_buffer(false);  // a row group at once would be kept otherwise
    arrow_properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    for (const std::size_t column : coded)
      arrow_properties.set_read_dictionary(file.leaves[column], true);
    ::parquet::arrow::FileReaderBuilder builder;
    if (const auto opened =
            builder.Open(std::make_shared<ArrowFile>(*file.disk), properties, file.metadata);
        !opened.ok()) {
      return std::unexpected(damaged(file.disk->name(), opened.message()));
    }
    builder.memory_pool(pool)->properties(arrow_properties);
    if (const auto built = builder.Build(&reader); !built.ok())
      return std::unexpected(damaged(file.disk->name(), built.message()));
    return {};
  });
  if (!status) return std::unexpected(status.error());
  return reader;
}

Status ParquetSource::open_file(std::unique_ptr<File> disk) {
  InputFile& file = files_.emplace_back();
  file.disk = std::move(disk);
  QUINTILE_TRY(const auto reader, open_reader(file, {}, kBatchRows));
  file.metadata = reader->parquet_reader()->metadata();
  std::vector<columnar::SourceColumn> columns;
  std::vector<int> leaves;
  for (const auto& field : reader->manifest().schema_fields) {
    const arrow::DataType& type = *field.field->type();
    const bool is_flat = columnar::is_flat(type) && field.children.empty();
    columns.push_back({.name = field.field->name(),
                       .type = type.ToString(),
                       .unreadable = is_flat ? "" : "nested values"});
    leaves.push_back(field.column_index);
  }
  if (files_.size() == 1) {
    QUINTILE_TRY_STATUS(set_columns(std::move(columns), file.disk->name()));
    file.leaves = std::move(leaves);
  } else {
    QUINTILE_TRY(const auto places, match_columns(columns, file.disk->name()));
    for (const std::size_t place : places) file.leaves.push_back(leaves[place]);
  }

  file.first_row = rows();
  for (int group = 0; group < file.metadata->num_row_groups(); ++group) {
    add_slice(files_.size() - 1, static_cast<std::size_t>(group),
              file.metadata->RowGroup(group)->num_rows());
  }
  file.rows = rows() - file.first_row;
  return {};
}

/// The places of the table's columns among those of a further file, by name.
Result<std::vector<std::size_t>> ParquetSource::match_columns(
    const std::vector<columnar::SourceColumn>& columns, const std::string& file) const {
  std::vector<std::size_t> places;
  for (const columnar::SourceColumn& column : this->columns()) {
    const auto named = [&column](const auto& other) { return other.name == column.name; };
    const auto found = std::ranges::find_if(columns, named);
    if (std::ranges::count_if(columns, named) != 1 || columns.size() != this->columns().size()) {
      std::vector<std::string> names;
      for (const columnar::SourceColumn& other : columns) names.push_back(other.name);
      return fail(
          ErrorCode::Input,
          fmt::format("the columns are not those of {}: {} against {}", files_.front().disk->name(),
                      fmt::join(names, ", "), fmt::join(this->names(), ", ")),
          "files of one table must have the same columns, in any order", {.file = file});
    }
    if (column.can_be_read() && !found->can_be_read()) {
      return fail(ErrorCode::Input,
                  fmt::format("column {} holds nested values, but not in {}", column.name,
                              files_.front().disk->name()),
                  "files of one table must have the same columns, in any order", {.file = file});
    }
    places.push_back(static_cast<std::size_t>(found - columns.begin()));
  }
  return places;
}

Status ParquetSource::read_slice(const Slice& slice, const std::vector<std::size_t>& columns,
                                 const std::vector<std::size_t>& coded, std::int64_t rows_max,
                                 const TakePiece& take) const {
  const InputFile& file = files_[slice.file];
  QUINTILE_TRY(const auto reader, open_reader(file, coded, std::min(kBatchRows, rows_max)));
  return guarded(file.disk->name(), [&]() -> Status {
    std::vector<int> leaves;
    for (const std::size_t column : columns) leaves.push_back(file.leaves[column]);
    auto batches = reader->GetRecordBatchReader({static_cast<int>(slice.part)}, leaves);
    if (!batches.ok())
      return std::unexpected(damaged(file.disk->name(), batches.status().message()));
    std::int64_t row = 0;
    while (row < std::min(slice.rows, rows_max)) {
      QUINTILE_TRY_STATUS(options().go_on());
      std::shared_ptr<arrow::RecordBatch> batch;
      if (const auto status = (*batches)->ReadNext(&batch); !status.ok()) {
        return std::unexpected(damaged(file.disk->name(), status.message()));
      }
      if (!batch) return std::unexpected(damaged(file.disk->name(), "rows are missing"));
      for (std::size_t which = 0; which < columns.size(); ++which) {
        const auto piece = batch->GetColumnByName(names()[columns[which]]);
        if (!piece) return std::unexpected(damaged(file.disk->name(), "a column is missing"));
        if (auto status = take(which, slice.first_row + row, *piece); !status) {
          Error error = status.error();
          if (error.place.file.empty()) {
            error.place.file = file.disk->name();
            error.message +=
                fmt::format(", in column {} after data row {}", names()[columns[which]],
                            slice.first_row - file.first_row + row);
          }
          return std::unexpected(std::move(error));
        }
      }
      row += batch->num_rows();
    }
    return {};
  });
}

Status ParquetSource::describe_files(table::ReadFacts& facts) {
  QUINTILE_TRY(facts.sha256, digests_->wait());
  for (const InputFile& file : files_) {
    QUINTILE_TRY_STATUS(file.disk->check_unchanged());
    facts.origin.files.push_back({file.disk->name(), file.first_row, file.rows});
    facts.bytes.push_back(file.disk->size());
  }
  return {};
}

}  // namespace

bool is_parquet(std::string_view head) { return head.starts_with("PAR1"); }

Result<std::unique_ptr<table::Source>> open_parquet(std::vector<std::unique_ptr<File>> files,
                                                    const OpenOptions& options) {
  auto source = std::make_unique<ParquetSource>(options);
  for (auto& file : files) QUINTILE_TRY_STATUS(source->open_file(std::move(file)));
  source->start_digests();
  return source;
}

}  // namespace quintile::io::parquet

#include "quintile/io/parquet/parquet_source.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/io/cells/table_plan.h"
#include "quintile/io/parallel.h"
#include "quintile/io/parquet/arrow_cells_internal.h"

namespace quintile::io::parquet {

namespace {

constexpr std::int64_t kBatchRows = 64 * 1024;
constexpr std::int64_t kSampleRows = 2000;

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
  std::int64_t first_row = 0, rows = 0;
};

/// One row group of one file.
struct Slice {
  std::size_t file = 0;
  int group = 0;
  std::int64_t first_row = 0, rows = 0;
  std::int64_t first_batch = 0;
};

class ParquetSource : public table::Source {
 public:
  Status open_file(std::unique_ptr<File> disk);
  void start_digests() {
    std::vector<const Bytes*> disks;
    for (const InputFile& file : files_) disks.push_back(file.disk.get());
    digests_ = std::make_unique<Digests>(std::move(disks));
  }
  void set_options(const OpenOptions& options) {
    options_ = options;
    threads_ = threads_or_all(options.threads);
  }

  const std::vector<std::string>& column_names() const override { return names_; }
  Result<table::Table> read(const table::ReadRequest& request) override;
  Status scan(const table::ReadRequest& request, const Consumer& consume) override;
  int workers() const override { return threads_; }
  bool types_changed() const override { return types_changed_; }
  const table::ReadFacts& facts() const override { return facts_; }
  std::vector<std::uint64_t> take_record_hashes() override { return std::move(record_hashes_); }
  Result<std::vector<std::string>> record(std::int64_t row) override;

 private:
  struct Job {
    std::vector<table::ColumnRequest> requests;
    std::vector<std::size_t> columns;
    CellRules rules;
    TablePlan plan;
  };
  /// Called with a piece of one column: which of those asked for, its first row, its cells.
  using TakePiece =
      std::function<Status(std::size_t which, std::int64_t row, const arrow::Array& piece)>;

  Result<std::unique_ptr<::parquet::arrow::FileReader>> open_reader(
      const InputFile& file, const std::vector<std::size_t>& coded) const;
  Status read_slice(const Slice& slice, const std::vector<std::size_t>& columns,
                    const std::vector<std::size_t>& coded, std::int64_t rows_max,
                    const TakePiece& take) const;
  Result<Job> prepare(const table::ReadRequest& request);
  Status guess(Job& job);
  Status hash_records(std::vector<std::size_t> columns);
  Status finish(const Job& job, const std::vector<Tally>& tallies);
  Error locate(const Trouble& trouble) const;
  static Status feed(const arrow::Array& piece, std::int64_t row, ArrowCells& cells,
                     ColumnReader& reader);

  OpenOptions options_;
  int threads_ = 1;
  std::vector<std::string> names_;
  std::vector<bool> flat_;
  std::vector<int> leaves_;  ///< the Parquet column of each flat column
  std::vector<std::string> types_;
  std::vector<InputFile> files_;
  std::unique_ptr<Digests> digests_;  ///< declared after what it reads, so that it stops first
  std::vector<Slice> slices_;
  std::int64_t rows_ = 0, batches_ = 0;
  table::ReadFacts facts_;
  std::vector<std::uint64_t> record_hashes_;
  bool types_changed_ = false;
  std::optional<std::pair<std::vector<table::ColumnRequest>, TablePlan>> decided_;
  std::optional<std::size_t> cached_slice_;             ///< the slice that `record` read last
  std::vector<std::vector<std::string>> cached_cells_;  ///< per column
};

Result<std::unique_ptr<::parquet::arrow::FileReader>> ParquetSource::open_reader(
    const InputFile& file, const std::vector<std::size_t>& coded) const {
  std::unique_ptr<::parquet::arrow::FileReader> reader;
  const Status status = guarded(file.disk->name(), [&]() -> Status {
    ::parquet::ReaderProperties properties;
    properties.enable_buffered_stream();
    ::parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
    arrow_properties.set_batch_size(kBatchRows);
    arrow_properties.set_pre_buffer(false);  // a row group at once would be kept otherwise
    arrow_properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    for (const std::size_t column : coded)
      arrow_properties.set_read_dictionary(leaves_[column], true);
    ::parquet::arrow::FileReaderBuilder builder;
    if (const auto opened =
            builder.Open(std::make_shared<ArrowFile>(*file.disk), properties, file.metadata);
        !opened.ok()) {
      return std::unexpected(damaged(file.disk->name(), opened.message()));
    }
    builder.properties(arrow_properties);
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
  QUINTILE_TRY(const auto reader, open_reader(file, {}));
  file.metadata = reader->parquet_reader()->metadata();
  std::vector<std::string> names;
  std::vector<bool> flat;
  std::vector<int> leaves;
  std::vector<std::string> types;
  for (const auto& field : reader->manifest().schema_fields) {
    names.push_back(field.field->name());
    flat.push_back(is_flat(*field.field->type()) && field.children.empty());
    leaves.push_back(field.column_index);
    types.push_back(field.field->type()->ToString());
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::count(names, names[i]) > 1) {
      return fail(ErrorCode::Input, fmt::format("two columns have the same name: {}", names[i]),
                  "give each column a name of its own", {.file = file.disk->name()});
    }
  }
  if (files_.size() > 1 && names != names_) {
    return fail(
        ErrorCode::Input,
        fmt::format("the columns are not those of {}: {} against {}", files_.front().disk->name(),
                    fmt::join(names, ", "), fmt::join(names_, ", ")),
        "files of one table must have the same columns in the same order",
        {.file = file.disk->name()});
  }
  if (files_.size() > 1 && leaves != leaves_) {
    return fail(ErrorCode::Input,
                fmt::format("the columns do not have the structure of those of {}",
                            files_.front().disk->name()),
                "files of one table must have the same columns in the same order",
                {.file = file.disk->name()});
  }
  names_ = std::move(names);
  flat_ = std::move(flat);
  leaves_ = std::move(leaves);
  types_ = std::move(types);

  file.first_row = rows_;
  for (int group = 0; group < file.metadata->num_row_groups(); ++group) {
    const std::int64_t rows = file.metadata->RowGroup(group)->num_rows();
    if (rows == 0) continue;
    slices_.push_back({.file = files_.size() - 1,
                       .group = group,
                       .first_row = rows_,
                       .rows = rows,
                       .first_batch = batches_});
    rows_ += rows;
    batches_ += (rows + kBatchRows - 1) / kBatchRows;
  }
  file.rows = rows_ - file.first_row;
  return {};
}

/// Reads the first `rows_max` rows of a slice, piece by piece: all columns' cells of some rows,
/// then further rows.
Status ParquetSource::read_slice(const Slice& slice, const std::vector<std::size_t>& columns,
                                 const std::vector<std::size_t>& coded, std::int64_t rows_max,
                                 const TakePiece& take) const {
  const InputFile& file = files_[slice.file];
  QUINTILE_TRY(const auto reader, open_reader(file, coded));
  return guarded(file.disk->name(), [&]() -> Status {
    std::vector<int> leaves;
    for (const std::size_t column : columns) leaves.push_back(leaves_[column]);
    auto batches = reader->GetRecordBatchReader({slice.group}, leaves);
    if (!batches.ok())
      return std::unexpected(damaged(file.disk->name(), batches.status().message()));
    std::int64_t row = 0;
    while (row < std::min(slice.rows, rows_max)) {
      std::shared_ptr<arrow::RecordBatch> batch;
      if (const auto status = (*batches)->ReadNext(&batch); !status.ok()) {
        return std::unexpected(damaged(file.disk->name(), status.message()));
      }
      if (!batch) return std::unexpected(damaged(file.disk->name(), "rows are missing"));
      for (std::size_t which = 0; which < columns.size(); ++which) {
        const auto piece = batch->GetColumnByName(names_[columns[which]]);
        if (!piece) return std::unexpected(damaged(file.disk->name(), "a column is missing"));
        if (auto status = take(which, slice.first_row + row, *piece); !status) {
          Error error = status.error();
          if (error.place.file.empty()) {
            error.place.file = file.disk->name();
            error.message += fmt::format(", in column {} after data row {}", names_[columns[which]],
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

Result<ParquetSource::Job> ParquetSource::prepare(const table::ReadRequest& request) {
  Job job{.requests = request.columns};
  QUINTILE_TRY(job.rules, make_rules(request, options_.decimal));
  QUINTILE_TRY(job.columns, find_columns(request.columns, names_, files_.front().disk->name()));
  for (const std::size_t column : job.columns) {
    if (flat_[column]) continue;
    return fail(ErrorCode::Input,
                fmt::format("column {} holds nested values: {}", names_[column], types_[column]),
                "write one column a value, or leave it out of the plan",
                {.file = files_.front().disk->name()});
  }
  return job;
}

Status ParquetSource::feed(const arrow::Array& piece, std::int64_t row, ArrowCells& cells,
                           ColumnReader& reader) {
  cells.set_array(piece);
  for (std::int64_t at = 0; at < piece.length(); at += ArrowCells::kBlock) {
    const std::int64_t size = std::min(ArrowCells::kBlock, piece.length() - at);
    if (const auto native = cells.native(at, size); native && reader.read_native(*native, row + at))
      continue;
    QUINTILE_TRY(const auto texts, cells.texts(at, size));
    reader.read(texts, row + at);
  }
  return {};
}

/// A plan from a sample of the rows.
Status ParquetSource::guess(Job& job) {
  std::vector<Tally> tallies(job.requests.size());
  std::vector<std::size_t> which;
  if (!slices_.empty()) which = {0, slices_.size() / 2, slices_.size() - 1};
  which.erase(std::ranges::unique(which).begin(), which.end());
  ArrowCells cells;
  for (const std::size_t number : which) {
    QUINTILE_TRY_STATUS(read_slice(
        slices_[number], job.columns, {}, 1,
        [&](std::size_t i, std::int64_t row, const arrow::Array& piece) -> Status {
          cells.set_array(piece);
          for (std::int64_t at = 0; at < std::min(piece.length(), kSampleRows);
               at += ArrowCells::kBlock) {
            const std::int64_t size = std::min(ArrowCells::kBlock, piece.length() - at);
            if (const auto native = cells.native(at, size);
                native && count_native(job.requests[i].reading, *native, tallies[i]))
              continue;
            QUINTILE_TRY(const auto texts, cells.texts(at, size));
            for (const std::string_view cell : texts) {
              const std::string_view trimmed = trim(cell);
              if (!trimmed.empty())
                count_cell(job.requests[i].reading, trimmed, row + at, 1, job.rules, tallies[i]);
            }
          }
          return {};
        }));
  }
  auto plan = decide_table(job.requests, tallies, job.rules, false);
  if (!plan) return std::unexpected(locate(plan.error()));
  job.plan = std::move(*plan);
  return {};
}

Error ParquetSource::locate(const Trouble& trouble) const {
  Error error = trouble.error;
  if (trouble.row < 0) return error;
  const auto after = std::ranges::upper_bound(files_, trouble.row, {}, &InputFile::first_row);
  error.place.file = std::prev(after)->disk->name();
  return error;
}

/// Hashes of all rows over all flat columns, of the same worth as those of texts: equal records
/// have equal ones.
Status ParquetSource::hash_records(std::vector<std::size_t> columns) {
  record_hashes_.assign(static_cast<std::size_t>(rows_), 0);
  std::mutex mutex;
  std::optional<Error> failure;
  parallel_for(static_cast<std::int64_t>(slices_.size()), threads_, [&](std::int64_t number, int) {
    ArrowCells cells;
    const Status status =
        read_slice(slices_[static_cast<std::size_t>(number)], columns, {}, rows_,
                   [&](std::size_t, std::int64_t row, const arrow::Array& piece) -> Status {
                     cells.set_array(piece);
                     for (std::int64_t at = 0; at < piece.length(); at += ArrowCells::kBlock) {
                       const std::int64_t size = std::min(ArrowCells::kBlock, piece.length() - at);
                       QUINTILE_TRY_STATUS(
                           cells.mix_hashes(at, std::span(record_hashes_)
                                                    .subspan(static_cast<std::size_t>(row + at),
                                                             static_cast<std::size_t>(size))));
                     }
                     return {};
                   });
    if (status) return true;
    const std::lock_guard lock(mutex);
    failure = status.error();
    return false;
  });
  if (failure) return std::unexpected(*failure);
  return {};
}

Result<table::Table> ParquetSource::read(const table::ReadRequest& request) {
  QUINTILE_TRY(Job job, prepare(request));
  QUINTILE_TRY_STATUS(guess(job));
  const std::size_t count = job.requests.size();
  std::vector<ColumnValues> values(count);
  std::vector<std::vector<std::unique_ptr<ColumnReader>>> readers(count);
  std::vector<std::vector<RowRange>> ranges(count, std::vector<RowRange>(slices_.size()));
  std::vector<Tally> tallies(count);
  std::vector<std::size_t> which(count);
  std::iota(which.begin(), which.end(), std::size_t{0});
  // A guess from the sample may be wrong; what all cells say is not, so the second round is the
  // last.
  for (int round = 0; !which.empty(); ++round) {
    QUINTILE_CHECK(round < 3);
    for (const std::size_t i : which) {
      values[i] = make_values(job.plan.columns[i].kind, rows_);
      readers[i].clear();
      for (int worker = 0; worker < threads_; ++worker) {
        readers[i].push_back(std::make_unique<ColumnReader>(job.plan.columns[i], job.rules));
        readers[i].back()->set_target(values[i], 0);
      }
    }
    std::mutex mutex;
    std::optional<std::pair<std::int64_t, Error>> failure;
    const auto tasks = static_cast<std::int64_t>(slices_.size() * which.size());
    parallel_for(tasks, threads_, [&](std::int64_t task, int worker) {
      const std::size_t number = static_cast<std::size_t>(task) / which.size();
      const std::size_t i = which[static_cast<std::size_t>(task) % which.size()];
      const Slice& slice = slices_[number];
      ranges[i][number] = {slice.first_row, slice.first_row + slice.rows, worker};
      ArrowCells cells;
      ColumnReader& reader = *readers[i][static_cast<std::size_t>(worker)];
      const std::vector<std::size_t> one = {job.columns[i]};
      const Status status = read_slice(
          slice, one, job.plan.columns[i].kind == Kind::Codes ? one : std::vector<std::size_t>(),
          rows_, [&](std::size_t, std::int64_t row, const arrow::Array& piece) {
            return feed(piece, row, cells, reader);
          });
      if (status) return true;
      const std::lock_guard lock(mutex);
      if (!failure || task < failure->first) failure = {task, status.error()};
      return false;
    });
    if (failure) return std::unexpected(failure->second);
    for (const std::size_t i : which) {
      tallies[i] = {};
      for (const auto& reader : readers[i]) tallies[i].merge(reader->tally());
    }
    auto plan = decide_table(job.requests, tallies, job.rules, true);
    if (!plan) return std::unexpected(locate(plan.error()));
    which.clear();
    for (std::size_t i = 0; i < count; ++i) {
      if (!job.plan.columns[i].agrees_with(plan->columns[i])) which.push_back(i);
    }
    job.plan = std::move(*plan);
  }
  if (request.record_hash) {
    std::vector<std::size_t> flat;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (flat_[i]) flat.push_back(i);
    }
    QUINTILE_TRY_STATUS(hash_records(std::move(flat)));
  }

  table::Table table{.rows = rows_};
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<ColumnReader*> all;
    for (const auto& reader : readers[i]) all.push_back(reader.get());
    table.columns.push_back(
        finish_column(job.requests[i].name, std::move(values[i]), all, ranges[i], threads_));
  }
  QUINTILE_TRY_STATUS(finish(job, tallies));
  table.origin = facts_.origin;
  return table;
}

Status ParquetSource::scan(const table::ReadRequest& request, const Consumer& consume) {
  QUINTILE_TRY(Job job, prepare(request));
  if (decided_ && same_columns(decided_->first, request.columns)) {
    job.plan = decided_->second;
  } else {
    QUINTILE_TRY_STATUS(guess(job));
  }
  const std::size_t count = job.requests.size();
  // With hashes every flat column is read, those asked for first.
  std::vector<std::size_t> columns = job.columns;
  for (std::size_t i = 0; request.record_hash && i < names_.size(); ++i) {
    if (flat_[i] && std::ranges::find(job.columns, i) == job.columns.end()) columns.push_back(i);
  }
  std::vector<std::size_t> hash_order(
      columns.size());  // by place in the file, so that hashes do not depend on the request
  std::iota(hash_order.begin(), hash_order.end(), std::size_t{0});
  std::ranges::sort(hash_order, {}, [&](std::size_t i) { return columns[i]; });
  std::vector<std::size_t> coded;
  for (std::size_t i = 0; i < count; ++i) {
    if (job.plan.columns[i].kind == Kind::Codes) coded.push_back(job.columns[i]);
  }

  std::vector<std::vector<std::unique_ptr<ColumnReader>>> readers(
      static_cast<std::size_t>(threads_));
  for (auto& own : readers) {
    for (const ColumnPlan& plan : job.plan.columns)
      own.push_back(std::make_unique<ColumnReader>(plan, job.rules));
  }
  std::mutex mutex;
  std::optional<std::pair<std::int64_t, Error>> failure;
  std::atomic<bool> stopped{false};
  parallel_for(
      static_cast<std::int64_t>(slices_.size()), threads_, [&](std::int64_t number, int worker) {
        const Slice& slice = slices_[static_cast<std::size_t>(number)];
        auto& own = readers[static_cast<std::size_t>(worker)];
        ArrowCells cells;
        table::Batch batch;
        std::vector<ColumnValues> values(count);
        std::vector<std::shared_ptr<arrow::Array>> pieces(columns.size());
        std::int64_t done = 0;  // rows of the slice
        // Pieces of all columns come in turn; when the last is there, their rows are a batch.
        const auto take = [&](std::size_t which, std::int64_t row,
                              const arrow::Array& piece) -> Status {
          if (stopped) return fail(ErrorCode::Cancelled, "another thread failed");
          if (which == 0) {
            batch = {.index = slice.first_batch + done / kBatchRows,
                     .first_row = row,
                     .rows = piece.length()};
            if (request.record_hash)
              batch.record_hash.assign(static_cast<std::size_t>(piece.length()), 0);
          }
          if (which < count) {
            values[which] = make_values(job.plan.columns[which].kind, piece.length());
            own[which]->set_target(values[which], row);
            QUINTILE_TRY_STATUS(feed(piece, row, cells, *own[which]));
            batch.columns.push_back(
                own[which]->take_column(job.requests[which].name, std::move(values[which]), row));
          }
          if (request.record_hash) pieces[which] = arrow::MakeArray(piece.data());
          if (which + 1 < columns.size()) return {};
          for (const std::size_t i : hash_order) {
            if (!request.record_hash) break;
            cells.set_array(*pieces[i]);
            for (std::int64_t at = 0; at < batch.rows; at += ArrowCells::kBlock) {
              const std::int64_t size = std::min(ArrowCells::kBlock, batch.rows - at);
              QUINTILE_TRY_STATUS(cells.mix_hashes(
                  at, std::span(batch.record_hash)
                          .subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(size))));
            }
          }
          done += batch.rows;
          return consume(std::move(batch), worker);
        };
        const Status status = read_slice(slice, columns, coded, rows_, take);
        if (status) return true;
        const std::lock_guard lock(mutex);
        stopped = true;
        if (status.error().code != ErrorCode::Cancelled || !failure)
          failure = {number, status.error()};
        return false;
      });
  if (failure) return std::unexpected(failure->second);

  std::vector<Tally> tallies(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto& own : readers) tallies[i].merge(own[i]->tally());
  }
  auto plan = decide_table(job.requests, tallies, job.rules, true);
  if (!plan) return std::unexpected(locate(plan.error()));
  types_changed_ = false;
  for (std::size_t i = 0; i < count; ++i)
    types_changed_ = types_changed_ || !job.plan.columns[i].agrees_with(plan->columns[i]);
  decided_ = {request.columns, *plan};
  if (types_changed_) return {};
  return finish(job, tallies);
}

/// Checks what only a whole reading can tell, and says what was found out.
Status ParquetSource::finish(const Job& job, const std::vector<Tally>& tallies) {
  if (const auto trouble = find_too_large(job.requests, tallies))
    return std::unexpected(locate(*trouble));
  facts_ = {.money_scale = job.plan.money_scale};
  facts_.detections = {{"format", "parquet", "by the first bytes"}};
  for (auto& detection : describe(job.requests, job.plan, tallies, job.rules))
    facts_.detections.push_back(std::move(detection));
  QUINTILE_TRY(facts_.sha256, digests_->wait());
  for (const InputFile& file : files_) {
    QUINTILE_TRY_STATUS(file.disk->check_unchanged());
    facts_.origin.files.push_back({file.disk->name(), file.first_row, file.rows});
    facts_.bytes.push_back(file.disk->size());
  }
  return {};
}

Result<std::vector<std::string>> ParquetSource::record(std::int64_t row) {
  QUINTILE_CHECK(row >= 0 && row < rows_);
  const auto number = static_cast<std::size_t>(
      std::prev(std::ranges::upper_bound(slices_, row, {}, &Slice::first_row)) - slices_.begin());
  const Slice& slice = slices_[number];
  if (cached_slice_ != number) {
    cached_slice_.reset();
    cached_cells_.assign(names_.size(), {});
    std::vector<std::size_t> flat;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (flat_[i]) flat.push_back(i);
    }
    ArrowCells cells;
    QUINTILE_TRY_STATUS(read_slice(
        slice, flat, {}, rows_,
        [&](std::size_t which, std::int64_t, const arrow::Array& piece) -> Status {
          cells.set_array(piece);
          for (std::int64_t at = 0; at < piece.length(); at += ArrowCells::kBlock) {
            QUINTILE_TRY(const auto texts,
                         cells.texts(at, std::min(ArrowCells::kBlock, piece.length() - at)));
            auto& kept = cached_cells_[flat[which]];
            kept.insert(kept.end(), texts.begin(), texts.end());
          }
          return {};
        }));
    cached_slice_ = number;
  }
  std::vector<std::string> record;
  for (const auto& column : cached_cells_) {
    record.push_back(column.empty() ? std::string()
                                    : column[static_cast<std::size_t>(row - slice.first_row)]);
  }
  return record;
}

}  // namespace

bool is_parquet(std::string_view head) { return head.starts_with("PAR1"); }

Result<std::unique_ptr<table::Source>> open_parquet(std::vector<std::unique_ptr<File>> files,
                                                    const OpenOptions& options) {
  auto source = std::make_unique<ParquetSource>();
  source->set_options(options);
  for (auto& file : files) QUINTILE_TRY_STATUS(source->open_file(std::move(file)));
  source->start_digests();
  return source;
}

}  // namespace quintile::io::parquet

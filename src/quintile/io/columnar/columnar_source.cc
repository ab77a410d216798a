#include "quintile/io/columnar/columnar_source.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>

#include <arrow/api.h>
#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/io/parallel.h"

namespace quintile::io::columnar {

namespace {

constexpr std::int64_t kSampleRows = 2000;

Status feed(const arrow::Array& piece, std::int64_t row, ArrowCells& cells, ColumnReader& reader) {
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

}  // namespace

ColumnarSource::ColumnarSource(const OpenOptions& options)
    : options_(options), threads_(threads_or_all(options.threads)) {}

Status ColumnarSource::set_columns(std::vector<SourceColumn> columns, const std::string& file) {
  columns_ = std::move(columns);
  names_.clear();
  readable_names_.clear();
  for (const SourceColumn& column : columns_) {
    if (std::ranges::find(names_, column.name) != names_.end()) {
      return fail(ErrorCode::Input, fmt::format("two columns have the same name: {}", column.name),
                  "give each column a name of its own", {.file = file});
    }
    names_.push_back(column.name);
    if (column.can_be_read()) readable_names_.push_back(column.name);
  }
  return {};
}

void ColumnarSource::add_slice(std::size_t file, std::size_t part, std::int64_t rows) {
  if (rows == 0) return;
  slices_.push_back(
      {.file = file, .part = part, .first_row = rows_, .rows = rows, .first_batch = batches_});
  rows_ += rows;
  batches_ += (rows + kBatchRows - 1) / kBatchRows;
}

std::vector<std::size_t> ColumnarSource::readable_columns() const {
  std::vector<std::size_t> readable;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].can_be_read()) readable.push_back(i);
  }
  return readable;
}

Result<ColumnarSource::Job> ColumnarSource::prepare(const table::ReadRequest& request) {
  Job job{.requests = request.columns};
  QUINTILE_TRY(job.rules, make_rules(request, options_.decimal));
  QUINTILE_TRY(job.columns, find_columns(request.columns, names_, file_of(0)));
  for (const std::size_t column : job.columns) {
    if (columns_[column].can_be_read()) continue;
    return fail(ErrorCode::Input,
                fmt::format("column {} holds {}: {}", columns_[column].name,
                            columns_[column].unreadable, columns_[column].type),
                "write one column a value, or leave it out of the plan", {.file = file_of(0)});
  }
  return job;
}

/// A plan from a sample of the rows.
Status ColumnarSource::guess(Job& job) {
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

Error ColumnarSource::locate(const Trouble& trouble) const {
  Error error = trouble.error;
  if (trouble.row >= 0) error.place.file = file_of(trouble.row);
  return error;
}

/// Hashes of all rows over all columns, of the same worth as those of texts: equal records
/// have equal ones.
Status ColumnarSource::hash_records() {
  const std::vector<std::size_t> columns = readable_columns();
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

Result<table::Table> ColumnarSource::read(const table::ReadRequest& request) {
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
  if (request.record_hash) QUINTILE_TRY_STATUS(hash_records());

  table::Table table{.rows = rows_};
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<ColumnReader*> all;
    for (const auto& reader : readers[i]) all.push_back(reader.get());
    table.columns.push_back(
        finish_column(job.requests[i].name, std::move(values[i]), all, ranges[i]));
  }
  QUINTILE_TRY_STATUS(finish(job, tallies));
  table.origin = facts_.origin;
  return table;
}

Status ColumnarSource::scan(const table::ReadRequest& request, const Consumer& consume) {
  QUINTILE_TRY(Job job, prepare(request));
  if (decided_ && same_columns(decided_->first, request.columns)) {
    job.plan = decided_->second;
  } else {
    QUINTILE_TRY_STATUS(guess(job));
  }
  const std::size_t count = job.requests.size();
  // With hashes every column is read, those asked for first.
  std::vector<std::size_t> columns = job.columns;
  if (request.record_hash) {
    for (const std::size_t i : readable_columns()) {
      if (std::ranges::find(job.columns, i) == job.columns.end()) columns.push_back(i);
    }
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
Status ColumnarSource::finish(const Job& job, const std::vector<Tally>& tallies) {
  if (const auto trouble = find_too_large(job.requests, tallies))
    return std::unexpected(locate(*trouble));
  facts_ = {.money_scale = job.plan.money_scale};
  facts_.detections = {format()};
  for (auto& detection : describe(job.requests, job.plan, tallies, job.rules))
    facts_.detections.push_back(std::move(detection));
  return describe_files(facts_);
}

Result<std::vector<std::string>> ColumnarSource::record(std::int64_t row) {
  QUINTILE_CHECK(row >= 0 && row < rows_);
  const auto number = static_cast<std::size_t>(
      std::prev(std::ranges::upper_bound(slices_, row, {}, &Slice::first_row)) - slices_.begin());
  const Slice& slice = slices_[number];
  if (cached_slice_ != number) {
    cached_slice_.reset();
    cached_cells_.assign(names_.size(), {});
    const std::vector<std::size_t> readable = readable_columns();
    ArrowCells cells;
    QUINTILE_TRY_STATUS(read_slice(
        slice, readable, {}, rows_,
        [&](std::size_t which, std::int64_t, const arrow::Array& piece) -> Status {
          cells.set_array(piece);
          for (std::int64_t at = 0; at < piece.length(); at += ArrowCells::kBlock) {
            QUINTILE_TRY(const auto texts,
                         cells.texts(at, std::min(ArrowCells::kBlock, piece.length() - at)));
            auto& kept = cached_cells_[readable[which]];
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

}  // namespace quintile::io::columnar

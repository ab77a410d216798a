#include "quintile/io/columnar/columnar_source.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include <arrow/api.h>
#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/io/parallel.h"
#include "quintile/io/scan_share.h"

namespace quintile::io::columnar {

namespace {

constexpr std::int64_t kSampleRows = 2 * ArrowCells::kBlock;

Status feed(const arrow::Array& piece, std::int64_t row, ArrowCells& cells, ColumnReader& reader) {
  cells.set_array(piece);
  return in_blocks(piece.length(), [&](std::int64_t at, std::int64_t size) -> Status {
    if (const auto native = cells.native(at, size); native && reader.read_native(*native, row + at))
      return {};
    QUINTILE_TRY(const auto texts, cells.texts(at, size));
    reader.read(texts, row + at);
    return {};
  });
}

/// True where no cell changes how a column is read.
bool is_settled(table::Reading reading) {
  return reading == table::Reading::Text || reading == table::Reading::Views ||
         reading == table::Reading::Personal;
}

/// Spreads the bits of a cell's hash, other ones for each column.
std::uint64_t hash_in_column(std::uint64_t hash, std::size_t column) {
  hash ^= (column + 1) * 0x9E3779B97F4A7C15U;
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93U;
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93U;
  return hash ^ (hash >> 32);
}

/// Adds what a piece of a column adds to its records' hashes: sums, so that columns may come in any
/// order. `mutex` guards `hashes`, one a row of the piece.
Status add_hashes(const arrow::Array& piece, std::size_t column, ArrowCells& cells,
                  std::span<std::uint64_t> hashes, std::mutex& mutex) {
  cells.set_array(piece);
  return in_blocks(piece.length(), [&](std::int64_t at, std::int64_t size) -> Status {
    QUINTILE_TRY(const auto values, cells.hashes(at, size));
    const auto sums = hashes.subspan(static_cast<std::size_t>(at), values.size());
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += hash_in_column(values[i], column);
    return {};
  });
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

/// A plan from a sample of the rows, of those columns whose cells have a say in it.
Status ColumnarSource::guess(Job& job, bool narrowed) {
  std::vector<std::size_t> numbers;
  if (!slices_.empty()) numbers = {0, slices_.size() / 2, slices_.size() - 1};
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  std::vector<std::vector<Tally>> tallies(numbers.size(), std::vector<Tally>(job.requests.size()));
  const auto count_sample = [&](std::size_t sample, std::size_t i) -> Status {
    const table::Reading reading = job.requests[i].reading;
    if (is_settled(reading)) return {};
    ArrowCells cells;
    DistinctTexts distinct;
    const auto take = [&](std::size_t, std::int64_t row, const arrow::Array& piece) -> Status {
      cells.set_array(piece);
      return in_blocks(piece.length(), [&](std::int64_t at, std::int64_t size) -> Status {
        if (const auto native = cells.native(at, size);
            native && count_native(reading, *native, tallies[sample][i]))
          return {};
        QUINTILE_TRY(const auto texts, cells.texts(at, size));
        for (const std::string_view cell : texts) {
          const std::string_view trimmed = trim(cell);
          if (trimmed.empty()) continue;
          count_cell(reading, trimmed, row + at, 1, job.rules, tallies[sample][i]);
          distinct.see(cell);
        }
        return {};
      });
    };
    QUINTILE_TRY_STATUS(
        read_slice(slices_[numbers[sample]], {job.columns[i]}, {}, kSampleRows, take));
    tallies[sample][i].distinct = distinct.count();
    return {};
  };
  const auto count = static_cast<std::int64_t>(numbers.size() * job.requests.size());
  QUINTILE_TRY_STATUS(on_threads(count, [&](std::int64_t task, int) {
    const auto number = static_cast<std::size_t>(task);
    return count_sample(number / job.requests.size(), number % job.requests.size());
  }));
  std::vector<Tally> all(job.requests.size());
  for (const auto& sample : tallies) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i].merge(sample[i]);
  }
  auto plan = decide_table(job.requests, all, job.rules, false);
  if (!plan) return std::unexpected(locate(plan.error()));
  job.plan = std::move(*plan);
  if (narrowed) narrow(job.plan, all);
  return {};
}

Error ColumnarSource::locate(const Trouble& trouble) const {
  Error error = trouble.error;
  if (trouble.row >= 0) error.place.file = file_of(trouble.row);
  return error;
}

Status ColumnarSource::on_threads(
    std::int64_t count, const std::function<Status(std::int64_t i, int worker)>& work) const {
  std::mutex mutex;
  std::optional<std::pair<std::int64_t, Error>> failure;
  parallel_for(count, threads_, [&](std::int64_t i, int worker) {
    const Status status = work(i, worker);
    if (status) return true;
    const auto rank = [](std::int64_t number, const Error& error) {
      return std::pair(error.code == ErrorCode::Cancelled, number);
    };
    const std::lock_guard lock(mutex);
    if (!failure || rank(i, status.error()) < rank(failure->first, failure->second))
      failure = {i, status.error()};
    return false;
  });
  if (failure) return std::unexpected(failure->second);
  return {};
}

/// The columns asked for, in their order; with hashes all others too.
std::vector<ColumnarSource::ColumnTask> ColumnarSource::tasks_of(const Job& job,
                                                                 bool record_hash) const {
  std::vector<ColumnTask> tasks;
  const auto is_there = [&tasks](std::size_t column) {
    return std::ranges::find(tasks, column, &ColumnTask::column) != tasks.end();
  };
  for (std::size_t i = 0; i < job.columns.size(); ++i)
    tasks.push_back({job.columns[i], i, record_hash && !is_there(job.columns[i])});
  if (!record_hash) return tasks;
  for (const std::size_t column : readable_columns()) {
    if (!is_there(column)) tasks.push_back({column, std::nullopt, true});
  }
  return tasks;
}

/// Reads columns whole, each slice of each a task of its own.
Status ColumnarSource::fill(const Job& job, const std::vector<ColumnTask>& tasks,
                            Filling& filling) {
  for (const ColumnTask& task : tasks) {
    if (!task.request) continue;
    const std::size_t i = *task.request;
    filling.values[i] = make_values(job.plan.columns[i], rows_);
    filling.ranges[i].resize(slices_.size());
    filling.readers[i].clear();
    for (int worker = 0; worker < threads_; ++worker) {
      filling.readers[i].push_back(std::make_unique<ColumnReader>(job.plan.columns[i], job.rules));
      filling.readers[i].back()->set_target(filling.values[i], 0);
    }
  }
  std::vector<std::mutex> hash_mutexes(slices_.size());
  const auto fill_one = [&](std::size_t number, const ColumnTask& task, int worker) -> Status {
    const Slice& slice = slices_[number];
    ColumnReader* reader = nullptr;
    std::vector<std::size_t> coded;
    if (task.request) {
      reader = filling.readers[*task.request][static_cast<std::size_t>(worker)].get();
      filling.ranges[*task.request][number] = {slice.first_row, slice.first_row + slice.rows,
                                               worker};
      if (reader->plan().kind == Kind::Codes) coded = {task.column};
    }
    ArrowCells cells;
    const auto take = [&](std::size_t, std::int64_t row, const arrow::Array& piece) -> Status {
      if (reader != nullptr) QUINTILE_TRY_STATUS(feed(piece, row, cells, *reader));
      if (!task.hashes) return {};
      return add_hashes(piece, task.column, cells,
                        std::span(record_hashes_).subspan(static_cast<std::size_t>(row)),
                        hash_mutexes[number]);
    };
    return read_slice(slice, {task.column}, coded, rows_, take);
  };
  const auto count = slices_.size() * tasks.size();
  return on_threads(static_cast<std::int64_t>(count), [&](std::int64_t i, int worker) {
    const auto number = static_cast<std::size_t>(i);
    return fill_one(number / tasks.size(), tasks[number % tasks.size()], worker);
  });
}

Result<table::Table> ColumnarSource::read(const table::ReadRequest& request) {
  QUINTILE_TRY(Job job, prepare(request));
  QUINTILE_TRY_STATUS(guess(job, true));
  QUINTILE_TRY_STATUS(check_memory(job.plan, rows_, request.record_hash, options_.memory_max));
  const std::size_t count = job.requests.size();
  Filling filling{std::vector<ColumnValues>(count),
                  std::vector<std::vector<std::unique_ptr<ColumnReader>>>(count),
                  std::vector<std::vector<RowRange>>(count)};
  std::vector<Tally> tallies(count);
  std::vector<ColumnTask> tasks = tasks_of(job, request.record_hash);
  if (request.record_hash) record_hashes_.assign(static_cast<std::size_t>(rows_), 0);
  // A guess from the sample may be wrong; what all cells say is not, so the second round is the
  // last.
  for (int round = 0; !tasks.empty(); ++round) {
    QUINTILE_CHECK(round < 3);
    QUINTILE_TRY_STATUS(fill(job, tasks, filling));
    for (const ColumnTask& task : tasks) {
      if (!task.request) continue;
      tallies[*task.request] = {};
      for (const auto& reader : filling.readers[*task.request])
        tallies[*task.request].merge(reader->tally());
    }
    auto plan = decide_table(job.requests, tallies, job.rules, true);
    if (!plan) return std::unexpected(locate(plan.error()));
    tasks.clear();
    for (std::size_t i = 0; i < count; ++i) {
      if (!job.plan.columns[i].agrees_with(plan->columns[i]) || !have_fit(filling.readers[i]))
        tasks.push_back({job.columns[i], i});
    }
    job.plan = std::move(*plan);
  }

  table::Table table{.rows = rows_};
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<ColumnReader*> all;
    for (const auto& reader : filling.readers[i]) all.push_back(reader.get());
    table.columns.push_back(
        finish_column(job.requests[i].name, std::move(filling.values[i]), all, filling.ranges[i]));
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
    QUINTILE_TRY_STATUS(guess(job, false));
  }
  const std::size_t count = job.requests.size();
  const std::vector<ColumnTask> tasks = tasks_of(job, request.record_hash);
  std::vector<std::size_t> columns, coded;
  for (const ColumnTask& task : tasks) {
    columns.push_back(task.column);
    if (task.request && job.plan.columns[*task.request].kind == Kind::Codes)
      coded.push_back(task.column);
  }

  std::vector<std::vector<std::unique_ptr<ColumnReader>>> readers(
      static_cast<std::size_t>(threads_));
  for (auto& own : readers) {
    for (const ColumnPlan& plan : job.plan.columns)
      own.push_back(std::make_unique<ColumnReader>(plan, job.rules));
  }
  std::atomic<bool> stopped{false};
  ScanShare share(rows_, options_.scanned);
  const Status scanned = on_threads(
      static_cast<std::int64_t>(slices_.size()), [&](std::int64_t number, int worker) -> Status {
        const Slice& slice = slices_[static_cast<std::size_t>(number)];
        auto& own = readers[static_cast<std::size_t>(worker)];
        ArrowCells cells;
        table::Batch batch;
        std::mutex mutex;
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
          const ColumnTask& task = tasks[which];
          if (task.request) {
            ColumnReader& reader = *own[*task.request];
            ColumnValues values = make_values(reader.plan(), piece.length());
            reader.set_target(values, row);
            QUINTILE_TRY_STATUS(feed(piece, row, cells, reader));
            batch.columns.push_back(
                reader.take_column(job.requests[*task.request].name, std::move(values), row));
          }
          if (task.hashes)
            QUINTILE_TRY_STATUS(add_hashes(piece, task.column, cells, batch.record_hash, mutex));
          if (which + 1 < tasks.size()) return {};
          done += batch.rows;
          share.add(batch.rows);
          return consume(std::move(batch), worker);
        };
        Status status = read_slice(slice, columns, coded, rows_, take);
        if (!status) stopped = true;
        return status;
      });
  if (!scanned) return scanned;

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

Result<std::vector<std::string>> ColumnarSource::cells(std::size_t column,
                                                       std::span<const std::int64_t> rows) {
  const std::size_t place = readable_columns()[column];
  std::vector<std::pair<std::int64_t, std::size_t>> wanted;  // rows, ascending, with their places
  for (std::size_t i = 0; i < rows.size(); ++i) {
    QUINTILE_CHECK(rows[i] >= 0 && rows[i] < rows_);
    wanted.emplace_back(rows[i], i);
  }
  std::ranges::sort(wanted);
  const auto wanted_in = [&wanted](std::int64_t begin, std::int64_t end) {
    const auto row = &std::pair<std::int64_t, std::size_t>::first;
    const auto first = std::ranges::lower_bound(wanted, begin, {}, row);
    return std::span(first, std::ranges::lower_bound(first, wanted.end(), end, {}, row));
  };
  std::vector<std::string> found(rows.size());
  QUINTILE_TRY_STATUS(on_threads(
      static_cast<std::int64_t>(slices_.size()), [&](std::int64_t number, int) -> Status {
        const Slice& slice = slices_[static_cast<std::size_t>(number)];
        const auto of_slice = wanted_in(slice.first_row, slice.first_row + slice.rows);
        if (of_slice.empty()) return {};
        ArrowCells cells;
        const auto take = [&](std::size_t, std::int64_t row, const arrow::Array& piece) -> Status {
          cells.set_array(piece);
          return in_blocks(piece.length(), [&](std::int64_t at, std::int64_t size) -> Status {
            const auto here = wanted_in(row + at, row + at + size);
            if (here.empty()) return {};
            const std::int64_t begin = here.front().first;
            QUINTILE_TRY(const auto texts, cells.texts(begin - row, here.back().first - begin + 1));
            for (const auto& [wanted_row, i] : here)
              found[i] = texts[static_cast<std::size_t>(wanted_row - begin)];
            return {};
          });
        };
        return read_slice(slice, {place}, {}, of_slice.back().first - slice.first_row + 1, take);
      }));
  return found;
}

}  // namespace quintile::io::columnar

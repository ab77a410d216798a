#include "quintile/io/csv/csv_source.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/io/cells/table_plan.h"
#include "quintile/io/csv/csv_files_internal.h"
#include "quintile/io/parallel.h"
#include "quintile/io/scan_share.h"

namespace quintile::io::csv {

namespace {

constexpr std::int64_t kSampleRows = 2000;
constexpr std::int64_t kBlockRows =
    1024;  // cells of one column at a time: their views fit into the first-level cache

/// What one thread needs for a chunk; used again for the next.
struct Workspace {
  Block block;
  CellIndex index;
  std::vector<std::string_view> cells = std::vector<std::string_view>(kBlockRows);
  std::unique_ptr<TextArena> unquoted;
};

class CsvSource : public table::Source {
 public:
  static Result<std::unique_ptr<table::Source>> open(std::vector<std::unique_ptr<File>> disks,
                                                     const OpenOptions& options);

  const std::vector<std::string>& column_names() const override { return files_.names(); }
  Result<table::Table> read(const table::ReadRequest& request) override;
  Status scan(const table::ReadRequest& request, const Consumer& consume) override;
  int workers() const override { return threads_; }
  bool types_changed() const override { return types_changed_; }
  const table::ReadFacts& facts() const override { return facts_; }
  std::vector<std::uint64_t> take_record_hashes() override { return std::move(record_hashes_); }
  Result<std::vector<std::string>> cells(std::size_t column,
                                         std::span<const std::int64_t> rows) override;

 private:
  /// A request made ready: which columns of the file, and how to read them.
  struct Job {
    std::vector<table::ColumnRequest> requests;
    std::vector<std::size_t> columns;
    CellRules rules;
    TablePlan plan;
    bool record_hash = false;
  };
  /// Columns being filled.
  struct Filling {
    std::vector<ColumnValues> values;                                 ///< per column
    std::vector<std::vector<std::unique_ptr<ColumnReader>>> readers;  ///< per column and worker
    std::vector<RowRange> ranges;
  };

  explicit CsvSource(CsvFiles files, const OpenOptions& options)
      : options_(options), threads_(threads_or_all(options.threads)), files_(std::move(files)) {
    std::vector<const Bytes*> disks;
    for (const InputFile& file : files_.all()) disks.push_back(file.disk.get());
    digests_ = std::make_unique<Digests>(std::move(disks));
  }
  Result<Job> prepare(const table::ReadRequest& request);
  Result<std::vector<Tally>> sample(const Job& job);
  [[nodiscard]] Result<std::string_view> load(const Chunk& chunk, Workspace& work,
                                              bool* regular) const {
    return files_.load(chunk, work.block, work.index, regular);
  }
  void gather(std::string_view text, const Workspace& work, char quote, std::size_t column,
              std::int64_t row, std::span<std::string_view> cells, TextArena& unquoted) const;
  void hash_records(std::string_view text, const Workspace& work, const Chunk& chunk,
                    std::uint64_t* hashes) const;
  void read_chunk(std::string_view text, Workspace& work, const Chunk& chunk, std::size_t column,
                  TextArena& unquoted, ColumnReader& reader) const;
  Status fill(const Job& job, const std::vector<std::size_t>& which, Filling& filling, bool hashes);
  Error locate(const Job& job, Trouble trouble) const;
  Status guess(Job& job, bool narrowed);
  Status finish(const Job& job, const std::vector<Tally>& tallies);

  OpenOptions options_;
  int threads_ = 1;
  CsvFiles files_;
  std::unique_ptr<Digests> digests_;  ///< declared after what it reads, so that it stops first
  table::ReadFacts facts_;
  std::vector<std::uint64_t> record_hashes_;
  bool types_changed_ = false;
  std::optional<std::pair<std::vector<table::ColumnRequest>, TablePlan>>
      decided_;  ///< by the last scan
};

Result<std::unique_ptr<table::Source>> CsvSource::open(std::vector<std::unique_ptr<File>> disks,
                                                       const OpenOptions& options) {
  QUINTILE_TRY(CsvFiles files, CsvFiles::open(std::move(disks), options));
  return std::unique_ptr<table::Source>(new CsvSource(std::move(files), options));
}

Result<CsvSource::Job> CsvSource::prepare(const table::ReadRequest& request) {
  Job job{.requests = request.columns, .record_hash = request.record_hash};
  QUINTILE_TRY(job.rules, make_rules(request, options_.decimal));
  // Whoever asks for column_1 means a file without a header, and whoever asks for a name in the
  // first row one with it.
  const auto asked = [&](const std::vector<std::string>& names) {
    return std::ranges::any_of(request.columns, [&](const auto& column) {
      return std::ranges::find(names, column.name) != names.end();
    });
  };
  if (files_.headerless() && !asked(files_.names()) && asked(files_.front().first_row)) {
    QUINTILE_TRY_STATUS(files_.choose_header(false));
  } else if (!files_.headerless() && !request.columns.empty() &&
             std::ranges::all_of(
                 request.columns,
                 [](const auto& column) { return column.name.starts_with("column_"); }) &&
             !asked(files_.names())) {
    QUINTILE_TRY_STATUS(files_.choose_header(true));
  }
  QUINTILE_TRY(job.columns,
               find_columns(request.columns, files_.names(), files_.front().disk->name()));
  QUINTILE_TRY_STATUS(files_.find_rows());
  return job;
}

void CsvSource::gather(std::string_view text, const Workspace& work, char quote, std::size_t column,
                       std::int64_t row, std::span<std::string_view> cells,
                       TextArena& unquoted) const {
  const auto columns = files_.names().size();
  const std::uint32_t* end =
      work.index.cell_end.data() + static_cast<std::size_t>(row) * columns + column;
  const char* const base = text.data();
  if (column == 0) {
    const std::uint32_t* begin = work.index.row_begin.data() + row;
    for (std::size_t i = 0; i < cells.size(); ++i, end += columns)
      cells[i] = {base + begin[i], *end - begin[i]};
  } else {
    for (std::size_t i = 0; i < cells.size(); ++i, end += columns) {
      const std::uint32_t begin = end[-1] + 1;
      cells[i] = {base + begin, *end - begin};
    }
  }
  if (!work.index.quoted) return;
  for (std::string_view& cell : cells) {
    if (cell.size() < 2 || cell.front() != quote) continue;
    const std::string_view inner = cell.substr(1, cell.size() - 2);
    cell = std::memchr(inner.data(), quote, inner.size()) == nullptr
               ? inner
               : unquoted.keep(unquote(cell, quote));
  }
}

void CsvSource::hash_records(std::string_view text, const Workspace& work, const Chunk& chunk,
                             std::uint64_t* hashes) const {
  const InputFile& file = files_.of(chunk);
  const Dialect dialect = file.dialect;
  const char separator = files_.front().dialect.delimiter;
  const std::size_t columns = files_.names().size();
  std::string joined;
  for (std::int64_t row = 0; row < chunk.rows; ++row) {
    const std::uint32_t begin = work.index.row_begin[static_cast<std::size_t>(row)];
    const std::uint32_t* const ends =
        work.index.cell_end.data() + static_cast<std::size_t>(row) * columns;
    const std::string_view whole = text.substr(begin, ends[columns - 1] - begin);
    const bool plain =
        dialect.delimiter == separator &&
        (!work.index.quoted || std::memchr(whole.data(), dialect.quote, whole.size()) == nullptr);
    if (plain) {
      hashes[row] = XXH3_64bits(whole.data(), whole.size());
      continue;
    }
    joined.clear();
    std::uint32_t at = begin;
    for (std::size_t column = 0; column < columns; ++column) {
      if (column > 0) joined += separator;
      append_unquoted(joined, text.substr(at, ends[column] - at), dialect.quote);
      at = ends[column] + 1;
    }
    hashes[row] = XXH3_64bits(joined.data(), joined.size());
  }
}

Result<std::vector<Tally>> CsvSource::sample(const Job& job) {
  std::vector<Tally> tallies(job.requests.size());
  std::vector<DistinctTexts> distinct(job.requests.size());
  std::set<std::size_t> which;
  if (!files_.chunks().empty()) which = {0, files_.chunks().size() / 2, files_.chunks().size() - 1};
  Workspace work;
  for (const std::size_t number : which) {
    const Chunk& chunk = files_.chunks()[number];
    bool regular = false;
    QUINTILE_TRY(const std::string_view text, load(chunk, work, &regular));
    if (!regular) continue;
    const std::int64_t rows = std::min(chunk.rows, kSampleRows);
    TextArena unquoted;
    for (std::size_t i = 0; i < job.requests.size(); ++i) {
      for (std::int64_t row = 0; row < rows; row += kBlockRows) {
        const auto cells =
            std::span(work.cells).first(static_cast<std::size_t>(std::min(kBlockRows, rows - row)));
        gather(text, work, files_.of(chunk).dialect.quote, job.columns[i], row, cells, unquoted);
        for (const std::string_view cell : cells) {
          const std::string_view trimmed = trim(cell);
          if (trimmed.empty()) continue;
          count_cell(job.requests[i].reading, trimmed, chunk.first_row + row, 1, job.rules,
                     tallies[i]);
          distinct[i].see(cell);
        }
        tallies[i].distinct = distinct[i].count();
      }
    }
  }
  return tallies;
}

Status CsvSource::fill(const Job& job, const std::vector<std::size_t>& which, Filling& filling,
                       bool hashes) {
  filling.ranges.assign(files_.chunks().size(), {});
  for (const std::size_t i : which) {
    filling.values[i] = make_values(job.plan.columns[i], files_.rows());
    filling.readers[i].clear();
    for (int worker = 0; worker < threads_; ++worker) {
      filling.readers[i].push_back(std::make_unique<ColumnReader>(job.plan.columns[i], job.rules));
      filling.readers[i].back()->set_target(filling.values[i], 0);
    }
  }
  if (hashes) record_hashes_.resize(static_cast<std::size_t>(files_.rows()));
  std::vector<Workspace> work(static_cast<std::size_t>(threads_));
  std::mutex mutex;
  std::optional<Error> failure;
  std::optional<int> irregular;
  parallel_for(static_cast<std::int64_t>(files_.chunks().size()), threads_,
               [&](std::int64_t number, int worker) {
                 const Chunk& chunk = files_.chunks()[static_cast<std::size_t>(number)];
                 Workspace& own = work[static_cast<std::size_t>(worker)];
                 bool regular = false;
                 const auto text = load(chunk, own, &regular);
                 if (!text || !regular) {
                   const std::lock_guard lock(mutex);
                   if (!text) failure = text.error();
                   if (text) irregular = std::min(irregular.value_or(chunk.file), chunk.file);
                   return false;
                 }
                 filling.ranges[static_cast<std::size_t>(number)] = {
                     chunk.first_row, chunk.first_row + chunk.rows, worker};
                 TextArena unquoted;
                 for (const std::size_t i : which) {
                   read_chunk(*text, own, chunk, job.columns[i], unquoted,
                              *filling.readers[i][static_cast<std::size_t>(worker)]);
                 }
                 if (hashes) {
                   hash_records(*text, own, chunk, record_hashes_.data() + chunk.first_row);
                   std::vector<std::uint32_t> marks;
                   for (std::int64_t row = 0; row < chunk.rows; row += kMarkedRows)
                     marks.push_back(own.index.row_begin[static_cast<std::size_t>(row)]);
                   files_.mark(static_cast<std::size_t>(number), std::move(marks));
                 }
                 return true;
               });
  if (failure) return std::unexpected(*failure);
  if (!irregular) return {};
  return std::unexpected(files_.explain_irregular(*irregular));
}

void CsvSource::read_chunk(std::string_view text, Workspace& work, const Chunk& chunk,
                           std::size_t column, TextArena& unquoted, ColumnReader& reader) const {
  const char quote = files_.of(chunk).dialect.quote;
  for (std::int64_t row = 0; row < chunk.rows; row += kBlockRows) {
    const auto cells = std::span(work.cells)
                           .first(static_cast<std::size_t>(std::min(kBlockRows, chunk.rows - row)));
    gather(text, work, quote, column, row, cells, unquoted);
    reader.read(cells, chunk.first_row + row);
  }
}

/// The error with the place of the cell that it is about.
Error CsvSource::locate(const Job& job, Trouble trouble) const {
  if (trouble.row < 0) return trouble.error;
  const Chunk& chunk = files_.chunk_with(trouble.row);
  Workspace work;
  bool regular = false;
  if (!load(chunk, work, &regular) || !regular) return trouble.error;
  const auto row = static_cast<std::size_t>(trouble.row - chunk.first_row);
  const std::size_t column = job.columns[trouble.column];
  const std::uint32_t begin =
      column == 0 ? work.index.row_begin[row]
                  : work.index.cell_end[row * files_.names().size() + column - 1] + 1;
  if (auto place = place_of(files_.of(chunk), chunk.offset + begin)) trouble.error.place = *place;
  return trouble.error;
}

/// Checks what only a whole reading can tell, and says what was found out.
Status CsvSource::finish(const Job& job, const std::vector<Tally>& tallies) {
  if (const auto trouble = find_too_large(job.requests, tallies))
    return std::unexpected(locate(job, *trouble));
  facts_.money_scale = job.plan.money_scale;
  facts_.detections = files_.found();
  facts_.detections.push_back(
      {"encoding", files_.front().encoding, files_.front().encoding_reason});
  facts_.detections.push_back(
      {"header", files_.headerless() ? "no" : "yes",
       files_.headerless()
           ? "the first row holds numbers and dates alone; columns are column_1, column_2, ..."
           : "the first row has names"});
  for (auto& detection : describe(job.requests, job.plan, tallies, job.rules))
    facts_.detections.push_back(std::move(detection));
  facts_.origin.files.clear();
  facts_.bytes.clear();
  QUINTILE_TRY(facts_.sha256, digests_->wait());
  for (const InputFile& file : files_.all()) {
    QUINTILE_TRY_STATUS(file.disk->check_unchanged());
    facts_.origin.files.push_back({file.disk->name(), file.first_table_row, file.rows});
    facts_.bytes.push_back(file.disk->size());
  }
  return {};
}

/// A plan from a sample of the rows.
Status CsvSource::guess(Job& job, bool narrowed) {
  QUINTILE_TRY(const auto sampled, sample(job));
  auto plan = decide_table(job.requests, sampled, job.rules, false);
  if (!plan) return std::unexpected(locate(job, plan.error()));
  job.plan = std::move(*plan);
  if (narrowed) narrow(job.plan, sampled);
  return {};
}

Result<table::Table> CsvSource::read(const table::ReadRequest& request) {
  QUINTILE_TRY(Job job, prepare(request));
  QUINTILE_TRY_STATUS(guess(job, true));
  QUINTILE_TRY_STATUS(check_memory(job.plan, files_.rows(), job.record_hash, options_.memory_max));

  Filling filling;
  filling.values.resize(job.requests.size());
  filling.readers.resize(job.requests.size());
  std::vector<std::vector<RowRange>> ranges(job.requests.size());
  std::vector<Tally> tallies(job.requests.size());
  std::vector<std::size_t> which(job.requests.size());
  for (std::size_t i = 0; i < which.size(); ++i) which[i] = i;
  // A guess from the sample may be wrong; what all cells say is not, so the second round is the
  // last.
  for (int round = 0; !which.empty() || (round == 0 && job.record_hash); ++round) {
    QUINTILE_CHECK(round < 3);
    QUINTILE_TRY_STATUS(fill(job, which, filling, job.record_hash && round == 0));
    for (const std::size_t i : which) {
      ranges[i] = filling.ranges;
      tallies[i] = {};
      for (const auto& reader : filling.readers[i]) tallies[i].merge(reader->tally());
    }
    auto plan = decide_table(job.requests, tallies, job.rules, true);
    if (!plan) return std::unexpected(locate(job, plan.error()));
    which.clear();
    for (std::size_t i = 0; i < job.requests.size(); ++i) {
      if (!job.plan.columns[i].agrees_with(plan->columns[i]) || !have_fit(filling.readers[i]))
        which.push_back(i);
    }
    job.plan = std::move(*plan);
  }

  table::Table table{.rows = files_.rows()};
  table.columns.resize(job.requests.size());
  parallel_for(
      static_cast<std::int64_t>(job.requests.size()), threads_, [&](std::int64_t number, int) {
        const auto i = static_cast<std::size_t>(number);
        std::vector<ColumnReader*> readers;
        for (const auto& reader : filling.readers[i]) readers.push_back(reader.get());
        table.columns[i] =
            finish_column(job.requests[i].name, std::move(filling.values[i]), readers, ranges[i]);
        return true;
      });
  QUINTILE_TRY_STATUS(finish(job, tallies));
  table.origin = facts_.origin;
  return table;
}

Status CsvSource::scan(const table::ReadRequest& request, const Consumer& consume) {
  QUINTILE_TRY(Job job, prepare(request));
  if (decided_ && same_columns(decided_->first, request.columns)) {
    job.plan = decided_->second;
  } else {
    QUINTILE_TRY_STATUS(guess(job, false));
  }
  struct Worker {
    Workspace work;
    std::vector<std::unique_ptr<ColumnReader>> readers;
  };
  std::vector<Worker> all(static_cast<std::size_t>(threads_));
  for (Worker& worker : all) {
    for (const ColumnPlan& plan : job.plan.columns)
      worker.readers.push_back(std::make_unique<ColumnReader>(plan, job.rules));
  }
  std::mutex mutex;
  std::optional<std::pair<std::int64_t, Error>> failure;  // of the first chunk that has one
  std::optional<int> irregular;
  ScanShare share(files_.rows(), options_.scanned);
  parallel_for(static_cast<std::int64_t>(files_.chunks().size()), threads_,
               [&](std::int64_t number, int worker) {
                 const Chunk& chunk = files_.chunks()[static_cast<std::size_t>(number)];
                 Worker& own = all[static_cast<std::size_t>(worker)];
                 bool regular = false;
                 const auto text = load(chunk, own.work, &regular);
                 Status status;
                 if (text && regular) {
                   table::Batch batch{
                       .index = number, .first_row = chunk.first_row, .rows = chunk.rows};
                   TextArena unquoted;
                   for (std::size_t i = 0; i < job.requests.size(); ++i) {
                     ColumnValues values = make_values(job.plan.columns[i], chunk.rows);
                     own.readers[i]->set_target(values, chunk.first_row);
                     read_chunk(*text, own.work, chunk, job.columns[i], unquoted, *own.readers[i]);
                     batch.columns.push_back(own.readers[i]->take_column(
                         job.requests[i].name, std::move(values), chunk.first_row));
                   }
                   if (job.record_hash) {
                     batch.record_hash.resize(static_cast<std::size_t>(chunk.rows));
                     hash_records(*text, own.work, chunk, batch.record_hash.data());
                   }
                   status = consume(std::move(batch), worker);
                   share.add(chunk.rows);
                 }
                 if (text && regular && status) return true;
                 const std::lock_guard lock(mutex);
                 if (text && !regular)
                   irregular = std::min(irregular.value_or(chunk.file), chunk.file);
                 if ((!text || !status) && (!failure || number < failure->first))
                   failure = {number, text ? status.error() : text.error()};
                 return false;
               });
  if (irregular) return std::unexpected(files_.explain_irregular(*irregular));
  if (failure) return std::unexpected(failure->second);

  std::vector<Tally> tallies(job.requests.size());
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    for (const Worker& worker : all) tallies[i].merge(worker.readers[i]->tally());
  }
  auto plan = decide_table(job.requests, tallies, job.rules, true);
  if (!plan) return std::unexpected(locate(job, plan.error()));
  types_changed_ = false;
  for (std::size_t i = 0; i < plan->columns.size(); ++i) {
    types_changed_ = types_changed_ || !job.plan.columns[i].agrees_with(plan->columns[i]);
  }
  decided_ = {request.columns, *plan};
  if (types_changed_) return {};
  return finish(job, tallies);
}

Result<std::vector<std::string>> CsvSource::cells(std::size_t column,
                                                  std::span<const std::int64_t> rows) {
  QUINTILE_TRY_STATUS(files_.find_rows());
  std::vector<std::string> cells;
  cells.reserve(rows.size());
  Workspace work;
  for (const std::int64_t row : rows) {
    QUINTILE_CHECK(row >= 0 && row < files_.rows());
    const Chunk chunk = files_.chunk_with(row).part_with(row);
    bool regular = false;
    QUINTILE_TRY(const std::string_view text, load(chunk, work, &regular));
    if (!regular)
      return fail(ErrorCode::Input, "the file changed while it was read", "run again",
                  {.file = files_.of(chunk).disk->name()});
    TextArena unquoted;
    std::string_view cell;
    gather(text, work, files_.of(chunk).dialect.quote, column, row - chunk.first_row,
           std::span(&cell, 1), unquoted);
    cells.emplace_back(cell);
  }
  return cells;
}

}  // namespace

Result<std::unique_ptr<table::Source>> open_csv(std::vector<std::unique_ptr<File>> files,
                                                const OpenOptions& options) {
  return CsvSource::open(std::move(files), options);
}

}  // namespace quintile::io::csv

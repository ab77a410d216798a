#include "quintile/io/csv/csv_source.h"

#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/io/cells/table_plan.h"
#include "quintile/io/csv/dialect.h"
#include "quintile/io/csv/encoding.h"
#include "quintile/io/csv/structure.h"
#include "quintile/io/decompress.h"
#include "quintile/io/parallel.h"

namespace quintile::io::csv {

namespace {

constexpr std::int64_t kStepBytes = 256 * 1024;  // where a file is gone through by one thread
constexpr std::int64_t kHeadBytes = 256 * 1024;
constexpr std::int64_t kSampleRows = 2000;
constexpr std::int64_t kBlockRows =
    1024;  // cells of one column at a time: their views fit into the first-level cache
// A single record is found from the last of these rows whose place is known: looking one up takes
// 4 us in place of 400 for its whole chunk.
constexpr std::int64_t kMarkedRows = 64;

/// Whole rows of one file that one thread reads at a time.
struct Chunk {
  int file = 0;
  std::int64_t offset = 0, size = 0;
  std::int64_t first_row = 0, rows = 0;  ///< over all files
  std::vector<std::uint32_t> marks;      ///< where every 64th row begins, once it has been read

  /// The rows from one mark to the next, among them row `row` of the table.
  [[nodiscard]] Chunk part_with(std::int64_t row) const;
};

Chunk Chunk::part_with(std::int64_t row) const {
  const auto mark = static_cast<std::size_t>((row - first_row) / kMarkedRows);
  if (mark >= marks.size()) return *this;
  const std::int64_t end = mark + 1 < marks.size() ? marks[mark + 1] : size;
  const std::int64_t before = static_cast<std::int64_t>(mark) * kMarkedRows;
  return {.file = file,
          .offset = offset + marks[mark],
          .size = end - marks[mark],
          .first_row = first_row + before,
          .rows = std::min(kMarkedRows, rows - before)};
}

struct InputFile {
  std::unique_ptr<File> disk;
  std::unique_ptr<Bytes>
      made;  ///< decompressed, in UTF-8, with tabs for blanks: where any of it was needed
  std::int64_t text_begin = 0;  ///< after a byte order mark
  Dialect dialect;
  std::vector<std::string> first_row;
  std::int64_t first_row_begin = 0, first_row_end = 0;
  std::int64_t data_begin = 0;  ///< after the header, if there is one
  std::string encoding = "utf-8", encoding_reason;
  bool converted = false;  ///< from another encoding
  bool careful = false;    ///< the kernels' suppositions do not hold here
  std::int64_t first_table_row = 0, rows = 0;

  [[nodiscard]] const Bytes& text() const { return made ? *made : *disk; }
};

/// What one thread needs for a chunk; used again for the next.
struct Workspace {
  Block block;
  CellIndex index;
  std::vector<std::string_view> cells = std::vector<std::string_view>(kBlockRows);
  std::unique_ptr<TextArena> unquoted;
};

bool ends_line(char c) { return c == '\n' || c == '\r'; }

std::string line_end_name(std::string_view head) {
  const std::size_t first = head.find_first_of("\r\n");
  if (first == std::string_view::npos) return "none";
  if (head[first] == '\n') return "LF";
  return head.substr(first).starts_with("\r\n") ? "CRLF" : "CR";
}

/// True when a first row cannot be names: every cell is a number or a date.
bool looks_like_data(const std::vector<std::string>& row) {
  bool any = false;
  for (const std::string& cell : row) {
    if (cell.empty()) continue;
    any = true;
    if (look_at_number(cell).form == NumberForm::None && look_at_date(cell).form == DateForm::None)
      return false;
  }
  return any;
}

/// Line and column of `offset`. A CR and the LF after it are one line end.
Result<Place> place_of(const InputFile& file, std::int64_t offset) {
  Place place{.file = file.disk->name(), .line = 1, .column = 1};
  Block block;
  bool after_turn = false;
  for (std::int64_t at = 0; at < offset; at += kStepBytes) {
    QUINTILE_TRY(const std::string_view text,
                 file.text().read(at, std::min(kStepBytes, offset - at), block));
    for (const char c : text) {
      if (c == '\n' && after_turn) {
        after_turn = false;
        place.column = 1;
        continue;
      }
      after_turn = c == '\r';
      place.column = ends_line(c) ? 1 : place.column + 1;
      if (ends_line(c)) ++place.line;
    }
  }
  return place;
}

std::unexpected<Error> fail_at(const InputFile& file, std::int64_t offset, std::string message,
                               std::string advice) {
  auto place = place_of(file, offset);
  if (!place) return std::unexpected(place.error());
  return fail(ErrorCode::Input, std::move(message), std::move(advice), std::move(*place));
}

/// The rows of one file as chunks, found without any supposition, or what is wrong with them.
Result<std::vector<Chunk>> scan_carefully(const InputFile& file, int number, std::int64_t columns,
                                          std::int64_t chunk_bytes) {
  std::vector<Chunk> chunks;
  Block block;
  const std::int64_t size = file.text().size();
  std::int64_t length = chunk_bytes;
  for (std::int64_t at = file.data_begin; at < size;) {
    const std::int64_t here = std::min(length, size - at);
    QUINTILE_TRY(const std::string_view text, file.text().read(at, here, block));
    RowScanner scanner(text, file.dialect, at + here == size);
    Chunk chunk{.file = number, .offset = -1};
    std::int64_t after = 0;
    RowScanner::Next next = scanner.next();
    for (; next == RowScanner::Next::Row; next = scanner.next()) {
      const auto found = static_cast<std::int64_t>(scanner.cells().size());
      if (found != columns) {
        const bool more = found > columns;
        const std::int64_t where = more ? scanner.cells()[static_cast<std::size_t>(columns)].begin
                                        : scanner.cells().back().end;
        return fail_at(
            file, at + where,
            fmt::format("a row has {} cells where the header has {} columns", found, columns),
            more ? "put cells that hold the delimiter in quotes, or state input.csv.delimiter"
                 : "complete the row or take it out; a line end inside a cell needs quotes around "
                   "the cell");
      }
      if (chunk.offset < 0) chunk.offset = at + scanner.row_begin();
      after = scanner.position();
      ++chunk.rows;
    }
    if (next == RowScanner::Next::UnclosedQuote) {
      return fail_at(file, at + scanner.trouble(), "a quote opens here that nothing closes",
                     "close it, double quotes that belong to the text, or state input.csv.quote");
    }
    if (next == RowScanner::Next::TextAfterQuote) {
      return fail_at(file, at + scanner.trouble(), "text follows a closing quote",
                     "double quotes that belong to the text, or state input.csv.quote");
    }
    if (chunk.rows > 0) {
      chunk.size = at + after - chunk.offset;
      chunks.push_back(chunk);
    }
    if (next == RowScanner::Next::End) {
      at += here;
      length = chunk_bytes;
    } else {
      length = chunk.rows > 0 ? chunk_bytes : length * 2;  // a row longer than that
      at += after;
    }
  }
  return chunks;
}

/// The same index as the kernels make, by the letter of the rules.
bool index_carefully(std::string_view text, const Dialect& dialect, std::int64_t columns,
                     std::int64_t rows, CellIndex& index) {
  index.row_begin.clear();
  index.cell_end.clear();
  index.quoted = true;
  RowScanner scanner(text, dialect, true);
  while (scanner.next() == RowScanner::Next::Row) {
    index.row_begin.push_back(static_cast<std::uint32_t>(scanner.row_begin()));
    for (const RawCell& cell : scanner.cells())
      index.cell_end.push_back(static_cast<std::uint32_t>(cell.end));
  }
  return static_cast<std::int64_t>(index.row_begin.size()) == rows &&
         static_cast<std::int64_t>(index.cell_end.size()) == rows * columns;
}

class CsvSource : public table::Source {
 public:
  static Result<std::unique_ptr<table::Source>> open(std::vector<std::unique_ptr<File>> disks,
                                                     const OpenOptions& options);

  const std::vector<std::string>& column_names() const override { return names_; }
  Result<table::Table> read(const table::ReadRequest& request) override;
  Status scan(const table::ReadRequest& request, const Consumer& consume) override;
  int workers() const override { return threads_; }
  bool types_changed() const override { return types_changed_; }
  const table::ReadFacts& facts() const override { return facts_; }
  std::vector<std::uint64_t> take_record_hashes() override { return std::move(record_hashes_); }
  Result<std::vector<std::string>> record(std::int64_t row) override;

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

  void start_digests() {
    std::vector<const Bytes*> disks;
    for (const InputFile& file : files_) disks.push_back(file.disk.get());
    digests_ = std::make_unique<Digests>(std::move(disks));
  }
  Status open_file(std::unique_ptr<File> disk);
  Status convert(InputFile& file, TextEncoding encoding, std::string reason);
  Status convert_eight_bit(InputFile& file);
  Status cut_up(InputFile& file);
  Status choose_header(bool headerless);
  /// Records what opening found out, of the first file alone.
  void note(std::string what, std::string chosen, std::string reason) {
    if (files_.size() == 1)
      found_.push_back({std::move(what), std::move(chosen), std::move(reason)});
  }
  Status find_rows();
  void combine_counts(const std::vector<std::vector<RowCount>>& counts);
  Status number_rows();
  Status turn_careful(int file);
  Result<Job> prepare(const table::ReadRequest& request);
  Result<std::vector<Tally>> sample(const Job& job);
  Result<std::string_view> load(const Chunk& chunk, Workspace& work, bool* regular) const;
  void gather(std::string_view text, const Workspace& work, char quote, std::size_t column,
              std::int64_t row, std::span<std::string_view> cells, TextArena& unquoted) const;
  void hash_records(std::string_view text, const Workspace& work, const Chunk& chunk,
                    std::uint64_t* hashes) const;
  void read_chunk(std::string_view text, Workspace& work, const Chunk& chunk, std::size_t column,
                  TextArena& unquoted, ColumnReader& reader) const;
  Error explain_irregular(int file);
  Status fill(const Job& job, const std::vector<std::size_t>& which, Filling& filling, bool hashes);
  Error locate(const Job& job, Trouble trouble) const;
  Status guess(Job& job);
  Status finish(const Job& job, const std::vector<Tally>& tallies);

  OpenOptions options_;
  int threads_ = 1;
  std::vector<std::string> names_;
  std::vector<InputFile> files_;
  std::unique_ptr<Digests> digests_;  ///< declared after what it reads, so that it stops first
  std::vector<std::vector<Chunk>> file_chunks_;
  std::vector<Chunk> chunks_;
  bool headerless_ = false;
  bool rows_found_ = false;
  std::int64_t rows_ = 0;
  std::vector<table::Detection> found_;  ///< what opening found out
  table::ReadFacts facts_;
  std::vector<std::uint64_t> record_hashes_;
  bool types_changed_ = false;
  std::optional<std::pair<std::vector<table::ColumnRequest>, TablePlan>>
      decided_;  ///< by the last scan
};

Result<std::unique_ptr<table::Source>> CsvSource::open(std::vector<std::unique_ptr<File>> disks,
                                                       const OpenOptions& options) {
  auto source = std::make_unique<CsvSource>();
  source->options_ = options;
  source->threads_ = threads_or_all(options.threads);
  for (auto& disk : disks) QUINTILE_TRY_STATUS(source->open_file(std::move(disk)));
  source->start_digests();
  return source;
}

Status CsvSource::open_file(std::unique_ptr<File> disk) {
  InputFile& file = files_.emplace_back();
  file.disk = std::move(disk);
  const std::string& name = file.disk->name();
  Block block;
  QUINTILE_TRY(const std::string_view magic,
               file.disk->read(0, std::min<std::int64_t>(8, file.disk->size()), block));
  const Compression compression = compression_of(magic);
  if (compression != Compression::None) {
    QUINTILE_TRY(file.made, decompress(*file.disk, compression, options_));
    note("compression", std::string(to_string(compression)), "by the first bytes");
  }
  if (file.text().size() == 0)
    return fail(ErrorCode::Input, "the file is empty", "a header line is needed", {.file = name});

  QUINTILE_TRY(const std::string_view head,
               file.text().read(0, std::min(kHeadBytes, file.text().size()), block));
  const HeadLook look = look_at_head(head);
  file.text_begin = look.mark_bytes;
  file.encoding_reason = look.reason;
  if (look.encoding != TextEncoding::Utf8) {
    QUINTILE_TRY_STATUS(convert(file, look.encoding, look.reason));
  } else if (options_.encoding == Encoding::Windows1252) {
    QUINTILE_TRY_STATUS(convert(file, TextEncoding::Windows1252, "stated in the plan"));
  } else if (options_.encoding == Encoding::Macintosh) {
    QUINTILE_TRY_STATUS(convert(file, TextEncoding::Macintosh, "stated in the plan"));
  } else if (first_invalid_utf8(head, file.text().size() > kHeadBytes) >= 0) {
    QUINTILE_TRY_STATUS(convert_eight_bit(file));
  }
  QUINTILE_TRY_STATUS(cut_up(file));
  return choose_header(files_.size() == 1 ? looks_like_data(file.first_row) : headerless_);
}

Status CsvSource::convert(InputFile& file, TextEncoding encoding, std::string reason) {
  auto spool =
      std::make_unique<Spool>(file.disk->name(), options_.spool_folder, spool_memory(options_));
  QUINTILE_TRY(file.made, convert_to_utf8(file.text(), file.text_begin, encoding, std::move(spool),
                                          file.disk->name()));
  file.text_begin = 0;
  file.converted = true;
  file.encoding = to_string(encoding);
  file.encoding_reason = std::move(reason);
  return {};
}

/// What to do about bytes that are no UTF-8: the plan may insist on UTF-8; else the evidence
/// decides.
Status CsvSource::convert_eight_bit(InputFile& file) {
  QUINTILE_TRY(const EightBitLook look, look_at_bytes(file.text()));
  if (options_.encoding == Encoding::Utf8 || look.utf8_sequences > look.stray_bytes) {
    return fail_at(file, look.first_stray,
                   fmt::format("{} byte{} are not UTF-8, the first of them here", look.stray_bytes,
                               look.stray_bytes == 1 ? "" : "s"),
                   "write the file as UTF-8, or state input.encoding: windows-1252 or macintosh");
  }
  const bool macintosh = look.macintosh_letters > look.windows_letters;
  const std::int64_t yes = macintosh ? look.macintosh_letters : look.windows_letters;
  const std::int64_t no = macintosh ? look.windows_letters : look.macintosh_letters;
  return convert(
      file, macintosh ? TextEncoding::Macintosh : TextEncoding::Windows1252,
      fmt::format("not UTF-8; {} bytes are letters only so, {} only otherwise", yes, no));
}

/// Finds the delimiter and the first row.
Status CsvSource::cut_up(InputFile& file) {
  Block block;
  const bool first = &file == files_.data();
  const auto look_at = [&](std::string_view* head, bool* is_whole) -> Status {
    const std::int64_t size = std::min(kHeadBytes, file.text().size() - file.text_begin);
    QUINTILE_TRY(*head, file.text().read(file.text_begin, size, block));
    *is_whole = file.text_begin + size == file.text().size();
    return {};
  };
  std::string_view head;
  bool is_whole = false;
  QUINTILE_TRY_STATUS(look_at(&head, &is_whole));
  file.dialect.quote = options_.quote;
  FoundDelimiter found{.delimiter = options_.delimiter.value_or(','),
                       .reason = "stated in the plan"};
  if (!options_.delimiter) found = find_delimiter(head, options_.quote, is_whole);
  file.dialect.delimiter = found.delimiter;
  if (first && found_.end() == std::ranges::find(found_, "delimiter", &table::Detection::what)) {
    note("line ends", line_end_name(head), "those of the first lines; any are read");
    note("delimiter", delimiter_name(found.delimiter), found.reason);
  }
  if (found.delimiter == ' ') {
    auto spool =
        std::make_unique<Spool>(file.disk->name(), options_.spool_folder, spool_memory(options_));
    QUINTILE_TRY(file.made,
                 blanks_to_tabs(file.text(), file.text_begin, options_.quote, std::move(spool)));
    file.text_begin = 0;
    file.dialect.delimiter = '\t';
    QUINTILE_TRY_STATUS(look_at(&head, &is_whole));
  }

  RowScanner scanner(head, file.dialect, is_whole);
  const RowScanner::Next next = scanner.next();
  if (next == RowScanner::Next::End) {
    return fail(ErrorCode::Input, "the file holds nothing but line ends", "a header line is needed",
                {.file = file.disk->name()});
  }
  if (next != RowScanner::Next::Row) {
    return fail_at(file, file.text_begin + scanner.row_begin(),
                   "the header line cannot be read: its quotes do not match",
                   "check the first line, or state input.csv.quote");
  }
  file.first_row.clear();
  for (const RawCell& cell : scanner.cells()) {
    const auto raw = head.substr(static_cast<std::size_t>(cell.begin),
                                 static_cast<std::size_t>(cell.end - cell.begin));
    file.first_row.emplace_back(trim(unquote(raw, file.dialect.quote)));
  }
  file.first_row_begin = file.text_begin + scanner.row_begin();
  file.first_row_end = file.text_begin + scanner.position();
  return {};
}

/// Takes the first row of every file as names, or as data under the names column_1, column_2, ...
Status CsvSource::choose_header(bool headerless) {
  headerless_ = headerless;
  rows_found_ = false;
  names_.clear();
  for (InputFile& file : files_) {
    file.data_begin = headerless ? file.first_row_begin : file.first_row_end;
    std::vector<std::string> names = file.first_row;
    for (std::size_t i = 0; headerless && i < names.size(); ++i)
      names[i] = fmt::format("column_{}", i + 1);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto here = names.begin() + static_cast<std::ptrdiff_t>(i);
      const auto before = std::find(names.begin(), here, names[i]);
      if (names[i].empty() || before == here) continue;
      return fail_at(file, file.first_row_begin,
                     fmt::format("two columns have the same name (columns {} and {}): {}",
                                 before - names.begin() + 1, i + 1, names[i]),
                     "give each column a name of its own");
    }
    const bool first = &file == files_.data();
    if (!first && names != names_) {
      return fail(
          ErrorCode::Input,
          fmt::format("the columns are not those of {}: {} against {}", files_.front().disk->name(),
                      fmt::join(names, ", "), fmt::join(names_, ", ")),
          "files of one table must have the same columns in the same order",
          {.file = file.disk->name(), .line = 1});
    }
    names_ = std::move(names);
  }
  return {};
}

Status CsvSource::find_rows() {
  if (rows_found_) return {};
  struct Stretch {
    std::size_t file;
    std::int64_t offset, size;
  };
  std::vector<Stretch> stretches;
  std::vector<std::vector<RowCount>> counts(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) {
    for (std::int64_t at = files_[i].data_begin; at < files_[i].text().size();
         at += options_.chunk_bytes) {
      stretches.push_back({i, at, std::min(options_.chunk_bytes, files_[i].text().size() - at)});
    }
    counts[i].resize(static_cast<std::size_t>(
        (files_[i].text().size() - files_[i].data_begin + options_.chunk_bytes - 1) /
        options_.chunk_bytes));
  }
  std::vector<Workspace> work(static_cast<std::size_t>(threads_));
  std::mutex mutex;
  std::optional<Error> failure;
  std::atomic<bool> has_high_bytes{false};
  std::optional<std::size_t> not_utf8;
  std::optional<std::pair<std::size_t, std::int64_t>> zero;  // file, offset
  parallel_for(
      static_cast<std::int64_t>(stretches.size()), threads_, [&](std::int64_t i, int worker) {
        const Stretch& stretch = stretches[static_cast<std::size_t>(i)];
        const InputFile& file = files_[stretch.file];
        // One byte more in front: whether it ends a line decides whether a row starts at once.
        // Three more behind, so that a character that starts here is looked at whole.
        const std::int64_t before = stretch.offset > 0 ? 1 : 0;
        const std::int64_t behind =
            std::min<std::int64_t>(3, file.text().size() - stretch.offset - stretch.size);
        const auto read = file.text().read(stretch.offset - before, before + stretch.size + behind,
                                           work[static_cast<std::size_t>(worker)].block);
        if (!read) {
          const std::lock_guard lock(mutex);
          failure = read.error();
          return false;
        }
        const std::string_view text = read->substr(static_cast<std::size_t>(before));
        const bool begins = stretch.offset == file.data_begin;
        RowCount& count = counts[stretch.file][static_cast<std::size_t>(
            (stretch.offset - file.data_begin) / options_.chunk_bytes)];
        count = kernels().count_rows(text.substr(0, static_cast<std::size_t>(stretch.size)),
                                     file.dialect.delimiter, file.dialect.quote,
                                     begins ? '\n' : read->front());
        if (count.has_zero_bytes) {
          const std::lock_guard lock(mutex);
          const std::pair here{stretch.file,
                               stretch.offset + static_cast<std::int64_t>(text.find('\0'))};
          zero = std::min(zero.value_or(here), here);
        }
        if (count.has_high_bytes && !file.converted) {
          has_high_bytes = true;
          std::size_t begin = 0;
          while (!begins && begin < 3 && begin < text.size() &&
                 (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U)
            ++begin;
          const bool is_cut = stretch.offset + stretch.size + behind < file.text().size();
          if (first_invalid_utf8(text.substr(begin), is_cut) >= 0) {
            const std::lock_guard lock(mutex);
            not_utf8 = std::min(not_utf8.value_or(stretch.file), stretch.file);
          }
        }
        return true;
      });
  if (failure) return std::unexpected(*failure);
  if (not_utf8) {
    QUINTILE_TRY_STATUS(convert_eight_bit(files_[*not_utf8]));
    QUINTILE_TRY_STATUS(cut_up(files_[*not_utf8]));
    QUINTILE_TRY_STATUS(choose_header(headerless_));
    return find_rows();
  }
  if (zero) {
    return fail_at(files_[zero->first], zero->second,
                   "a zero byte: this is no text, or its end was lost",
                   "fetch or make the file again");
  }
  if (files_.front().encoding_reason.empty()) {
    files_.front().encoding_reason =
        has_high_bytes ? "all bytes are well-formed" : "nothing but ASCII";
  }
  combine_counts(counts);
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].careful) QUINTILE_TRY_STATUS(turn_careful(static_cast<int>(i)));
  }
  QUINTILE_TRY_STATUS(number_rows());
  rows_found_ = true;
  return {};
}

void CsvSource::combine_counts(const std::vector<std::vector<RowCount>>& counts) {
  file_chunks_.assign(files_.size(), {});
  for (std::size_t i = 0; i < files_.size(); ++i) {
    bool inside = false, stray = false;
    auto& chunks = file_chunks_[i];
    for (std::size_t k = 0; k < counts[i].size(); ++k) {
      const RowCount& count = counts[i][k];
      const std::size_t state = inside ? 1 : 0;
      if (count.rows[state] > 0) {
        const std::int64_t offset = files_[i].data_begin +
                                    static_cast<std::int64_t>(k) * options_.chunk_bytes +
                                    count.first_row[state];
        if (!chunks.empty()) chunks.back().size = offset - chunks.back().offset;
        chunks.push_back(
            {.file = static_cast<int>(i), .offset = offset, .rows = count.rows[state]});
      }
      stray = stray || count.stray_quotes[state];
      inside = inside != count.flips_quotes;
    }
    if (!chunks.empty()) chunks.back().size = files_[i].text().size() - chunks.back().offset;
    files_[i].careful = inside || stray;
  }
}

Status CsvSource::number_rows() {
  rows_ = 0;
  chunks_.clear();
  for (std::size_t i = 0; i < files_.size(); ++i) {
    files_[i].first_table_row = rows_;
    for (Chunk& chunk : file_chunks_[i]) {
      chunk.first_row = rows_;
      rows_ += chunk.rows;
      if (chunk.size > std::int64_t{0xFFFFFF00}) {
        return fail_at(files_[i], chunk.offset, "a row has more than 4 GB",
                       "check the quotes of the file");
      }
      chunks_.push_back(chunk);
    }
    files_[i].rows = rows_ - files_[i].first_table_row;
  }
  return {};
}

Status CsvSource::turn_careful(int file) {
  auto& input = files_[static_cast<std::size_t>(file)];
  QUINTILE_TRY(auto chunks, scan_carefully(input, file, static_cast<std::int64_t>(names_.size()),
                                           options_.chunk_bytes));
  input.careful = true;
  file_chunks_[static_cast<std::size_t>(file)] = std::move(chunks);
  return {};
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
  if (headerless_ && !asked(names_) && asked(files_.front().first_row)) {
    QUINTILE_TRY_STATUS(choose_header(false));
  } else if (!headerless_ && !request.columns.empty() &&
             std::ranges::all_of(
                 request.columns,
                 [](const auto& column) { return column.name.starts_with("column_"); }) &&
             !asked(names_)) {
    QUINTILE_TRY_STATUS(choose_header(true));
  }
  QUINTILE_TRY(job.columns, find_columns(request.columns, names_, files_.front().disk->name()));
  QUINTILE_TRY_STATUS(find_rows());
  return job;
}

Result<std::string_view> CsvSource::load(const Chunk& chunk, Workspace& work, bool* regular) const {
  QUINTILE_TRY_STATUS(options_.go_on());
  const InputFile& file = files_[static_cast<std::size_t>(chunk.file)];
  QUINTILE_TRY(const std::string_view text, file.text().read(chunk.offset, chunk.size, work.block));
  const auto columns = static_cast<std::int64_t>(names_.size());
  *regular = file.careful ? index_carefully(text, file.dialect, columns, chunk.rows, work.index)
                          : kernels().index_cells(text, file.dialect.delimiter, file.dialect.quote,
                                                  columns, chunk.rows, work.index);
  return text;
}

void CsvSource::gather(std::string_view text, const Workspace& work, char quote, std::size_t column,
                       std::int64_t row, std::span<std::string_view> cells,
                       TextArena& unquoted) const {
  const auto columns = names_.size();
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
  const InputFile& file = files_[static_cast<std::size_t>(chunk.file)];
  const Dialect dialect = file.dialect;
  const char separator = files_.front().dialect.delimiter;
  const std::size_t columns = names_.size();
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
      joined += unquote(text.substr(at, ends[column] - at), dialect.quote);
      at = ends[column] + 1;
    }
    hashes[row] = XXH3_64bits(joined.data(), joined.size());
  }
}

Result<std::vector<Tally>> CsvSource::sample(const Job& job) {
  std::vector<Tally> tallies(job.requests.size());
  std::set<std::size_t> which;
  if (!chunks_.empty()) which = {0, chunks_.size() / 2, chunks_.size() - 1};
  Workspace work;
  for (const std::size_t number : which) {
    const Chunk& chunk = chunks_[number];
    bool regular = false;
    QUINTILE_TRY(const std::string_view text, load(chunk, work, &regular));
    if (!regular) continue;
    const std::int64_t rows = std::min(chunk.rows, kSampleRows);
    TextArena unquoted;
    for (std::size_t i = 0; i < job.requests.size(); ++i) {
      for (std::int64_t row = 0; row < rows; row += kBlockRows) {
        const auto cells =
            std::span(work.cells).first(static_cast<std::size_t>(std::min(kBlockRows, rows - row)));
        gather(text, work, files_[static_cast<std::size_t>(chunk.file)].dialect.quote,
               job.columns[i], row, cells, unquoted);
        for (const std::string_view cell : cells) {
          const std::string_view trimmed = trim(cell);
          if (!trimmed.empty())
            count_cell(job.requests[i].reading, trimmed, chunk.first_row + row, 1, job.rules,
                       tallies[i]);
        }
      }
    }
  }
  return tallies;
}

Status CsvSource::fill(const Job& job, const std::vector<std::size_t>& which, Filling& filling,
                       bool hashes) {
  filling.ranges.assign(chunks_.size(), {});
  for (const std::size_t i : which) {
    filling.values[i] = make_values(job.plan.columns[i].kind, rows_);
    filling.readers[i].clear();
    for (int worker = 0; worker < threads_; ++worker) {
      filling.readers[i].push_back(std::make_unique<ColumnReader>(job.plan.columns[i], job.rules));
      filling.readers[i].back()->set_target(filling.values[i], 0);
    }
  }
  if (hashes) record_hashes_.resize(static_cast<std::size_t>(rows_));
  std::vector<Workspace> work(static_cast<std::size_t>(threads_));
  std::mutex mutex;
  std::optional<Error> failure;
  std::optional<int> irregular;
  parallel_for(static_cast<std::int64_t>(chunks_.size()), threads_,
               [&](std::int64_t number, int worker) {
                 Chunk& chunk = chunks_[static_cast<std::size_t>(number)];
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
                   chunk.marks.clear();
                   for (std::int64_t row = 0; row < chunk.rows; row += kMarkedRows)
                     chunk.marks.push_back(own.index.row_begin[static_cast<std::size_t>(row)]);
                 }
                 return true;
               });
  if (failure) return std::unexpected(*failure);
  if (!irregular) return {};
  return std::unexpected(explain_irregular(*irregular));
}

void CsvSource::read_chunk(std::string_view text, Workspace& work, const Chunk& chunk,
                           std::size_t column, TextArena& unquoted, ColumnReader& reader) const {
  const char quote = files_[static_cast<std::size_t>(chunk.file)].dialect.quote;
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
  const Chunk& chunk =
      *std::prev(std::ranges::upper_bound(chunks_, trouble.row, {}, &Chunk::first_row));
  Workspace work;
  bool regular = false;
  if (!load(chunk, work, &regular) || !regular) return trouble.error;
  const auto row = static_cast<std::size_t>(trouble.row - chunk.first_row);
  const std::size_t column = job.columns[trouble.column];
  const std::uint32_t begin = column == 0
                                  ? work.index.row_begin[row]
                                  : work.index.cell_end[row * names_.size() + column - 1] + 1;
  if (auto place = place_of(files_[static_cast<std::size_t>(chunk.file)], chunk.offset + begin))
    trouble.error.place = *place;
  return trouble.error;
}

/// Checks what only a whole reading can tell, and says what was found out.
Status CsvSource::finish(const Job& job, const std::vector<Tally>& tallies) {
  if (const auto trouble = find_too_large(job.requests, tallies))
    return std::unexpected(locate(job, *trouble));
  facts_.money_scale = job.plan.money_scale;
  facts_.detections = found_;
  facts_.detections.push_back(
      {"encoding", files_.front().encoding, files_.front().encoding_reason});
  facts_.detections.push_back(
      {"header", headerless_ ? "no" : "yes",
       headerless_
           ? "the first row holds numbers and dates alone; columns are column_1, column_2, ..."
           : "the first row has names"});
  for (auto& detection : describe(job.requests, job.plan, tallies, job.rules))
    facts_.detections.push_back(std::move(detection));
  facts_.origin.files.clear();
  facts_.bytes.clear();
  QUINTILE_TRY(facts_.sha256, digests_->wait());
  for (const InputFile& file : files_) {
    QUINTILE_TRY_STATUS(file.disk->check_unchanged());
    facts_.origin.files.push_back({file.disk->name(), file.first_table_row, file.rows});
    facts_.bytes.push_back(file.disk->size());
  }
  return {};
}

/// A plan from a sample of the rows.
Status CsvSource::guess(Job& job) {
  QUINTILE_TRY(const auto sampled, sample(job));
  auto plan = decide_table(job.requests, sampled, job.rules, false);
  if (!plan) return std::unexpected(locate(job, plan.error()));
  job.plan = std::move(*plan);
  return {};
}

Result<table::Table> CsvSource::read(const table::ReadRequest& request) {
  QUINTILE_TRY(Job job, prepare(request));
  QUINTILE_TRY_STATUS(guess(job));
  QUINTILE_TRY_STATUS(check_memory(job.plan, rows_, job.record_hash, options_.memory_max));

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
      if (!job.plan.columns[i].agrees_with(plan->columns[i])) which.push_back(i);
    }
    job.plan = std::move(*plan);
  }

  table::Table table{.rows = rows_};
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
    QUINTILE_TRY_STATUS(guess(job));
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
  parallel_for(
      static_cast<std::int64_t>(chunks_.size()), threads_, [&](std::int64_t number, int worker) {
        const Chunk& chunk = chunks_[static_cast<std::size_t>(number)];
        Worker& own = all[static_cast<std::size_t>(worker)];
        bool regular = false;
        const auto text = load(chunk, own.work, &regular);
        Status status;
        if (text && regular) {
          table::Batch batch{.index = number, .first_row = chunk.first_row, .rows = chunk.rows};
          TextArena unquoted;
          for (std::size_t i = 0; i < job.requests.size(); ++i) {
            ColumnValues values = make_values(job.plan.columns[i].kind, chunk.rows);
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
        }
        if (text && regular && status) return true;
        const std::lock_guard lock(mutex);
        if (text && !regular) irregular = std::min(irregular.value_or(chunk.file), chunk.file);
        if ((!text || !status) && (!failure || number < failure->first))
          failure = {number, text ? status.error() : text.error()};
        return false;
      });
  if (irregular) return std::unexpected(explain_irregular(*irregular));
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

/// Why the kernels did not find what was counted.
Error CsvSource::explain_irregular(int file) {
  const InputFile& input = files_[static_cast<std::size_t>(file)];
  if (const auto unchanged = input.disk->check_unchanged(); !unchanged) return unchanged.error();
  const auto chunks =
      scan_carefully(input, file, static_cast<std::int64_t>(names_.size()), options_.chunk_bytes);
  if (!chunks) return chunks.error();
  return {.code = ErrorCode::Input,
          .message = "the file changed while it was read",
          .advice = "run again",
          .place = {.file = input.disk->name()}};
}

Result<std::vector<std::string>> CsvSource::record(std::int64_t row) {
  QUINTILE_TRY_STATUS(find_rows());
  QUINTILE_CHECK(row >= 0 && row < rows_);
  const Chunk chunk =
      std::prev(std::ranges::upper_bound(chunks_, row, {}, &Chunk::first_row))->part_with(row);
  Workspace work;
  bool regular = false;
  QUINTILE_TRY(const std::string_view text, load(chunk, work, &regular));
  if (!regular)
    return fail(ErrorCode::Input, "the file changed while it was read", "run again",
                {.file = files_[static_cast<std::size_t>(chunk.file)].disk->name()});
  std::vector<std::string> cells;
  TextArena unquoted;
  for (std::size_t column = 0; column < names_.size(); ++column) {
    std::string_view cell;
    gather(text, work, files_[static_cast<std::size_t>(chunk.file)].dialect.quote, column,
           row - chunk.first_row, std::span(&cell, 1), unquoted);
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

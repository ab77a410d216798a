#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/io/cells/date_text.h"
#include "quintile/io/cells/number.h"
#include "quintile/io/csv/csv_files_internal.h"
#include "quintile/io/csv/foreign.h"
#include "quintile/io/decompress.h"
#include "quintile/io/parallel.h"

namespace quintile::io::csv {

namespace {

constexpr std::int64_t kStepBytes = 256 * 1024;  // where a file is gone through by one thread
constexpr std::int64_t kHeadBytes = 256 * 1024;
constexpr const char* kZeroByte = "a zero byte: this is no text, or its end was lost";
constexpr const char* kFetchAgain = "fetch or make the file again";

bool ends_line(char c) { return c == '\n' || c == '\r'; }

}  // namespace

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

namespace {

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

}  // namespace

Result<CsvFiles> CsvFiles::open(std::vector<std::unique_ptr<File>> disks,
                                const OpenOptions& options) {
  CsvFiles files;
  files.options_ = options;
  files.threads_ = threads_or_all(options.threads);
  for (auto& disk : disks) QUINTILE_TRY_STATUS(files.open_file(std::move(disk)));
  return files;
}

Status CsvFiles::open_file(std::unique_ptr<File> disk) {
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
  if (const auto foreign = foreign_format(head)) {
    return fail(ErrorCode::Input, fmt::format("this is {}, neither CSV nor Parquet", foreign->what),
                std::string(foreign->advice), {.file = name});
  }
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

Status CsvFiles::convert(InputFile& file, TextEncoding encoding, std::string reason) {
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
Status CsvFiles::convert_eight_bit(InputFile& file) {
  QUINTILE_TRY(const EightBitLook look, look_at_bytes(file.text()));
  if (options_.encoding == Encoding::Utf8 || look.utf8_sequences > look.stray_bytes) {
    return fail_at(
        file, look.first_stray,
        look.stray_bytes == 1
            ? "a byte here is not UTF-8"
            : fmt::format("{} bytes are not UTF-8, the first of them here", look.stray_bytes),
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
Status CsvFiles::cut_up(InputFile& file) {
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
  const auto separator = separator_line(head);
  if (separator) {
    file.text_begin += separator->bytes;
    QUINTILE_TRY_STATUS(look_at(&head, &is_whole));
  }
  file.dialect.quote = options_.quote;
  FoundDelimiter found{.delimiter = options_.delimiter.value_or(','),
                       .reason = "stated in the plan"};
  if (!options_.delimiter)
    found = separator ? FoundDelimiter{separator->delimiter, "the first line states it by sep="}
                      : find_delimiter(head, options_.quote, is_whole);
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
    if (const std::size_t zero = raw.find('\0'); zero != std::string_view::npos) {
      return fail_at(file, file.text_begin + cell.begin + static_cast<std::int64_t>(zero),
                     kZeroByte, kFetchAgain);
    }
    file.first_row.emplace_back(trim(unquote(raw, file.dialect.quote)));
  }
  file.first_row_begin = file.text_begin + scanner.row_begin();
  file.first_row_end = file.text_begin + scanner.position();
  return {};
}

Status CsvFiles::choose_header(bool headerless) {
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

Status CsvFiles::find_rows() {
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
  std::vector<Block> blocks(static_cast<std::size_t>(threads_));
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
                                           blocks[static_cast<std::size_t>(worker)]);
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
    return fail_at(files_[zero->first], zero->second, kZeroByte, kFetchAgain);
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

void CsvFiles::combine_counts(const std::vector<std::vector<RowCount>>& counts) {
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

Status CsvFiles::number_rows() {
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

Status CsvFiles::turn_careful(int file) {
  auto& input = files_[static_cast<std::size_t>(file)];
  QUINTILE_TRY(auto chunks, scan_carefully(input, file, static_cast<std::int64_t>(names_.size()),
                                           options_.chunk_bytes));
  input.careful = true;
  file_chunks_[static_cast<std::size_t>(file)] = std::move(chunks);
  return {};
}

Result<std::string_view> CsvFiles::load(const Chunk& chunk, Block& block, CellIndex& index,
                                        bool* regular) const {
  const InputFile& file = of(chunk);
  QUINTILE_TRY(const std::string_view text, file.text().read(chunk.offset, chunk.size, block));
  const auto columns = static_cast<std::int64_t>(names_.size());
  *regular = file.careful ? index_carefully(text, file.dialect, columns, chunk.rows, index)
                          : kernels().index_cells(text, file.dialect.delimiter, file.dialect.quote,
                                                  columns, chunk.rows, index);
  return text;
}

Error CsvFiles::explain_irregular(int file) const {
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

}  // namespace quintile::io::csv

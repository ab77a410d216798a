#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/io/bytes.h"
#include "quintile/io/csv/dialect.h"
#include "quintile/io/csv/encoding.h"
#include "quintile/io/csv/structure.h"
#include "quintile/io/open.h"
#include "quintile/table/source.h"

namespace quintile::io::csv {

// A single record is found from the last of these rows whose place is known: one cell takes 10 us
// in place of 160 for its whole chunk (random rows of a million customers, in a loop).
inline constexpr std::int64_t kMarkedRows = 64;

/// Whole rows of one file that one thread reads at a time.
struct Chunk {
  int file = 0;
  std::int64_t offset = 0, size = 0;
  std::int64_t first_row = 0, rows = 0;  ///< over all files
  std::vector<std::uint32_t> marks;      ///< where every 64th row begins, once it has been read

  /// The rows from one mark to the next, among them row `row` of the table.
  [[nodiscard]] Chunk part_with(std::int64_t row) const;
};

/// An open file, and what was found out about it.
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

/// The files of one table: their encodings, delimiters and header, and where their rows are.
class CsvFiles {
 public:
  /// Errors: Io; Input with its place, where a file holds no rows under names.
  [[nodiscard]] static Result<CsvFiles> open(std::vector<std::unique_ptr<File>> disks,
                                             const OpenOptions& options);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<InputFile>& all() const { return files_; }
  [[nodiscard]] const InputFile& front() const { return files_.front(); }
  [[nodiscard]] const InputFile& of(const Chunk& chunk) const {
    return files_[static_cast<std::size_t>(chunk.file)];
  }
  [[nodiscard]] bool headerless() const { return headerless_; }
  /// What opening found out, of a single file alone.
  [[nodiscard]] const std::vector<table::Detection>& found() const { return found_; }

  /// Takes the first row of every file as names, or as data under the names column_1, column_2, ...
  [[nodiscard]] Status choose_header(bool headerless);

  /// Finds the rows, once. Errors: as `open`, and Input with its place for what is no table.
  [[nodiscard]] Status find_rows();
  // From here on after `find_rows`.
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const std::vector<Chunk>& chunks() const { return chunks_; }
  [[nodiscard]] const Chunk& chunk_with(std::int64_t row) const {
    return *std::prev(std::ranges::upper_bound(chunks_, row, {}, &Chunk::first_row));
  }
  /// Remembers where every 64th row of a chunk begins. Chunks may be marked from several threads.
  void mark(std::size_t chunk, std::vector<std::uint32_t> marks) {
    chunks_[chunk].marks = std::move(marks);
  }

  /// The bytes of a chunk and where their cells lie; `*regular` is false where they are no longer
  /// what was counted.
  [[nodiscard]] Result<std::string_view> load(const Chunk& chunk, Block& block, CellIndex& index,
                                              bool* regular) const;
  /// Why they are not.
  [[nodiscard]] Error explain_irregular(int file) const;

 private:
  [[nodiscard]] Status open_file(std::unique_ptr<File> disk);
  [[nodiscard]] Status convert(InputFile& file, TextEncoding encoding, std::string reason);
  [[nodiscard]] Status convert_eight_bit(InputFile& file);
  [[nodiscard]] Status cut_up(InputFile& file);
  void note(std::string what, std::string chosen, std::string reason) {
    if (files_.size() == 1)
      found_.push_back({std::move(what), std::move(chosen), std::move(reason)});
  }
  void combine_counts(const std::vector<std::vector<RowCount>>& counts);
  [[nodiscard]] Status number_rows();
  [[nodiscard]] Status turn_careful(int file);

  OpenOptions options_;
  int threads_ = 1;
  std::vector<std::string> names_;
  std::vector<InputFile> files_;
  std::vector<std::vector<Chunk>> file_chunks_;
  std::vector<Chunk> chunks_;
  bool headerless_ = false;
  bool rows_found_ = false;
  std::int64_t rows_ = 0;
  std::vector<table::Detection> found_;
};

/// Line and column of `offset`. A CR and the LF after it are one line end.
[[nodiscard]] Result<Place> place_of(const InputFile& file, std::int64_t offset);

}  // namespace quintile::io::csv

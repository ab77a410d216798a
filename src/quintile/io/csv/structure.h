#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

/// Where the cells of delimited text lie. Two passes, both over stretches ("chunks") that several
/// threads take in any order: `count_rows` finds out how many rows start in a chunk, for both
/// answers to whether a quoted cell is open at its begin; `index_cells` then finds the cells of
/// whole rows.
///
/// A row ends at a line feed or a carriage return outside quotes; empty lines are no rows, so LF,
/// CRLF, CR and any mixture of them read alike.
namespace quintile::io::csv {

/// What one chunk holds. Index 0 of a pair supposes that its first byte is outside quotes, 1
/// inside.
struct RowCount {
  std::int64_t rows[2] = {0, 0};         ///< that start here
  std::int64_t first_row[2] = {-1, -1};  ///< offset of the first of them
  bool stray_quotes[2] = {
      false, false};  ///< some quote is neither the first nor the last byte of a cell, nor doubled
  bool flips_quotes = false;  ///< an odd number of quotes
  bool has_quotes = false;
  bool has_high_bytes = false;  ///< bytes of 0x80 and more
  bool has_zero_bytes = false;
};

/// `before` is the byte before the chunk, a line end at the begin of the data. 64 bytes after the
/// end are read.
using CountRows = RowCount (*)(std::string_view chunk, char delimiter, char quote, char before);

/// Where the cells of a chunk's rows end, in bytes from its begin, row after row.
struct CellIndex {
  std::vector<std::uint32_t> row_begin;  ///< of each row
  std::vector<std::uint32_t>
      cell_end;         ///< rows x columns; the byte there is a delimiter or ends the row
  bool quoted = false;  ///< some cell may be in quotes
};

/// Finds `rows` rows of `columns` cells each; `chunk` starts with a row and holds whole rows. False
/// when it is not as regular as that: a row has another number of cells, a quote is stray or not
/// closed. Then `index` means nothing. 64 bytes after the end of `chunk` are read.
using IndexCells = bool (*)(std::string_view chunk, char delimiter, char quote,
                            std::int64_t columns, std::int64_t rows, CellIndex& index);

struct Kernels {
  const char* name;
  CountRows count_rows;
  IndexCells index_cells;
};

/// The fastest kernels that this processor runs.
[[nodiscard]] const Kernels& kernels();
/// All that this processor runs, "portable" among them; they give the same results.
[[nodiscard]] std::vector<Kernels> all_kernels();

}  // namespace quintile::io::csv

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/table/source.h"

namespace quintile::io::csv {

/// How a file's text is cut into rows and cells.
struct Dialect {
  char delimiter = ',';
  char quote = '"';
  friend bool operator==(const Dialect&, const Dialect&) = default;
};

/// "comma", "semicolon", "tab", "bar", "blanks", or the character itself.
[[nodiscard]] std::string delimiter_name(char delimiter);

/// A cell where it stands, quotes included.
struct RawCell {
  std::int64_t begin = 0,
               end = 0;  ///< offsets in the text scanned; `end` is its delimiter's or line end's
};

/// Cuts text into rows one byte after the other, by the letter of the rules: a quote opens a cell
/// only as its first byte, two quotes within are one, a quote inside an unquoted cell is text like
/// any other. Slow; it decides what the kernels of structure.h only suppose, and finds the place of
/// what is wrong.
class RowScanner {
 public:
  RowScanner(std::string_view text, Dialect dialect, bool is_whole)
      : text_(text), dialect_(dialect), is_whole_(is_whole) {}

  enum class Next : std::uint8_t {
    Row,             ///< `cells()` has one more
    End,             ///< no further row
    Incomplete,      ///< the text stops within a row; more of it is needed (never when it is whole)
    UnclosedQuote,   ///< at `trouble()` a quote opens that nothing closes
    TextAfterQuote,  ///< at `trouble()` something follows a closing quote
  };
  [[nodiscard]] Next next();
  [[nodiscard]] const std::vector<RawCell>& cells() const { return cells_; }
  [[nodiscard]] std::int64_t trouble() const { return trouble_; }
  /// Where the last row begins, and where the scanner stands: after the row and its line end's
  /// first byte.
  [[nodiscard]] std::int64_t row_begin() const { return row_begin_; }
  [[nodiscard]] std::int64_t position() const { return at_; }

 private:
  [[nodiscard]] Next scan_cell();
  std::string_view text_;
  Dialect dialect_;
  bool is_whole_;
  std::vector<RawCell> cells_;
  std::int64_t at_ = 0, row_begin_ = 0, trouble_ = 0;
};

/// The text of a cell without its quotes; pairs of quotes become one.
[[nodiscard]] std::string unquote(std::string_view raw, char quote);
/// The same at the end of `out`.
void append_unquoted(std::string& out, std::string_view raw, char quote);

/// `sep=;` in the first line, as Excel writes and reads it: the delimiter, and how many bytes the
/// line takes with its end. Nothing where the text begins otherwise.
struct SeparatorLine {
  char delimiter = ',';
  std::int64_t bytes = 0;
};
[[nodiscard]] std::optional<SeparatorLine> separator_line(std::string_view text);

/// Finds the delimiter by what splits the rows of `sample` into the same number of cells, most of
/// them.
struct FoundDelimiter {
  char delimiter = ',';
  std::string reason;
};
[[nodiscard]] FoundDelimiter find_delimiter(std::string_view sample, char quote, bool is_whole);

}  // namespace quintile::io::csv

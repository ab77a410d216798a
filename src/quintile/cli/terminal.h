#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

/// What people read on a terminal: widths, colour, wrapped text and tables.
namespace quintile::cli {

enum class Style : std::uint8_t { Plain, Bold, Dim, Good, Bad, Accent };

/// A stream as a terminal: its width, and whether colour is welcome there.
///
/// Colour only where the stream is a terminal, NO_COLOR is empty and TERM is not "dumb". The width
/// is the window's, COLUMNS where that is not known, and 100 where nothing is known; never
/// below 40.
class Terminal {
 public:
  explicit Terminal(std::FILE* stream);
  Terminal(int width, bool colour) : width_(width), colour_(colour) {}

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] bool interactive() const { return interactive_; }
  [[nodiscard]] std::string paint(Style style, std::string_view text) const;

  /// `text` broken between words at the width, each line after the first indented by `indent`
  /// blanks.
  [[nodiscard]] std::string wrapped(std::string_view text, int indent = 0) const;

 private:
  int width_ = 100;
  bool colour_ = false;
  bool interactive_ = false;
};

/// How many columns a UTF-8 text takes: wide East Asian characters two, combining marks none.
[[nodiscard]] int display_width(std::string_view text);

/// Cells in aligned columns. Where the terminal is too narrow, the columns of lowest priority are
/// left out, then the first column is shortened with "…".
class Table {
 public:
  enum class Align : std::uint8_t { Left, Right };
  struct Heading {
    std::string text;
    Align align = Align::Right;
    int priority = 0;  ///< 0 stays longest
  };
  explicit Table(std::vector<Heading> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells, Style style = Style::Plain) {
    rows_.push_back({std::move(cells), style});
  }
  [[nodiscard]] std::string to_string(const Terminal& terminal) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Style style;
  };
  std::vector<Heading> headings_;
  std::vector<Row> rows_;
};

}  // namespace quintile::cli

#include "quintile/io/csv/dialect.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "quintile/base/text.h"

namespace quintile::io::csv {

namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }
constexpr std::size_t kSampleRows = 200;

/// Cells of every line when runs of blanks part them; 0 when lines differ.
std::size_t blank_columns(std::string_view sample, bool is_whole) {
  std::size_t columns = 0, rows = 0;
  while (!sample.empty() && rows < kSampleRows) {
    const std::size_t end = sample.find_first_of("\r\n");
    if (end == std::string_view::npos && !is_whole) break;
    const std::string_view line = trim(sample.substr(0, end));
    sample.remove_prefix(end == std::string_view::npos ? sample.size() : end + 1);
    if (line.empty()) continue;
    std::size_t cells = 1;
    for (std::size_t i = 1; i < line.size(); ++i)
      cells +=
          (line[i] == ' ' || line[i] == '\t') && line[i - 1] != ' ' && line[i - 1] != '\t' ? 1 : 0;
    if (rows++ > 0 && cells != columns) return 0;
    columns = cells;
  }
  return columns;
}

}  // namespace

std::optional<SeparatorLine> separator_line(std::string_view text) {
  const bool is_quoted = text.starts_with("\"sep=");
  std::size_t at = is_quoted ? 5 : 4;
  if (!is_quoted && !text.starts_with("sep=")) return std::nullopt;
  if (at >= text.size() || is_line_end(text[at])) return std::nullopt;
  const char delimiter = text[at++];
  if (is_quoted && (at == text.size() || text[at++] != '"')) return std::nullopt;
  if (at == text.size() || !is_line_end(text[at])) return std::nullopt;
  at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  return SeparatorLine{delimiter, static_cast<std::int64_t>(at)};
}

std::string delimiter_name(char delimiter) {
  switch (delimiter) {
    case ',': return "comma";
    case ';': return "semicolon";
    case '\t': return "tab";
    case '|': return "bar";
    case ' ': return "blanks";
    default: return std::string(1, delimiter);
  }
}

RowScanner::Next RowScanner::scan_cell() {
  const auto size = static_cast<std::int64_t>(text_.size());
  const auto byte = [&](std::int64_t i) { return text_[static_cast<std::size_t>(i)]; };
  RawCell cell{.begin = at_};
  if (at_ < size && byte(at_) == dialect_.quote) {
    const std::int64_t opening = at_++;
    while (true) {
      while (at_ < size && byte(at_) != dialect_.quote) ++at_;
      if (at_ == size) {
        trouble_ = opening;
        return is_whole_ ? Next::UnclosedQuote : Next::Incomplete;
      }
      ++at_;
      if (at_ == size || byte(at_) != dialect_.quote) break;
      ++at_;
    }
    if (at_ < size && byte(at_) != dialect_.delimiter && !is_line_end(byte(at_))) {
      trouble_ = at_;
      return Next::TextAfterQuote;
    }
  } else {
    while (at_ < size && byte(at_) != dialect_.delimiter && !is_line_end(byte(at_))) ++at_;
  }
  if (at_ == size && !is_whole_) return Next::Incomplete;
  cell.end = at_;
  cells_.push_back(cell);
  return Next::Row;
}

RowScanner::Next RowScanner::next() {
  const auto size = static_cast<std::int64_t>(text_.size());
  while (at_ < size && is_line_end(text_[static_cast<std::size_t>(at_)])) ++at_;
  if (at_ == size) return Next::End;
  row_begin_ = at_;
  cells_.clear();
  while (true) {
    const Next cell = scan_cell();
    if (cell != Next::Row) return cell;
    if (at_ == size) return Next::Row;
    if (is_line_end(text_[static_cast<std::size_t>(at_++)])) return Next::Row;
  }
}

void append_unquoted(std::string& out, std::string_view raw, char quote) {
  if (raw.size() < 2 || raw.front() != quote) {
    out += raw;
    return;
  }
  // Up to a quote, then past the one that doubles it.
  std::string_view left = raw.substr(1, raw.size() - 2);
  for (std::size_t at = left.find(quote); at != std::string_view::npos; at = left.find(quote)) {
    out += left.substr(0, at + 1);
    left.remove_prefix(std::min(at + 2, left.size()));
  }
  out += left;
}

std::string unquote(std::string_view raw, char quote) {
  std::string text;
  append_unquoted(text, raw, quote);
  return text;
}

FoundDelimiter find_delimiter(std::string_view sample, char quote, bool is_whole) {
  struct Candidate {
    char delimiter = ',';
    std::size_t columns = 1, agreeing = 0, rows = 0;
  };
  Candidate best;
  for (const char delimiter : {',', ';', '\t', '|'}) {
    RowScanner scanner(sample, {.delimiter = delimiter, .quote = quote}, is_whole);
    std::map<std::size_t, std::size_t> counts;
    Candidate candidate{.delimiter = delimiter};
    while (candidate.rows < kSampleRows && scanner.next() == RowScanner::Next::Row) {
      ++counts[scanner.cells().size()];
      ++candidate.rows;
    }
    for (const auto& [columns, rows] : counts) {
      if (columns > 1 && rows >= candidate.agreeing) {
        candidate.agreeing = rows;
        candidate.columns = columns;
      }
    }
    // More rows that agree win; then more columns. Commas of decimal numbers split rows too, but
    // not all alike.
    const auto share = [](const Candidate& c) {
      return c.rows == 0 ? 0.0 : static_cast<double>(c.agreeing) / static_cast<double>(c.rows);
    };
    if (share(candidate) > share(best) ||
        (share(candidate) == share(best) && candidate.columns > best.columns))
      best = candidate;
  }
  if (best.columns == 1) {
    if (const std::size_t columns = blank_columns(sample, is_whole); columns > 1) {
      return {.delimiter = ' ',
              .reason = fmt::format("no other delimiter, and blanks make {} cells of every line",
                                    columns)};
    }
  }
  if (best.columns == 1)
    return {.delimiter = ',', .reason = "no delimiter splits the lines alike: one column"};
  return {.delimiter = best.delimiter,
          .reason = fmt::format("{} in {} of the first {} rows", best.columns - 1, best.agreeing,
                                best.rows)};
}

}  // namespace quintile::io::csv

#include "quintile/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include <sys/ioctl.h>

namespace quintile::cli {

namespace {

constexpr int kWidthMin = 40;
constexpr int kGap = 2;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::Plain: return "";
    case Style::Bold: return "\x1b[1m";
    case Style::Dim: return "\x1b[2m";
    case Style::Good: return "\x1b[32m";
    case Style::Bad: return "\x1b[31m";
    case Style::Accent: return "\x1b[36m";
  }
  return "";
}

/// The code point that starts at `at`, and where the next one starts; invalid bytes stand for
/// themselves.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  char32_t code = more == 0 ? lead : lead & (0x3FU >> more);
  for (int i = 0; i < more && at < text.size(); ++i)
    code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  return code;
}

int width_of(char32_t code) {
  if ((code >= 0x300 && code <= 0x36F) || (code >= 0x200B && code <= 0x200F) || code == 0xFEFF)
    return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                    (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                    (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
  return wide ? 2 : 1;
}

std::string shortened(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  std::string result;
  int used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const int next = width_of(next_code_point(text, at));
    if (used + next > width - 1) break;
    result += text.substr(begin, at - begin);
    used += next;
  }
  return result + "…";
}

std::string padded(std::string_view text, int width, Table::Align align) {
  const std::string blanks(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
  return align == Table::Align::Left ? std::string(text) + blanks : blanks + std::string(text);
}

}  // namespace

Terminal::Terminal(std::FILE* stream) {
  const int descriptor = fileno(stream);
  interactive_ = isatty(descriptor) == 1;
  winsize size{};
  if (interactive_ && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    width_ = size.ws_col;
  } else if (const int columns = std::atoi(std::string(environment("COLUMNS")).c_str());
             columns > 0) {
    width_ = columns;
  }
  width_ = std::max(kWidthMin, width_);
  colour_ = interactive_ && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

std::string Terminal::paint(Style style, std::string_view text) const {
  if (!colour_ || style == Style::Plain) return std::string(text);
  return std::string(escape_of(style)) + std::string(text) + "\x1b[0m";
}

std::string Terminal::wrapped(std::string_view text, int indent) const {
  std::string result;
  int column = 0;
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const int width = display_width(word);
    if (!first && column + 1 + width > width_) {
      result += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
      column = indent;
    } else if (!first) {
      result += ' ';
      ++column;
    }
    result += word;
    column += width;
    first = false;
    at = end + 1;
  }
  return result;
}

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("\x1b[")) {
      at = std::min(text.find('m', at), text.size() - 1) + 1;
      continue;
    }
    width += width_of(next_code_point(text, at));
  }
  return width;
}

std::string Table::to_string(const Terminal& terminal) const {
  std::vector<int> widths;
  for (std::size_t c = 0; c < headings_.size(); ++c) {
    int width = display_width(headings_[c].text);
    for (const Row& row : rows_) width = std::max(width, display_width(row.cells[c]));
    widths.push_back(width);
  }
  std::vector<std::size_t> shown(headings_.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  const auto total = [&] {
    int sum = -kGap;
    for (const std::size_t c : shown) sum += widths[c] + kGap;
    return sum;
  };
  while (total() > terminal.width() && shown.size() > 2) {
    const auto last =
        std::ranges::max_element(shown, {}, [&](std::size_t c) { return headings_[c].priority; });
    if (headings_[*last].priority == 0) break;
    shown.erase(last);
  }
  if (const int excess = total() - terminal.width(); excess > 0)
    widths[shown[0]] = std::max(4, widths[shown[0]] - excess);

  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const std::size_t c = shown[i];
      if (i > 0) text += std::string(kGap, ' ');
      text += padded(shortened(cell_of(c), widths[c]), widths[c], headings_[c].align);
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  };
  std::string text =
      terminal.paint(Style::Dim,
                     line([&](std::size_t c) { return std::string_view(headings_[c].text); })) +
      "\n";
  for (const Row& row : rows_) {
    text += terminal.paint(row.style,
                           line([&](std::size_t c) { return std::string_view(row.cells[c]); })) +
            "\n";
  }
  return text;
}

}  // namespace quintile::cli

#pragma once

#include <string_view>
#include <utility>

/// The words and signs of the expression language.
namespace quintile::expression {

/// Never the bare name of a field; `starts_with`, `contains` and `missing` are names where no
/// function or `is` makes them more.
inline constexpr std::string_view kReserved[] = {"and", "or",   "not", "between",
                                                 "in",  "true", "is",  "false"};

/// What people write from habit, and what it is here.
inline constexpr std::pair<std::string_view, std::string_view> kForeignOperators[] = {
    {"==", "="},  {"<>", "!="}, {"&&", "and"},    {"||", "or"},     {"=>", ">="},
    {"=<", "<="}, {"!<", ">="}, {"\u2264", "<="}, {"\u2265", ">="}, {"\u2260", "!="}};

/// Single and typographic quotes.
inline constexpr std::string_view kForeignQuotes[] = {
    "'", "\u2018", "\u2019", "\u201A", "\u201C", "\u201D", "\u201E", "\u00AB", "\u00BB"};

inline constexpr std::string_view kNoBreakSpace = "\u00A0";

struct Escape {
  char letter;
  char character;
};
inline constexpr Escape kEscapes[] = {
    {'"', '"'}, {'\\', '\\'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}};

/// `kReserved` holds `word`.
constexpr bool is_reserved(std::string_view word) {
  for (const std::string_view reserved : kReserved) {
    if (word == reserved) return true;
  }
  return false;
}

/// `text` starts with a sign that ends a bare name although it lies beyond ASCII.
constexpr bool starts_with_foreign_sign(std::string_view text) {
  for (const auto& [foreign, ours] : kForeignOperators) {
    if (text.starts_with(foreign)) return true;
  }
  for (const std::string_view quote : kForeignQuotes) {
    if (text.starts_with(quote)) return true;
  }
  return text.starts_with(kNoBreakSpace);
}

/// ASCII letters, the underscore and every character beyond ASCII start a bare name; digits go on.
constexpr bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

}  // namespace quintile::expression

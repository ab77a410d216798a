// Any bytes as a name, as a text and inside an expression: in every dialect the SQL that comes out
// holds them in quotes alone, which read back as the same bytes, and nothing outside of the quotes
// ends a statement or starts a comment.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quintile/base/check.h"
#include "quintile/engine/sql/translate.h"

namespace {

using quintile::Type;
namespace sql = quintile::engine::sql;

struct Quoted {
  std::string text;
  std::size_t end = 0;  ///< just behind it
};

char plain_of(char escaped) {
  switch (escaped) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return escaped;
  }
}

/// Reads a quoted text as an engine does; nothing where it has no end.
std::optional<Quoted> unquote(std::string_view text, std::size_t begin, bool backslash) {
  const char quote = text[begin];
  Quoted quoted;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (backslash && text[i] == '\\') {
      if (++i == text.size()) return std::nullopt;
      quoted.text += plain_of(text[i]);
    } else if (text[i] != quote) {
      quoted.text += text[i];
    } else if (!backslash && i + 1 < text.size() && text[i + 1] == quote) {
      quoted.text += text[i++];
    } else if (quote == '`' && i + 1 < text.size() && text[i + 1] == quote) {
      quoted.text += text[i++];
    } else {
      quoted.end = i + 1;
      return quoted;
    }
  }
  return std::nullopt;
}

/// The SQL without what stands in quotes.
std::string outside_of_quotes(std::string_view text, const sql::Traits& traits) {
  std::string rest;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c != '\'' && c != traits.quote) {
      rest += c;
      ++i;
      continue;
    }
    const auto quoted =
        unquote(text, i, c == '\'' ? traits.backslash_in_texts : traits.backslash_in_names);
    QUINTILE_CHECK(quoted.has_value());
    rest += '?';
    i = quoted->end;
  }
  return rest;
}

void check_quotes(const sql::Dialect& dialect, const std::string& bytes) {
  const std::string name = dialect.name(bytes).text();
  const auto named = unquote(name, 0, dialect.traits().backslash_in_names);
  QUINTILE_CHECK(named && named->end == name.size() && named->text == bytes);

  const std::string literal = dialect.text(bytes).text();
  constexpr std::string_view kBackslash = " || CHR(92) || ";
  std::string read;
  for (std::size_t at = 0; at < literal.size();) {
    const auto quoted = unquote(literal, at, dialect.traits().backslash_in_texts);
    QUINTILE_CHECK(quoted.has_value());
    read += quoted->text;
    at = quoted->end;
    if (at == literal.size()) break;
    QUINTILE_CHECK(literal.substr(at, kBackslash.size()) == kBackslash);
    read += '\\';
    at += kBackslash.size();
  }
  QUINTILE_CHECK(read == bytes);
}

/// The first letter of a field's name decides what it is.
std::optional<sql::Field> field_of(std::string_view name, const sql::Dialect& dialect) {
  const sql::Sql column = dialect.name(name);
  switch (name.empty() ? ' ' : name.front()) {
    case 'i': return sql::Field{{Type::Integer, 0}, column, {}};
    case 'm': return sql::Field{{Type::Decimal, 4}, column, {}};
    case 'd': return sql::Field{{Type::Date, 0}, column, {}};
    case 's': return sql::Field{{Type::Timestamp, 0}, column, dialect.day(column)};
    case 'b': return sql::Field{{Type::Boolean, 0}, column, {}};
    case 'x': return sql::Field{{Type::Real, 0}, column, {}};
    default: return sql::Field{{Type::Text, 0}, column, {}};
  }
}

void check_expression(const sql::Dialect& dialect,
                      const quintile::expression::Expression& expression) {
  const auto condition = sql::translate(
      expression, [&](std::string_view name) { return field_of(name, dialect); }, {}, dialect);
  if (!condition) return;
  const std::string rest = outside_of_quotes(condition->text(), dialect.traits());
  int depth = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    depth += rest[i] == '(' ? 1 : rest[i] == ')' ? -1 : 0;
    QUINTILE_CHECK(depth >= 0 && rest[i] != ';' && rest[i] != '#' && rest[i] != '\\');
    const std::string_view two = std::string_view(rest).substr(i, 2);
    QUINTILE_CHECK(two != "--" && two != "/*");
    // Nothing but what the generator's own formats are made of.
    const auto byte = static_cast<unsigned char>(rest[i]);
    QUINTILE_CHECK(byte >= 0x20 && byte < 0x7F);
  }
  QUINTILE_CHECK(depth == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const bool has_nul = bytes.find('\0') != std::string::npos;
  const auto expression = quintile::expression::parse(bytes);
  const auto location = sql::parse_location(bytes);
  for (std::size_t product = 0; product < sql::kProducts; ++product) {
    const sql::Dialect dialect(static_cast<sql::Product>(product));
    if (!has_nul) check_quotes(dialect, bytes);
    if (expression) {
      bool is_fit = true;
      for (const std::string& name : quintile::expression::fields_of(*expression))
        is_fit = is_fit && name.find('\0') == std::string::npos;
      if (is_fit) check_expression(dialect, *expression);
    }
    if (location && location->product == dialect.product()) {
      if (const auto source = dialect.source(*location))
        static_cast<void>(dialect.describe(*location, *source));
    }
  }
  return 0;
}

#include "quintile/mart/json_writer.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"

namespace quintile::mart {

std::string shortest(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value == 0 ? 0.0 : value).ptr;
  return {buffer, end};
}

std::string json_quoted(std::string_view value) {
  const bool sound = is_utf8(value);
  std::string out = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else if (byte >= 0x80 && !sound) {
      out += "\xef\xbf\xbd";  // U+FFFD for each byte: JSON is UTF-8, whatever the data were
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string JsonWriter::plain_decimal(Int128 unscaled, int scale) {
  std::string text = decimal_to_string(unscaled, scale);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

void JsonWriter::new_line() {
  if (!pretty_) return;
  text_ += '\n';
  text_.append(2 * levels_.size(), ' ');
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  Level& level = levels_.back();
  if (!level.empty) text_ += ',';
  if (level.one_a_line) {
    new_line();
  } else if (!level.empty && pretty_) {
    text_ += ' ';
  }
  level.empty = false;
}

void JsonWriter::begin(char bracket, bool one_a_line) {
  separate();
  text_ += bracket;
  levels_.push_back({.one_a_line = one_a_line});
}

void JsonWriter::end(char bracket) {
  QUINTILE_CHECK(!levels_.empty() && !after_key_);
  const Level level = levels_.back();
  levels_.pop_back();
  if (level.one_a_line && !level.empty) new_line();
  text_ += bracket;
}

void JsonWriter::key(std::string_view name) {
  separate();
  text_ += json_quoted(name);
  text_ += pretty_ ? ": " : ":";
  after_key_ = true;
}

void JsonWriter::number(std::string_view json) {
  separate();
  text_ += json;
}

void JsonWriter::text(std::string_view value) {
  separate();
  text_ += json_quoted(value);
}

void JsonWriter::integer(std::int64_t value) { number(std::to_string(value)); }

void JsonWriter::real(double value) {
  if (std::isfinite(value)) {
    number(shortest(value));
  } else {
    null();
  }
}

std::string JsonWriter::take() {
  QUINTILE_CHECK(levels_.empty() && !after_key_);
  if (pretty_) text_ += '\n';
  return std::move(text_);
}

}  // namespace quintile::mart

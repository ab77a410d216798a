#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/money.h"

namespace quintile::mart {

/// Writes JSON in the order of the calls: two spaces a level, lists of plain values on one line.
/// Numbers keep every digit: money is written as exact decimal text, which a library that goes
/// through doubles could not.
///
/// The caller sees to it that calls nest; `take` checks that everything is closed.
class JsonWriter {
 public:
  /// `pretty` is about line ends and blanks alone.
  explicit JsonWriter(bool pretty = true) : pretty_(pretty) {}

  void begin_object() { begin('{', true); }
  void end_object() { end('}'); }
  void begin_array(bool one_a_line) { begin('[', one_a_line); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  void text(std::string_view value);
  void integer(std::int64_t value);
  /// The shortest text that reads back as the same double; null where it is not finite.
  void real(double value);
  void boolean(bool value) { number(value ? "true" : "false"); }
  void null() { number("null"); }
  /// `minor_units / 10^scale` without trailing zeros: 1234.5.
  void money(Int128 minor_units, int scale) { number(plain_decimal(minor_units, scale)); }
  /// A number or word that is JSON already.
  void number(std::string_view json);

  /// The text, with one line end at the end when pretty.
  [[nodiscard]] std::string take();

  /// "1234.5" for 123450 at scale 2; "-0.05"; "12".
  [[nodiscard]] static std::string plain_decimal(Int128 unscaled, int scale);

 private:
  struct Level {
    bool one_a_line = true;
    bool empty = true;
  };
  void begin(char bracket, bool one_a_line);
  void end(char bracket);
  void separate();
  void new_line();

  bool pretty_;
  bool after_key_ = false;
  std::vector<Level> levels_;
  std::string text_;
};

/// `value` between quotes, escaped.
[[nodiscard]] std::string json_quoted(std::string_view value);

/// The shortest text that reads back as the same double.
[[nodiscard]] std::string shortest(double value);

}  // namespace quintile::mart

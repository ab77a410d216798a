#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/mart/json_writer.h"

namespace quintile::mart {

struct JsonMember;

/// A JSON value whose numbers are kept as they were written, so that money survives being read.
struct JsonValue {
  enum class Kind : std::uint8_t { Null, Boolean, Number, Text, Array, Object };
  Kind kind = Kind::Null;
  std::string text;  ///< Number: as written; Text: its value; Boolean: "true" or "false"
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;  ///< in the order of the text

  [[nodiscard]] const JsonValue* find(std::string_view key) const;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

/// Errors: CheckFailed with the name of the file and the byte where the text stops being JSON.
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text, const std::string& file);

/// Writes `value` in its own order.
void write_json(JsonWriter& writer, const JsonValue& value);

}  // namespace quintile::mart

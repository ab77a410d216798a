#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "quintile/mart/json_value_internal.h"

namespace quintile::mart {

namespace {

using Kind = JsonValue::Kind;

// Builds the tree from the parser's events; the parser of nlohmann hands numbers over as their text
// too.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonValue root;
  std::size_t error_at = 0;

  bool null() override { return put({}); }
  bool boolean(bool value) override {
    return put({Kind::Boolean, value ? "true" : "false", {}, {}});
  }
  bool number_integer(number_integer_t value) override {
    return put({Kind::Number, std::to_string(value), {}, {}});
  }
  bool number_unsigned(number_unsigned_t value) override {
    return put({Kind::Number, std::to_string(value), {}, {}});
  }
  bool number_float(number_float_t, const string_t& text) override {
    return put({Kind::Number, text, {}, {}});
  }
  bool string(string_t& value) override { return put({Kind::Text, value, {}, {}}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open({Kind::Object, "", {}, {}}); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open({Kind::Array, "", {}, {}}); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    open_.back().second = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_at = position;
    return false;
  }

 private:
  static constexpr std::size_t kDepthMax = 100;

  bool put(JsonValue value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (auto& [parent, name] = open_.back(); parent.kind == Kind::Object) {
      parent.members.emplace_back(std::move(name), std::move(value));
    } else {
      parent.items.push_back(std::move(value));
    }
    return true;
  }
  bool open(JsonValue value) {
    open_.emplace_back(std::move(value), "");
    return open_.size() <= kDepthMax;
  }
  bool close() {
    JsonValue value = std::move(open_.back().first);
    open_.pop_back();
    return put(std::move(value));
  }

  std::vector<std::pair<JsonValue, std::string>> open_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<JsonValue> parse_json(std::string_view text, const std::string& file) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) {
    return fail(ErrorCode::CheckFailed,
                fmt::format("{} is not sound JSON from byte {} on", file, builder.error_at),
                "Publish the mart again with `quintile run`.");
  }
  return std::move(builder.root);
}

void write_json(JsonWriter& writer, const JsonValue& value) {
  switch (value.kind) {
    case Kind::Text: return writer.text(value.text);
    case Kind::Null: return writer.null();
    case Kind::Number:
    case Kind::Boolean: return writer.number(value.text);
    case Kind::Array: {
      bool plain = true;
      for (const JsonValue& item : value.items)
        plain = plain && item.items.empty() && item.members.empty();
      writer.begin_array(!plain);
      for (const JsonValue& item : value.items) write_json(writer, item);
      return writer.end_array();
    }
    case Kind::Object:
      writer.begin_object();
      for (const auto& [name, member] : value.members) {
        writer.key(name);
        write_json(writer, member);
      }
      return writer.end_object();
  }
}

}  // namespace quintile::mart

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/config/reader_internal.h"

namespace quintile::config {
namespace {

/// Keys by the mapping that knows them, to say where a misplaced one belongs.
struct Home {
  std::string_view what;
  std::span<const std::string_view> keys;
};
constexpr Home kHomes[] = {{"input", kInputKeys},
                           {"input.csv", kCsvKeys},
                           {"review", kReviewKeys},
                           {"output", kOutputKeys},
                           {"the plan itself", kPlanKeys}};

std::string_view home_of(std::string_view key) {
  for (const Home& home : kHomes) {
    if (std::ranges::find(home.keys, key) != home.keys.end()) return home.what;
  }
  for (const Role& role : kRoles) {
    if (role.name == key) return "input.columns";
  }
  return {};
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

std::unexpected<Error> wrong_type(const Node& node, std::string_view what,
                                  std::string_view expected, ErrorCode code) {
  const std::string seen = node.is_scalar() ? fmt::format("{} '{}'", node.describe(), node.text)
                                            : std::string(node.describe());
  return fail(code, fmt::format("'{}' must be {}, not {}", what, expected, seen), {}, node.place);
}

Result<Fields> Fields::of(const Node& node, std::string what,
                          std::span<const std::string_view> keys, ErrorCode code) {
  Fields fields(node, std::move(what), code);
  const bool is_root = fields.what_.empty();
  const std::string name = is_root ? "the file" : fields.what_;
  if (node.kind == Node::Kind::Null && is_root) {
    return fail(code, "the file is empty",
                fmt::format("it begins with 'version: 1'; known keys: {}", fmt::join(keys, ", ")),
                node.place);
  }
  if (!node.is_map()) {
    return fail(code,
                fmt::format("{} must be a mapping of keys to values, not {}",
                            is_root ? name : "'" + name + "'", node.describe()),
                fmt::format("known keys: {}", fmt::join(keys, ", ")), node.place);
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& key = node.keys[i];
    if (std::ranges::find(keys, key.text) == keys.end()) {
      const std::string where = is_root ? "" : fmt::format(" in '{}'", name);
      const std::string_view home =
          code == ErrorCode::Plan ? home_of(key.text) : std::string_view();
      if (key.text == "<<") {
        return fail(code, fmt::format("merge keys '<<' are not read{}", where),
                    "write the values out", key.place);
      }
      if (!home.empty()) {
        return fail(code, fmt::format("unknown key '{}'{}", key.text, where),
                    fmt::format("it belongs in {}", home), key.place);
      }
      const std::string hint = did_you_mean(key.text, keys);
      return fail(code, fmt::format("unknown key '{}'{}{}", key.text, where, hint),
                  fmt::format("known keys: {}", fmt::join(keys, ", ")), key.place);
    }
    if (node.items[i].kind == Node::Kind::Null) {
      return fail(code, fmt::format("'{}' has no value", fields.path_of(key.text)),
                  "give it one, or remove the key", key.place);
    }
  }
  return fields;
}

std::string Fields::path_of(std::string_view key) const {
  return what_.empty() ? std::string(key) : fmt::format("{}.{}", what_, key);
}

Result<const Node*> Fields::require(std::string_view key, std::string advice) const {
  if (const Node* found = find(key)) return found;
  return fail(code_, fmt::format("'{}' is missing", path_of(key)), std::move(advice), node_->place);
}

Result<std::string> read_text(const Node& node, std::string_view what, ErrorCode code,
                              std::size_t length_max) {
  if (!node.is_scalar()) return wrong_type(node, what, "text", code);
  if (trim(node.text).empty())
    return fail(code, fmt::format("'{}' is empty", what), {}, node.place);
  if (node.text.size() > length_max) {
    return fail(code, fmt::format("'{}' is longer than {} bytes", what, length_max), {},
                node.place);
  }
  if (trim(node.text).find_first_of("\r\n\t") != std::string_view::npos) {
    return fail(code, fmt::format("'{}' must be one line without tabs", what),
                "'>-' folds several lines into one", node.place);
  }
  return std::string(trim(node.text));
}

Result<std::int64_t> read_integer(const Node& node, std::string_view what, std::int64_t minimum,
                                  std::int64_t maximum, ErrorCode code) {
  const std::string expected = fmt::format("a whole number from {} to {}", minimum, maximum);
  if (!node.is_scalar() || node.quoted) return wrong_type(node, what, expected, code);
  std::optional<std::int64_t> value;
  if (node.text.find_first_not_of("-0123456789") == std::string::npos) {
    if (const auto decimal = parse_decimal(node.text)) value = rescale(*decimal, 0);
  }
  if (!value || *value < minimum || *value > maximum) return wrong_type(node, what, expected, code);
  return *value;
}

Result<std::string> read_decimal(const Node& node, std::string_view what, ErrorCode code) {
  if (!node.is_scalar() || !parse_decimal(node.text))
    return wrong_type(node, what, "a decimal number", code);
  return node.text;
}

Result<bool> read_boolean(const Node& node, std::string_view what, ErrorCode code) {
  if (node.is_scalar() && !node.quoted && (node.text == "true" || node.text == "false"))
    return node.text == "true";
  return wrong_type(node, what, "true or false", code);
}

Result<expression::Expression> read_expression(const Node& node, std::string_view what,
                                               ErrorCode code) {
  if (!node.is_scalar()) return wrong_type(node, what, "a condition", code);
  if (trim(node.text).empty())
    return fail(code, fmt::format("'{}' is empty", what), {}, node.place);
  return expression::parse(node.text, node.text_place, code);
}

Result<std::vector<std::string>> read_names(const Node& node, std::string_view what,
                                            ErrorCode code) {
  if (!node.is_sequence()) return wrong_type(node, what, "a list, as in [a, b]", code);
  std::vector<std::string> names;
  for (const Node& item : node.items) {
    QUINTILE_TRY(std::string name, read_text(item, what, code));
    if (std::ranges::find(names, name) != names.end()) {
      return fail(code, fmt::format("'{}' names '{}' twice", what, name), "remove one of them",
                  item.place);
    }
    names.push_back(std::move(name));
  }
  return names;
}

Status check_version(const Fields& fields, ErrorCode code) {
  QUINTILE_TRY(const Node* version,
               fields.require("version", "write 'version: 1' in the first line"));
  if (version->is_scalar() && !version->quoted && version->text == "1") return {};
  auto error = wrong_type(*version, "version", "1", code);
  error.error().advice = "this program reads version 1";
  return error;
}

std::unexpected<Error> unknown_word(const Node& node, std::string_view what,
                                    std::span<const std::string_view> words, ErrorCode code) {
  const std::string expected = fmt::format("one of {}", fmt::join(words, ", "));
  if (!node.is_scalar()) return wrong_type(node, what, expected, code);
  return fail(code,
              fmt::format("'{}' must be {}, not '{}'{}", what, expected, node.text,
                          did_you_mean(node.text, words)),
              {}, node.place);
}

Place place_of(const expression::Expression& expression, std::int64_t offset) {
  Place place = expression.place;
  if (place.line == 0) return place;
  const std::string_view before =
      std::string_view(expression.source).substr(0, static_cast<std::size_t>(offset));
  const std::size_t line_begin = before.rfind('\n');
  place.line += std::ranges::count(before, '\n');
  place.column += static_cast<std::int64_t>(
      line_begin == std::string_view::npos ? before.size() : before.size() - line_begin - 1);
  return place;
}

}  // namespace quintile::config

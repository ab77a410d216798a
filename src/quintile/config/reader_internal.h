#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/config/keys_internal.h"
#include "quintile/config/yaml_internal.h"
#include "quintile/expression/expression.h"

/// Values out of YAML nodes. `what` is the dotted path of the value, as messages name it.
namespace quintile::config {

/// "; did you mean 'x'?", or nothing where no candidate is near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// "expected TYPE, not DESCRIPTION", at the node.
[[nodiscard]] std::unexpected<Error> wrong_type(const Node& node, std::string_view what,
                                                std::string_view expected, ErrorCode code);

/// A mapping whose keys are all known.
class Fields {
 public:
  /// Errors: `code` where `node` is no mapping, has a key that is not in `keys`, or a key without a
  /// value.
  [[nodiscard]] static Result<Fields> of(const Node& node, std::string what,
                                         std::span<const std::string_view> keys, ErrorCode code);

  [[nodiscard]] const Node* find(std::string_view key) const { return node_->find(key); }
  [[nodiscard]] Result<const Node*> require(std::string_view key, std::string advice) const;
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] const Node& node() const { return *node_; }

 private:
  Fields(const Node& node, std::string what, ErrorCode code)
      : node_(&node), what_(std::move(what)), code_(code) {}

  const Node* node_;
  std::string what_;
  ErrorCode code_;
};

/// Text of one line that is not blank.
[[nodiscard]] Result<std::string> read_text(const Node& node, std::string_view what, ErrorCode code,
                                            std::size_t length_max = 1'000);
[[nodiscard]] Result<std::int64_t> read_integer(const Node& node, std::string_view what,
                                                std::int64_t minimum, std::int64_t maximum,
                                                ErrorCode code);
/// A decimal number as written, with or without quotes.
[[nodiscard]] Result<std::string> read_decimal(const Node& node, std::string_view what,
                                               ErrorCode code);
[[nodiscard]] Result<bool> read_boolean(const Node& node, std::string_view what, ErrorCode code);
[[nodiscard]] Result<expression::Expression> read_expression(const Node& node,
                                                             std::string_view what, ErrorCode code);

/// Texts, each once.
[[nodiscard]] Result<std::vector<std::string>> read_names(const Node& node, std::string_view what,
                                                          ErrorCode code);

/// `version: 1`, the only one there is.
[[nodiscard]] Status check_version(const Fields& fields, ErrorCode code);

[[nodiscard]] std::unexpected<Error> unknown_word(const Node& node, std::string_view what,
                                                  std::span<const std::string_view> words,
                                                  ErrorCode code);

/// One of a few words.
template <typename T>
[[nodiscard]] Result<T> read_choice(const Node& node, std::string_view what,
                                    std::span<const Choice<T>> choices, ErrorCode code) {
  std::vector<std::string_view> words;
  for (const auto& [word, value] : choices) {
    if (node.is_scalar() && node.text == word) return value;
    words.push_back(word);
  }
  return unknown_word(node, what, words, code);
}
template <typename T, std::size_t N>
[[nodiscard]] Result<T> read_choice(const Node& node, std::string_view what,
                                    const Choice<T> (&choices)[N], ErrorCode code) {
  return read_choice<T>(node, what, std::span<const Choice<T>>(choices), code);
}

/// Where the byte at `offset` of an expression stands in its file.
[[nodiscard]] Place place_of(const expression::Expression& expression, std::int64_t offset);

/// Calls `visit(operand)` for every operand that names a field, in source order.
template <typename Visit>
void for_each_field(const expression::Node& node, const Visit& visit) {
  for (const auto& child : node.children) for_each_field(child, visit);
  for (const auto& operand : node.operands) {
    if (operand.field) visit(operand);
  }
}

}  // namespace quintile::config

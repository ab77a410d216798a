#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quintile/base/result.h"

/// YAML text as a tree in which every node knows its place. What a plan never needs is refused:
/// tags, several documents, keys that are no plain texts, keys given twice, nesting and aliases
/// without end.
namespace quintile::config {

struct Node {
  enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map };

  Kind kind = Kind::Null;
  std::string text;         ///< of a scalar
  bool quoted = false;      ///< a scalar in quotes or a block: text, whatever it looks like
  Place place;              ///< of the node's first byte
  Place text_place;         ///< of a scalar's first byte of text: behind the quote, below the `|`
  std::vector<Node> items;  ///< of a sequence; of a map its values
  std::vector<Node> keys;   ///< of a map, all scalars, beside `items`

  [[nodiscard]] bool is_scalar() const { return kind == Kind::Scalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::Sequence; }
  [[nodiscard]] bool is_map() const { return kind == Kind::Map; }

  /// The value under `key` of a map, or null.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);

  /// "a list", "a mapping", "text", "a number", "nothing", ...: what a reader sees there.
  [[nodiscard]] std::string_view describe() const;
};

/// Longest file and most nodes (aliases followed) that are read.
inline constexpr std::size_t kFileBytesMax = 1 << 20;
inline constexpr std::size_t kNodesMax = 50'000;
inline constexpr std::size_t kNestingMax = 32;
inline constexpr std::size_t kKeysMax = 1'000;

/// Parses one document; an empty one is a Null node. `name` stands for the file in messages, `code`
/// says what kind of file it is.
[[nodiscard]] Result<Node> parse_yaml(const std::string& text, const std::string& name,
                                      ErrorCode code);

/// The bytes of a file. Errors: `code` where it is not there, a directory or too large; Io where it
/// cannot be read. `from` is the place that names the file; `what` is "plan", "rule file", ...
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::string_view what,
                                            ErrorCode code, const Place& from = {});

/// Puts "key.path=value" into the tree; the value is YAML, nothing removes the key. Lists are
/// entered by index.
[[nodiscard]] Status apply_override(Node& root, const std::string& override);

}  // namespace quintile::config

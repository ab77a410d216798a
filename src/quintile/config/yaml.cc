#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/config/yaml_internal.h"

namespace quintile::config {
namespace {

/// Thrown through yaml-cpp's parser, which has no other way to be stopped.
struct Refused {
  Place place;
  std::string message, advice;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

/// Builds the tree out of the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& text, const std::string& name) : lines_(lines_of(text)), name_(name) {}

  [[nodiscard]] Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      throw Refused{place_of(mark), "a second document in one file",
                    "keep one document; remove the '---' before it"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = node.text_place = place_of(mark);
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto anchored = anchors_.find(anchor);
    if (anchored == anchors_.end()) {
      throw Refused{place_of(mark), "an alias inside the node that it stands for",
                    "write the value out"};
    }
    nodes_ += anchored->second.nodes;
    add(anchored->second.node, 0, place_of(mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    Node node;
    node.kind = Node::Kind::Scalar;
    node.text = value;
    node.quoted = tag != "?";
    node.place = place_of(mark);
    node.text_place = text_place(node);
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::Sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::Map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  [[nodiscard]] Place place_of(const YAML::Mark& mark) const {
    if (mark.is_null()) return {name_};
    return {name_, mark.line + 1, mark.column + 1};
  }

  /// The first line up to `last` that is indented by a tab, from 1; 0 if there is none.
  [[nodiscard]] std::int64_t line_with_tab(std::int64_t last) const {
    for (std::size_t i = 0; i < lines_.size() && static_cast<std::int64_t>(i) < last; ++i) {
      const std::size_t text = lines_[i].find_first_not_of(" \t\r");
      if (text != std::string_view::npos &&
          lines_[i].substr(0, text).find('\t') != std::string_view::npos) {
        return static_cast<std::int64_t>(i) + 1;
      }
    }
    return 0;
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::size_t nodes_before;
  };
  struct Anchored {
    Node node;
    std::size_t nodes;
  };

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    throw Refused{place_of(mark), "tags are not read here: " + tag, "write the value without it"};
  }

  /// Where a scalar's text begins, given where the scalar does.
  [[nodiscard]] Place text_place(const Node& node) const {
    Place place = node.place;
    const auto line_at = [&](std::int64_t line) {
      return line >= 1 && line <= static_cast<std::int64_t>(lines_.size())
                 ? lines_[static_cast<std::size_t>(line - 1)]
                 : std::string_view();
    };
    const std::string_view rest =
        line_at(place.line)
            .substr(std::min(static_cast<std::size_t>(std::max<std::int64_t>(place.column, 1) - 1),
                             line_at(place.line).size()));
    if (!node.quoted || rest.empty()) return place;
    if (rest[0] == '"' || rest[0] == '\'') ++place.column;
    if (rest[0] == '|' || rest[0] == '>') {
      std::int64_t line = place.line + 1;
      while (line < static_cast<std::int64_t>(lines_.size()) && trim(line_at(line)).empty()) ++line;
      const std::size_t indent = line_at(line).find_first_not_of(' ');
      place.line = line;
      place.column = indent == std::string_view::npos ? 1 : static_cast<std::int64_t>(indent) + 1;
    }
    return place;
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    Open opened{{}, anchor, nodes_};
    opened.node.kind = kind;
    opened.node.place = opened.node.text_place = place_of(mark);
    if (open_.size() >= kNestingMax) {
      throw Refused{
          opened.node.place, fmt::format("more than {} levels of nesting", kNestingMax), {}};
    }
    refuse_as_key(opened.node);
    open_.push_back(std::move(opened));
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    // A block mapping without text of its own, an anchor before it say, has the place of its first
    // key.
    add(std::move(closed.node), closed.anchor, {}, nodes_ - closed.nodes_before);
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.is_map() &&
           open_.back().node.keys.size() == open_.back().node.items.size();
  }

  void refuse_as_key(const Node& node) const {
    if (!expects_key() || node.is_scalar()) return;
    throw Refused{node.place, "a key must be a name", "write keys as 'name: value'"};
  }

  void add(Node node, YAML::anchor_t anchor, const Place& alias_place = {},
           std::size_t nodes_inside = 0) {
    if (++nodes_ > kNodesMax) {
      throw Refused{alias_place.line > 0 ? alias_place : node.place,
                    fmt::format("more than {} values", kNodesMax),
                    "aliases that stand for aliases multiply; write the values out"};
    }
    refuse_as_key(node);
    if (anchor != 0) anchors_[anchor] = {node, nodes_inside + 1};
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Node& parent = open_.back().node;
    if (!expects_key()) {
      parent.items.push_back(std::move(node));
      return;
    }
    if (alias_place.line > 0) node.place = alias_place;
    if (parent.keys.size() >= kKeysMax)
      throw Refused{node.place, fmt::format("more than {} keys", kKeysMax), {}};
    for (const Node& key : parent.keys) {
      if (key.text != node.text) continue;
      throw Refused{
          node.place, fmt::format("key '{}' is given twice", node.text),
          fmt::format("it stands in line {} already; remove one of them", key.place.line)};
    }
    parent.keys.push_back(std::move(node));
  }

  std::vector<std::string_view> lines_;
  std::string name_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

/// The place of the first byte that is no UTF-8 text or that YAML does not allow, or nothing.
std::optional<Place> first_bad_byte(const std::string& text, const std::string& name) {
  std::int64_t line_number = 1;
  for (const std::string_view line : lines_of(text)) {
    const std::size_t control = static_cast<std::size_t>(
        std::ranges::find_if(
            line,
            [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r'; }) -
        line.begin());
    std::size_t good = line.size();
    if (!is_utf8(line)) {
      // Prefixes that are well-formed, or lack at most the rest of one character, lead to the first
      // bad byte.
      good = 0;
      for (std::size_t i = 1; i <= line.size(); ++i) {
        if (is_utf8(line.substr(good, i - good)))
          good = i;
        else if (i - good >= 4)
          break;
      }
    }
    const std::size_t bad = std::min(good, control);
    if (bad < line.size()) return Place{name, line_number, static_cast<std::int64_t>(bad) + 1};
    ++line_number;
  }
  return std::nullopt;
}

std::string_view advice_for(const std::string& message) {
  if (message.find("end of map") != std::string::npos ||
      message.find("illegal map value") != std::string::npos) {
    return "check the indentation, and quote texts that contain ': '";
  }
  if (message.find("end of sequence") != std::string::npos)
    return "check the indentation and the brackets";
  return "check indentation, quotes and brackets";
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::string_view Node::describe() const {
  switch (kind) {
    case Kind::Null: return "nothing";
    case Kind::Sequence: return "a list";
    case Kind::Map: return "a mapping";
    case Kind::Scalar: break;
  }
  if (!quoted && parse_decimal(text)) return "a number";
  if (!quoted && (text == "true" || text == "false")) return "true or false";
  return "text";
}

Result<Node> parse_yaml(const std::string& text, const std::string& name, ErrorCode code) {
  if (text.size() > kFileBytesMax) {
    return fail(code, fmt::format("larger than {} KiB", kFileBytesMax >> 10),
                "is this the right file?", {name});
  }
  if (const auto bad = first_bad_byte(text, name)) {
    return fail(code, "not UTF-8 text", "save the file as UTF-8, without control characters", *bad);
  }
  std::istringstream stream(text);
  Builder builder(text, name);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return fail(code, refused.message, refused.advice, refused.place);
  } catch (const YAML::Exception& exception) {
    const Place place = builder.place_of(exception.mark);
    if (const std::int64_t line = builder.line_with_tab(place.line); line > 0) {
      return fail(code, "not valid YAML: a tab in the indentation", "indent with blanks",
                  {name, line, 1});
    }
    return fail(code, "not valid YAML: " + exception.msg, std::string(advice_for(exception.msg)),
                place);
  }
  Node root = builder.take_root();
  if (root.place.file.empty()) root.place.file = name;
  return root;
}

Result<std::string> read_file(const std::string& path, std::string_view what, ErrorCode code,
                              const Place& from) {
  const Place place = from.file.empty() ? Place{path} : from;
  const std::string name = from.file.empty() ? std::string() : " '" + path + "'";
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fail(code, fmt::format("there is no {}{}", what, name.empty() ? " here" : name),
                "check the path", place);
  }
  if (status.type() == std::filesystem::file_type::directory) {
    return fail(code, fmt::format("the {}{} is a directory", what, name), "name the file in it",
                place);
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kFileBytesMax + 1, '\0');
  if (file) file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file && !file.eof()) {
    return fail(ErrorCode::Io, fmt::format("the {}{} cannot be read", what, name),
                "check its permissions", place);
  }
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

Status apply_override(Node& root, const std::string& override) {
  const Place place{"--set " + override};
  const std::size_t equals = override.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorCode::Usage, "not of the form key.path=value",
                "for example --set scoring.recency.bins=4", place);
  }
  const std::string text = override.substr(equals + 1);
  QUINTILE_TRY(Node value, parse_yaml(text, place.file, ErrorCode::Plan));
  const std::string_view said = trim(text);
  if (value.kind == Node::Kind::Null && !said.empty() && said != "null" && said != "~") {
    return fail(ErrorCode::Plan, fmt::format("YAML sees no value in {}", said),
                "what begins with % or # stands in quotes of its own: --set 'key=\"%d.%m.%Y\"'",
                place);
  }
  const auto set_place = [&](auto& self, Node& node) -> void {
    node.place = node.text_place = place;
    for (Node& key : node.keys) self(self, key);
    for (Node& item : node.items) self(self, item);
  };
  set_place(set_place, value);

  const std::string path = override.substr(0, equals);
  Node* node = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    const std::string so_far = path.substr(0, begin == 0 ? 0 : begin - 1);
    const bool is_last = end == path.size();
    begin = end + 1;
    if (name.empty())
      return fail(ErrorCode::Usage, "an empty name in the key path", "join names by single points",
                  place);
    if (node->kind == Node::Kind::Null) {
      node->kind = Node::Kind::Map;
      node->place = node->text_place = place;
    }
    if (node->is_sequence()) {
      const bool is_index = name.size() <= 6 &&
                            std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
      const std::size_t index = is_index ? std::stoul(name) : node->items.size() + 1;
      if (index > node->items.size()) {
        return fail(ErrorCode::Plan,
                    fmt::format("'{}' is a list of {}, which has no place '{}'", so_far,
                                node->items.size(), name),
                    "places count from 0; the next free one adds to the list", place);
      }
      if (index == node->items.size()) node->items.emplace_back();
      node = &node->items[index];
    } else if (node->is_map()) {
      Node* child = node->find(name);
      if (is_last && value.kind == Node::Kind::Null) {
        if (child != nullptr) {
          const auto position = child - node->items.data();
          node->items.erase(node->items.begin() + position);
          node->keys.erase(node->keys.begin() + position);
        }
        return {};
      }
      if (child == nullptr) {
        Node key;
        key.kind = Node::Kind::Scalar;
        key.text = name;
        key.place = key.text_place = place;
        node->keys.push_back(std::move(key));
        child = &node->items.emplace_back();
      }
      node = child;
    } else {
      return fail(ErrorCode::Plan,
                  fmt::format("'{}' is {}, so it has no '{}'", so_far, node->describe(), name), {},
                  place);
    }
  }
  *node = std::move(value);
  return {};
}

}  // namespace quintile::config

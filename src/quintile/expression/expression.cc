#include "quintile/expression/expression.h"

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/expression/lexicon_internal.h"

namespace quintile::expression {
namespace {

constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;

std::string name_to_string(const std::string& name) {
  bool bare = !name.empty() && is_name_start(name.front()) && !is_reserved(name) &&
              name != "starts_with" && name != "contains";
  for (std::size_t i = 0; bare && i < name.size(); ++i) {
    bare = is_name_part(name[i]) && !starts_with_foreign_sign(std::string_view(name).substr(i));
  }
  if (bare) return name;
  std::string text = "`";
  for (const char c : name) text += c == '`' ? "``" : std::string(1, c);
  return text + '`';
}

std::string text_to_string(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    const auto* escape = std::ranges::find(kEscapes, c, &Escape::character);
    if (escape != std::end(kEscapes)) {
      text += {'\\', escape->letter};
    } else {
      text += c;
    }
  }
  return text + '"';
}

std::string timestamp_to_string(std::int64_t microseconds) {
  const auto day = static_cast<std::int64_t>(divide_floor(microseconds, kMicrosecondsPerDay));
  const std::int64_t rest = microseconds - day * kMicrosecondsPerDay;
  const std::int64_t second = rest / 1'000'000;
  std::string text =
      fmt::format("{}T{:02}:{:02}:{:02}", day_to_string(static_cast<std::int32_t>(day)),
                  second / 3600, second / 60 % 60, second % 60);
  if (rest % 1'000'000 != 0) text += fmt::format(".{:06}", rest % 1'000'000);
  return text;
}

std::string literal_to_string(const Literal& literal) {
  switch (literal.type) {
    case Type::Boolean: return literal.number != 0 ? "true" : "false";
    case Type::Date: return day_to_string(static_cast<std::int32_t>(literal.number));
    case Type::Timestamp: return timestamp_to_string(literal.number);
    case Type::Text: return text_to_string(literal.text);
    default: return decimal_to_string(literal.number, literal.scale);
  }
}

std::string_view sign_of(Operator op) {
  switch (op) {
    case Operator::Equal: return "=";
    case Operator::NotEqual: return "!=";
    case Operator::Less: return "<";
    case Operator::LessEqual: return "<=";
    case Operator::Greater: return ">";
    default: return ">=";
  }
}

/// Needs no parentheses after `not`.
bool is_word(const Node& node) {
  return node.op == Operator::Holds || node.op == Operator::Constant ||
         node.op == Operator::StartsWith || node.op == Operator::Contains ||
         node.op == Operator::Not;
}

std::string children_to_string(const Node& node, std::string_view word) {
  std::string text;
  for (const Node& child : node.children) {
    if (!text.empty()) text += word;
    const bool group = node.op == Operator::And && child.op == Operator::Or;
    text += group ? "(" + to_string(child) + ")" : to_string(child);
  }
  return text;
}

std::string negation_to_string(const Node& child) {
  if (child.op == Operator::IsMissing) return to_string(child.operands[0]) + " is not missing";
  return is_word(child) ? "not " + to_string(child) : "not (" + to_string(child) + ")";
}

std::string list_to_string(const Node& node) {
  std::string text = to_string(node.operands[0]) + " in (";
  for (std::size_t i = 1; i < node.operands.size(); ++i) {
    if (i > 1) text += ", ";
    text += to_string(node.operands[i]);
  }
  return text + ')';
}

void collect(const Node& node, std::vector<std::string>& names) {
  for (const Node& child : node.children) collect(child, names);
  for (const Operand& operand : node.operands) {
    if (operand.field && std::ranges::find(names, *operand.field) == names.end()) {
      names.push_back(*operand.field);
    }
  }
}

void collect(const Node& node, std::vector<const Node*>& leaves) {
  if (node.children.empty()) leaves.push_back(&node);
  for (const Node& child : node.children) collect(child, leaves);
}

}  // namespace

std::vector<std::string> fields_of(const Node& node) {
  std::vector<std::string> names;
  collect(node, names);
  return names;
}

std::vector<std::string> fields_of(const Expression& expression) {
  return fields_of(expression.root);
}

std::vector<const Node*> leaves_of(const Node& node) {
  std::vector<const Node*> leaves;
  collect(node, leaves);
  return leaves;
}

std::string to_string(const Operand& operand) {
  return operand.field ? name_to_string(*operand.field) : literal_to_string(operand.literal);
}

std::string to_string(const Node& node) {
  const auto operand = [&](std::size_t i) { return to_string(node.operands[i]); };
  switch (node.op) {
    case Operator::And: return children_to_string(node, " and ");
    case Operator::Or: return children_to_string(node, " or ");
    case Operator::Not: return negation_to_string(node.children[0]);
    case Operator::Between:
      return fmt::format("{} between {} and {}", operand(0), operand(1), operand(2));
    case Operator::In: return list_to_string(node);
    case Operator::IsMissing: return operand(0) + " is missing";
    case Operator::StartsWith: return fmt::format("starts_with({}, {})", operand(0), operand(1));
    case Operator::Contains: return fmt::format("contains({}, {})", operand(0), operand(1));
    case Operator::Holds:
    case Operator::Constant: return operand(0);
    default: return fmt::format("{} {} {}", operand(0), sign_of(node.op), operand(1));
  }
}

std::string_view to_string(Truth truth) {
  return truth == Truth::True ? "true" : truth == Truth::False ? "false" : "unknown";
}

}  // namespace quintile::expression

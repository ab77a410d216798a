#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/report/page_internal.h"

namespace quintile::report {

namespace {

using expression::Literal;
using expression::Node;
using expression::Operand;
using expression::Operator;

std::string literal_text(const Literal& literal) {
  switch (literal.type) {
    case Type::Boolean: return literal.number != 0 ? "true" : "false";
    case Type::Date: return day_to_string(static_cast<std::int32_t>(literal.number));
    case Type::Text: return "“" + literal.text + "”";
    default: return decimal_to_string(literal.number, literal.scale);
  }
}

std::string operand_text(const Operand& operand) {
  return operand.field ? words(*operand.field) : literal_text(operand.literal);
}

// The operator that says the same with its sides changed.
Operator turned(Operator op) {
  switch (op) {
    case Operator::Less: return Operator::Greater;
    case Operator::LessEqual: return Operator::GreaterEqual;
    case Operator::Greater: return Operator::Less;
    case Operator::GreaterEqual: return Operator::LessEqual;
    default: return op;
  }
}

std::string_view relation(Operator op) {
  switch (op) {
    case Operator::Equal: return "is";
    case Operator::NotEqual: return "is not";
    case Operator::Less: return "is below";
    case Operator::LessEqual: return "is at most";
    case Operator::Greater: return "is above";
    case Operator::GreaterEqual: return "is at least";
    case Operator::StartsWith: return "starts with";
    case Operator::Contains: return "contains";
    default: return "";
  }
}

std::string joined(const Node& node, const char* word, Operator inner) {
  std::string text;
  for (const Node& child : node.children) {
    const std::string part = child.op == inner ? "(" + in_words(child) + ")" : in_words(child);
    text += text.empty() ? part : fmt::format(" {} {}", word, part);
  }
  return text;
}

}  // namespace

std::string in_words(const Node& node) {
  const auto operand = [&node](std::size_t i) { return operand_text(node.operands[i]); };
  switch (node.op) {
    case Operator::And: return joined(node, "and", Operator::Or);
    case Operator::Or: return joined(node, "or", Operator::And);
    case Operator::Not: return "not (" + in_words(node.children[0]) + ")";
    case Operator::Between:
      return fmt::format("{} is from {} to {}", operand(0), operand(1), operand(2));
    case Operator::In: {
      std::vector<std::string> values;
      for (std::size_t i = 1; i < node.operands.size(); ++i) values.push_back(operand(i));
      return fmt::format("{} is one of {}", operand(0), join_words(values));
    }
    case Operator::IsMissing: return operand(0) + " is missing";
    case Operator::Holds: return operand(0) + " is true";
    case Operator::Constant: return operand(0) == "true" ? "always" : "never";
    default: break;
  }
  const bool turn = !node.operands[0].field && node.operands[1].field;
  return fmt::format("{} {} {}", operand(turn ? 1 : 0), relation(turn ? turned(node.op) : node.op),
                     operand(turn ? 0 : 1));
}

}  // namespace quintile::report

#include <algorithm>

#include <fmt/format.h>

#include "quintile/expression/expression.h"
#include "quintile/expression/lexicon_internal.h"

namespace quintile::expression {
namespace {

/// What compares with what; a field without a value with anything.
enum class Kind : std::uint8_t { Boolean, Number, Time, Text, Any };

Kind kind_of(const FieldType& field) {
  if (field.is_blank) return Kind::Any;
  switch (field.type) {
    case Type::Boolean: return Kind::Boolean;
    case Type::Text: return Kind::Text;
    case Type::Date:
    case Type::Timestamp: return Kind::Time;
    default: return Kind::Number;
  }
}

std::string_view with_article(Kind kind) {
  switch (kind) {
    case Kind::Boolean: return "a boolean";
    case Kind::Number: return "a number";
    case Kind::Time: return "a date";
    case Kind::Text: return "text";
    case Kind::Any: break;
  }
  return "";
}

/// How a literal must be written to compare with a field of `kind`.
std::string_view spelling_of(Kind kind) {
  switch (kind) {
    case Kind::Boolean: return "a boolean is compared with true or false";
    case Kind::Number: return "numbers are written without quotes: 1500 or 12.50";
    case Kind::Time: return "dates are written without quotes: 2023-11-15";
    case Kind::Text: return "texts stand in double quotes: \"5\"";
    case Kind::Any: break;
  }
  return "";
}

class Checker {
 public:
  Checker(const Expression& expression, const FieldTypes& types,
          const std::vector<std::string>& known_names, ErrorCode code)
      : expression_(expression), types_(types), known_names_(known_names), code_(code) {}

  [[nodiscard]] Status check(const Node& node) const {
    for (const Node& child : node.children) QUINTILE_TRY_STATUS(check(child));
    std::vector<Kind> kinds;
    bool has_field = false;
    for (const Operand& operand : node.operands) {
      QUINTILE_TRY(const FieldType type, type_of(operand));
      kinds.push_back(kind_of(type));
      has_field |= operand.field.has_value();
    }
    switch (node.op) {
      case Operator::Holds:
        if (kinds[0] == Kind::Boolean || kinds[0] == Kind::Any) return {};
        return error(node.operands[0],
                     fmt::format("a field alone must be a boolean, and this one is {}: {}",
                                 with_article(kinds[0]), to_string(node)),
                     "compare it with a value");
      case Operator::StartsWith:
      case Operator::Contains:
        if (kinds[0] == Kind::Text || kinds[0] == Kind::Any) return {};
        return error(node.operands[0],
                     fmt::format("starts_with and contains look into text, not into {}: {}",
                                 with_article(kinds[0]), to_string(node)));
      case Operator::And:
      case Operator::Or:
      case Operator::Not:
      case Operator::Constant:
      case Operator::IsMissing: return {};
      default: break;
    }
    if (!has_field) {
      return error(node.operands[0], "a comparison without a field: " + to_string(node),
                   "double quotes hold texts; a field's name stands bare or in backquotes");
    }
    return comparable(node, kinds);
  }

 private:
  [[nodiscard]] Result<FieldType> type_of(const Operand& operand) const {
    if (!operand.field) return FieldType{operand.literal.type};
    if (const auto type = types_(*operand.field)) return *type;
    std::vector<std::string_view> candidates(known_names_.begin(), known_names_.end());
    for (const std::string_view word : {"true", "false"}) candidates.push_back(word);
    std::string lower = *operand.field;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::string_view meant = nearest(*operand.field, candidates);
    for (const std::string_view candidate : candidates) {
      if (candidate == lower) meant = candidate;
    }
    return error(operand,
                 fmt::format("unknown field '{}'{}", *operand.field,
                             meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
  }

  [[nodiscard]] Status comparable(const Node& node, const std::vector<Kind>& kinds) const {
    // The fields decide what is meant; a literal that does not fit is the mistake. Beside a field
    // without a value the first literal decides.
    std::size_t lead = 0;
    while (!node.operands[lead].field) ++lead;
    if (kinds[lead] == Kind::Any)
      lead = static_cast<std::size_t>(
          std::ranges::find_if(kinds, [](Kind kind) { return kind != Kind::Any; }) - kinds.begin());
    if (lead == kinds.size()) return {};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == kinds[lead] || kinds[i] == Kind::Any) continue;
      return error(node.operands[i],
                   fmt::format("cannot compare {} with {}: {}", with_article(kinds[lead]),
                               with_article(kinds[i]), to_string(node)),
                   node.operands[i].field ? "" : std::string(spelling_of(kinds[lead])));
    }
    const bool order =
        node.op != Operator::Equal && node.op != Operator::NotEqual && node.op != Operator::In;
    if (order && kinds[lead] == Kind::Boolean) {
      return error(node.operands[lead], "booleans have no order: " + to_string(node),
                   "write the field alone, or 'not' before it");
    }
    return {};
  }

  [[nodiscard]] std::unexpected<Error> error(const Operand& operand, std::string message,
                                             std::string advice = {}) const {
    for (char& c : message) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return fail(code_, std::move(message), std::move(advice),
                place_in(expression_.place, expression_.source, operand.offset));
  }

  const Expression& expression_;
  const FieldTypes& types_;
  const std::vector<std::string>& known_names_;
  ErrorCode code_;
};

}  // namespace

Status check_types(const Expression& expression, const FieldTypes& types,
                   const std::vector<std::string>& known_names, ErrorCode code) {
  return Checker(expression, types, known_names, code).check(expression.root);
}

}  // namespace quintile::expression

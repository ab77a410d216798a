#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/base/result.h"
#include "quintile/expression/column_view.h"

/// The one small language of `when`, `keep`, `returns.when` and `expect`: comparisons of fields with
/// literals, joined by and, or, not. No arithmetic, no functions beyond starts_with and contains, no
/// side effects. Three-valued (Kleene) logic: a comparison with a missing value is unknown.
namespace quintile::expression {

enum class Truth : std::uint8_t { False = 0, True = 1, Unknown = 2 };

enum class Operator : std::uint8_t {
  And, Or, Not,
  Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
  Between,     ///< field, low, high; both ends belong to it
  In,          ///< field, literals
  IsMissing,   ///< field; never unknown
  StartsWith,  ///< field, text
  Contains,    ///< field, text
  Holds,       ///< a boolean field that stands alone
  Constant,    ///< true or false that stands alone
};

/// A literal as written. Integers are decimals of scale 0.
struct Literal {
  Type type = Type::Integer;  ///< Boolean, Integer, Decimal, Date, Timestamp or Text
  std::int64_t number = 0;    ///< boolean 0/1, unscaled decimal, day number or microseconds
  int scale = 0;
  std::string text;
  friend bool operator==(const Literal&, const Literal&) = default;
};

/// A field name, or a literal, on either side of a comparison.
struct Operand {
  std::optional<std::string> field;
  Literal literal;  ///< where there is no field
  std::int64_t offset = 0;  ///< byte in the source, for messages; no part of equality
  friend bool operator==(const Operand& a, const Operand& b) {
    return a.field == b.field && a.literal == b.literal;
  }
};

/// One node of a parsed expression. Equality is structural and disregards where things stood.
struct Node {
  Operator op = Operator::Constant;
  std::vector<Node> children;      ///< And, Or: two or more; Not: one
  std::vector<Operand> operands;   ///< the rest
  std::int64_t offset = 0;
  std::int64_t length = 0;
  friend bool operator==(const Node& a, const Node& b) {
    return a.op == b.op && a.children == b.children && a.operands == b.operands;
  }
};

/// A parsed expression with its source text and the place of its first byte.
struct Expression {
  Node root;
  std::string source;
  Place place;  ///< of the first byte; an error inside adds to line and column
  friend bool operator==(const Expression& a, const Expression& b) { return a.root == b.root; }
};

/// Parses `source`. `place` is where its first byte stands; `code` says whether a fault in it is one of
/// the plan or of a rule file. Errors: that code, with the place of the fault and what was expected.
/// Nesting is limited to 200 levels.
[[nodiscard]] Result<Expression> parse(std::string_view source, const Place& place = {},
                                       ErrorCode code = ErrorCode::Plan);

/// The names that `expression` mentions, each once, in order of first mention.
[[nodiscard]] std::vector<std::string> fields_of(const Expression& expression);

/// The source form of a node, canonical: `r_score >= 4 and not (f_score = 1)`.
[[nodiscard]] std::string to_string(const Node& node);

/// What a field is, as far as an expression must know.
struct FieldType {
  Type type = Type::Integer;
  int scale = 0;
};

/// The field types by name: returns nothing for an unknown name.
using FieldTypes = std::function<std::optional<FieldType>(std::string_view)>;

/// Checks names and types: text against number, a date against text, a boolean in an order, and the like
/// are errors. `known_names` are for "did you mean".
/// A Real field compares with the double nearest to the literal; Decimal and Integer compare exactly; a
/// Timestamp compares with a date literal by its day.
[[nodiscard]] Status check_types(const Expression& expression, const FieldTypes& types,
                                 const std::vector<std::string>& known_names,
                                 ErrorCode code = ErrorCode::Plan);

/// The columns by field name; called once a field and evaluation.
using Columns = std::function<ColumnView(std::string_view)>;

/// One `Truth` a row. The expression must have passed `check_types` for these columns. Works column by
/// column: no allocation, string compare or virtual call per row where text is dictionary-coded.
[[nodiscard]] std::vector<Truth> evaluate(const Expression& expression, const Columns& columns,
                                          std::int64_t rows);
[[nodiscard]] std::vector<Truth> evaluate(const Node& node, const Columns& columns, std::int64_t rows);

/// Kleene's tables.
[[nodiscard]] constexpr Truth truth_not(Truth a) {
  return a == Truth::Unknown ? a : (a == Truth::True ? Truth::False : Truth::True);
}
[[nodiscard]] constexpr Truth truth_and(Truth a, Truth b) {
  if (a == Truth::False || b == Truth::False) return Truth::False;
  return (a == Truth::True && b == Truth::True) ? Truth::True : Truth::Unknown;
}
[[nodiscard]] constexpr Truth truth_or(Truth a, Truth b) { return truth_not(truth_and(truth_not(a), truth_not(b))); }

}  // namespace quintile::expression

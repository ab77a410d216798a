#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/base/result.h"
#include "quintile/expression/column_view.h"

/// The one small language of `when`, `keep`, `returns.when` and `expect`: comparisons of fields
/// with literals, joined by and, or, not. No arithmetic, no functions beyond starts_with and
/// contains, no side effects. Three-valued (Kleene) logic: a comparison with a missing value is
/// unknown.
namespace quintile::expression {

enum class Truth : std::uint8_t { False = 0, True = 1, Unknown = 2 };

enum class Operator : std::uint8_t {
  And,
  Or,
  Not,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
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
  Literal literal;          ///< where there is no field
  std::int64_t offset = 0;  ///< byte in the source, for messages; no part of equality
  friend bool operator==(const Operand& a, const Operand& b) {
    return a.field == b.field && a.literal == b.literal;
  }
};

/// One node of a parsed expression. Equality is structural and disregards where things stood.
struct Node {
  Operator op = Operator::Constant;
  std::vector<Node> children;     ///< And, Or: two or more; Not: one
  std::vector<Operand> operands;  ///< the rest
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

/// Parses `source`. `place` is where its first byte stands; `code` says whether a fault in it is
/// one of the plan or of a rule file. Errors: that code, with the place of the fault and what was
/// expected. Nesting is limited to 200 levels. The grammar, in full, is in docs/rules.md.
[[nodiscard]] Result<Expression> parse(std::string_view source, const Place& place = {},
                                       ErrorCode code = ErrorCode::Plan);

/// The place of byte `offset` of a source whose first byte stands at `start`. Later lines are taken
/// to be indented like the first, as in a YAML block; an unknown start counts lines and columns of
/// the source.
[[nodiscard]] Place place_in(const Place& start, std::string_view source, std::int64_t offset);

/// The names that `expression` mentions, each once, in order of first mention.
[[nodiscard]] std::vector<std::string> fields_of(const Expression& expression);

/// The source form of a node, canonical: `r_score >= 4 and not (f_score = 1)`.
[[nodiscard]] std::string to_string(const Node& node);
[[nodiscard]] std::string to_string(const Operand& operand);

/// "false", "true", "unknown".
[[nodiscard]] std::string_view to_string(Truth truth);

/// The names that a node mentions, as `fields_of`.
[[nodiscard]] std::vector<std::string> fields_of(const Node& node);

/// The conditions at the leaves of `node`, from left to right: everything but and, or, not.
[[nodiscard]] std::vector<const Node*> leaves_of(const Node& node);

/// What a field is, as far as an expression must know.
struct FieldType {
  Type type = Type::Integer;
  int scale = 0;
  bool is_blank = false;  ///< without a value, it compares with anything, and the truth is unknown

  [[nodiscard]] static FieldType of(const ColumnView& column) {
    return {column.type, column.scale, column.is_blank()};
  }
};

/// The field types by name: returns nothing for an unknown name.
using FieldTypes = std::function<std::optional<FieldType>(std::string_view)>;

/// Checks names and types: text against number, a date against text, a boolean in an order, and the
/// like are errors. `known_names` are for "did you mean". A Real field compares with the double
/// nearest to the literal; Decimal and Integer compare exactly; a Timestamp compares with a date
/// literal by its day.
[[nodiscard]] Status check_types(const Expression& expression, const FieldTypes& types,
                                 const std::vector<std::string>& known_names,
                                 ErrorCode code = ErrorCode::Plan);

/// The columns by field name; called once for each mention, while binding.
using Columns = std::function<ColumnView(std::string_view)>;

/// An expression bound to columns. Rows are worked on in blocks, column by column; text that is
/// dictionary-coded is looked at once per dictionary entry, while binding.
///
/// Owns no column: their memory must outlive it. Moves, never copies. Safe to use from several
/// threads.
class Bound {
 public:
  /// `node` must have passed `check_types` for these columns; it is not referred to afterwards.
  Bound(const Node& node, const Columns& columns);
  Bound(Bound&&) noexcept;
  Bound& operator=(Bound&&) noexcept;
  ~Bound();

  /// Writes the truth of the rows from `begin` on into `out`, as many as it holds.
  void evaluate(std::int64_t begin, std::span<Truth> out) const;

 private:
  struct Step;
  static Step bind(const Node& node, const Columns& columns);
  static Step bind_literals(Operator op, const ColumnView& column,
                            std::span<const Operand> literals);
  static Step bind_fields(Operator op, const ColumnView& left, const ColumnView& right);
  std::unique_ptr<const Step> root_;
};

/// One `Truth` a row, for rows 0 to `rows`; by `Bound`.
[[nodiscard]] std::vector<Truth> evaluate(const Expression& expression, const Columns& columns,
                                          std::int64_t rows);
[[nodiscard]] std::vector<Truth> evaluate(const Node& node, const Columns& columns,
                                          std::int64_t rows);

/// Kleene's tables.
[[nodiscard]] constexpr Truth truth_not(Truth a) {
  return a == Truth::Unknown ? a : (a == Truth::True ? Truth::False : Truth::True);
}
[[nodiscard]] constexpr Truth truth_and(Truth a, Truth b) {
  if (a == Truth::False || b == Truth::False) return Truth::False;
  return (a == Truth::True && b == Truth::True) ? Truth::True : Truth::Unknown;
}
[[nodiscard]] constexpr Truth truth_or(Truth a, Truth b) {
  return truth_not(truth_and(truth_not(a), truth_not(b)));
}

}  // namespace quintile::expression

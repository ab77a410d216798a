#include "quintile/engine/sql/translate.h"

#include <algorithm>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "quintile/base/money.h"

namespace quintile::engine::sql {

namespace {

using expression::Literal;
using expression::Node;
using expression::Operand;
using expression::Operator;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

/// The whole numbers from `low` to `high`; none where low is above high.
struct Interval {
  Int128 low = kMin, high = kMax;
};

/// The numbers at `scale` that equal a literal. Between two of them low is one above high: nothing
/// equals it, and the order still holds.
Interval equal_to(const Literal& literal, int scale) {
  const Int128 numerator = Int128{literal.number} * power_of_ten(scale);
  const Int128 denominator = power_of_ten(literal.scale);
  const Int128 floor = divide_floor(numerator, denominator);
  return {floor * denominator == numerator ? floor : floor + 1, floor};
}

/// Where `x OP` the equal ones is true, or for NotEqual where it is not.
Interval where(Operator op, const Interval& equal) {
  switch (op) {
    case Operator::Less: return {kMin, equal.low - 1};
    case Operator::LessEqual: return {kMin, equal.high};
    case Operator::Greater: return {equal.high + 1, kMax};
    case Operator::GreaterEqual: return {equal.low, kMax};
    default: return equal;
  }
}

Sql within(const Sql& x, const Interval& interval) {
  const Int128 low = std::max<Int128>(interval.low, kMin);
  const Int128 high = std::min<Int128>(interval.high, kMax);
  // Never true or always true, but unknown where x is missing.
  if (low > high) return sql("({0} <> {0})", x);
  if (low == kMin && high == kMax) return sql("({0} = {0})", x);
  const Sql first = Sql::number(static_cast<std::int64_t>(low));
  const Sql last = Sql::number(static_cast<std::int64_t>(high));
  if (low == high) return sql("({} = {})", x, first);
  if (low == kMin) return sql("({} <= {})", x, last);
  if (high == kMax) return sql("({} >= {})", x, first);
  return sql("({0} >= {1} AND {0} <= {2})", x, first, last);
}

Sql compared(Operator op, const Sql& a, const Sql& b) {
  switch (op) {
    case Operator::Less: return sql("({} < {})", a, b);
    case Operator::LessEqual: return sql("({} <= {})", a, b);
    case Operator::Greater: return sql("({} > {})", a, b);
    case Operator::GreaterEqual: return sql("({} >= {})", a, b);
    case Operator::NotEqual: return sql("({} <> {})", a, b);
    default: return sql("({} = {})", a, b);
  }
}

/// `literal OP field` as `field OP literal`.
Operator mirrored(Operator op) {
  switch (op) {
    case Operator::Less: return Operator::Greater;
    case Operator::LessEqual: return Operator::GreaterEqual;
    case Operator::Greater: return Operator::Less;
    case Operator::GreaterEqual: return Operator::LessEqual;
    default: return op;
  }
}

class Translation {
 public:
  Translation(const expression::Expression& expression, const Fields& fields,
              const Dialect& dialect)
      : expression_(expression), fields_(fields), dialect_(dialect) {}

  [[nodiscard]] Result<Sql> condition(const Node& node) const {
    switch (node.op) {
      case Operator::And: return joined(node, Separator::And);
      case Operator::Or: return joined(node, Separator::Or);
      case Operator::Not: {
        QUINTILE_TRY(const Sql child, condition(node.children[0]));
        return sql("(NOT {})", child);
      }
      case Operator::Constant:
        return node.operands[0].literal.number != 0 ? sql("(1 = 1)") : sql("(1 = 0)");
      case Operator::Holds: return sql("({} = 1)", field(node.operands[0]).value);
      case Operator::IsMissing: {
        const Operand& operand = node.operands[0];
        if (!operand.field) return sql("(1 = 0)");
        return sql("({} IS NULL)", field(operand).value);
      }
      case Operator::StartsWith:
      case Operator::Contains: return looks_into(node);
      case Operator::Between: {
        QUINTILE_TRY(const Sql low,
                     comparison(Operator::GreaterEqual, node.operands[0], node.operands[1]));
        QUINTILE_TRY(const Sql high,
                     comparison(Operator::LessEqual, node.operands[0], node.operands[2]));
        return sql("({} AND {})", low, high);
      }
      case Operator::In: {
        std::vector<Sql> any;
        for (std::size_t i = 1; i < node.operands.size(); ++i) {
          QUINTILE_TRY(const Sql one,
                       comparison(Operator::Equal, node.operands[0], node.operands[i]));
          any.push_back(one);
        }
        return sql("({})", Sql::join(any, Separator::Or));
      }
      default: return comparison(node.op, node.operands[0], node.operands[1]);
    }
  }

 private:
  [[nodiscard]] Result<Sql> joined(const Node& node, Separator separator) const {
    std::vector<Sql> parts;
    for (const Node& child : node.children) {
      QUINTILE_TRY(const Sql part, condition(child));
      parts.push_back(part);
    }
    return sql("({})", Sql::join(parts, separator));
  }

  [[nodiscard]] Field field(const Operand& operand) const { return *fields_(*operand.field); }

  [[nodiscard]] Result<Sql> text_of(const Operand& operand) const {
    if (operand.field) return field(operand).value;
    if (operand.literal.text.find('\0') != std::string::npos)
      return unsupported(operand, "a text with a zero byte");
    return dialect_.text(operand.literal.text);
  }

  [[nodiscard]] Result<Sql> looks_into(const Node& node) const {
    QUINTILE_TRY(const Sql where, text_of(node.operands[0]));
    QUINTILE_TRY(const Sql what, text_of(node.operands[1]));
    return sql("({})", node.op == Operator::StartsWith ? dialect_.starts_with(where, what)
                                                       : dialect_.contains(where, what));
  }

  [[nodiscard]] Result<Sql> comparison(Operator op, const Operand& left,
                                       const Operand& right) const {
    if (!left.field && right.field) return comparison(mirrored(op), right, left);
    if (!left.field) return unsupported(left, "a comparison of two literals");
    const Field field = this->field(left);
    if (field.type.type == Type::Real) return unsupported(left, "a comparison of binary fractions");
    if (field.type.type == Type::Text) {
      QUINTILE_TRY(const Sql other, text_of(right));
      return compared(op, dialect_.by_bytes(field.value), dialect_.by_bytes(other));
    }
    return right.field ? with_field(op, field, right) : with_literal(op, field, right.literal);
  }

  [[nodiscard]] Sql with_literal(Operator op, const Field& field, const Literal& literal) const {
    Interval equal{literal.number, literal.number};
    Sql value = field.value;
    if (field.type.type == Type::Timestamp && literal.type == Type::Timestamp)
      return compared(op, value, dialect_.time_stamp(literal.number));
    if (field.type.type == Type::Timestamp) value = field.day;
    if (field.type.type == Type::Date && literal.type == Type::Timestamp) {
      const Int128 day = divide_floor(literal.number, 86'400'000'000);
      equal = {day, day};
    }
    if (field.type.type == Type::Integer || field.type.type == Type::Decimal)
      equal = equal_to(literal, field.type.scale);
    const Sql holds = within(value, where(op, equal));
    return op == Operator::NotEqual ? sql("(NOT {})", holds) : holds;
  }

  [[nodiscard]] Result<Sql> with_field(Operator op, const Field& left,
                                       const Operand& operand) const {
    const Field right = field(operand);
    if (right.type.type == Type::Real)
      return unsupported(operand, "a comparison of binary fractions");
    const auto is_time = [](const Field& f) {
      return f.type.type == Type::Timestamp || f.type.type == Type::Date;
    };
    if (is_time(left) && left.type.type != right.type.type) {
      return compared(op, left.type.type == Type::Timestamp ? left.day : left.value,
                      right.type.type == Type::Timestamp ? right.day : right.value);
    }
    if (left.type.scale == right.type.scale) return compared(op, left.value, right.value);
    return unsupported(operand, "a comparison of decimals of unlike scales");
  }

  [[nodiscard]] std::unexpected<Error> unsupported(const Operand& operand,
                                                   std::string_view what) const {
    return fail(
        ErrorCode::Unsupported,
        fmt::format("{} has no exact form in SQL: {}", what, expression_.source),
        "prepare the column in a view at the engine, or run the plan on a copy of the data here",
        expression::place_in(expression_.place, expression_.source, operand.offset));
  }

  const expression::Expression& expression_;
  const Fields& fields_;
  const Dialect& dialect_;
};

}  // namespace

Result<Sql> translate(const expression::Expression& expression, const Fields& fields,
                      const std::vector<std::string>& known_names, const Dialect& dialect,
                      ErrorCode code) {
  const auto type_of = [&](std::string_view name) -> std::optional<expression::FieldType> {
    const auto field = fields(name);
    if (!field) return std::nullopt;
    return field->type;
  };
  QUINTILE_TRY_STATUS(expression::check_types(expression, type_of, known_names, code));
  return Translation(expression, fields, dialect).condition(expression.root);
}

}  // namespace quintile::engine::sql

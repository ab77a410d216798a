#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "quintile/base/check.h"
#include "quintile/expression/expression.h"

namespace quintile::expression {
namespace {

constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;
constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

/// Rows worked on at a time: a few arrays of them stay in the first-level cache.
constexpr std::int64_t kBlock = 2048;

/// Truths as bytes, so that loops over them become vector instructions.
using Byte = std::uint8_t;
constexpr Byte kFalse = 0, kTrue = 1, kUnknown = 2;

// ---------------------------------------------------------------------------------------------------
// Comparisons with literals become closed intervals of the column's own values.

template <typename T>
struct Interval {
  T low, high;
};

/// The values of a column that equal a literal: from `low` to `high`. For a decimal literal between
/// two values of the column low is one step above high; then nothing equals it, and the order still
/// holds.
struct Equals {
  Int128 low, high;
};

Int128 floor_day(Int128 microseconds) { return divide_floor(microseconds, kMicrosecondsPerDay); }

Equals values_equal_to(const Literal& literal, const ColumnView& column) {
  if (column.type == Type::Date) {
    const Int128 day = literal.type == Type::Timestamp ? floor_day(literal.number) : literal.number;
    return {day, day};
  }
  if (column.type == Type::Timestamp && literal.type == Type::Date) {
    const Int128 midnight = Int128{literal.number} * kMicrosecondsPerDay;
    return {midnight, midnight + kMicrosecondsPerDay - 1};
  }
  if (column.type == Type::Timestamp || column.type == Type::Boolean) {
    return {literal.number, literal.number};
  }
  const int column_scale = column.type == Type::Decimal ? column.scale : 0;
  const Int128 numerator = Int128{literal.number} * power_of_ten(column_scale);
  const Int128 denominator = power_of_ten(literal.scale);
  const Int128 floor = divide_floor(numerator, denominator);
  return {floor * denominator == numerator ? floor : floor + 1, floor};
}

/// Where `column OP literal` is true, or for NotEqual where it is not.
Interval<Int128> interval_of(Operator op, const Equals& equals) {
  const Int128 least = Int128{kInt64Min}, greatest = Int128{kInt64Max};
  switch (op) {
    case Operator::Less: return {least, equals.low - 1};
    case Operator::LessEqual: return {least, equals.high};
    case Operator::Greater: return {equals.high + 1, greatest};
    case Operator::GreaterEqual: return {equals.low, greatest};
    default: return {equals.low, equals.high};
  }
}

/// Adds what of `interval` a column can hold.
void add_interval(std::vector<Interval<std::int64_t>>& intervals,
                  const Interval<Int128>& interval) {
  if (interval.low > interval.high || interval.low > kInt64Max || interval.high < kInt64Min) return;
  intervals.push_back({static_cast<std::int64_t>(std::max<Int128>(interval.low, kInt64Min)),
                       static_cast<std::int64_t>(std::min<Int128>(interval.high, kInt64Max))});
}

/// Joins what touches: `in (3, 4, 5)` is one interval.
void merge(std::vector<Interval<std::int64_t>>& intervals) {
  std::ranges::sort(intervals, {}, &Interval<std::int64_t>::low);
  std::vector<Interval<std::int64_t>> merged;
  for (const auto& next : intervals) {
    if (!merged.empty() &&
        (merged.back().high == kInt64Max || next.low <= merged.back().high + 1)) {
      merged.back().high = std::max(merged.back().high, next.high);
    } else {
      merged.push_back(next);
    }
  }
  intervals = std::move(merged);
}

double nearest_double(std::int64_t unscaled, int scale) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  if (unscaled > -kExact && unscaled < kExact) {
    // Both are exact (10^18 has 42 bits beside its factor 2^18), so the quotient is rounded once.
    return static_cast<double>(unscaled) / static_cast<double>(power_of_ten(scale));
  }
  const std::string text = decimal_to_string(unscaled, scale);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Interval<double> interval_of(Operator op, double value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (op) {
    case Operator::Less: return {-kInfinity, std::nextafter(value, -kInfinity)};
    case Operator::LessEqual: return {-kInfinity, value};
    case Operator::Greater: return {std::nextafter(value, kInfinity), kInfinity};
    case Operator::GreaterEqual: return {value, kInfinity};
    default: return {value, value};
  }
}

/// `out` = 1 where a value lies in one of the intervals.
template <typename T>
void mark_inside(const T* values, std::int64_t count,
                 std::span<const Interval<std::int64_t>> intervals, Byte* out) {
  using Unsigned = std::make_unsigned_t<T>;
  std::memset(out, kFalse, static_cast<std::size_t>(count));
  for (const auto& [low64, high64] : intervals) {
    const auto least = std::numeric_limits<T>::min(), greatest = std::numeric_limits<T>::max();
    if (low64 > greatest || high64 < least) continue;
    const auto low = static_cast<Unsigned>(std::max<std::int64_t>(low64, least));
    const auto width = static_cast<Unsigned>(
        static_cast<Unsigned>(std::min<std::int64_t>(high64, greatest)) - low);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto above = static_cast<Unsigned>(static_cast<Unsigned>(values[i]) - low);
      out[i] = static_cast<Byte>(out[i] | static_cast<Byte>(above <= width));
    }
  }
}

void mark_inside(const double* values, std::int64_t count,
                 std::span<const Interval<double>> intervals, Byte* out) {
  std::memset(out, kFalse, static_cast<std::size_t>(count));
  for (const auto& [low, high] : intervals) {
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = static_cast<Byte>(
          out[i] | (static_cast<Byte>(values[i] >= low) & static_cast<Byte>(values[i] <= high)));
    }
  }
}

// ---------------------------------------------------------------------------------------------------
// Texts.

bool holds_for_text(Operator op, std::string_view value, const std::vector<std::string>& texts) {
  // std::char_traits compares bytes as unsigned.
  switch (op) {
    case Operator::Equal:
    case Operator::NotEqual: return value == texts[0];
    case Operator::Less: return value < texts[0];
    case Operator::LessEqual: return value <= texts[0];
    case Operator::Greater: return value > texts[0];
    case Operator::GreaterEqual: return value >= texts[0];
    case Operator::Between: return value >= texts[0] && value <= texts[1];
    case Operator::In: return std::ranges::find(texts, value) != texts.end();
    case Operator::StartsWith: return value.starts_with(texts[0]);
    case Operator::Contains: return value.find(texts[0]) != std::string_view::npos;
    default: return false;
  }
}

// ---------------------------------------------------------------------------------------------------
// Fields against fields.

/// Bit 0: true where the left side is less; bit 1: where equal; bit 2: where greater.
unsigned accepted_orders(Operator op) {
  switch (op) {
    case Operator::Equal: return 0b010;
    case Operator::NotEqual: return 0b101;
    case Operator::Less: return 0b001;
    case Operator::LessEqual: return 0b011;
    case Operator::Greater: return 0b100;
    default: return 0b110;
  }
}

Operator mirrored(Operator op) {
  switch (op) {
    case Operator::Less: return Operator::Greater;
    case Operator::LessEqual: return Operator::GreaterEqual;
    case Operator::Greater: return Operator::Less;
    case Operator::GreaterEqual: return Operator::LessEqual;
    default: return op;
  }
}

template <typename T>
void compare(const T* left, const T* right, std::int64_t count, unsigned accepted, Byte* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const unsigned order = 2U * (left[i] > right[i]) + (left[i] == right[i]);
    out[i] = static_cast<Byte>((accepted >> order) & 1U);
  }
}

/// Widens a block of whole numbers.
void load(const ColumnView& column, std::int64_t begin, std::int64_t count, std::int64_t* out) {
  with_integers(column, [&](auto values) { std::copy_n(values.data() + begin, count, out); });
}

}  // namespace

// ---------------------------------------------------------------------------------------------------
// The bound tree.

struct Bound::Step {
  enum class Kind : std::uint8_t {
    Constant,
    And,
    Or,
    Not,
    Missing,
    Whole,
    Real,
    Coded,
    Viewed,
    Wholes,
    Reals,
    Texts
  };

  Kind kind = Kind::Constant;
  bool constant = false;
  bool negate = false;            ///< Whole, Real, Coded, Viewed: of known values
  unsigned accepted = 0;          ///< Wholes, Reals, Texts
  Operator op = Operator::Equal;  ///< Viewed
  ColumnView left, right;
  std::vector<Interval<std::int64_t>> wholes;  ///< Whole
  std::vector<Interval<double>> reals;         ///< Real
  std::vector<std::string> texts;              ///< Viewed
  std::vector<Byte> by_code;                   ///< Coded
  std::vector<Step> children;
  std::size_t height = 1;  ///< blocks of scratch that evaluation needs

  void evaluate(std::int64_t begin, std::int64_t count, Byte* out, Byte* scratch) const;

 private:
  void join(std::int64_t begin, std::int64_t count, Byte* out, Byte* scratch) const;
  void known(std::int64_t begin, std::int64_t count, Byte* out) const;
  void compare_wholes(std::int64_t begin, std::int64_t count, Byte* out) const;
  void compare_reals(std::int64_t begin, std::int64_t count, Byte* out) const;
  void forget_missing(const ColumnView& column, std::int64_t begin, std::int64_t count,
                      Byte* out) const;
};

namespace {

void set_missing(const std::uint8_t* valid, std::int64_t count, Byte* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = valid[i] != 0 ? out[i] : kUnknown;
}

}  // namespace

void Bound::Step::evaluate(std::int64_t begin, std::int64_t count, Byte* out, Byte* scratch) const {
  switch (kind) {
    case Kind::Constant:
      std::memset(out, constant ? kTrue : kFalse, static_cast<std::size_t>(count));
      return;
    case Kind::And:
    case Kind::Or: return join(begin, count, out, scratch);
    case Kind::Not:
      children[0].evaluate(begin, count, out, scratch);
      for (std::int64_t i = 0; i < count; ++i)
        out[i] = static_cast<Byte>(out[i] ^ (1U & ~(out[i] >> 1U)));
      return;
    case Kind::Missing:
      std::memset(out, kFalse, static_cast<std::size_t>(count));
      forget_missing(left, begin, count, out);
      for (std::int64_t i = 0; i < count; ++i) out[i] = out[i] == kUnknown;
      return;
    default: break;
  }
  known(begin, count, out);
  if (negate) {
    for (std::int64_t i = 0; i < count; ++i) out[i] ^= 1U;
  }
  forget_missing(left, begin, count, out);
  if (kind >= Kind::Wholes) forget_missing(right, begin, count, out);
}

/// And: false if one is false, else the greater byte; Or: true if one is true, else the greater
/// byte.
void Bound::Step::join(std::int64_t begin, std::int64_t count, Byte* out, Byte* scratch) const {
  const Byte decisive = kind == Kind::And ? kFalse : kTrue;
  children[0].evaluate(begin, count, out, scratch);
  for (std::size_t child = 1; child < children.size(); ++child) {
    children[child].evaluate(begin, count, scratch, scratch + kBlock);
    for (std::int64_t i = 0; i < count; ++i) {
      const bool decided = (out[i] == decisive) | (scratch[i] == decisive);
      out[i] = decided ? decisive : std::max(out[i], scratch[i]);
    }
  }
}

/// The truth where both sides are known; anything elsewhere.
void Bound::Step::known(std::int64_t begin, std::int64_t count, Byte* out) const {
  switch (kind) {
    case Kind::Whole:
      return with_integers(
          left, [&](auto values) { mark_inside(values.data() + begin, count, wholes, out); });
    case Kind::Real: return mark_inside(left.values<double>().data() + begin, count, reals, out);
    case Kind::Coded:
      if (by_code.empty()) {  // then no row has a text
        std::memset(out, kFalse, static_cast<std::size_t>(count));
        return;
      }
      return with_integers(left, [&](auto values) {
        const auto* const codes = values.data() + begin;
        for (std::int64_t i = 0; i < count; ++i)
          out[i] = by_code[static_cast<std::size_t>(codes[i])];
      });
    case Kind::Viewed:
      for (std::int64_t i = 0; i < count; ++i) {
        // What a view without a value points to is unspecified.
        out[i] = left.is_valid(begin + i) && holds_for_text(op, left.text(begin + i), texts)
                     ? kTrue
                     : kFalse;
      }
      return;
    case Kind::Wholes: return compare_wholes(begin, count, out);
    case Kind::Reals: return compare_reals(begin, count, out);
    default:
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t row = begin + i;
        if (!left.is_valid(row) || !right.is_valid(row)) continue;
        const std::string_view a = left.text(row), b = right.text(row);
        compare(&a, &b, 1, accepted, out + i);
      }
  }
}

void Bound::Step::compare_wholes(std::int64_t begin, std::int64_t count, Byte* out) const {
  std::array<std::int64_t, kBlock> a, b;
  load(left, begin, count, a.data());
  load(right, begin, count, b.data());
  if (left.type != right.type) {
    const auto to_days = [&](const ColumnView& column, auto& values) {
      if (column.type != Type::Timestamp) return;
      for (std::int64_t i = 0; i < count; ++i) {
        values[static_cast<std::size_t>(i)] =
            static_cast<std::int64_t>(floor_day(values[static_cast<std::size_t>(i)]));
      }
    };
    to_days(left, a);
    to_days(right, b);
  }
  const int left_scale = left.type == Type::Decimal ? left.scale : 0;
  const int right_scale = right.type == Type::Decimal ? right.scale : 0;
  if (left_scale == right_scale) return compare(a.data(), b.data(), count, accepted, out);
  const int scale = std::max(left_scale, right_scale);
  const Int128 left_factor = power_of_ten(scale - left_scale),
               right_factor = power_of_ten(scale - right_scale);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const Int128 x = a[i] * left_factor, y = b[i] * right_factor;
    compare(&x, &y, 1, accepted, out + i);
  }
}

void Bound::Step::compare_reals(std::int64_t begin, std::int64_t count, Byte* out) const {
  const auto real = [&](const ColumnView& column, std::array<double, kBlock>& values) {
    if (column.layout == Layout::Float64) {
      std::copy_n(column.values<double>().data() + begin, count, values.data());
      return;
    }
    std::array<std::int64_t, kBlock> wholes_of;
    load(column, begin, count, wholes_of.data());
    const int scale = column.type == Type::Decimal ? column.scale : 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      values[i] = nearest_double(wholes_of[i], scale);
  };
  std::array<double, kBlock> a, b;
  real(left, a);
  real(right, b);
  compare(a.data(), b.data(), count, accepted, out);
}

/// `out` = unknown where `column` has no value.
void Bound::Step::forget_missing(const ColumnView& column, std::int64_t begin, std::int64_t count,
                                 Byte* out) const {
  if (column.valid != nullptr) set_missing(column.valid + begin, count, out);
  if (column.layout == Layout::Float64) {
    const double* values = column.values<double>().data() + begin;
    for (std::int64_t i = 0; i < count; ++i) out[i] = std::isnan(values[i]) ? kUnknown : out[i];
  }
}

namespace {

/// `a between b and c` as two comparisons, for ends that are fields.
Node as_comparisons(const Node& between) {
  Node both{.op = Operator::And};
  for (const std::size_t end : {1U, 2U}) {
    Node node{.op = end == 1 ? Operator::GreaterEqual : Operator::LessEqual};
    node.operands = {between.operands[0], between.operands[end]};
    both.children.push_back(std::move(node));
  }
  return both;
}

/// Literals alone can only come out of `as_comparisons`: `5 between 1 and income`.
bool holds_for_literals(Operator op, const Literal& a, const Literal& b) {
  const ColumnView column{.type = a.type, .scale = a.scale};
  if (a.type == Type::Text) return holds_for_text(op, a.text, {b.text});
  const auto [low, high] = interval_of(op, values_equal_to(b, column));
  return (a.number >= low && a.number <= high) != (op == Operator::NotEqual);
}

}  // namespace

Bound::Step Bound::bind_literals(Operator op, const ColumnView& column,
                                 std::span<const Operand> literals) {
  Step step;
  step.left = column;
  if (column.is_blank()) {
    step.kind = Step::Kind::Coded;
    return step;
  }
  step.negate = op == Operator::NotEqual;
  for (const Operand& operand : literals) {
    QUINTILE_CHECK((column.type == Type::Text) == (operand.literal.type == Type::Text));
    step.texts.push_back(operand.literal.text);
  }
  if (column.type == Type::Text) {
    step.op = op;
    step.kind = column.is_coded() ? Step::Kind::Coded : Step::Kind::Viewed;
    for (const std::string_view text : column.dictionary) {
      step.by_code.push_back(holds_for_text(op, text, step.texts) ? kTrue : kFalse);
    }
    return step;
  }
  if (column.layout == Layout::Float64) {
    step.kind = Step::Kind::Real;
    const auto value = [&](std::size_t i) {
      return nearest_double(literals[i].literal.number, literals[i].literal.scale);
    };
    if (op == Operator::Between) {
      step.reals.push_back({value(0), value(1)});
    } else {
      for (std::size_t i = 0; i < literals.size(); ++i)
        step.reals.push_back(interval_of(op, value(i)));
    }
    return step;
  }
  step.kind = Step::Kind::Whole;
  const auto equals = [&](std::size_t i) { return values_equal_to(literals[i].literal, column); };
  if (op == Operator::Between) {
    add_interval(step.wholes, {equals(0).low, equals(1).high});
  } else {
    for (std::size_t i = 0; i < literals.size(); ++i)
      add_interval(step.wholes, interval_of(op, equals(i)));
  }
  merge(step.wholes);
  return step;
}

Bound::Step Bound::bind_fields(Operator op, const ColumnView& left, const ColumnView& right) {
  if (left.is_blank()) return bind_literals(op, left, {});
  if (right.is_blank()) return bind_literals(op, right, {});
  Step step;
  step.kind = left.type == Type::Text ? Step::Kind::Texts : Step::Kind::Wholes;
  if (left.layout == Layout::Float64 || right.layout == Layout::Float64)
    step.kind = Step::Kind::Reals;
  QUINTILE_CHECK((left.type == Type::Text) == (right.type == Type::Text));
  step.left = left;
  step.right = right;
  step.accepted = accepted_orders(op);
  return step;
}

Bound::Step Bound::bind(const Node& node, const Columns& columns) {
  Step step;
  const auto& operands = node.operands;
  const auto literals = std::span(operands).subspan(std::min<std::size_t>(1, operands.size()));
  switch (node.op) {
    case Operator::And:
    case Operator::Or:
    case Operator::Not:
      step.kind = node.op == Operator::And  ? Step::Kind::And
                  : node.op == Operator::Or ? Step::Kind::Or
                                            : Step::Kind::Not;
      for (const Node& child : node.children) {
        step.children.push_back(bind(child, columns));
        const std::size_t further = step.children.size() > 1 ? 1 : 0;
        step.height = std::max(step.height, step.children.back().height + further);
      }
      return step;
    case Operator::Constant: step.constant = operands[0].literal.number != 0; return step;
    case Operator::IsMissing:
      step.kind = Step::Kind::Missing;
      step.left = columns(*operands[0].field);
      return step;
    case Operator::Holds: {
      const Operand yes{.literal = {.type = Type::Boolean, .number = 1}};
      return bind_literals(Operator::Equal, columns(*operands[0].field), {&yes, 1});
    }
    case Operator::In:
    case Operator::StartsWith:
    case Operator::Contains: return bind_literals(node.op, columns(*operands[0].field), literals);
    case Operator::Between:
      if (!operands[0].field || operands[1].field || operands[2].field)
        return bind(as_comparisons(node), columns);
      return bind_literals(node.op, columns(*operands[0].field), literals);
    default: break;
  }
  const Operand &left = operands[0], &right = operands[1];
  if (left.field && right.field)
    return bind_fields(node.op, columns(*left.field), columns(*right.field));
  if (left.field) return bind_literals(node.op, columns(*left.field), literals);
  if (right.field) return bind_literals(mirrored(node.op), columns(*right.field), {&left, 1});
  step.constant = holds_for_literals(node.op, left.literal, right.literal);
  return step;
}

Bound::Bound(const Node& node, const Columns& columns)
    : root_(std::make_unique<const Step>(bind(node, columns))) {}
Bound::Bound(Bound&&) noexcept = default;
Bound& Bound::operator=(Bound&&) noexcept = default;
Bound::~Bound() = default;

void Bound::evaluate(std::int64_t begin, std::span<Truth> out) const {
  static_assert(sizeof(Truth) == sizeof(Byte));
  auto* bytes = reinterpret_cast<Byte*>(out.data());
  std::vector<Byte> scratch(root_->height * static_cast<std::size_t>(kBlock));
  const auto rows = static_cast<std::int64_t>(out.size());
  for (std::int64_t done = 0; done < rows; done += kBlock) {
    root_->evaluate(begin + done, std::min(kBlock, rows - done), bytes + done, scratch.data());
  }
}

std::vector<Truth> evaluate(const Node& node, const Columns& columns, std::int64_t rows) {
  std::vector<Truth> truths(static_cast<std::size_t>(rows));
  Bound(node, columns).evaluate(0, truths);
  return truths;
}

std::vector<Truth> evaluate(const Expression& expression, const Columns& columns,
                            std::int64_t rows) {
  return evaluate(expression.root, columns, rows);
}

}  // namespace quintile::expression

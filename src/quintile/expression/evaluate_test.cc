#include <cmath>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "quintile/expression/expression.h"

namespace quintile::expression {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;

/// Columns by name, with their memory.
class Fixture {
 public:
  template <typename T>
  Fixture& add(const std::string& name, Type type, Layout layout, std::vector<T> values,
               int scale = 0, std::vector<std::uint8_t> valid = {}) {
    auto& kept = *std::static_pointer_cast<std::vector<T>>(
        memory_.emplace_back(std::make_shared<std::vector<T>>(std::move(values))));
    auto& kept_valid =
        *valids_.emplace_back(std::make_unique<std::vector<std::uint8_t>>(std::move(valid)));
    rows_ = static_cast<std::int64_t>(kept.size());
    views_[name] = {.type = type,
                    .layout = layout,
                    .scale = scale,
                    .size = rows_,
                    .data = kept.data(),
                    .valid = kept_valid.empty() ? nullptr : kept_valid.data()};
    return *this;
  }
  Fixture& add_codes(const std::string& name, std::vector<std::string_view> dictionary,
                     std::vector<std::int32_t> codes, std::vector<std::uint8_t> valid = {}) {
    add(name, Type::Text, Layout::Codes, std::move(codes), 0, std::move(valid));
    auto& kept = *dictionaries_.emplace_back(
        std::make_unique<std::vector<std::string_view>>(std::move(dictionary)));
    views_[name].dictionary = kept;
    return *this;
  }

  [[nodiscard]] Columns columns() const {
    return [this](std::string_view name) { return views_.at(std::string(name)); };
  }

  /// "10?" for true, false, unknown.
  [[nodiscard]] std::string truths(std::string_view source) const {
    const auto expression = parse(source);
    if (!expression) return expression.error().to_string();
    const FieldTypes types = [this](std::string_view name) -> std::optional<FieldType> {
      const auto view = views_.find(std::string(name));
      if (view == views_.end()) return std::nullopt;
      return FieldType::of(view->second);
    };
    if (const auto status = check_types(*expression, types, {}); !status)
      return status.error().to_string();
    std::string text;
    for (const Truth truth : evaluate(*expression, columns(), rows_))
      text += "01?"[static_cast<int>(truth)];
    return text;
  }

 private:
  std::vector<std::shared_ptr<void>> memory_;
  std::vector<std::unique_ptr<std::vector<std::uint8_t>>> valids_;
  std::vector<std::unique_ptr<std::vector<std::string_view>>> dictionaries_;
  std::map<std::string, ColumnView> views_;
  std::int64_t rows_ = 0;
};

TEST(Evaluate, FollowsKleene) {
  Fixture f;
  // All pairs of false, true, unknown.
  f.add<std::uint8_t>("a", Type::Boolean, Layout::Uint8, {0, 0, 0, 1, 1, 1, 0, 1, 0}, 0,
                      {1, 1, 1, 1, 1, 1, 0, 0, 0});
  f.add<std::uint8_t>("b", Type::Boolean, Layout::Uint8, {0, 1, 1, 0, 1, 0, 0, 1, 1}, 0,
                      {1, 1, 0, 1, 1, 0, 1, 1, 0});
  EXPECT_EQ(f.truths("a"), "000111???");
  EXPECT_EQ(f.truths("a and b"), "00001?0??");
  EXPECT_EQ(f.truths("a or b"), "01?111?1?");
  EXPECT_EQ(f.truths("not a"), "111000???");
  EXPECT_EQ(f.truths("a = b"), "10?01????");
  EXPECT_EQ(f.truths("a != b"), "01?10????");
  EXPECT_EQ(f.truths("a is missing"), "000000111");
  EXPECT_EQ(f.truths("a is not missing and not a = true"), "111000000");
  EXPECT_EQ(f.truths("true or a"), "111111111");
}

TEST(Evaluate, ComparesDecimalsExactly) {
  Fixture f;
  f.add<std::int64_t>("money", Type::Decimal, Layout::Int64, {-151, -150, 0, 149, 150, 151}, 2);
  EXPECT_EQ(f.truths("money = 1.5"), "000010");
  EXPECT_EQ(f.truths("money = 1.500"), "000010");
  EXPECT_EQ(f.truths("money = 1.505"), "000000");
  EXPECT_EQ(f.truths("money != 1.505"), "111111");
  EXPECT_EQ(f.truths("money < 1.505"), "111110");
  EXPECT_EQ(f.truths("money <= 1.505"), "111110");
  EXPECT_EQ(f.truths("money > 1.505"), "000001");
  EXPECT_EQ(f.truths("money >= 1.505"), "000001");
  EXPECT_EQ(f.truths("money between -1.501 and 1.499"), "011100");
  EXPECT_EQ(f.truths("money between 1 and -1"), "000000");
  EXPECT_EQ(f.truths("1.5 <= money"), "000011");
  EXPECT_EQ(f.truths("money in (1.51, 0, -1.50, 7)"), "011001");
  EXPECT_EQ(f.truths("money < 999999999999999999"), "111111");
  EXPECT_EQ(f.truths("money > 0.000000000000000001"), "000111");
}

TEST(Evaluate, StaysExactAtTheEndsOfTheRange) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  Fixture f;
  f.add<std::int64_t>("x", Type::Integer, Layout::Int64, {kMin, -1, 0, 1, kMax});
  f.add<std::int64_t>("fine", Type::Decimal, Layout::Int64, {kMin, -1, 0, 1, kMax}, 18);
  f.add<std::int8_t>("small", Type::Integer, Layout::Int8, {-128, -1, 0, 1, 127});
  EXPECT_EQ(f.truths("x < 0"), "11000");
  EXPECT_EQ(f.truths("x >= 0"), "00111");
  EXPECT_EQ(f.truths("x > 999999999999999999"), "00001");
  EXPECT_EQ(f.truths("fine > 999999999999999999"), "00000");
  EXPECT_EQ(f.truths("fine > 9"), "00001");
  EXPECT_EQ(f.truths("x = fine"), "00100");
  EXPECT_EQ(f.truths("x < fine"), "11000");
  EXPECT_EQ(f.truths("small <= 127"), "11111");
  EXPECT_EQ(f.truths("small < 300 and small > -300"), "11111");
  EXPECT_EQ(f.truths("small = 300"), "00000");
  EXPECT_EQ(f.truths("small in (-128, 127)"), "10001");
  EXPECT_EQ(f.truths("small = x"), "01110");
}

TEST(Evaluate, TakesTheNearestDoubleForReals) {
  Fixture f;
  f.add<double>("x", Type::Real, Layout::Float64,
                {0.1, 0.1 + 1e-18, 0.30000000000000004, -0.0, std::nan(""), INFINITY});
  f.add<std::int64_t>("tenth", Type::Decimal, Layout::Int64, {1, 1, 3, 0, 0, 0}, 1);
  EXPECT_EQ(f.truths("x = 0.1"), "1100?0");
  EXPECT_EQ(f.truths("x = 0"), "0001?0");
  EXPECT_EQ(f.truths("x < 0"), "0000?0");
  EXPECT_EQ(f.truths("x > 0.3"), "0010?1");
  EXPECT_EQ(f.truths("x != 0.1"), "0011?1");
  EXPECT_EQ(f.truths("x between 0.1 and 0.3"), "1100?0");
  EXPECT_EQ(f.truths("x in (0.1, 0)"), "1101?0");
  EXPECT_EQ(f.truths("x is missing"), "000010");
  EXPECT_EQ(f.truths("x = tenth"), "1101?0");
  EXPECT_EQ(f.truths("tenth <= x"), "1111?1");
}

TEST(Evaluate, ComparesTimeStampsWithDatesByTheirDay) {
  Fixture f;
  f.add<std::int64_t>("seen", Type::Timestamp, Layout::Int64, {-1, 0, kDay - 1, kDay});
  f.add<std::int32_t>("day", Type::Date, Layout::Int32, {-1, 0, 1, 0});
  EXPECT_EQ(f.truths("seen = 1970-01-01"), "0110");
  EXPECT_EQ(f.truths("seen < 1970-01-01"), "1000");
  EXPECT_EQ(f.truths("seen <= 1970-01-01"), "1110");
  EXPECT_EQ(f.truths("seen > 1970-01-01"), "0001");
  EXPECT_EQ(f.truths("seen between 1969-12-31 and 1970-01-01"), "1110");
  EXPECT_EQ(f.truths("seen > 1970-01-01T00:00:00"), "0011");
  EXPECT_EQ(f.truths("day = 1970-01-01"), "0101");
  EXPECT_EQ(f.truths("day >= 1970-01-01T12:00"), "0111");
  EXPECT_EQ(f.truths("seen = day"), "1100");
  EXPECT_EQ(f.truths("seen > day"), "0001");
}

TEST(Evaluate, ComparesTextByBytes) {
  Fixture f;
  f.add_codes("city", {"Zürich", "Aachen", "", "aachen"}, {0, 1, 2, 3, 0}, {1, 1, 1, 1, 0});
  f.add<std::string_view>("other", Type::Text, Layout::Views, {"Zürich", "B", "", "B", {}}, 0,
                          {1, 1, 1, 1, 0});
  for (const std::string name : {"city", "other"}) {
    EXPECT_EQ(f.truths(name + " = \"Zürich\""), "1000?");
    EXPECT_EQ(f.truths("starts_with(" + name + ", \"Z\")"), "1000?");
    EXPECT_EQ(f.truths("contains(" + name + ", \"\")"), "1111?");
    EXPECT_EQ(f.truths(name + " is missing"), "00001");
    EXPECT_EQ(f.truths(name + " != \"\""), "1101?");
  }
  EXPECT_EQ(f.truths("city < \"Z\""), "0110?");
  EXPECT_EQ(f.truths("city >= \"a\""), "0001?");
  EXPECT_EQ(f.truths("city between \"A\" and \"Zz\""), "0100?");
  EXPECT_EQ(f.truths("city in (\"\", \"aachen\")"), "0011?");
  EXPECT_EQ(f.truths("contains(city, \"ache\")"), "0101?");
  EXPECT_EQ(f.truths("city = other"), "1010?");
  EXPECT_EQ(f.truths("other > city"), "0100?");
}

TEST(Evaluate, TakesEndsThatAreFields) {
  Fixture f;
  f.add<std::int32_t>("low", Type::Integer, Layout::Int32, {1, 6, 0}, 0, {1, 1, 0});
  f.add<std::int32_t>("high", Type::Integer, Layout::Int32, {5, 9, 4});
  EXPECT_EQ(f.truths("5 between low and high"), "100");
  EXPECT_EQ(f.truths("3 between low and high"), "10?");
  EXPECT_EQ(f.truths("low between 1 and high"), "11?");
}

TEST(Evaluate, LooksAtNoTextWhereAllIsMissing) {
  Fixture f;
  f.add_codes("city", {}, {7, -1}, {0, 0});
  EXPECT_EQ(f.truths("city = \"x\""), "??");
  Fixture none;
  none.add<std::int32_t>("x", Type::Integer, Layout::Int32, {});
  EXPECT_EQ(none.truths("x = 1"), "");
}

TEST(Evaluate, SlicesLikeTheWhole) {
  Fixture f;
  std::vector<std::int32_t> values(10'000);
  std::vector<std::uint8_t> valid(10'000, 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::int32_t>(i % 7);
    valid[i] = i % 11 != 0;
  }
  f.add<std::int32_t>("x", Type::Integer, Layout::Int32, values, 0, valid);
  const auto expression = parse("x in (1, 3) or not x between 2 and 5");
  const auto whole = evaluate(*expression, f.columns(), 10'000);
  const Bound bound(expression->root, f.columns());
  std::vector<Truth> part(3'000);
  bound.evaluate(5'001, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 5'001));
  const auto view = f.columns()("x").slice(5'001, 3'000);
  EXPECT_EQ(evaluate(*expression, [&](auto) { return view; }, 3'000), part);
}

/// The language by the book, a row at a time: what the blocks must agree with.
class Reference {
 public:
  using Value = std::optional<std::int64_t>;
  Reference(std::vector<Value> a, std::vector<Value> b) : a_(std::move(a)), b_(std::move(b)) {}

  [[nodiscard]] Truth truth(const Node& node, std::size_t row) const {
    const auto of = [](bool holds) { return holds ? Truth::True : Truth::False; };
    const auto value = [&](std::size_t i) -> Value {
      const Operand& operand = node.operands[i];
      if (!operand.field) return operand.literal.number;
      return *operand.field == "a" ? a_[row] : b_[row];
    };
    const auto both = [&](std::size_t i, std::size_t j, auto compare) {
      return value(i) && value(j) ? of(compare(*value(i), *value(j))) : Truth::Unknown;
    };
    switch (node.op) {
      case Operator::And:
      case Operator::Or: {
        Truth truth_so_far = truth(node.children[0], row);
        for (std::size_t i = 1; i < node.children.size(); ++i) {
          const Truth next = truth(node.children[i], row);
          truth_so_far = node.op == Operator::And ? truth_and(truth_so_far, next)
                                                  : truth_or(truth_so_far, next);
        }
        return truth_so_far;
      }
      case Operator::Not: return truth_not(truth(node.children[0], row));
      case Operator::Equal: return both(0, 1, std::equal_to<>());
      case Operator::NotEqual: return both(0, 1, std::not_equal_to<>());
      case Operator::Less: return both(0, 1, std::less<>());
      case Operator::LessEqual: return both(0, 1, std::less_equal<>());
      case Operator::Greater: return both(0, 1, std::greater<>());
      case Operator::GreaterEqual: return both(0, 1, std::greater_equal<>());
      case Operator::Between:
        return truth_and(both(0, 1, std::greater_equal<>()), both(0, 2, std::less_equal<>()));
      case Operator::In: {
        if (!value(0)) return Truth::Unknown;
        bool found = false;
        for (std::size_t i = 1; i < node.operands.size(); ++i) found |= *value(i) == *value(0);
        return of(found);
      }
      case Operator::IsMissing: return of(!value(0));
      default: return of(node.operands[0].literal.number != 0);
    }
  }

 private:
  std::vector<Value> a_, b_;
};

Node random_node(int depth) {
  const auto operand = [] {
    Operand result;
    switch (*rc::gen::inRange(0, 4)) {
      case 0: result.field = "a"; break;
      case 1: result.field = "b"; break;
      default: result.literal.number = *rc::gen::inRange(-3, 4);
    }
    return result;
  };
  Node node;
  if (depth > 0 && *rc::gen::inRange(0, 3) > 0) {
    node.op = *rc::gen::element(Operator::And, Operator::Or, Operator::Not);
    const int children = node.op == Operator::Not ? 1 : *rc::gen::inRange(2, 4);
    for (int i = 0; i < children; ++i) {
      Node child = random_node(depth - 1);
      // As the parser does: no group within a group of its kind.
      if (child.op == node.op && node.op != Operator::Not) {
        for (Node& grandchild : child.children) node.children.push_back(std::move(grandchild));
      } else {
        node.children.push_back(std::move(child));
      }
    }
    return node;
  }
  node.op = static_cast<Operator>(*rc::gen::inRange(static_cast<int>(Operator::Equal),
                                                    static_cast<int>(Operator::IsMissing) + 1));
  const std::size_t operands = node.op == Operator::Between     ? 3
                               : node.op == Operator::IsMissing ? 1
                                                                : 2;
  for (std::size_t i = 0; i < operands; ++i) node.operands.push_back(operand());
  node.operands[0].literal = {};
  node.operands[0].field = *rc::gen::element("a", "b");
  if (node.op == Operator::In) {
    node.operands[1].field.reset();
    for (int more = *rc::gen::inRange(0, 3); more > 0; --more) {
      node.operands.push_back({.literal = {.number = *rc::gen::inRange(-3, 4)}});
    }
  }
  return node;
}

RC_GTEST_PROP(Evaluate, AgreesWithTheLanguageRowByRow, ()) {
  const auto rows = static_cast<std::size_t>(*rc::gen::inRange(0, 40));
  const auto cell = rc::gen::map(rc::gen::inRange(-4, 5), [](int v) {
    return v == 4 ? std::optional<std::int64_t>() : std::optional<std::int64_t>(v);
  });
  const auto a = *rc::gen::container<std::vector<std::optional<std::int64_t>>>(rows, cell);
  const auto b = *rc::gen::container<std::vector<std::optional<std::int64_t>>>(rows, cell);
  Fixture f;
  std::vector<std::int8_t> a_values;
  std::vector<std::int64_t> b_values;
  std::vector<std::uint8_t> a_valid, b_valid;
  for (std::size_t i = 0; i < rows; ++i) {
    a_values.push_back(static_cast<std::int8_t>(a[i].value_or(1)));
    b_values.push_back(b[i].value_or(1));
    a_valid.push_back(a[i].has_value());
    b_valid.push_back(b[i].has_value());
  }
  f.add<std::int8_t>("a", Type::Integer, Layout::Int8, a_values, 0, a_valid);
  f.add<std::int64_t>("b", Type::Integer, Layout::Int64, b_values, 0, b_valid);

  const Node node = random_node(4);
  const auto truths = evaluate(node, f.columns(), static_cast<std::int64_t>(rows));
  const Reference reference(a, b);
  for (std::size_t row = 0; row < rows; ++row) RC_ASSERT(truths[row] == reference.truth(node, row));
}

RC_GTEST_PROP(Parse, ReadsBackWhatItPrints, ()) {
  const Node node = random_node(4);
  const auto parsed = parse(to_string(node));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->root == node);
}

TEST(Evaluate, AColumnWithoutAValueComparesWithAnythingAndIsUnknown) {
  Fixture fixture;
  fixture.add_codes("age", {}, {0, 0}, {0, 0})
      .add<std::int64_t>("n", Type::Integer, Layout::Int64, {1, 2});
  for (const std::string_view source :
       {"age > 18", "age between 18 and 80", "n < age", "age != n", "age = \"x\"", "age",
        "contains(age, \"x\")", "age < 2023-11-15", "age in (1, 2)", "not (age != 3)"}) {
    EXPECT_EQ(fixture.truths(source), "??") << source;
  }
  EXPECT_EQ(fixture.truths("age is missing"), "11");
}

}  // namespace
}  // namespace quintile::expression

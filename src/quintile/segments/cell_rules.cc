#include <algorithm>
#include <iterator>
#include <utility>

#include "quintile/segments/cell_rules_internal.h"

namespace quintile::segments {
namespace {

using expression::Node;
using expression::Operand;
using expression::Operator;
using expression::Truth;

/// The scores of all cells as columns.
class CellColumns {
 public:
  explicit CellColumns(const Bins& bins) {
    for (int r = 1; r <= bins.r; ++r) {
      for (int f = 1; f <= bins.f; ++f) {
        for (int m = 1; m <= bins.m; ++m) {
          r_.push_back(static_cast<std::int8_t>(r));
          f_.push_back(static_cast<std::int8_t>(f));
          m_.push_back(static_cast<std::int8_t>(m));
          total_.push_back(static_cast<std::int8_t>(r + f + m));
        }
      }
    }
  }

  [[nodiscard]] const std::vector<std::int8_t>* find(std::string_view field) const {
    if (field == "r_score") return &r_;
    if (field == "f_score") return &f_;
    if (field == "m_score") return &m_;
    if (field == "rfm_total") return &total_;
    return nullptr;
  }

  /// Where `leaf` holds, if scores alone decide it.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> decide(const Node& leaf) const {
    const expression::FieldTypes types =
        [this](std::string_view field) -> std::optional<expression::FieldType> {
      if (find(field) == nullptr) return std::nullopt;
      return expression::FieldType{Type::Integer};
    };
    if (!expression::check_types({.root = leaf}, types, {})) return std::nullopt;
    const expression::Columns columns = [this](std::string_view field) {
      const auto& values = *find(field);
      return ColumnView{.type = Type::Integer,
                        .layout = Layout::Int8,
                        .size = static_cast<std::int64_t>(values.size()),
                        .data = values.data()};
    };
    std::vector<std::uint8_t> holds;
    for (const Truth truth :
         expression::evaluate(leaf, columns, static_cast<std::int64_t>(r_.size()))) {
      holds.push_back(truth == Truth::True ? 1 : 0);
    }
    return holds;
  }

 private:
  std::vector<std::int8_t> r_, f_, m_, total_;
};

std::optional<Operator> mirrored(Operator op) {
  switch (op) {
    case Operator::Equal:
    case Operator::NotEqual: return op;
    case Operator::Less: return Operator::Greater;
    case Operator::LessEqual: return Operator::GreaterEqual;
    case Operator::Greater: return Operator::Less;
    case Operator::GreaterEqual: return Operator::LessEqual;
    default: return std::nullopt;
  }
}

std::optional<Operator> complement(Operator op) {
  switch (op) {
    case Operator::NotEqual: return Operator::Equal;
    case Operator::LessEqual: return Operator::Greater;
    case Operator::GreaterEqual: return Operator::Less;
    default: return std::nullopt;
  }
}

/// Customers always have these (customers::Customers), so a comparison and its complement exhaust
/// them.
bool never_missing(const Node& leaf) {
  return std::ranges::all_of(expression::fields_of(leaf), [](const std::string& field) {
    return field == "recency_days" || field == "frequency" || field == "monetary";
  });
}

/// Brings `leaf` into one of its equal forms. True if the form is its negation.
bool normalise(Node& leaf) {
  for (Operand& operand : leaf.operands) {
    auto& literal = operand.literal;
    while (literal.scale > 0 && literal.number % 10 == 0) literal.number /= 10, --literal.scale;
    if (literal.type == Type::Decimal && literal.scale == 0) literal.type = Type::Integer;
  }
  if (leaf.op == Operator::In && leaf.operands.size() == 2) leaf.op = Operator::Equal;
  if (const auto op = mirrored(leaf.op)) {
    const Operand &left = leaf.operands[0], &right = leaf.operands[1];
    if (!left.field || (right.field && *right.field < *left.field)) {
      std::swap(leaf.operands[0], leaf.operands[1]);
      leaf.op = *op;
    }
  }
  const auto op = complement(leaf.op);
  if (!op || !never_missing(leaf)) return false;
  leaf.op = *op;
  return true;
}

class Splitter {
 public:
  explicit Splitter(const Bins& bins) : cells_(bins) {}

  Term split(const Node& node) {
    Term term;
    switch (node.op) {
      case Operator::Constant: term.holds = node.operands[0].literal.number != 0; return term;
      case Operator::And: term.kind = Term::Kind::And; break;
      case Operator::Or: term.kind = Term::Kind::Or; break;
      case Operator::Not: term.kind = Term::Kind::Not; break;
      default: return leaf(node);
    }
    for (const Node& child : node.children) term.children.push_back(split(child));
    return term;
  }

  std::vector<Node> conditions;

 private:
  Term leaf(const Node& node) {
    Term term;
    if (auto by_cell = cells_.decide(node)) {
      term.kind = Term::Kind::Scores;
      term.by_cell = std::move(*by_cell);
      return term;
    }
    Node condition = node;
    const bool negated = normalise(condition);
    const auto known = std::ranges::find(conditions, condition);
    term.kind = Term::Kind::Condition;
    term.condition = static_cast<std::size_t>(known - conditions.begin());
    if (known == conditions.end()) conditions.push_back(std::move(condition));
    if (!negated) return term;
    Term negation{.kind = Term::Kind::Not};
    negation.children.push_back(std::move(term));
    return negation;
  }

  CellColumns cells_;
};

Term constant(bool holds) { return Term{.holds = holds}; }

void collect(const Term& formula, std::vector<std::size_t>& conditions) {
  if (formula.kind == Term::Kind::Condition) conditions.push_back(formula.condition);
  for (const Term& child : formula.children) collect(child, conditions);
}

}  // namespace

CellRules split_by_cell(const RuleSet& rules, const Bins& bins) {
  Splitter splitter(bins);
  CellRules result{.bins = bins};
  for (const Rule& rule : rules.rules) {
    result.rules.push_back(rule.when ? std::optional(splitter.split(rule.when->root))
                                     : std::nullopt);
  }
  result.conditions = std::move(splitter.conditions);
  return result;
}

Term in_cell(const Term& term, std::int64_t cell) {
  switch (term.kind) {
    case Term::Kind::Constant:
    case Term::Kind::Condition: return term;
    case Term::Kind::Scores: return constant(term.by_cell[static_cast<std::size_t>(cell)] != 0);
    case Term::Kind::Not: {
      Term child = in_cell(term.children[0], cell);
      if (child.kind == Term::Kind::Constant) return constant(!child.holds);
      Term negation{.kind = Term::Kind::Not};
      negation.children.push_back(std::move(child));
      return negation;
    }
    default: break;
  }
  const bool decisive =
      term.kind == Term::Kind::Or;  // the constant that decides, whatever the others say
  Term group{.kind = term.kind};
  for (const Term& part : term.children) {
    Term child = in_cell(part, cell);
    if (child.kind == Term::Kind::Constant) {
      if (child.holds == decisive) return child;
    } else {
      group.children.push_back(std::move(child));
    }
  }
  if (group.children.empty()) return constant(!decisive);
  if (group.children.size() == 1) {
    Term only = std::move(group.children.front());
    return only;
  }
  return group;
}

std::vector<std::size_t> conditions_of(const Term& formula) {
  std::vector<std::size_t> conditions;
  collect(formula, conditions);
  std::ranges::sort(conditions);
  const auto rest = std::ranges::unique(conditions);
  conditions.erase(rest.begin(), rest.end());
  return conditions;
}

}  // namespace quintile::segments

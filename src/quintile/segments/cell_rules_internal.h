#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "quintile/expression/expression.h"
#include "quintile/segments/linter.h"
#include "quintile/segments/rule_set.h"

/// Rules as functions of the score cell: what a condition says of scores alone is decided once a
/// cell, the rest stays as formulas over a few distinct conditions on other fields.
namespace quintile::segments {

/// The number of cells, and the cell of three scores: r outermost, m innermost.
[[nodiscard]] constexpr std::int64_t cells_of(const Bins& bins) {
  return std::int64_t{bins.r} * bins.f * bins.m;
}
[[nodiscard]] constexpr std::int64_t cell_of(int r, int f, int m, const Bins& bins) {
  return (std::int64_t{r - 1} * bins.f + (f - 1)) * bins.m + (m - 1);
}

/// A condition of `when`, split into what scores decide and what they do not.
struct Term {
  enum class Kind : std::uint8_t { Constant, Scores, Condition, Not, And, Or };
  Kind kind = Kind::Constant;
  bool holds = false;                 ///< Constant
  std::vector<std::uint8_t> by_cell;  ///< Scores: 1 in the cells where it holds
  std::size_t condition = 0;          ///< Condition: index into `CellRules::conditions`
  std::vector<Term> children;
};

struct CellRules {
  Bins bins;
  std::vector<std::optional<Term>> rules;    ///< none for `otherwise`
  std::vector<expression::Node> conditions;  ///< on other fields, each once
};

/// Splits the conditions. Equal conditions share one, also when one is written the other way round
/// (`5 < x`, `x > 5.0`) or, on a field that never is missing, as the other's negation.
[[nodiscard]] CellRules split_by_cell(const RuleSet& rules, const Bins& bins);

/// What remains of `term` in a cell: a constant, or a formula without constants.
[[nodiscard]] Term in_cell(const Term& term, std::int64_t cell);

/// The conditions that a formula mentions, ascending, each once.
[[nodiscard]] std::vector<std::size_t> conditions_of(const Term& formula);

}  // namespace quintile::segments

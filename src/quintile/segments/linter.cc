#include "quintile/segments/linter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "quintile/rfm/scoring.h"
#include "quintile/segments/cell_rules_internal.h"

namespace quintile::segments {
namespace {

constexpr std::size_t kConditionsMax = 16;

/// A formula as its truth table over the conditions of one cell: bit i is its value where condition
/// j is true exactly if bit j of i is set.
class TruthTable {
 public:
  TruthTable(std::size_t conditions, bool value)
      : words_(conditions > 6 ? std::size_t{1} << (conditions - 6) : 1),
        last_(conditions >= 6 ? ~std::uint64_t{0}
                              : (std::uint64_t{1} << (std::uint64_t{1} << conditions)) - 1) {
    if (value) std::ranges::fill(words_, last_);
  }

  static TruthTable of_condition(std::size_t conditions, std::size_t j) {
    static constexpr std::array<std::uint64_t, 6> kPatterns = {
        0xAAAAAAAAAAAAAAAA, 0xCCCCCCCCCCCCCCCC, 0xF0F0F0F0F0F0F0F0,
        0xFF00FF00FF00FF00, 0xFFFF0000FFFF0000, 0xFFFFFFFF00000000};
    TruthTable table(conditions, false);
    for (std::size_t i = 0; i < table.words_.size(); ++i) {
      const std::uint64_t high = ((i >> (j < 6 ? 0 : j - 6)) & 1U) != 0 ? ~std::uint64_t{0} : 0;
      table.words_[i] = (j < 6 ? kPatterns[j] : high) & table.last_;
    }
    return table;
  }

  TruthTable& operator&=(const TruthTable& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  TruthTable& operator|=(const TruthTable& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  [[nodiscard]] TruthTable operator~() const {
    TruthTable result = *this;
    for (std::uint64_t& word : result.words_) word = ~word & last_;
    return result;
  }
  [[nodiscard]] bool any() const {
    return std::ranges::any_of(words_, [](std::uint64_t word) { return word != 0; });
  }
  [[nodiscard]] bool meets(const TruthTable& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::uint64_t last_;  ///< the bits of a word that stand for something
};

TruthTable table_of(const Term& formula, const std::vector<std::size_t>& conditions) {
  const std::size_t count = conditions.size();
  switch (formula.kind) {
    case Term::Kind::Constant: return {count, formula.holds};
    case Term::Kind::Condition: {
      const auto at = std::ranges::lower_bound(conditions, formula.condition);
      return TruthTable::of_condition(count, static_cast<std::size_t>(at - conditions.begin()));
    }
    case Term::Kind::Not: return ~table_of(formula.children[0], conditions);
    default: break;
  }
  TruthTable table = table_of(formula.children[0], conditions);
  for (std::size_t i = 1; i < formula.children.size(); ++i) {
    const TruthTable next = table_of(formula.children[i], conditions);
    formula.kind == Term::Kind::And ? table &= next : table |= next;
  }
  return table;
}

/// What the linter knows of each rule before it knows all cells.
class Tally {
 public:
  explicit Tally(const RuleSet& rules, const CellRules& split)
      : split_(split),
        rules_(rules.rules.size()),
        overlaps_(rules_ * rules_),
        shadows_(rules_ * rules_) {
    for (const Rule& rule : rules.rules) report_.segments.push_back({.segment_id = rule.id});
  }

  /// Counts one cell. True if it can be that no rule holds there.
  bool add_cell(std::int64_t cell) {
    std::vector<Term> formulas;
    std::vector<std::size_t> conditions;
    for (const auto& rule : split_.rules) {
      formulas.push_back(rule ? in_cell(*rule, cell) : Term{.holds = true});
      const auto more = conditions_of(formulas.back());
      conditions.insert(conditions.end(), more.begin(), more.end());
    }
    std::ranges::sort(conditions);
    const auto rest = std::ranges::unique(conditions);
    conditions.erase(rest.begin(), rest.end());
    return conditions.size() <= kConditionsMax ? add_exactly(formulas, conditions)
                                               : add_one_by_one(formulas);
  }

  LintReport finish(const RuleSet& rules) && {
    for (std::size_t i = 0; i < rules_; ++i) {
      RuleVerdict& verdict = report_.segments[i];
      verdict.dead = verdict.cells_matched == 0 && !rules.rules[i].otherwise();
      for (std::size_t j = 0; j < i; ++j) {
        if (verdict.dead && shadows_[i * rules_ + j] > 0)
          verdict.shadowed_by.push_back(rules.rules[j].id);
      }
      for (std::size_t j = i + 1; j < rules_; ++j) {
        const std::int64_t cells = overlaps_[i * rules_ + j];
        if (cells > 0) report_.overlaps.push_back({rules.rules[i].id, rules.rules[j].id, cells});
      }
    }
    return std::move(report_);
  }

  std::vector<std::string>& gaps() { return report_.gaps; }

 private:
  bool add_exactly(const std::vector<Term>& formulas, const std::vector<std::size_t>& conditions) {
    std::vector<TruthTable> holds, first;
    TruthTable taken(conditions.size(), false);
    for (std::size_t i = 0; i < rules_; ++i) {
      holds.push_back(otherwise(i) ? ~taken : table_of(formulas[i], conditions));
      first.push_back(~taken);
      first.back() &= holds.back();
      taken |= holds.back();
      if (!holds[i].any()) continue;
      ++report_.segments[i].cells;
      if (first[i].any()) ++report_.segments[i].cells_matched;
      for (std::size_t j = 0; j < i; ++j) {
        if (holds[j].meets(holds[i]) && !otherwise(i) && !otherwise(j)) ++overlaps_[j * rules_ + i];
        if (first[j].meets(holds[i])) ++shadows_[i * rules_ + j];
      }
    }
    return (~taken).any();
  }

  /// Each rule apart from the others: all that can hold alone is taken to hold together.
  bool add_one_by_one(const std::vector<Term>& formulas) {
    std::vector<bool> can_hold;
    bool taken = false;
    for (std::size_t i = 0; i < rules_; ++i) {
      const auto own = conditions_of(formulas[i]);
      const bool small = own.size() <= kConditionsMax;
      can_hold.push_back(otherwise(i) ? !taken : !small || table_of(formulas[i], own).any());
      const bool must_hold = otherwise(i) || (small && !(~table_of(formulas[i], own)).any());
      if (can_hold[i]) {
        ++report_.segments[i].cells;
        if (!taken) ++report_.segments[i].cells_matched;
        for (std::size_t j = 0; j < i; ++j) {
          if (can_hold[j] && !otherwise(i) && !otherwise(j)) ++overlaps_[j * rules_ + i];
          if (can_hold[j] && taken) ++shadows_[i * rules_ + j];
        }
      }
      taken = taken || must_hold;
    }
    return !taken;
  }

  [[nodiscard]] bool otherwise(std::size_t rule) const { return !split_.rules[rule].has_value(); }

  const CellRules& split_;
  std::size_t rules_;
  LintReport report_;
  std::vector<std::int64_t> overlaps_;  ///< cells of pairs, first times all plus second
  std::vector<std::int64_t> shadows_;   ///< cells of a rule that an earlier one can take
};

}  // namespace

bool LintReport::faulty() const {
  return !gaps.empty() || std::ranges::any_of(segments, &RuleVerdict::dead);
}

LintReport lint(const RuleSet& rules, const Bins& bins) {
  const CellRules split = split_by_cell(rules, bins);
  Tally tally(rules, split);
  for (int r = 1; r <= bins.r; ++r) {
    for (int f = 1; f <= bins.f; ++f) {
      for (int m = 1; m <= bins.m; ++m) {
        if (tally.add_cell(cell_of(r, f, m, bins))) {
          tally.gaps().push_back(rfm::rfm_code(r, f, m, std::max({bins.r, bins.f, bins.m})));
        }
      }
    }
  }
  return std::move(tally).finish(rules);
}

}  // namespace quintile::segments

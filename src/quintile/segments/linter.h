#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quintile/segments/rule_set.h"

namespace quintile::segments {

/// The number of bins of each score.
struct Bins {
  int r = 5, f = 5, m = 5;
};

/// What the linter says of one rule, over all score cells r x f x m.
struct RuleVerdict {
  std::string segment_id;
  std::int64_t cells = 0;          ///< where the condition can hold
  std::int64_t cells_matched = 0;  ///< where it can be the first to hold
  bool dead = false;               ///< never the first; `otherwise` never is dead
  std::vector<std::string>
      shadowed_by;  ///< of a dead rule: the earlier rules that take its cells, in rule order
  std::optional<std::int64_t> customers;  ///< with a mart
};

struct Overlap {
  std::string first, second;
  std::int64_t cells = 0;
};

struct LintReport {
  std::vector<RuleVerdict> segments;
  std::vector<std::string>
      gaps;  ///< codes r, f, m of cells where it can be that no rule holds, ascending
  std::vector<Overlap>
      overlaps;  ///< pairs of conditions that can hold at once, in rule order; `otherwise` has none
  [[nodiscard]] bool faulty() const;
};

/// Enumerates every score cell. Conditions on fields other than the scores and `rfm_total` are free
/// truth values; structurally equal ones share one. More than 16 different ones in one rule set are
/// treated one rule at a time, which can only call a rule alive that is dead.
[[nodiscard]] LintReport lint(const RuleSet& rules, const Bins& bins = {});

}  // namespace quintile::segments

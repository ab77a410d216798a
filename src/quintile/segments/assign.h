#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/base/result.h"
#include "quintile/expression/expression.h"
#include "quintile/rfm/scoring.h"
#include "quintile/segments/linter.h"
#include "quintile/segments/rule_set.h"
#include "quintile/segments/segmentation.h"

namespace quintile::segments {

/// The scores of the same customers in the same order, within the bins.
struct Scores {
  std::span<const rfm::Score> r, f, m;
};

/// Checks names and types of every condition. Errors: Rules, with the place and the nearest known
/// name.
[[nodiscard]] Status check_rules(const RuleSet& rules, const expression::FieldTypes& types,
                                 const std::vector<std::string>& known_names);

/// The same as far as it goes where the customers' own columns are not known, as when a rule file
/// is read: the types of conditions that name `kRuleFields` alone.
[[nodiscard]] Status check_rules(const RuleSet& rules);

/// A rule set made ready for rows: what scores decide is a table by cell, so rules on scores alone
/// cost one look-up a customer. Conditions on other fields are evaluated once each, block by block,
/// and only a customer in a cell that depends on them looks at them.
class Assigner {
 public:
  /// The rules must have passed `check_rules` for `columns`, which must outlive the assigner. The
  /// columns are asked for the fields of conditions that scores do not decide; those have a row for
  /// each customer.
  Assigner(const RuleSet& rules, const Bins& bins, const expression::Columns& columns);
  Assigner(Assigner&&) noexcept;
  Assigner& operator=(Assigner&&) noexcept;
  ~Assigner();

  /// Writes the segments of the rows from `begin` on, as many as `out` holds: the first rule whose
  /// condition is true, or `kNoSegment`. Depends on these rows alone and may run on several
  /// threads.
  void assign(const Scores& scores, std::int64_t begin, std::span<SegmentIndex> out) const;

  /// The segment of a cell where scores alone decide it.
  [[nodiscard]] std::optional<SegmentIndex> segment_of_cell(int r_score, int f_score,
                                                            int m_score) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

/// The number of bins of each score.
[[nodiscard]] Bins bins_of(const rfm::Model& model);

/// Segments of all customers of a segmentation by these rules, which need not be those that it was
/// made with; `segmentation.segment` is neither read nor written. `kNoSegment` where no rule takes
/// a customer. Errors: Rules, from `check_rules` for the segmentation's columns.
[[nodiscard]] Result<table::Buffer<SegmentIndex>> assign_all(
    const Segmentation& segmentation, const RuleSet& rules,
    const Executor& executor = run_serially);

}  // namespace quintile::segments

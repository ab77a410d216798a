#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/expression/expression.h"
#include "quintile/rfm/scoring.h"
#include "quintile/segments/rule_set.h"
#include "quintile/segments/segmentation.h"

namespace quintile::segments {

/// One metric of one customer: value, score, and the cut points that give the one from the other.
struct MetricExplanation {
  rfm::Metric metric = rfm::Metric::Recency;
  std::string field;       ///< "recency_days", "frequency", "monetary"
  std::int64_t value = 0;  ///< days, orders or minor units
  int score = 0;
  rfm::CutPoints cut_points;
  std::optional<std::int64_t> low,
      high;  ///< the values from `low` to `high` have this score; none: no end
};

/// One comparison of a rule, as the customer met it.
struct ConditionExplanation {
  std::string text;  ///< in canonical form
  expression::Truth truth = expression::Truth::Unknown;
  std::vector<std::pair<std::string, std::string>>
      values;  ///< the fields it names and what they are, as text; "" missing
};

/// One rule, as the customer met it. Rules behind the first match are told too.
struct RuleExplanation {
  std::string segment_id;
  expression::Truth truth =
      expression::Truth::False;  ///< of the whole condition; an `otherwise` is true
  bool matched = false;          ///< the first that is true
  bool otherwise = false;
  std::vector<ConditionExplanation> conditions;  ///< in the order of the text; none for `otherwise`
};

/// A change of one metric that puts the customer into another segment, with all else as it is.
struct Change {
  rfm::Metric metric = rfm::Metric::Recency;
  std::string field;
  std::int64_t from = 0, to = 0;  ///< days, orders or minor units
  SegmentIndex segment = kNoSegment;
  int bins_crossed = 0;  ///< how far the score moves
  bool approximate =
      false;  ///< the score of `to` is estimated: under `rank` it depends on the other customers
  friend bool operator==(const Change&, const Change&) = default;
};

struct Explanation {
  std::int64_t customer_id = 0;
  int money_scale = 2;
  std::vector<MetricExplanation> metrics;  ///< recency, frequency, monetary
  std::int64_t average_order_value = 0;    ///< minor units
  std::string rfm_code;
  SegmentIndex segment = kNoSegment;  ///< by `rules`
  std::vector<RuleExplanation> rules;
  std::optional<Change> smallest_change;
  std::vector<Change>
      near_misses;  ///< the smallest change into each other segment that one metric can reach
};

/// Why customer `row` + 1 is in its segment, and what would move it.
///
/// A change alters recency_days (0 or more), frequency (1 or more) or monetary, one at a time; that
/// metric's score follows, everything else stays, average_order_value and tenure_days too. For each
/// metric the nearest value that gives another segment is exact: no nearer one does. Of the three,
/// the smallest change is the one that moves its score by the fewest bins, then the one that is
/// smallest relative to the value it starts from (|to - from| / max(1, |from|)), then days before
/// orders before money. Near misses are in that order.
///
/// Errors: NotFound for a row that is not there; Rules where a condition does not fit the columns.
[[nodiscard]] Result<Explanation> explain(const Segmentation& segmentation, const RuleSet& rules,
                                          std::int64_t row);

/// A value of a metric in its own unit as text: days and orders whole, money in currency units.
[[nodiscard]] std::string value_to_string(rfm::Metric metric, std::int64_t value, int money_scale);

}  // namespace quintile::segments

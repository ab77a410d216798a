#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/expression/column_view.h"
#include "quintile/rfm/scoring.h"
#include "quintile/table/buffer.h"

namespace quintile::rfm {

/// One metric of all customers, scored.
struct ScoredMetric {
  CutPoints cut_points;
  table::Buffer<Score> scores;  ///< one a customer, in the order of the values
  TieReport ties;
};

/// Sorts rows that share a value into the order in which `rank` places them: (source customer id,
/// customer_id).
using RankOrder = std::function<void(std::vector<std::int64_t>& rows)>;

/// Scores a metric as `spec` says.
///
/// `values`: an Integer or Decimal column without missing values, one a customer, in days, orders
/// or minor units at `money_scale`. Bin 1 holds the smallest values and scores `bins` for recency,
/// 1 otherwise. Equal values share a score but under `rank`, which splits them in `rank_order`. Cut
/// points may coincide; the bins between them are then empty, and the tie report says so. Errors:
/// Input if there are no values; Plan for bounds that do not ascend.
[[nodiscard]] Result<ScoredMetric> score_metric(Metric metric, const ColumnView& values,
                                                const MetricSpec& spec, int money_scale,
                                                const RankOrder& rank_order,
                                                const Executor& executor = run_serially);

/// Scores with cut points that an earlier run made. A model made by `rank` serves by its bins'
/// greatest values.
[[nodiscard]] Result<ScoredMetric> score_frozen(const ColumnView& values,
                                                const CutPoints& cut_points,
                                                const Executor& executor = run_serially);

/// What ties did, from the customers in each bin (0 = smallest values); not for `rank`.
[[nodiscard]] TieReport tie_report(const CutPoints& cut_points,
                                   std::span<const std::int64_t> customers_of_bin);

/// The cut points that the plan's bounds give (`thresholds`), smallest first. Errors: Plan for what
/// is no number, or bounds that do not ascend.
[[nodiscard]] Result<std::vector<std::int64_t>> cuts_of_bounds(
    Metric metric, std::span<const std::string> upper_bounds, int money_scale);

/// The greatest integer at `scale` that a decimal text reaches: bounds of money become minor units
/// this way, since x > bound exactly when x > floor(bound). Errors: Plan for what is no decimal
/// number.
[[nodiscard]] Result<std::int64_t> bound_at_scale(std::string_view text, int scale);

}  // namespace quintile::rfm

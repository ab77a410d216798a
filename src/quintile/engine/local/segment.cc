#include "quintile/engine/local/segment.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quintile/customers/identifiers.h"
#include "quintile/rfm/score_metric.h"
#include "quintile/segments/assign.h"

namespace quintile::engine::local {

namespace {

/// `rank` places equal values by source id; customers with one id by customer_id.
rfm::RankOrder rank_order_of(const customers::Customers& customers) {
  return [&customers](std::vector<std::int64_t>& rows) {
    const customers::IdOrder order(customers.source_customer_id.view);
    std::ranges::sort(rows, [&order](std::int64_t a, std::int64_t b) {
      return order.less(a, b) || (!order.less(b, a) && a < b);
    });
  };
}

/// A customer that no rule takes, told by its scores.
Status everyone_is_taken(const segments::Segmentation& segmentation,
                         const segments::RuleSet& rules) {
  const auto segments = segmentation.segment.span();
  const auto missed = std::ranges::count(segments, segments::kNoSegment);
  if (missed == 0) return {};
  const auto row = std::ranges::find(segments, segments::kNoSegment) - segments.begin();
  return fail(ErrorCode::Rules,
              fmt::format("no rule takes {} of {} customers; the first is customer_id {} with "
                          "scores r {} f {} m {}",
                          missed, segmentation.size(), row + 1, segmentation.r_score[row],
                          segmentation.f_score[row], segmentation.m_score[row]),
              "end the rule file with a segment that says 'otherwise: true'",
              Place{rules.file, 0, 0});
}

}  // namespace

rfm::MetricValues metric_values(const customers::Customers& customers) {
  return {.recency = customers.recency_days.view,
          .frequency = customers.frequency.view,
          .monetary = customers.monetary.view,
          .money_scale = customers.money_scale,
          .rank_order = rank_order_of(customers)};
}

Result<Segmented> segment(customers::Customers customers, std::int32_t analysis_day,
                          const plan::Plan& plan, const std::optional<rfm::Model>& frozen,
                          const Executor& executor) {
  Segmented result;
  segments::Segmentation& segmentation = result.segmentation;
  segmentation.customers = std::move(customers);
  segmentation.analysis_day = analysis_day;
  segmentation.model.money_scale = segmentation.customers.money_scale;

  const std::array values = {&segmentation.customers.recency_days,
                             &segmentation.customers.frequency, &segmentation.customers.monetary};
  const std::array scores = {&segmentation.r_score, &segmentation.f_score, &segmentation.m_score};
  std::array<Result<rfm::ScoredMetric>, 3> scored;
  if (!frozen && plan.scoring.preset != rfm::Preset::None) {
    QUINTILE_TRY(
        auto theirs,
        rfm::score_by_preset(plan.scoring.preset, metric_values(segmentation.customers), executor));
    std::ranges::move(theirs, scored.begin());
  } else {
    // One task a metric: finding cut points dominates, and it is serial.
    executor(3, [&](std::int64_t i) {
      const auto m = static_cast<std::size_t>(i);
      scored[m] =
          frozen ? rfm::score_frozen(values[m]->view, frozen->metrics[m])
                 : rfm::score_metric(rfm::kMetrics[m], values[m]->view, plan.scoring.metrics[m],
                                     segmentation.customers.money_scale,
                                     rank_order_of(segmentation.customers));
    });
  }
  for (std::size_t m = 0; m < scored.size(); ++m) {
    QUINTILE_TRY(rfm::ScoredMetric metric, std::move(scored[m]));
    segmentation.model.metrics[m] = std::move(metric.cut_points);
    *scores[m] = std::move(metric.scores);
    result.ties.push_back(std::move(metric.ties));
  }
  QUINTILE_TRY(segmentation.segment, segments::assign_all(segmentation, plan.segments, executor));
  QUINTILE_TRY_STATUS(everyone_is_taken(segmentation, plan.segments));
  return result;
}

}  // namespace quintile::engine::local

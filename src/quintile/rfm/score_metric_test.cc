#include "quintile/rfm/score_metric.h"

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quintile::rfm {
namespace {

using testing::Each;
using testing::ElementsAre;

ColumnView view(const std::vector<std::int64_t>& values) {
  ColumnView column;
  column.size = static_cast<std::int64_t>(values.size());
  column.data = values.data();
  return column;
}

void by_row(std::vector<std::int64_t>& rows) { std::ranges::sort(rows); }

ScoredMetric score(const std::vector<std::int64_t>& values, MetricSpec spec,
                   Metric metric = Metric::Frequency) {
  return score_metric(metric, view(values), spec, 2, by_row).value();
}

std::vector<int> scores_of(const ScoredMetric& scored) {
  return {scored.scores.begin(), scored.scores.end()};
}

TEST(QuantileScores, EqualValuesShareAScore) {
  const ScoredMetric scored = score({1, 1, 1, 2, 9}, {.method = Method::Quantile, .bins = 5});
  EXPECT_THAT(scores_of(scored), ElementsAre(1, 1, 1, 4, 5));
  EXPECT_EQ(scored.ties.bins_used, 3);
  EXPECT_THAT(scored.ties.customers, ElementsAre(3, 0, 0, 1, 1));
  EXPECT_DOUBLE_EQ(scored.ties.share_other_rule, 0.4) << "rank gives 1 2 3 4 5";
}

TEST(QuantileScores, AreWorstForAllWhenAllValuesAreEqual) {
  EXPECT_THAT(scores_of(score({4, 4, 4}, {})), Each(1));
  EXPECT_THAT(scores_of(score({4, 4, 4}, {}, Metric::Recency)), Each(5))
      << "bin 1 scores 5 for recency";
}

TEST(ThresholdScores, BinsHoldValuesUpToAndWithTheirBound) {
  const MetricSpec spec{.method = Method::Thresholds, .upper_bounds = {"1", "2", "3", "5"}};
  EXPECT_THAT(scores_of(score({0, 1, 2, 3, 4, 5, 6}, spec)), ElementsAre(1, 1, 2, 3, 4, 4, 5));
}

TEST(ThresholdScores, TakeMoneyInCurrencyUnits) {
  const MetricSpec spec{.method = Method::Thresholds, .upper_bounds = {"9.995", "20"}};
  EXPECT_THAT(scores_of(score({999, 1000, 2000, 2001}, spec, Metric::Monetary)),
              ElementsAre(1, 2, 2, 3));
}

TEST(RankScores, FillBinsEvenlyAndSplitEqualValuesInOrder) {
  const MetricSpec spec{.method = Method::Rank, .bins = 5};
  EXPECT_THAT(scores_of(score({1, 1, 1, 2, 9}, spec)), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(scores_of(score({1, 1, 1, 2, 9}, spec, Metric::Recency)), ElementsAre(5, 4, 3, 2, 1));
}

TEST(RankScores, AskForTheOrderOfSplitValuesAlone) {
  std::vector<std::vector<std::int64_t>> asked;
  const std::vector<std::int64_t> values = {5, 1, 5, 1, 5, 2};
  const auto scored =
      score_metric(Metric::Frequency, view(values), {.method = Method::Rank, .bins = 2}, 2,
                   [&](std::vector<std::int64_t>& rows) {
                     asked.push_back(rows);
                     std::ranges::reverse(rows);
                   });
  EXPECT_THAT(scores_of(*scored), ElementsAre(2, 1, 2, 1, 2, 1));
  EXPECT_THAT(asked, ElementsAre(ElementsAre(5))) << "the value 2 ends the first bin";
}

RC_GTEST_PROP(RankScores, AgreeWithSortingEverybody, ()) {
  const auto values = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 6)));
  const int bins = *rc::gen::inRange(2, 11);
  const ScoredMetric ranked = score(values, {.method = Method::Rank, .bins = bins});
  const ScoredMetric tied = score(values, {.method = Method::Quantile, .bins = bins});
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return values[row]; });
  std::int64_t elsewhere = 0;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto row = static_cast<std::int64_t>(order[place]);
    RC_ASSERT(ranked.scores[row] ==
              static_cast<Score>(1 + place * static_cast<std::size_t>(bins) / values.size()));
    elsewhere += ranked.scores[row] != tied.scores[row] ? 1 : 0;
  }
  RC_ASSERT(tied.ties.share_other_rule ==
            static_cast<double>(elsewhere) / static_cast<double>(values.size()));
}

RC_GTEST_PROP(QuantileScores, NeverFallWhenTheValueRises, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::int64_t>>());
  const ScoredMetric scored = score(values, {.bins = *rc::gen::inRange(2, 11)}, Metric::Monetary);
  for (std::size_t a = 0; a < values.size(); ++a) {
    for (std::size_t b = 0; b < values.size(); ++b) {
      if (values[a] < values[b])
        RC_ASSERT(scored.scores[static_cast<std::int64_t>(a)] <=
                  scored.scores[static_cast<std::int64_t>(b)]);
    }
  }
}

TEST(FrozenScores, UseTheCutsOfAnEarlierRun) {
  const std::vector<std::int64_t> values = {1, 50, 1000};
  const auto scored =
      score_frozen(view(values), {.metric = Metric::Monetary, .bins = 3, .cuts = {10, 100}});
  EXPECT_THAT(scores_of(*scored), ElementsAre(1, 2, 3));
}

TEST(Bounds, FloorToTheScaleOfTheRun) {
  EXPECT_EQ(bound_at_scale("250.194", 2), 25019);
  EXPECT_EQ(bound_at_scale("-0.001", 2), -1);
  EXPECT_EQ(bound_at_scale("7", 2), 700);
  EXPECT_EQ(bound_at_scale("seven", 2).error().code, ErrorCode::Plan);
}

}  // namespace
}  // namespace quintile::rfm

#include "quintile/engine/local/segment.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/engine/local/executor.h"
#include "quintile/expression/expression.h"

namespace quintile::engine::local {
namespace {

using testing::ElementsAre;

template <typename T>
table::Buffer<T> buffer_of(std::initializer_list<T> values) {
  table::Buffer<T> buffer(static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), buffer.begin());
  return buffer;
}

customers::Customers three_customers() {
  customers::Customers customers;
  customers.size = 3;
  customers.source_customer_id = table::Column::integers("id", buffer_of<std::int64_t>({9, 8, 7}));
  customers.recency_days =
      table::Column::days("recency_days", buffer_of<std::int32_t>({1, 50, 300}));
  customers.frequency = table::Column::integers("frequency", buffer_of<std::int64_t>({2, 2, 2}));
  customers.monetary =
      table::Column::decimals("monetary", 2, buffer_of<std::int64_t>({100, 200, 300}));
  customers.average_order_value =
      table::Column::decimals("average_order_value", 2, buffer_of<std::int64_t>({50, 100, 150}));
  return customers;
}

plan::Plan a_plan(const std::string& when) {
  plan::Plan plan;
  segments::Rule rule{.id = "found", .name = "Found"};
  rule.when = expression::parse(when).value();
  plan.segments.rules = {rule, segments::Rule{.id = "others", .name = "Others"}};
  return plan;
}

std::vector<int> numbers(const auto& buffer) { return {buffer.begin(), buffer.end()}; }

TEST(Segmenting, ScoresEachMetricAndTakesTheFirstRuleThatHolds) {
  const auto segmented = segment(three_customers(), 19700, a_plan("r_score = 5 or monetary >= 3"),
                                 std::nullopt, run_serially);
  ASSERT_TRUE(segmented) << segmented.error().to_string();
  EXPECT_THAT(numbers(segmented->segmentation.r_score), ElementsAre(5, 3, 1));
  EXPECT_THAT(numbers(segmented->segmentation.f_score), ElementsAre(1, 1, 1));
  EXPECT_THAT(numbers(segmented->segmentation.segment), ElementsAre(0, 1, 0));
  EXPECT_EQ(segmented->ties[1].bins_used, 1);
}

TEST(Segmenting, RankSplitsEqualValuesBySourceId) {
  plan::Plan plan = a_plan("f_score = 5");
  plan.scoring.metrics[1] = {.method = rfm::Method::Rank, .bins = 3};
  const auto segmented = segment(three_customers(), 19700, plan, std::nullopt, run_serially);
  EXPECT_THAT(numbers(segmented->segmentation.f_score), ElementsAre(3, 2, 1));
}

TEST(Segmenting, FailsWhereNoRuleTakesACustomer) {
  plan::Plan plan = a_plan("r_score = 5");
  plan.segments.rules.pop_back();
  const auto segmented = segment(three_customers(), 19700, plan, std::nullopt, run_serially);
  EXPECT_EQ(segmented.error().code, ErrorCode::Rules);
  EXPECT_THAT(segmented.error().message, testing::HasSubstr("2 of 3 customers"));
}

TEST(Executors, RunEveryTaskOnce) {
  for (const int threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> runs(100);
    on_threads(threads)(100, [&](std::int64_t i) { ++runs[static_cast<std::size_t>(i)]; });
    EXPECT_THAT(runs, testing::Each(testing::Eq(1))) << threads;
  }
}

}  // namespace
}  // namespace quintile::engine::local

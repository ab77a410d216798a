#include "quintile/summary/summary.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/summary/sample_segmentation.h"

namespace quintile::summary {
namespace {

using segments::Family;
using testing::ElementsAre;
using testing::IsEmpty;

segments::RuleSet three_rules() {
  return sample_rules(
      {{"core", Family::Core}, {"empty", Family::Growing}, {"rest", Family::Dormant}});
}

// Two customers in the first segment, three in the third.
std::vector<SampleCustomer> five_customers() {
  return {
      {.segment = 0, .recency_days = 10, .frequency = 4, .monetary = 10000, .overlay = true},
      {.segment = 2, .recency_days = 50, .frequency = 1, .monetary = 999, .consent = std::nullopt},
      {.segment = 0, .recency_days = 15, .frequency = 6, .monetary = 20001, .consent = false},
      {.segment = 2, .recency_days = 70, .frequency = 2, .monetary = 500},
      {.segment = 2,
       .recency_days = 90,
       .frequency = 1,
       .monetary = -500,
       .overlay = std::nullopt}};
}

TEST(Summary, HoldsSizesSharesMeansAndMedians) {
  const Summary summary = summarise(sample_segmentation(five_customers()), three_rules(), "USD");
  ASSERT_EQ(summary.segments.size(), 3U);
  const SegmentSummary& core = summary.segments[0];
  EXPECT_EQ(core.segment_name, "Segment core");
  EXPECT_EQ(core.family, "core");
  EXPECT_EQ(core.customers, 2);
  EXPECT_EQ(core.customer_share, 0.4);
  EXPECT_EQ(core.monetary, Int128{30001});
  EXPECT_EQ(core.monetary_share, 30001.0 / 31000);
  EXPECT_EQ(core.mean_recency_days, 12.5);
  EXPECT_EQ(core.mean_frequency, 5);
  EXPECT_EQ(core.mean_monetary, 150.005);
  EXPECT_EQ(core.mean_average_order_value, (2500 + 3333) / 200.0);
  EXPECT_EQ(core.median_recency_days, 12.5);
  EXPECT_EQ(core.median_monetary, 150.005);
  EXPECT_EQ(core.overlay_share, 0.5);
  EXPECT_EQ(core.contactable_share, 0.5);
  EXPECT_EQ(core.kpi_deltas.mean_monetary.absolute, 150.005 - 62);
  EXPECT_EQ(core.kpi_deltas.mean_monetary.relative, (150.005 - 62) / 62);
  EXPECT_EQ(summary.segments[2].median_frequency, 1);
  EXPECT_EQ(summary.segments[2].contactable_share, 2.0 / 3);

  EXPECT_EQ(summary.population.segment_id, "all");
  EXPECT_EQ(summary.population.customers, 5);
  EXPECT_EQ(summary.population.median_recency_days, 50);
  EXPECT_EQ(summary.population.kpi_deltas.mean_frequency.relative, 0);
  EXPECT_EQ(summary.filtered, std::nullopt);
}

TEST(Summary, KeepsSegmentsWithoutCustomers) {
  const SegmentSummary empty =
      summarise(sample_segmentation(five_customers()), three_rules(), "USD").segments[1];
  EXPECT_EQ(empty.segment_id, "empty");
  EXPECT_EQ(empty.customers, 0);
  EXPECT_EQ(empty.mean_monetary, std::nullopt);
  EXPECT_EQ(empty.median_recency_days, std::nullopt);
  EXPECT_EQ(empty.overlay_share, std::nullopt);
  EXPECT_EQ(empty.kpi_deltas, SegmentSummary::KpiDeltas{});
  EXPECT_THAT(empty.key_traits, IsEmpty());
}

TEST(Summary, IsCalmAboutNobodyOneCustomerAndWorthlessOnes) {
  const Summary nobody = summarise(sample_segmentation({}), three_rules(), "USD");
  EXPECT_EQ(nobody.population.customers, 0);
  EXPECT_EQ(nobody.population.mean_monetary, std::nullopt);
  const Summary one =
      summarise(sample_segmentation({{.segment = 0, .monetary = 0}}), three_rules(), "USD");
  EXPECT_EQ(one.segments[0].customer_share, 1);
  EXPECT_EQ(one.segments[0].monetary_share, 0);
  EXPECT_EQ(one.segments[0].kpi_deltas.mean_monetary, (Delta{0, std::nullopt}));
}

TEST(Summary, LeavesOutWhatTheInputCannotGive) {
  segments::Segmentation segmentation = sample_segmentation(five_customers());
  segmentation.customers.overlay.reset();
  segmentation.customers.consent.reset();
  segmentation.customers.average_order_value = {};
  const Summary summary = summarise(segmentation, three_rules(), "USD");
  EXPECT_EQ(summary.population.overlay_share, std::nullopt);
  EXPECT_EQ(summary.population.contactable_share, std::nullopt);
  EXPECT_EQ(summary.population.mean_average_order_value, std::nullopt);
}

TEST(Summary, SelectionChangesSegmentsButNotWhatTheyAreComparedWith) {
  const std::vector<std::uint8_t> selected = {1, 1, 0, 0, 0};
  const Summary summary =
      summarise(sample_segmentation(five_customers()), three_rules(), "USD", {}, selected);
  EXPECT_EQ(summary.population.customers, 5);
  ASSERT_TRUE(summary.filtered.has_value());
  EXPECT_EQ(summary.filtered->customers, 2);
  EXPECT_EQ(summary.filtered->customer_share, 0.4);
  EXPECT_EQ(summary.filtered->median_monetary, (10000 + 999) / 200.0);
  EXPECT_EQ(summary.segments[0].customer_share, 0.5);
  EXPECT_EQ(summary.segments[0].kpi_deltas.mean_monetary.absolute, 100.0 - 62);
}

TEST(Summary, FillsTextsWithTheSegmentsOwnNumbers) {
  segments::RuleSet rules = three_rules();
  rules.rules[0].actions = {
      "Write to {contactable} of {customers} ({contactable_share}), {monetary}, {mean_monetary}."};
  rules.rules[0].watchouts = {"{median_recency_days} days; {recency_window_days} left; {custmers}"};
  rules.rules[1].actions = {"{customers} of {mean_monetary}", "{custmers}", "{custmers} again"};
  rules.rules[1].watchouts = {"Only {contactable_share} have agreed.", "Test it first."};
  const Summary summary = summarise(sample_segmentation(five_customers()), rules, "USD");
  EXPECT_THAT(summary.segments[0].actions,
              ElementsAre("Write to 1 of 2 (50.0 %), USD 300.01, USD 150.00."));
  EXPECT_THAT(summary.segments[0].watchouts, ElementsAre("12.5 days; 8 left; {custmers}"));
  EXPECT_EQ(summary.segments[1].actions[0], "0 of n/a");
  EXPECT_THAT(summary.segments[1].watchouts, ElementsAre("Test it first."));
  EXPECT_THAT(unknown_placeholders(rules), ElementsAre("core: {custmers}", "empty: {custmers}"));
}

TEST(Summary, DoesNotDependOnTheExecutor) {
  const Executor backwards = [](std::int64_t count, const std::function<void(std::int64_t)>& task) {
    while (count > 0) task(--count);
  };
  const segments::Segmentation segmentation = sample_segmentation(five_customers());
  EXPECT_EQ(summarise(segmentation, three_rules(), "USD"),
            summarise(segmentation, three_rules(), "USD", {}, {}, backwards));
}

TEST(RecencyWindow, CountsTheDaysUntilTheScoreIsLost) {
  const rfm::CutPoints cuts{rfm::Metric::Recency, rfm::Method::Quantile, 3, {20, 40}, 0, 99};
  EXPECT_EQ(days_to_next_recency_cut(20, cuts), 1);
  EXPECT_EQ(days_to_next_recency_cut(20.5, cuts), 20);
  EXPECT_EQ(days_to_next_recency_cut(0, cuts), 21);
  EXPECT_EQ(days_to_next_recency_cut(41, cuts), std::nullopt);
}

}  // namespace
}  // namespace quintile::summary

#include "quintile/insights/insight.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/summary/sample_segmentation.h"

namespace quintile::insights {
namespace {

using segments::Family;
using summary::sample_segmentation;
using summary::SampleCustomer;
using summary::SampleRandom;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::Field;

segments::RuleSet four_families() {
  return summary::sample_rules({{"core", Family::Core},
                                {"growing", Family::Growing},
                                {"slipping", Family::Slipping},
                                {"dormant", Family::Dormant}});
}

Insight tested(const std::string& id, const segments::Segmentation& segmentation,
               std::span<const std::uint8_t> selected = {}) {
  for (Insight& insight : test_insights(segmentation, four_families(), selected)) {
    if (insight.id == id) return insight;
  }
  return {};
}
Insight tested(const std::string& id, const std::vector<SampleCustomer>& customers) {
  return tested(id, sample_segmentation(customers));
}

// The number at a path like "cells/r1_f1/customers"; NaN where there is none.
double number(const std::vector<quality::Detail>& evidence, std::string path) {
  const std::string key = path.substr(0, path.find('/'));
  for (const quality::Detail& detail : evidence) {
    if (detail.key != key) continue;
    if (const auto* group = std::get_if<std::vector<quality::Detail>>(&detail.value)) {
      return key == path ? static_cast<double>(group->size())
                         : number(*group, path.substr(key.size() + 1));
    }
    if (const auto* whole = std::get_if<std::int64_t>(&detail.value))
      return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&detail.value)) return *real;
  }
  return std::nan("");
}

// Two hundred customers by formula; what is expected of them was worked out with NumPy.
std::vector<SampleCustomer> two_hundred() {
  std::vector<SampleCustomer> all;
  for (int i = 0; i < 200; ++i) {
    all.push_back({.segment = i % 4,
                   .recency_days = i * 13 % 100,
                   .frequency = 1 + i % 4,
                   .monetary = 1000 + i * 7919 % 5000,
                   .r_score = i % 5 + 1,
                   .f_score = i / 5 % 5 + 1,
                   .overlay = i * 31 % 7 < 2,
                   .consent = i % 3 == 0});
  }
  return all;
}

void expect_numbers(const Insight& insight, double estimate, double low, double high) {
  EXPECT_THAT(insight.estimate.value(), DoubleNear(estimate, 1e-12)) << insight.id;
  EXPECT_THAT(insight.interval.value()[0], DoubleNear(low, 1e-11)) << insight.id;
  EXPECT_THAT(insight.interval.value()[1], DoubleNear(high, 1e-11)) << insight.id;
}

TEST(Insights, StandInTheContractsOrder) {
  EXPECT_THAT(
      test_insights(sample_segmentation(two_hundred()), four_families()),
      ElementsAre(Field(&Insight::id, "concentration"), Field(&Insight::id, "recent_split"),
                  Field(&Insight::id, "at_risk_value"), Field(&Insight::id, "overlay_effect"),
                  Field(&Insight::id, "one_time_buyers"), Field(&Insight::id, "contactable_value"),
                  Field(&Insight::id, "value_at_risk"), Field(&Insight::id, "dormant_share")));
}

TEST(Insights, AgreeWithNumpy) {
  const auto all = two_hundred();
  expect_numbers(tested("concentration", all), 0.31611888616361267, 0.301752340825446,
                 0.33048543150177934);
  expect_numbers(tested("at_risk_value", all), 1.0676670033184241, 0.9751828105983213,
                 1.1689221934455067);
  expect_numbers(tested("overlay_effect", all), -0.027721311940397064, -0.15515050812561404,
                 0.11892811245894164);
  expect_numbers(tested("contactable_value", all), 0.3011499062184389, 0.23376251529898354,
                 0.3685372971378943);
  expect_numbers(tested("value_at_risk", all), 0.2669167508296061, 0.19979795031991116,
                 0.334035551339301);
  EXPECT_EQ(tested("one_time_buyers", all).estimate, 0.25);
  EXPECT_EQ(tested("dormant_share", all).estimate, 0.25);
}

TEST(Insights, OnASelectionAreThoseOfTheSelectedAlone) {
  const auto all = two_hundred();
  std::vector<std::uint8_t> selected;
  std::vector<SampleCustomer> chosen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    selected.push_back(i % 3 != 1);
    if (i % 3 != 1) chosen.push_back(all[i]);
  }
  EXPECT_EQ(test_insights(sample_segmentation(all), four_families(), selected),
            test_insights(sample_segmentation(chosen), four_families()));
}

TEST(Concentration, CountsTheTopFifthInWholeCustomersRoundedUp) {
  std::vector<SampleCustomer> all(11, {.monetary = 100});
  all[4].monetary = all[7].monetary = 700;
  all[1].monetary = 800;
  const Insight insight = tested("concentration", all);
  EXPECT_EQ(number(insight.evidence, "top_20_customers"), 3);
  EXPECT_EQ(insight.estimate, 2200.0 / 3000);
  EXPECT_EQ(number(insight.evidence, "top_10_share"), 1500.0 / 3000);
  EXPECT_EQ(number(insight.evidence, "top_1_share"), 800.0 / 3000);
  EXPECT_EQ(number(insight.evidence, "lorenz"), 101);
  EXPECT_EQ(number(insight.evidence, "lorenz/0.00"), 0);
  EXPECT_EQ(number(insight.evidence, "lorenz/0.20"), 2200.0 / 3000);
  EXPECT_EQ(number(insight.evidence, "lorenz/1.00"), 1);
  EXPECT_EQ(insight.verdict, Verdict::Supported);
}

TEST(Concentration, IsNoneAmongEquals) {
  const Insight insight = tested("concentration", std::vector<SampleCustomer>(50));
  EXPECT_EQ(insight.verdict, Verdict::NotSupported);
  EXPECT_EQ(insight.estimate, 0.2);
  EXPECT_EQ(insight.interval, (std::array{0.2, 0.2}));
  EXPECT_EQ(number(insight.evidence, "gini"), 0);
}

TEST(Concentration, BearsReturnsThatOutweighPurchases) {
  std::vector<SampleCustomer> all(10, {.monetary = -100});
  all[0].monetary = 5000;
  const Insight some = tested("concentration", all);
  EXPECT_EQ(some.estimate, 4900.0 / 4100);
  EXPECT_EQ(number(some.evidence, "negative_customers"), 9);
  all[0].monetary = 900;
  EXPECT_EQ(tested("concentration", all).verdict, Verdict::NotTestable);
}

// `counts` customers at the highest recency score for each frequency score.
std::vector<SampleCustomer> recent(std::array<int, 5> counts) {
  std::vector<SampleCustomer> all(40, {.r_score = 4, .f_score = 3});
  for (int f = 1; f <= 5; ++f) {
    all.insert(all.end(), static_cast<std::size_t>(counts[static_cast<std::size_t>(f - 1)]),
               {.r_score = 5, .f_score = f});
  }
  return all;
}

TEST(RecentSplit, NeedsBothEndsAndAThinMiddle) {
  EXPECT_EQ(tested("recent_split", recent({30, 11, 18, 1, 40})).verdict, Verdict::Supported);
  EXPECT_EQ(tested("recent_split", recent({30, 11, 18, 1, 40})).estimate, 0.41);
  EXPECT_EQ(tested("recent_split", recent({0, 14, 10, 36, 40})).verdict, Verdict::NotSupported);
  EXPECT_EQ(tested("recent_split", recent({15, 0, 14, 31, 40})).verdict, Verdict::Supported);
  EXPECT_EQ(tested("recent_split", recent({15, 0, 15, 30, 40})).verdict, Verdict::NotSupported);
  EXPECT_EQ(tested("recent_split", recent({3, 1, 0, 1, 4})).verdict, Verdict::NotTestable);
}

TEST(RecentSplit, TakesTwoFifthsOfTheBinsAtEachEnd) {
  segments::Segmentation ten = sample_segmentation(recent({20, 20, 10, 20, 30}));
  ten.model.metrics[1].bins = 10;
  const Insight insight = tested("recent_split", ten);
  EXPECT_EQ(number(insight.evidence, "f_score_high_min"), 7);
  EXPECT_EQ(number(insight.evidence, "f_score_low_max"), 4);
  EXPECT_EQ(insight.estimate, 0);
}

TEST(AtRiskValue, NeedsMoreValueAndLongerSilence) {
  std::vector<SampleCustomer> all;
  for (int i = 0; i < 400; ++i) {
    const bool slipping = i % 4 == 0;
    all.push_back({.segment = slipping ? 2 : 0,
                   .recency_days = slipping ? 90 : 10,
                   .monetary = (slipping ? 3000 : 1000) + i});
  }
  EXPECT_EQ(tested("at_risk_value", all).verdict, Verdict::Supported);
  for (SampleCustomer& one : all) one.recency_days = 100 - one.recency_days;
  EXPECT_EQ(tested("at_risk_value", all).verdict, Verdict::NotSupported);
  for (SampleCustomer& one : all) one.monetary = -one.monetary;
  EXPECT_EQ(tested("at_risk_value", all).verdict, Verdict::NotTestable);
  for (SampleCustomer& one : all) one.segment = 0;
  EXPECT_EQ(tested("at_risk_value", all).verdict, Verdict::NotTestable);
  EXPECT_EQ(tested("value_at_risk", all).verdict, Verdict::NotTestable);
}

// Premium customers crowd into the cell of large values; inside a cell they have `effect` more.
std::vector<SampleCustomer> premium(double effect, std::uint64_t seed) {
  SampleRandom random(seed);
  std::vector<SampleCustomer> all;
  for (int i = 0; i < 4000; ++i) {
    const bool frequent = random.chance(0.5);
    const bool with = random.chance(frequent ? 0.7 : 0.1);
    const double value = (frequent ? 9000 : 1000) * (with ? 1 + effect : 1) * (0.5 + random.unit());
    all.push_back({.monetary = std::llround(value), .f_score = frequent ? 5 : 1, .overlay = with});
  }
  return all;
}

TEST(OverlayEffect, IsWhatIsLeftAmongLikeCustomers) {
  const Insight with = tested("overlay_effect", premium(0.15, 1));
  EXPECT_EQ(with.verdict, Verdict::Supported);
  EXPECT_NEAR(with.estimate.value(), 0.15, 0.03);
  EXPECT_GT(number(with.evidence, "crude_relative"), 1);
  const Insight without = tested("overlay_effect", premium(0, 1));
  EXPECT_EQ(without.verdict, Verdict::NotSupported);
  EXPECT_GT(number(without.evidence, "crude_relative"), 1);
  EXPECT_EQ(tested("overlay_effect", premium(0.02, 1)).verdict, Verdict::NotSupported);
}

TEST(OverlayEffect, ListsTheCellsItCannotCompare) {
  std::vector<SampleCustomer> all = premium(0.15, 2);
  all.insert(all.end(), 7, {.r_score = 1, .f_score = 1, .overlay = true});
  all.insert(all.end(), 2, {.r_score = 1, .f_score = 2, .overlay = std::nullopt});
  const Insight insight = tested("overlay_effect", all);
  EXPECT_EQ(number(insight.evidence, "cells_used"), 2);
  EXPECT_EQ(number(insight.evidence, "customers_used"), 4000);
  EXPECT_EQ(number(insight.evidence, "cells_left_out"), 2);
  EXPECT_EQ(number(insight.evidence, "customers_left_out"), 9);
  EXPECT_EQ(number(insight.evidence, "left_out/r1_f1"), 7);
  EXPECT_EQ(number(insight.evidence, "customers_unknown"), 2);
  EXPECT_EQ(insight.estimate, tested("overlay_effect", premium(0.15, 2)).estimate);
}

// Intervals at 95 % of confidence hold the truth in about 95 % of data sets.
TEST(OverlayEffect, HasAnIntervalThatHoldsTheTruth) {
  int held = 0;
  for (std::uint64_t set = 0; set < 100; ++set) {
    const Insight insight = tested("overlay_effect", premium(0.1, 100 + set));
    held += (*insight.interval)[0] <= 0.1 && 0.1 <= (*insight.interval)[1] ? 1 : 0;
  }
  EXPECT_GE(held, 90);
  EXPECT_LE(held, 99);
}

TEST(OverlayEffect, NeedsAnOverlayAndCustomersOnBothSides) {
  segments::Segmentation segmentation = sample_segmentation(two_hundred());
  segmentation.customers.overlay.reset();
  EXPECT_EQ(tested("overlay_effect", segmentation).verdict, Verdict::NotTestable);
  EXPECT_EQ(tested("overlay_effect", std::vector<SampleCustomer>(100)).verdict,
            Verdict::NotTestable);
  segmentation.customers.consent.reset();
  EXPECT_EQ(tested("contactable_value", segmentation).verdict, Verdict::NotTestable);
}

TEST(Insights, AreCalmAboutNobodyAndOne) {
  for (const std::size_t count : {0, 1}) {
    EXPECT_THAT(
        test_insights(sample_segmentation(std::vector<SampleCustomer>(count)), four_families()),
        Each(Field(&Insight::verdict, Verdict::NotTestable)));
  }
}

}  // namespace
}  // namespace quintile::insights

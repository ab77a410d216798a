#include "quintile/segments/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "quintile/segments/assign.h"
#include "quintile/segments/rules_for_test_internal.h"
#include "quintile/segments/segmentation_for_test_internal.h"

namespace quintile::segments {
namespace {

using expression::Truth;
using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::Pair;

Explanation explained(const ACustomer& customer, const RuleSet& rules) {
  auto result = explain(a_segmentation({customer}), rules, 0);
  EXPECT_TRUE(result) << result.error().to_string();
  return result ? *result : Explanation{};
}

/// "recency_days 10 -> 21: 1", or "".
std::string text_of(const std::optional<Change>& change) {
  if (!change) return "";
  return change->field + " " + std::to_string(change->from) + " -> " + std::to_string(change->to) +
         ": " + std::to_string(change->segment);
}

TEST(Explain, TellsValuesCutPointsAndScores) {
  const auto e =
      explained({.recency_days = 25, .frequency = 7, .monetary = 4'999}, rules_of({{"all", ""}}));
  EXPECT_EQ(e.customer_id, 1);
  EXPECT_EQ(e.rfm_code, "451");
  EXPECT_EQ(e.average_order_value, 714);
  ASSERT_EQ(e.metrics.size(), 3U);
  EXPECT_EQ(std::tuple(e.metrics[0].value, e.metrics[0].score, e.metrics[0].low, e.metrics[0].high),
            std::tuple(25, 4, std::optional(21), std::optional(40)));
  EXPECT_EQ(std::tuple(e.metrics[1].low, e.metrics[1].high),
            std::tuple(std::optional(7), std::nullopt));
  EXPECT_EQ(std::tuple(e.metrics[2].low, e.metrics[2].high),
            std::tuple(std::nullopt, std::optional(5'000)));
  EXPECT_EQ(e.smallest_change, std::nullopt);
}

TEST(Explain, TellsWhichConditionsHeldAndWhichRuleMatched) {
  const auto e = explained({.recency_days = 25, .age = {}},
                           rules_of({{"a", "r_score = 5 and (age > 40 or subscription)"},
                                     {"b", "monetary >= 99.50"},
                                     {"c", ""}}));
  ASSERT_EQ(e.rules.size(), 3U);
  EXPECT_EQ(e.rules[0].truth, Truth::False);
  EXPECT_THAT(e.rules[0].conditions,
              ElementsAre(FieldsAre("r_score = 5", Truth::False, ElementsAre(Pair("r_score", "4"))),
                          FieldsAre("age > 40", Truth::Unknown, ElementsAre(Pair("age", ""))),
                          FieldsAre("subscription", Truth::False,
                                    ElementsAre(Pair("subscription", "false")))));
  EXPECT_TRUE(e.rules[1].matched);
  EXPECT_THAT(e.rules[1].conditions[0].values, ElementsAre(Pair("monetary", "100.00")));
  EXPECT_FALSE(e.rules[2].matched);
  EXPECT_TRUE(e.rules[2].otherwise);
  EXPECT_EQ(e.segment, 1);
}

TEST(Explain, FindsTheNearestValueOfAScoreBoundary) {
  const auto rules = rules_of({{"recent", "r_score >= 4"}, {"rest", ""}});
  EXPECT_EQ(text_of(explained({.recency_days = 25}, rules).smallest_change),
            "recency_days 25 -> 41: 1");
  EXPECT_EQ(text_of(explained({.recency_days = 90}, rules).smallest_change),
            "recency_days 90 -> 40: 0");
}

TEST(Explain, PrefersFewerBinsThenTheSmallerPart) {
  // One bin of orders (2 to 3), against three bins of days.
  EXPECT_EQ(text_of(explained({.recency_days = 45, .frequency = 2},
                              rules_of({{"a", "f_score >= 3 or r_score = 5"}, {"b", ""}}))
                        .smallest_change),
            "frequency 2 -> 3: 0");
  // One bin each: 45 to 40 days is a ninth, 100.00 to 100.01 hardly anything.
  EXPECT_EQ(text_of(explained({.recency_days = 45, .monetary = 10'000},
                              rules_of({{"a", "r_score = 4 or m_score = 3"}, {"b", ""}}))
                        .smallest_change),
            "monetary 10000 -> 10001: 0");
}

TEST(Explain, HeedsConditionsOnRawValues) {
  EXPECT_EQ(
      text_of(explained({.monetary = 10'000}, rules_of({{"a", "monetary > 101.005"}, {"b", ""}}))
                  .smallest_change),
      "monetary 10000 -> 10101: 0");
  EXPECT_EQ(
      text_of(explained({.recency_days = 30}, rules_of({{"a", "recency_days < 7"}, {"b", ""}}))
                  .smallest_change),
      "recency_days 30 -> 6: 0");
  EXPECT_EQ(
      text_of(explained({.frequency = 2, .age = 5}, rules_of({{"a", "frequency > age"}, {"b", ""}}))
                  .smallest_change),
      "frequency 2 -> 6: 0");
  EXPECT_EQ(text_of(explained({.frequency = 2}, rules_of({{"a", "frequency in (7, 9)"}, {"b", ""}}))
                        .smallest_change),
            "frequency 2 -> 7: 0");
}

TEST(Explain, GoesNowhereThatCannotBe) {
  // Less than one order, or a day before today, is no change.
  EXPECT_EQ(text_of(explained({.recency_days = 3, .frequency = 1},
                              rules_of({{"a", "frequency < 1 or recency_days < 0"}, {"b", ""}}))
                        .smallest_change),
            "");
  // A segment that no rule gives is none.
  EXPECT_EQ(
      text_of(explained({.recency_days = 3}, rules_of({{"a", "r_score = 5"}})).smallest_change),
      "");
}

TEST(Explain, ListsTheSmallestChangeIntoEachSegment) {
  const auto e = explained({.recency_days = 25}, rules_of({{"a", "r_score = 5"},
                                                           {"b", "r_score = 4"},
                                                           {"c", "r_score = 3"},
                                                           {"d", "f_score = 5"},
                                                           {"e", ""}}));
  std::vector<std::string> texts;
  for (const Change& change : e.near_misses) texts.push_back(text_of(change));
  EXPECT_THAT(texts, ElementsAre("recency_days 25 -> 20: 0", "recency_days 25 -> 41: 2",
                                 "recency_days 25 -> 61: 4"));
  EXPECT_EQ(e.near_misses.front(), e.smallest_change);
}

TEST(Explain, SaysWhereAScoreIsAnEstimate) {
  const auto s = a_segmentation({{.recency_days = 25}}, rfm::Method::Rank);
  const auto e = explain(s, rules_of({{"a", "r_score >= 4"}, {"b", ""}}), 0);
  ASSERT_TRUE(e && e->smallest_change);
  EXPECT_TRUE(e->smallest_change->approximate);
}

TEST(Explain, KnowsOnlyCustomersThatAreThere) {
  const auto s = a_segmentation({{}});
  EXPECT_EQ(explain(s, rules_of({{"a", ""}}), 1).error().code, ErrorCode::NotFound);
  EXPECT_EQ(explain(s, rules_of({{"a", ""}}), -1).error().code, ErrorCode::NotFound);
  EXPECT_EQ(explain(s, rules_of({{"a", "nobody = 1"}}), 0).error().code, ErrorCode::Rules);
}

RC_GTEST_PROP(Explain, ANearerValueOfTheFieldNeverMovesTheCustomer, ()) {
  const RuleSet rules = rules_of({{"a", "r_score >= 4 and f_score >= 4"},
                                  {"b", "recency_days <= 33 or frequency = 5"},
                                  {"c", "rfm_total between 6 and 8"},
                                  {"d", "monetary < 123.45"},
                                  {"e", ""}});
  const ACustomer customer{.recency_days = *rc::gen::inRange(0, 100),
                           .frequency = *rc::gen::inRange(1, 10),
                           .monetary = *rc::gen::inRange(9'000, 14'000)};
  const auto segment_with = [&](const ACustomer& changed) {
    return (*assign_all(a_segmentation({changed}), rules))[0];
  };
  const auto e = explain(a_segmentation({customer}), rules, 0);
  RC_ASSERT(e.has_value());
  RC_ASSERT(e->segment == segment_with(customer));
  RC_ASSERT(e->smallest_change.has_value());
  const Change& change = *e->smallest_change;
  const auto changed_to = [&](std::int64_t value) {
    ACustomer changed = customer;
    if (change.field == "recency_days") changed.recency_days = static_cast<std::int32_t>(value);
    if (change.field == "frequency") changed.frequency = value;
    if (change.field == "monetary") changed.monetary = value;
    return changed;
  };
  RC_ASSERT(segment_with(changed_to(change.to)) == change.segment);
  RC_ASSERT(change.segment != e->segment);
  const std::int64_t apart = std::abs(change.to - change.from);
  for (std::int64_t nearer = std::max<std::int64_t>(1, apart - 50); nearer < apart; ++nearer) {
    for (const std::int64_t value : {change.from - nearer, change.from + nearer}) {
      if (value < (change.field == "recency_days" ? 0 : 1)) continue;
      RC_ASSERT(segment_with(changed_to(value)) == e->segment);
    }
  }
}

}  // namespace
}  // namespace quintile::segments

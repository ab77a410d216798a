#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/insights/insight.h"
#include "quintile/summary/sample_segmentation.h"

namespace quintile::insights {
namespace {

using segments::Family;
using summary::sample_segmentation;
using summary::SampleCustomer;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

segments::RuleSet rules() {
  segments::RuleSet rules = summary::sample_rules({{"top", Family::Core},
                                                   {"new", Family::Growing},
                                                   {"risk", Family::Slipping},
                                                   {"lost", Family::Slipping},
                                                   {"old", Family::Dormant}});
  rules.rules[2].actions = {"Write to {customers} customers."};
  rules.rules[2].watchouts = {"Vouchers teach waiting."};
  return rules;
}

std::vector<Recommendation> recommended(const segments::Segmentation& segmentation) {
  return recommend(segmentation, rules(), summary::summarise(segmentation, rules(), "USD"),
                   test_insights(segmentation, rules()), "USD");
}

std::vector<SampleCustomer> customers() {
  return {
      {.segment = 2, .recency_days = 70, .monetary = 50000, .r_score = 2, .consent = false},
      {.segment = 2, .recency_days = 72, .monetary = 40000, .r_score = 2, .overlay = true},
      {.segment = 3, .recency_days = 95, .monetary = 10000, .r_score = 1, .consent = std::nullopt},
      {.segment = 0, .recency_days = 5, .monetary = 60000, .r_score = 5},
      {.segment = 1, .recency_days = 3, .monetary = 2000, .r_score = 5},
      {.segment = 4, .recency_days = 99, .monetary = 500, .r_score = 1}};
}

TEST(Recommendations, StandByValueAtStake) {
  EXPECT_THAT(recommended(sample_segmentation(customers())),
              ElementsAre(Field(&Recommendation::id, "re_engage_at_risk"),
                          Field(&Recommendation::id, "protect_top"),
                          Field(&Recommendation::id, "premium_modifier"),
                          Field(&Recommendation::id, "activate_new")));
}

TEST(Recommendations, CarryTheNumbersOfTheirSegments) {
  const Recommendation risk = recommended(sample_segmentation(customers()))[0];
  EXPECT_THAT(risk.segment_ids, ElementsAre("risk", "lost"));
  EXPECT_EQ(risk.customers, 3);
  EXPECT_EQ(risk.monetary, Int128{100000});
  EXPECT_EQ(risk.contactable, 1);
  EXPECT_EQ(risk.median_recency_days, 72);
  EXPECT_EQ(risk.window_days, 10);  // of the two who can still lose a score: from 71 to beyond 80
  EXPECT_THAT(
      risk.text,
      HasSubstr(
          "Segment risk and Segment lost: 3 customers hold 61.5 % of all value (USD 1,000); 1 of "
          "them may be contacted."));
  EXPECT_THAT(risk.text, HasSubstr("loses a score in 10 days."));
  EXPECT_THAT(risk.text, HasSubstr("First step, Segment risk: Write to 2 customers."));
  EXPECT_THAT(risk.risk, HasSubstr("Vouchers teach waiting."));
}

TEST(Recommendations, DoNotSellAnOverlayThatTheDataDoNotCarry) {
  const Recommendation overlay = recommended(sample_segmentation(customers()))[2];
  EXPECT_EQ(overlay.title, "Do not choose customers by premium alone");
  EXPECT_THAT(overlay.text, HasSubstr("could not be tested"));

  std::vector<SampleCustomer> many;
  for (int i = 0; i < 400; ++i)
    many.push_back({.monetary = (i % 2 == 0 ? 1000 : 1500) + i, .overlay = i % 2 != 0});
  const auto of_many = recommended(sample_segmentation(many));
  EXPECT_EQ(of_many[1].title, "Use premium to order each list");
  EXPECT_THAT(of_many[1].text, HasSubstr("+41.8 % (95 % interval +"));
}

TEST(Recommendations, NeedCustomersOfTheFamily) {
  EXPECT_THAT(recommended(sample_segmentation({})), IsEmpty());
  segments::Segmentation dormant = sample_segmentation({{.segment = 4}});
  dormant.customers.overlay.reset();
  EXPECT_THAT(recommended(dormant), IsEmpty());
  segments::Segmentation one = sample_segmentation({{.segment = 0, .monetary = 0, .r_score = 1}});
  one.customers.consent.reset();
  const auto recommendations = recommended(one);
  ASSERT_EQ(recommendations.size(), 1U);
  EXPECT_EQ(recommendations[0].contactable, std::nullopt);
  EXPECT_EQ(recommendations[0].window_days, std::nullopt);
  EXPECT_THAT(recommendations[0].text, HasSubstr("1 customer holds a value of USD 0.00."));
  EXPECT_THAT(recommendations[0].text, Not(HasSubstr("contacted")));
}

}  // namespace
}  // namespace quintile::insights

#include "quintile/segments/linter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/segments/rules_for_test_internal.h"

namespace quintile::segments {

// What a failure shows.
void PrintTo(const Overlap& overlap, std::ostream* out) {
  *out << overlap.first << '/' << overlap.second << ':' << overlap.cells;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MATCHER_P3(Pair, first, second, cells, "") {
  return arg.first == first && arg.second == second && arg.cells == cells;
}

/// "id cells/cells_matched", with "dead by a b" where it is.
std::vector<std::string> verdicts(const LintReport& report) {
  std::vector<std::string> lines;
  for (const RuleVerdict& rule : report.segments) {
    lines.push_back(rule.segment_id + " " + std::to_string(rule.cells) + "/" +
                    std::to_string(rule.cells_matched));
    if (rule.dead) lines.back() += " dead by";
    for (const std::string& id : rule.shadowed_by) lines.back() += " " + id;
  }
  return lines;
}

TEST(Linter, CountsCellsWhereARuleCanHoldAndCanBeFirst) {
  const auto report = lint(rules_of(
      {{"best", "r_score >= 4 and f_score >= 4"}, {"recent", "r_score = 5"}, {"rest", ""}}));
  EXPECT_THAT(verdicts(report), ElementsAre("best 20/20", "recent 25/15", "rest 90/90"));
  EXPECT_THAT(report.overlaps, ElementsAre(Pair("best", "recent", 10)));
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_FALSE(report.faulty());
}

TEST(Linter, NamesTheEarlierRulesThatShadowADeadOne) {
  const auto report = lint(rules_of({{"low", "f_score <= 2"},
                                     {"other", "m_score = 5"},
                                     {"high", "f_score >= 3"},
                                     {"dead", "r_score = 1"},
                                     {"never", "r_score = 6"},
                                     {"rest", ""}}));
  EXPECT_THAT(verdicts(report),
              ElementsAre("low 50/50", "other 25/15", "high 75/60",
                          "dead 25/0 dead by low other high", "never 0/0 dead by", "rest 0/0"));
  EXPECT_TRUE(report.faulty());
}

TEST(Linter, FindsGapsInOrder) {
  const auto report = lint(rules_of({{"most", "rfm_total > 3 and rfm_total != 15"}}));
  EXPECT_THAT(report.gaps, ElementsAre("111", "555"));
  EXPECT_TRUE(report.faulty());
  EXPECT_EQ(lint(rules_of({})).gaps.size(), 125U);
}

TEST(Linter, TakesOtherFieldsAsFreeTruthValues) {
  const auto report =
      lint(rules_of({{"premium", "r_score = 5 and subscription"}, {"rich", "monetary > 1000"}}));
  EXPECT_THAT(verdicts(report), ElementsAre("premium 25/25", "rich 125/125"));
  EXPECT_THAT(report.overlaps, ElementsAre(Pair("premium", "rich", 25)));
  EXPECT_EQ(report.gaps.size(), 125U);
}

TEST(Linter, EqualConditionsShareOneTruth) {
  const auto split =
      lint(rules_of({{"a", "subscription"}, {"b", "not subscription"}, {"c", "r_score = 5"}}));
  EXPECT_THAT(verdicts(split), ElementsAre("a 125/125", "b 125/125", "c 25/0 dead by a b"));
  EXPECT_THAT(split.gaps, IsEmpty());
  EXPECT_THAT(split.overlaps, ElementsAre(Pair("a", "c", 25), Pair("b", "c", 25)));

  const auto same =
      lint(rules_of({{"a", "5 < frequency"}, {"b", "r_score = 1 and frequency > 5.0"}, {"c", ""}}));
  EXPECT_THAT(verdicts(same), ElementsAre("a 125/125", "b 25/0 dead by a", "c 125/125"));
}

TEST(Linter, KnowsThatMetricsNeverAreMissing) {
  EXPECT_THAT(lint(rules_of({{"a", "monetary > 100"}, {"b", "monetary <= 100"}})).gaps, IsEmpty());
  // An attribute may be: then neither holds.
  const auto report =
      lint(rules_of({{"a", "age > 40"}, {"b", "age <= 40"}, {"c", "age is missing"}, {"d", ""}}));
  EXPECT_THAT(verdicts(report), ElementsAre("a 125/125", "b 125/125", "c 125/125", "d 125/125"));
}

TEST(Linter, DecidesWhateverScoresAloneDecide) {
  const auto report =
      lint(rules_of({{"a", "r_score > f_score or 3.5 <= m_score or r_score in (1, 2)"},
                     {"b", "r_score is missing"},
                     {"c", "not (r_score between 3 and f_score) or true"}}));
  EXPECT_THAT(verdicts(report), ElementsAre("a 107/107", "b 0/0 dead by", "c 125/18"));
}

TEST(Linter, TakesOtherBinsPerMetric) {
  const auto report =
      lint(rules_of({{"a", "r_score = 10 or f_score = 2"}}), {.r = 10, .f = 2, .m = 2});
  EXPECT_THAT(verdicts(report), ElementsAre("a 22/22"));
  EXPECT_EQ(report.gaps.size(), 18U);
  EXPECT_EQ(report.gaps.front(), "1-1-1");
  EXPECT_EQ(report.gaps.back(), "9-1-2");
}

TEST(Linter, StaysExactForSixteenConditionsAndCarefulBeyond) {
  const auto chain = [](int conditions) {
    std::string all, none;
    for (int i = 0; i < conditions; ++i) {
      const std::string name = "a" + std::to_string(i);
      all += (i > 0 ? " and " : "") + name;
      none += (i > 0 ? " or not " : "not ") + name;
    }
    return lint(rules_of({{"all", all}, {"not_all", none}, {"dead", "r_score = 1"}}));
  };
  EXPECT_THAT(verdicts(chain(16)),
              ElementsAre("all 125/125", "not_all 125/125", "dead 25/0 dead by all not_all"));
  EXPECT_THAT(chain(16).gaps, IsEmpty());
  EXPECT_FALSE(chain(17).segments[2].dead);  // not proved
}

TEST(Linter, SurvivesAComparisonThatCannotBe) {
  EXPECT_EQ(lint(rules_of({{"a", "r_score = \"5\""}, {"b", ""}})).segments[0].cells, 125);
}

}  // namespace
}  // namespace quintile::segments

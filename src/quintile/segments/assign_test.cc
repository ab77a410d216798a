#include "quintile/segments/assign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "quintile/segments/rules_for_test_internal.h"
#include "quintile/segments/segmentation_for_test_internal.h"

namespace quintile::segments {
namespace {

using ::testing::ElementsAre;

std::vector<int> assigned(const Segmentation& segmentation, const RuleSet& rules) {
  const auto segments = assign_all(segmentation, rules);
  EXPECT_TRUE(segments) << segments.error().to_string();
  return segments ? std::vector<int>(segments->begin(), segments->end()) : std::vector<int>{};
}

Error error_of(const RuleSet& rules) {
  const auto segments = assign_all(a_segmentation({{.recency_days = 1}}), rules);
  return segments ? Error{} : segments.error();
}

TEST(Assign, TheFirstRuleThatIsTrueTakesTheCustomer) {
  const auto s = a_segmentation({{.recency_days = 5, .frequency = 9},
                                 {.recency_days = 5, .frequency = 1},
                                 {.recency_days = 95, .frequency = 1}});
  EXPECT_THAT(
      assigned(s,
               rules_of({{"a", "r_score = 5 and f_score = 5"}, {"b", "r_score = 5"}, {"c", ""}})),
      ElementsAre(0, 1, 2));
  EXPECT_THAT(assigned(s, rules_of({{"a", "r_score = 5"}, {"b", "f_score = 1 and r_score = 5"}})),
              ElementsAre(0, 0, kNoSegment));
}

TEST(Assign, TakesARowOnlyWhereTheConditionIsTrue) {
  // The third customer's age is missing: neither the condition nor its negation takes the row.
  const auto s = a_segmentation({{.age = 50}, {.age = 20}, {.age = {}}});
  EXPECT_THAT(assigned(s, rules_of({{"a", "age >= 40"}, {"b", "not age >= 40"}, {"c", ""}})),
              ElementsAre(0, 1, 2));
  EXPECT_THAT(assigned(s, rules_of({{"a", "age >= 40 or r_score >= 1"}})), ElementsAre(0, 0, 0));
  EXPECT_THAT(assigned(s, rules_of({{"a", "age is missing"}})),
              ElementsAre(kNoSegment, kNoSegment, 0));
}

TEST(Assign, KnowsEveryFieldOfWhen) {
  const auto s = a_segmentation(
      {{.recency_days = 10, .frequency = 3, .monetary = 12'345, .premium = true, .age = 30}});
  for (const std::string when :
       {"monetary = 123.45", "average_order_value = 41.15", "recency_days = 10",
        "tenure_days = 400", "subscription", "age = 30 and frequency = 3",
        "r_score > frequency or rfm_total > 3"}) {
    EXPECT_THAT(assigned(s, rules_of({{"a", when}})), ElementsAre(0)) << when;
  }
}

TEST(Assign, SaysWhereAFieldIsUnknown) {
  EXPECT_EQ(error_of(rules_of({{"a", "r_score = 5"}, {"b", "recency_dayz > 3"}})).to_string(),
            "rules.yaml:2:1: unknown field 'recency_dayz'; did you mean 'recency_days'?");
  EXPECT_EQ(error_of(rules_of({{"a", "age = \"x\""}})).code, ErrorCode::Rules);
}

TEST(Assign, ChecksWhatItCanWithoutCustomers) {
  EXPECT_TRUE(
      check_rules(rules_of({{"a", "r_score = 5 and loyalty = \"gold\" and subscription"}})));
  EXPECT_FALSE(check_rules(rules_of({{"a", "r_score = \"5\""}})));
  EXPECT_TRUE(check_rules(rules_of({{"a", "country in (\"DE\", \"FR\") and age in (18, 19.5)"}})));
  for (const char* mixed : {"country in (\"DE\", 5)", "since between 2023-01-01 and 7",
                            "not (age in (18, \"x\") or r_score = 1)"}) {
    EXPECT_FALSE(check_rules(rules_of({{"a", mixed}}))) << mixed;
  }
  EXPECT_EQ(check_rules(rules_of({{"a", "country in (\"DE\", 5)"}})).error().to_string(),
            "rules.yaml:1:19: cannot compare text with a number: country in (\"DE\", 5)\n  texts "
            "stand in double quotes: \"5\"");
  EXPECT_EQ(check_rules(rules_of({{"a", "r_score = 5"}, {"b", "f_score between 2 and \"x\""}}))
                .error()
                .place.line,
            2);
}

TEST(Assign, GivesCellsThatScoresDecide) {
  const Assigner assigner(
      rules_of({{"a", "r_score = 5"}, {"b", "f_score = 5 and subscription"}, {"c", ""}}), {},
      [](std::string_view) { return ColumnView{.type = Type::Boolean, .layout = Layout::Uint8}; });
  EXPECT_EQ(assigner.segment_of_cell(5, 5, 1), SegmentIndex{0});
  EXPECT_EQ(assigner.segment_of_cell(1, 5, 1), std::nullopt);
  EXPECT_EQ(assigner.segment_of_cell(1, 4, 1), SegmentIndex{2});
}

/// Rules by the book: every condition of every rule on all rows.
std::vector<int> by_the_book(const RuleSet& rules, const expression::Columns& columns,
                             std::size_t rows) {
  std::vector<int> segments(rows, kNoSegment);
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const auto truths =
        expression::evaluate(*rules.rules[i].when, columns, static_cast<std::int64_t>(rows));
    for (std::size_t row = 0; row < rows; ++row) {
      if (segments[row] == kNoSegment && truths[row] == expression::Truth::True)
        segments[row] = static_cast<int>(i);
    }
  }
  return segments;
}

RC_GTEST_PROP(Assign, AgreesWithTheRulesByTheBook, ()) {
  const auto rows = static_cast<std::size_t>(*rc::gen::inRange(0, 60));
  const auto scores = [&](int bins) {
    return *rc::gen::container<std::vector<rfm::Score>>(
        rows, rc::gen::map(rc::gen::inRange(1, bins + 1),
                           [](int v) { return static_cast<rfm::Score>(v); }));
  };
  const Bins bins{
      .r = *rc::gen::inRange(2, 5), .f = *rc::gen::inRange(2, 11), .m = *rc::gen::inRange(2, 5)};
  const auto r = scores(bins.r), f = scores(bins.f), m = scores(bins.m);
  const auto bytes =
      rc::gen::container<std::vector<std::uint8_t>>(rows, rc::gen::inRange<std::uint8_t>(0, 2));
  std::vector<std::vector<std::uint8_t>> values, valid;
  for (int i = 0; i < 8; ++i) {
    values.push_back(*bytes);
    valid.push_back(*bytes);
  }
  const expression::Columns columns = [&](std::string_view name) -> ColumnView {
    if (name[0] == 'b') {
      const auto i = static_cast<std::size_t>(name[1] - '0');
      return {Type::Boolean,    Layout::Uint8,  0, static_cast<std::int64_t>(rows),
              values[i].data(), valid[i].data()};
    }
    const auto& score = name[0] == 'r' ? r : name[0] == 'f' ? f : m;
    return {Type::Integer, Layout::Int8, 0, static_cast<std::int64_t>(rows), score.data()};
  };
  const auto condition = [] {
    const auto leaf = [] {
      return *rc::gen::element<std::string>("r_score >= 2", "f_score < 3", "m_score = 2", "b0",
                                            "b1", "not b2", "b3", "b4 is missing",
                                            "not (b5 and b6)", "(b7 or r_score = f_score)");
    };
    std::string text = leaf();
    for (int more = *rc::gen::inRange(0, 8); more > 0; --more)
      text += *rc::gen::element(" and ", " or ") + leaf();
    return text;
  };
  std::vector<std::pair<std::string, std::string>> conditions;
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i) conditions.emplace_back("s", condition());
  const RuleSet rules = rules_of(conditions);

  std::vector<SegmentIndex> segments(rows);
  Assigner(rules, bins, columns).assign({r, f, m}, 0, segments);
  RC_ASSERT(std::vector<int>(segments.begin(), segments.end()) ==
            by_the_book(rules, columns, rows));
}

}  // namespace
}  // namespace quintile::segments

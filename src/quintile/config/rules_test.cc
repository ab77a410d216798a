#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "quintile/config/config.h"

namespace quintile::config {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

std::string rules_with(const std::string& segments) {
  return "version: 1\nname: Test\nsegments:\n" + segments;
}

std::string error_of(const std::string& text) {
  const auto rules = parse_rules(text, "rules.yaml");
  return rules ? "no error" : rules.error().to_string();
}

TEST(RuleFile, ReadsRulesInOrder) {
  const auto rules = parse_rules(rules_with("  - id: best\n"
                                            "    name: Best\n"
                                            "    family: slipping\n"
                                            "    when: >-\n"
                                            "      r_score >= 4\n"
                                            "      and f_score >= 4\n"
                                            "    description: They buy.\n"
                                            "    actions: [Thank them., 'Ask: why?']\n"
                                            "    watchouts: [Do not shout.]\n"
                                            "  - {id: low_value, when: m_score = 1}\n"
                                            "  - {id: others, name: Others, otherwise: true}\n"),
                                 "rules.yaml");
  ASSERT_TRUE(rules) << rules.error().to_string();
  ASSERT_EQ(rules->rules.size(), 3U);
  EXPECT_EQ(rules->rules[0].family, segments::Family::Slipping);
  EXPECT_THAT(rules->rules[0].actions, ElementsAre("Thank them.", "Ask: why?"));
  EXPECT_EQ(rules->rules[1].name, "Low value");
  EXPECT_TRUE(rules->rules[2].otherwise());
  EXPECT_EQ(rules->rules[2].family, segments::Family::Dormant);
  EXPECT_EQ(rules->digest.size(), 64U);
}

TEST(RuleFile, EveryFaultHasItsPlaceAndSaysWhatToDo) {
  struct {
    std::string text, error;
  } const cases[] = {
      {"", "rules.yaml: the file is empty"},
      {rules_with("  []\n"), "rules.yaml:4:3: 'segments' is empty"},
      {rules_with("  {}\n"), "rules.yaml:4:3: 'segments' must be a list of rules, not a mapping"},
      {rules_with("  - {id: a, when: recency_dayz > 5}\n"),
       "rules.yaml:4:19: unknown field 'recency_dayz'; did you mean 'recency_days'?"},
      {rules_with("  - {id: a, when: 'r_score = 5 and m_scor = 1'}\n"),
       "rules.yaml:4:36: unknown field 'm_scor'; did you mean 'm_score'?"},
      {rules_with("  - {id: a, wen: r_score > 5}\n"),
       "rules.yaml:4:13: unknown key 'wen' in 'segments.0'; did you mean 'when'?"},
      {rules_with("  - {id: a}\n"), "rules.yaml:4:5: segment 'a' has no condition"},
      {rules_with("  - {id: a, otherwise: false}\n"),
       "rules.yaml:4:5: segment 'a' has no condition"},
      {rules_with("  - {id: a, when: r_score = 1, otherwise: true}\n"),
       "rules.yaml:4:43: segment 'a' has both"},
      {rules_with("  - {id: a, otherwise: true}\n  - {id: b, when: r_score = 1}\n"),
       "rules.yaml:4:24: segment 'a' takes all that is left"},
      {rules_with("  - {id: a, when: r_score = 1}\n  - {id: a, otherwise: true}\n"),
       "rules.yaml:5:10: segment 'a' is there twice"},
      {rules_with("  - {id: At Risk, otherwise: true}\n"),
       "rules.yaml:4:10: 'id' must be lower case letters"},
      {rules_with("  - {name: A, otherwise: true}\n"),
       "rules.yaml:4:5: 'segments.0.id' is missing"},
      {rules_with("  - {id: a, family: cool, otherwise: true}\n"),
       "rules.yaml:4:21: 'family' must be one of core, growing, slipping, dormant, not 'cool'"},
      {rules_with("  - {id: a, otherwise: yes}\n"),
       "rules.yaml:4:24: 'otherwise' must be true or false, not text 'yes'"},
      {rules_with("  - {id: a, actions: Call them, otherwise: true}\n"),
       "rules.yaml:4:22: 'actions' must be a list of texts"},
      {rules_with("  - {id: a, actions: [''], otherwise: true}\n"),
       "rules.yaml:4:23: 'actions' is empty"},
      {rules_with("  - {id: a, actions: [], otherwise: true}\n"),
       "rules.yaml:4:22: 'actions' must hold 2 to 3 texts, not 0"},
      {rules_with("  - {id: a, actions: [x], otherwise: true}\n"),
       "rules.yaml:4:22: 'actions' must hold 2 to 3 texts, not 1"},
      {rules_with("  - {id: a, actions: [w, x, y, z], otherwise: true}\n"),
       "rules.yaml:4:22: 'actions' must hold 2 to 3 texts, not 4"},
      {rules_with("  - {id: a, watchouts: [x, 'Of {customer}.'], otherwise: true}\n"),
       "rules.yaml:4:29: '{customer}' is no field of the summary; did you mean '{customers}'?"},
      {rules_with("  - {id: a, when: }\n"), "rules.yaml:4:13: 'segments.0.when' has no value"},
      {rules_with("  - {id: a, when: [1]}\n"),
       "rules.yaml:4:19: 'when' must be a condition, not a list"},
      {"version: 1\nname: x\n", "rules.yaml:1:1: 'segments' is missing"},
  };
  for (const auto& bad : cases) EXPECT_THAT(error_of(bad.text), StartsWith(bad.error)) << bad.text;
}

TEST(RuleFile, FieldsAreInLowerCase) {
  EXPECT_EQ(error_of(rules_with("  - {id: a, when: R_SCORE > 3}\n")),
            "rules.yaml:4:19: unknown field 'R_SCORE'; did you mean 'r_score'?");
}

TEST(RuleFile, BracesMayHoldWhatTheMailingFillsIn) {
  EXPECT_EQ(error_of(rules_with("  - {id: a, actions: ['Dear {first_name}', '{customers} of you'], "
                                "otherwise: true}\n")),
            "no error");
}

TEST(RuleFile, ANameThatIsNearlyNoFieldIsAnAttribute) {
  EXPECT_EQ(error_of(rules_with("  - {id: a, when: credit_score > 700}\n")), "no error");
  EXPECT_EQ(error_of(rules_with("  - {id: a, when: tenure_years > 7}\n")), "no error");
}

TEST(RuleFile, AtMostTwoHundredRules) {
  std::string segments;
  for (int i = 0; i < 200; ++i)
    segments += "  - {id: s" + std::to_string(i) + ", when: r_score = 1}\n";
  EXPECT_EQ(error_of(rules_with(segments)), "no error");
  EXPECT_THAT(error_of(rules_with(segments + "  - {id: last, otherwise: true}\n")),
              StartsWith("rules.yaml:4:3: 201 segments, more than 200"));
}

TEST(RulesDigest, DependsOnMeaningNotOnSpelling) {
  const auto digest = [](const std::string& segments) {
    return parse_rules(rules_with(segments), "r").value().digest;
  };
  const std::string one = digest("  - {id: a, when: r_score >= 4 and m_score = 1}\n");
  EXPECT_EQ(one, digest("  # a comment\n  - id: a\n    when: (r_score>=4)   and m_score = 1\n"));
  EXPECT_NE(one, digest("  - {id: a, when: r_score >= 4 and m_score = 2}\n"));
  EXPECT_NE(one, digest("  - {id: a, when: r_score >= 4 and m_score = 1, actions: [x, y]}\n"));
}

TEST(RulesYaml, ShippedRulesReadBackTheSame) {
  const auto rules = read_rules("configs/segments/default.yaml");
  ASSERT_TRUE(rules) << rules.error().to_string();
  const auto again = parse_rules(rules_yaml(*rules), "again");
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->digest, rules->digest);
}

RC_GTEST_PROP(RulesYaml, AnyTextReadsBackTheSame, ()) {
  const auto text = rc::gen::suchThat(
      rc::gen::container<std::string>(
          rc::gen::oneOf(rc::gen::inRange<char>(' ', '\x7f'),
                         rc::gen::elementOf(std::string(" :#'\"-\\|>&*!%@`{}[],?")))),
      [](const std::string& s) { return !s.empty() && s.front() != ' ' && s.back() != ' '; });
  segments::RuleSet rules;
  rules.name = *text;
  segments::Rule rule;
  rule.id = "only";
  rule.name = *text;
  rule.description = *text;
  rule.actions = {*text, *text};
  rules.rules.push_back(rule);
  const auto again = parse_rules(rules_yaml(rules), "again");
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->name == rules.name);
  RC_ASSERT(again->rules[0].name == rule.name);
  RC_ASSERT(again->rules[0].description == rule.description);
  RC_ASSERT(again->rules[0].actions == rule.actions);
}

}  // namespace
}  // namespace quintile::config

// Every rule file under configs/segments: that it is read, what the linter says of it
// (docs/rules.md), and that it is the map that it claims to be.

#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/config/config.h"
#include "quintile/segments/assign.h"
#include "quintile/segments/linter.h"

namespace quintile::segments {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

RuleSet shipped(const std::string& name) {
  const auto rules = config::read_rules("configs/segments/" + name);
  EXPECT_TRUE(rules) << rules.error().to_string();
  return rules ? *rules : RuleSet{};
}

std::vector<std::string> dead_rules(const LintReport& report) {
  std::vector<std::string> ids;
  for (const RuleVerdict& rule : report.segments) {
    if (rule.dead) ids.push_back(rule.segment_id);
  }
  return ids;
}

/// The name of the segment that takes each cell, by code.
std::map<std::string, const Rule*> by_code(const RuleSet& rules, int bins) {
  const Assigner assigner(rules, {bins, bins, bins}, [](std::string_view) { return ColumnView{}; });
  std::map<std::string, const Rule*> segments;
  for (int r = 1; r <= bins; ++r) {
    for (int f = 1; f <= bins; ++f) {
      for (int m = 1; m <= bins; ++m) {
        const SegmentIndex segment = assigner.segment_of_cell(r, f, m).value_or(kNoSegment);
        segments[rfm::rfm_code(r, f, m, bins)] =
            segment == kNoSegment ? nullptr : &rules.rules[segment];
      }
    }
  }
  return segments;
}

/// The lists of codes that stand as comments before the rules: "  # 555 554" before "  - id:
/// champions".
std::map<std::string, std::string> listed_codes(const std::string& name) {
  std::ifstream file("configs/segments/" + name);
  std::map<std::string, std::string> segments;
  std::vector<std::string> codes;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("  # ")) {
      std::istringstream words(line.substr(4));
      for (std::string word; words >> word;) codes.push_back(word);
    } else if (line.starts_with("  - id: ")) {
      for (const std::string& code : codes)
        EXPECT_TRUE(segments.emplace(code, line.substr(8)).second) << code;
      codes.clear();
    }
  }
  return segments;
}

void expect_as_listed(const std::string& name, int bins, std::size_t codes) {
  const RuleSet rules = shipped(name);
  const auto listed = listed_codes(name);
  EXPECT_EQ(listed.size(), codes);
  for (const auto& [code, rule] : by_code(rules, bins)) {
    ASSERT_NE(rule, nullptr) << code;
    const auto entry = listed.find(code);
    EXPECT_EQ(rule->otherwise() ? "" : rule->id, entry == listed.end() ? "" : entry->second)
        << code;
  }
}

class ShippedRules : public ::testing::TestWithParam<std::string> {};

TEST_P(ShippedRules, HaveTextsForEverySegmentAndASourceInTheirHeader) {
  const RuleSet rules = shipped(GetParam());
  EXPECT_FALSE(rules.name.empty());
  EXPECT_TRUE(check_rules(rules));
  for (const Rule& rule : rules.rules) {
    EXPECT_FALSE(rule.description.empty()) << rule.id;
    EXPECT_THAT(rule.actions, SizeIs(AllOf(Ge(2U), Le(3U)))) << rule.id;
    EXPECT_THAT(rule.watchouts, SizeIs(AllOf(Ge(1U), Le(3U)))) << rule.id;
  }
  std::ifstream file("configs/segments/" + GetParam());
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string header = text.substr(0, text.find("version:"));
  EXPECT_NE(header.find("# Source: "), std::string::npos);
  EXPECT_NE(header.find("# Verdict of `quintile rules check"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, ShippedRules,
                         ::testing::Values("default.yaml", "ten_segments_rf.yaml",
                                           "eleven_segments_codes.yaml", "r_rfm_a.yaml",
                                           "r_rfm_b.yaml", "klaviyo_six.yaml", "pymc_default.yaml"),
                         [](const auto& file) {
                           return file.param.substr(0, file.param.find('.'));
                         });

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RulesPage, ItsExampleIsARuleFileWithoutFault) {
  const std::string page = text_of("docs/rules.md");
  const std::size_t begin = page.find("```yaml\n") + 8;
  const auto rules =
      config::parse_rules(page.substr(begin, page.find("```", begin) - begin), "docs/rules.md");
  ASSERT_TRUE(rules) << rules.error().to_string();
  EXPECT_EQ(rules->rules.size(), 3U);
  EXPECT_FALSE(lint(*rules).faulty());
}

TEST(RulesPage, ItsMistakesAreToldAsItSays) {
  const std::string page = text_of("docs/rules.md");
  for (const std::string when : {"recency_dayz > 180", "r_score == 5",
                                 "r_score = 5 AND m_score = 5", "recency_days > \"180\""}) {
    const std::string file =
        "version: 1\nsegments:\n  - id: a\n" + std::string(10, '\n') + "    when: " + when + "\n";
    const auto rules = config::parse_rules(file, "segments.yaml");
    ASSERT_FALSE(rules) << when;
    const Error& error = rules.error();
    EXPECT_NE(page.find(error.to_string() + "\n"), std::string::npos) << error.to_string();
  }
}

TEST(ShippedMaps, OursHasNoGapAndNothingDead) {
  const auto report = lint(shipped("default.yaml"));
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_THAT(dead_rules(report), IsEmpty());
}

TEST(ShippedMaps, TheTenSegmentGridPartsTheCells) {
  const auto report = lint(shipped("ten_segments_rf.yaml"));
  EXPECT_FALSE(report.faulty());
  EXPECT_THAT(report.overlaps, IsEmpty());
  std::vector<std::int64_t> cells;
  for (const RuleVerdict& rule : report.segments) cells.push_back(rule.cells);
  EXPECT_THAT(cells, ElementsAre(10, 20, 20, 5, 5, 5, 10, 10, 20, 20));
}

TEST(ShippedMaps, TheElevenSegmentsAreTheCodesOfTheirLists) {
  expect_as_listed("eleven_segments_codes.yaml", 5, 125);
  const auto report = lint(shipped("eleven_segments_codes.yaml"));
  EXPECT_FALSE(report.faulty());
  EXPECT_THAT(report.overlaps, IsEmpty());
  std::vector<std::int64_t> cells;
  for (const RuleVerdict& rule : report.segments) cells.push_back(rule.cells);
  EXPECT_THAT(cells, ElementsAre(7, 8, 24, 7, 16, 8, 5, 22, 8, 14, 6));
}

TEST(ShippedMaps, KlaviyosSixAreTheCodesOfTheirLists) {
  expect_as_listed("klaviyo_six.yaml", 3, 27);
  const auto report = lint(shipped("klaviyo_six.yaml"), {3, 3, 3});
  EXPECT_FALSE(report.faulty());
  EXPECT_THAT(report.overlaps, IsEmpty());
  EXPECT_THAT(lint(shipped("klaviyo_six.yaml")).gaps, SizeIs(125 - 27));
}

TEST(ShippedMaps, PymcsDefaultLeavesEighteenCodesOver) {
  expect_as_listed("pymc_default.yaml", 4, 64 - 18);
  const auto report = lint(shipped("pymc_default.yaml"), {4, 4, 4});
  EXPECT_FALSE(report.faulty());
  EXPECT_THAT(report.overlaps, IsEmpty());
  EXPECT_EQ(report.segments.back().cells_matched, 18);
}

// r_rfm_segments.csv: the codes that occur in the package's two data sets (39,999 and 995
// customers) with the segments that the package itself gave to every customer with that code.
TEST(ShippedMaps, RsTwoSetsGiveRsOwnSegments) {
  const RuleSet set_a = shipped("r_rfm_a.yaml"), set_b = shipped("r_rfm_b.yaml");
  const auto a = by_code(set_a, 5), b = by_code(set_b, 5);
  std::ifstream file("tests/rules/r_rfm_segments.csv");
  std::string line;
  std::getline(file, line);
  int codes = 0;
  for (; std::getline(file, line); ++codes) {
    const std::string code = line.substr(0, 3);
    EXPECT_EQ(line, code + "," + a.at(code)->name + "," + b.at(code)->name);
  }
  EXPECT_EQ(codes, 117);
}

TEST(ShippedMaps, RsSetAIsAliveAndLeavesTenCodesOver) {
  const auto report = lint(shipped("r_rfm_a.yaml"));
  EXPECT_FALSE(report.faulty());
  EXPECT_EQ(report.segments.back().cells_matched, 10);
  EXPECT_EQ(report.segments.front().cells_matched, 1);
  EXPECT_EQ(report.overlaps.size(), 24U);
}

TEST(ShippedMaps, RsSetBHasThreeDeadSegments) {
  const auto report = lint(shipped("r_rfm_b.yaml"));
  EXPECT_TRUE(report.faulty());
  EXPECT_THAT(report.gaps, IsEmpty());
  EXPECT_THAT(dead_rules(report), ElementsAre("new_customers", "promising", "cant_lose_them"));
  EXPECT_THAT(report.segments[3].shadowed_by, ElementsAre("potential_loyalist"));
  EXPECT_THAT(report.segments[8].shadowed_by, ElementsAre("at_risk"));
  EXPECT_EQ(report.segments.back().cells_matched, 36);
}

}  // namespace
}  // namespace quintile::segments

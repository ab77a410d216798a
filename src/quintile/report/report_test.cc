#include "quintile/report/report.h"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "quintile/mart/sample_test.h"
#include "quintile/report/facts_internal.h"
#include "quintile/report/markup_internal.h"

namespace quintile::report {
namespace {

namespace fs = std::filesystem;
using mart::testing::SampleSpec;
using ::testing::HasSubstr;
using ::testing::Not;

mart::Contents tested_run(const SampleSpec& spec = {}) {
  mart::Contents run = mart::testing::a_run(spec);
  run.insights = insights::test_insights(run.segmentation, run.rules);
  run.recommendations = insights::recommend(run.segmentation, run.rules, run.summary, run.insights,
                                            run.manifest.currency);
  return run;
}

mart::Mart a_mart(const SampleSpec& spec = {}) { return mart::to_mart(tested_run(spec), "mart"); }

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quintile-report-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
  }
  void TearDown() override { fs::remove_all(base_); }

  static std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static std::map<std::string, std::string> files_in(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file())
        files[entry.path().lexically_relative(folder)] = read(entry.path());
    }
    return files;
  }

  fs::path base_;
};

// The numbers that a text shows: key, exact value, text for people.
struct Shown {
  std::string key, value, text;
};

std::string unescaped(std::string text) {
  for (const auto& [from, to] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 1)
      text.replace(at, std::string(from).size(), to);
  }
  return text;
}

std::vector<Shown> numbers_in(const std::string& markup) {
  static const std::regex html("<data value=\"([^\"]*)\" data-key=\"([^\"]*)\">([^<]*)</data>");
  static const std::regex svg(" data-key=\"([^\"]*)\" data-value=\"([^\"]*)\">([^<]*)<");
  std::vector<Shown> shown;
  for (std::sregex_iterator it(markup.begin(), markup.end(), html), end; it != end; ++it) {
    shown.push_back({unescaped((*it)[2]), (*it)[1], (*it)[3]});
  }
  for (std::sregex_iterator it(markup.begin(), markup.end(), svg), end; it != end; ++it) {
    shown.push_back({unescaped((*it)[1]), (*it)[2], (*it)[3]});
  }
  return shown;
}

// The value under a path; lists of objects go by their id.
const nlohmann::json* look_up(const nlohmann::json& json, const std::string& path) {
  const nlohmann::json* at = &json;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    const nlohmann::json* next = nullptr;
    if (at->is_object() && at->contains(part)) next = &(*at)[part];
    if (at->is_array()) {
      for (const nlohmann::json& item : *at) {
        if (item.is_object() &&
            (item.value("segment_id", "") == part || item.value("id", "") == part))
          next = &item;
      }
      if (next == nullptr && part.find_first_not_of("0123456789") == std::string::npos)
        next = &at->at(std::stoul(part));
    }
    if (next == nullptr) return nullptr;
    at = next;
    begin = end + 1;
  }
  return at;
}

TEST_F(Folder, EveryNumberStandsInTheMartsFiles) {
  mart::Contents run = tested_run({.customers = 3000});
  ASSERT_TRUE(mart::publish(run, base_ / "mart", 1));
  const auto mart = mart::open(base_ / "mart");
  ASSERT_TRUE(mart) << mart.error().to_string();
  std::string everything = html(*mart);
  for (const Figure& figure : figures(*mart)) everything += figure.svg;

  std::map<std::string, nlohmann::json> documents;
  for (const char* name : {"summary.json", "insights.json", "review.json", "run.json"}) {
    documents[name] = nlohmann::json::parse(read(base_ / "mart" / name));
  }
  std::map<std::string, double> counted;  // what stands in the table alone
  const auto& s = mart->segmentation;
  for (std::int64_t row = 0; row < s.size(); ++row) {
    const std::string cell =
        "cells/r" + std::to_string(s.r_score[row]) + "_f" + std::to_string(s.f_score[row]);
    const std::string family =
        "families/" + std::string(to_string(mart->rules.rules[s.segment[row]].family));
    counted[cell + "/customers"] += 1;
    counted[cell + "/customer_share"] += 1 / static_cast<double>(s.size());
    counted[family + "/customer_share"] += 1 / static_cast<double>(s.size());
    counted[family + "/monetary_share"] +=
        static_cast<double>(s.customers.value()[static_cast<std::size_t>(row)]) /
        static_cast<double>(mart->summary.population.monetary);
  }
  int compared = 0;
  for (const Shown& number : numbers_in(everything)) {
    const std::size_t slash = number.key.find('/');
    const std::string file = number.key.substr(0, slash), path = number.key.substr(slash + 1);
    if (number.value.empty()) {
      EXPECT_EQ(number.text, "–") << number.key;
      continue;
    }
    double expected = 0;
    if (file == "customer_segments.parquet") {
      expected = counted[path];
    } else {
      ASSERT_TRUE(documents.contains(file)) << number.key;
      const nlohmann::json* found = look_up(documents[file], path);
      ASSERT_NE(found, nullptr) << number.key;
      ASSERT_TRUE(found->is_number()) << number.key;
      expected = found->get<double>();
    }
    EXPECT_NEAR(std::stod(number.value), expected, 1e-9 * std::max(1.0, std::fabs(expected)))
        << number.key;
    ++compared;
  }
  EXPECT_GT(compared, 400);
}

TEST(Report, WhatIsShownIsTheValueRounded) {
  const Numbers say(a_mart({.customers = 40}));
  EXPECT_EQ(say.share("k", 0.12345).html(), "<data value=\"0.12345\" data-key=\"k\">12.3 %</data>");
  EXPECT_EQ(say.change("k", -0.5).text, "−50.0 %");
  EXPECT_EQ(say.change("k", -0.0001).text, "±0.0 %");
  EXPECT_EQ(say.money("k", 123450).value, "1234.5");
  EXPECT_EQ(say.money("k", 123460).text, "EUR 1,235");
  EXPECT_EQ(say.real("k", std::nullopt).text, "–");
  EXPECT_EQ(say.real("k", std::nan("")).text, "–");
}

TEST_F(Folder, TheReportOfAnOpenedMartIsThatOfTheRun) {
  mart::Contents run = tested_run();
  ASSERT_TRUE(mart::publish(run, base_ / "mart", 2));
  const mart::Mart made = mart::to_mart(std::move(run), base_ / "mart");
  const auto opened = mart::open(base_ / "mart");
  ASSERT_TRUE(opened);
  EXPECT_EQ(html(made), html(*opened));
  ASSERT_TRUE(write(*opened, base_ / "a"));
  ASSERT_TRUE(write(made, base_ / "b"));
  EXPECT_EQ(files_in(base_ / "a"), files_in(base_ / "b"));
}

TEST_F(Folder, WritingTouchesNothingElse) {
  fs::create_directories(base_ / "r" / "figures");
  std::ofstream(base_ / "r" / "notes.txt") << "mine";
  std::ofstream(base_ / "r" / "figures" / "overlay_effect.svg") << "of an earlier run";
  std::ofstream(base_ / "r" / "figures" / "own.svg") << "mine";
  ASSERT_TRUE(write(a_mart({.with_overlay = false}), base_ / "r"));
  const auto files = files_in(base_ / "r");
  EXPECT_EQ(files.at("notes.txt"), "mine");
  EXPECT_EQ(files.at("figures/own.svg"), "mine");
  EXPECT_FALSE(files.contains("figures/overlay_effect.svg"));
  EXPECT_TRUE(files.contains("report.html"));
}

TEST_F(Folder, MartAndReportChangeTogether) {
  for (const char* place : {"mart/report", "reports", "mart"}) {
    mart::Contents run = tested_run();
    auto staged = mart::stage(run, base_ / "mart", 1);
    ASSERT_TRUE(staged);
    const mart::Mart mart = mart::to_mart(std::move(run), base_ / "mart");
    ASSERT_TRUE(publish(*std::move(staged), mart, base_ / "mart", base_ / place));
    EXPECT_TRUE(fs::exists(base_ / "mart" / "run.json"));
    EXPECT_TRUE(fs::exists(base_ / place / "report.html")) << place;
  }
}

// The whole of either report, or of two marts, as of one run.
class Killed : public Folder {
 protected:
  void publish_run(std::int64_t customers, const fs::path& folder) {
    mart::Contents run = tested_run({.customers = customers});
    auto staged = mart::stage(run, folder / "mart", 1);
    ASSERT_TRUE(staged);
    const mart::Mart mart = mart::to_mart(std::move(run), folder / "mart");
    ASSERT_TRUE(publish(*std::move(staged), mart, folder / "mart", folder / "reports"));
  }

  // Publishes once more and is killed at a step; false where it ended first.
  bool killed_at(int step, std::int64_t customers, const fs::path& folder) {
    const pid_t child = ::fork();
    if (child == 0) {
      steps_left = step;
      mart::testing::on_publish_step = [](std::string_view) {
        if (steps_left-- == 0) ::raise(SIGKILL);
      };
      publish_run(customers, folder);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
  }

  static inline std::atomic<int> steps_left;
};

TEST_F(Killed, AtAnyStepLeavesTheOldReportOrTheNew) {
  publish_run(60, base_ / "old");
  publish_run(300, base_ / "new");
  const auto old_report = files_in(base_ / "old/reports");
  const auto new_report = files_in(base_ / "new/reports");
  int step = 0;
  for (bool killed = true; killed && step < 100; ++step) {
    publish_run(60, base_ / "both");
    killed = killed_at(step, 300, base_ / "both");
    const auto report = files_in(base_ / "both/reports");
    EXPECT_TRUE(report == old_report || report == new_report) << "step " << step;
    if (report == new_report) {
      EXPECT_EQ(files_in(base_ / "both/mart"), files_in(base_ / "new/mart")) << "step " << step;
    }
  }
  EXPECT_GT(step, 16);
  EXPECT_EQ(files_in(base_ / "both"), files_in(base_ / "new"));
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(base_ / "both"))
    left.insert(entry.path().filename());
  EXPECT_THAT(left, ::testing::ElementsAre("mart", "reports"));
}

TEST_F(Killed, AmongOtherFilesTheFiguresAreThoseOfOneReport) {
  publish_run(60, base_ / "old");
  publish_run(300, base_ / "new");
  const auto old_figures = files_in(base_ / "old/reports/figures");
  const auto new_figures = files_in(base_ / "new/reports/figures");
  bool killed = true;
  for (int step = 0; killed && step < 100; ++step) {
    publish_run(60, base_ / "both");
    std::ofstream(base_ / "both/reports/notes.txt") << "mine";
    killed = killed_at(step, 300, base_ / "both");
    const auto figures = files_in(base_ / "both/reports/figures");
    EXPECT_TRUE(figures == old_figures || figures == new_figures) << "step " << step;
    EXPECT_EQ(read(base_ / "both/reports/notes.txt"), "mine");
  }
  EXPECT_FALSE(killed);
}

TEST_F(Folder, AFolderOfOthersIsNotTakenForAReport) {
  fs::create_directories(base_ / "elsewhere");
  std::ofstream(base_ / "elsewhere" / "treemap_value.svg") << "mine";
  fs::create_directories(base_ / "r");
  fs::create_directory_symlink(base_ / "elsewhere", base_ / "r" / "figures");
  ASSERT_TRUE(write(a_mart(), base_ / "r"));
  EXPECT_TRUE(fs::is_symlink(base_ / "r" / "figures"));
  EXPECT_EQ(files_in(base_ / "elsewhere").size(), 11);
}

TEST_F(Folder, AReportThatCannotBeWrittenLeavesTheOldMart) {
  mart::Contents first = tested_run({.customers = 50});
  ASSERT_TRUE(mart::publish(first, base_ / "mart", 1));
  const auto before = files_in(base_ / "mart");
  std::ofstream(base_ / "reports") << "a file";
  mart::Contents run = tested_run();
  auto staged = mart::stage(run, base_ / "mart", 1);
  ASSERT_TRUE(staged);
  const mart::Mart mart = mart::to_mart(std::move(run), base_ / "mart");
  EXPECT_FALSE(publish(*std::move(staged), mart, base_ / "mart", base_ / "reports"));
  EXPECT_EQ(files_in(base_ / "mart"), before);
}

TEST(Report, TextOfTheDataCannotBecomeMarkup) {
  mart::Contents run = tested_run({.level = "\"><img src=x onerror=alert(1)>"});
  const std::string evil = "<script>alert(1)</script>&\"'";
  run.rules.name = run.rules.rules[0].name = run.rules.rules[0].description = evil;
  run.rules.rules[0].when->source = evil;
  run.summary.segments[0].segment_name = evil;
  run.summary.segments[0].actions = {evil};
  summary::KeyTrait trait;
  trait.attribute = trait.value = evil;
  trait.share = trait.population_share = 0.5;
  run.summary.segments[0].key_traits = {trait};
  run.review.findings[0].reason = run.review.findings[0].column = evil;
  run.manifest.inputs[0].name = evil;
  run.manifest.warnings = {evil, "bad bytes \xff\xfe", std::string("zero \0 byte", 11)};
  const mart::Mart mart = mart::to_mart(std::move(run), "mart");
  std::string everything = html(mart);
  for (const Figure& figure : figures(mart)) everything += figure.svg;
  EXPECT_THAT(everything, Not(HasSubstr("<script")));
  EXPECT_THAT(everything, Not(HasSubstr("<img")));
  EXPECT_EQ(everything.find('\0'), std::string::npos);
}

TEST(Report, NothingIsFetchedAndNothingIsNotANumber) {
  for (const SampleSpec& spec : {SampleSpec{}, SampleSpec{.customers = 1},
                                 SampleSpec{.customers = 2,
                                            .with_overlay = false,
                                            .with_consent = false,
                                            .with_attributes = false,
                                            .with_dates = false,
                                            .money_scale = 0}}) {
    const mart::Mart mart = a_mart(spec);
    std::string everything = html(mart);
    for (const Figure& figure : figures(mart)) {
      EXPECT_THAT(figure.svg, HasSubstr("<title")) << figure.name;
      EXPECT_THAT(figure.svg, HasSubstr("<desc")) << figure.name;
      everything += figure.svg;
    }
    for (const char* word :
         {"nan", "inf\"", "-inf", "<script", "src=", "url(", "@import", "<link", " null"}) {
      EXPECT_THAT(everything, Not(HasSubstr(word))) << spec.customers;
    }
    const std::regex outside("https?://(?!www\\.w3\\.org/2000/svg)");
    EXPECT_FALSE(std::regex_search(everything, outside));
  }
}

TEST(Report, TellsTheDuplicateIdentifiersInFull) {
  const std::string page = html(a_mart());
  EXPECT_THAT(page, HasSubstr("customer ids occur more than once"));
  EXPECT_THAT(page, HasSubstr("review.json/findings/0/details/groups/collision"));
}

TEST(Report, EmptySegmentsAndClaimsThatFailAreSaidToBeSo) {
  const std::string page = html(a_mart());
  EXPECT_THAT(page, HasSubstr("No customer is in this segment."));
  EXPECT_THAT(page, HasSubstr("No attribute sets this segment apart."));
  EXPECT_THAT(page, HasSubstr("What the data do not say"));
  EXPECT_THAT(page, HasSubstr("not supported"));
}

TEST(Facts, HistogramsHoldEveryCustomerOnce) {
  const mart::Mart mart = a_mart({.customers = 5000});
  for (const table::Column* column :
       {&mart.segmentation.customers.recency_days, &mart.segmentation.customers.frequency,
        &mart.segmentation.customers.monetary}) {
    const Histogram histogram = count_values(column->view, 60);
    std::int64_t all = 0;
    for (const std::int64_t customers : histogram.customers) all += customers;
    EXPECT_EQ(all, 5000) << column->name;
    EXPECT_LE(histogram.customers.size(), 60U);
  }
}

TEST(Facts, BinRangesCoverTheValuesAndTiesLeaveThemEmpty) {
  rfm::CutPoints points;
  points.metric = rfm::Metric::Frequency;
  points.cuts = {1, 1, 6, 19};
  points.minimum = 1;
  points.maximum = 30;
  EXPECT_EQ(bin_range(points, 1)->high, 1);
  EXPECT_FALSE(bin_range(points, 2));
  EXPECT_EQ(bin_range(points, 3)->low, 2);
  EXPECT_EQ(bin_range(points, 5)->high, 30);
}

TEST(Markup, CutsTextAtCharactersAndCountsWideOnes) {
  EXPECT_EQ(fit("Champions", 100), "Champions");
  EXPECT_THAT(fit("A very long segment name indeed", 8), ::testing::EndsWith("…"));
  EXPECT_LE(text_width(fit("高価値のお客様セグメント", 6)), 6.1);
  EXPECT_EQ(fit("Champions", 1), "");
}

}  // namespace
}  // namespace quintile::report

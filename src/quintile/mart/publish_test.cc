#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "quintile/mart/mart.h"
#include "quintile/mart/mart_files_internal.h"
#include "quintile/mart/open_internal.h"
#include "quintile/mart/sample_test.h"

namespace quintile::mart {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Publish : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quintile-publish-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    folder_ = base_ / "data" / "mart";
  }
  void TearDown() override {
    testing::on_publish_step = nullptr;
    fs::remove_all(base_);
  }

  void publish_ok(const testing::SampleSpec& spec = {}, int threads = 2) {
    Contents run = testing::a_run(spec);
    const Status status = publish(run, folder_, threads);
    ASSERT_TRUE(status) << status.error().to_string();
  }

  std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      files[entry.path().filename()] = entry.is_directory() ? "" : read_text(entry.path()).value();
    }
    return files;
  }

  // What stands beside the mart: nothing but the mart.
  std::vector<std::string> siblings() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.parent_path()))
      names.push_back(entry.path().filename());
    return names;
  }

  fs::path base_, folder_;
};

void expect_equal(const table::Column& a, const table::Column& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.view.type, b.view.type) << a.name;
  EXPECT_EQ(a.view.layout, b.view.layout) << a.name;
  EXPECT_EQ(a.view.scale, b.view.scale) << a.name;
  ASSERT_EQ(a.size(), b.size()) << a.name;
  for (std::int64_t row = 0; row < a.size(); ++row) {
    ASSERT_EQ(a.is_valid(row), b.is_valid(row)) << a.name << row;
    ASSERT_EQ(a.cell(row), b.cell(row)) << a.name << row;
  }
}

TEST_F(Publish, WhatIsOpenedIsWhatWasPublished) {
  for (const bool text_ids : {false, true}) {
    Contents run = testing::a_run({.text_ids = text_ids});
    ASSERT_TRUE(publish(run, folder_, 2));
    const Mart expected = to_mart(std::move(run), folder_);
    const auto mart = open(folder_);
    ASSERT_TRUE(mart) << mart.error().to_string();
    const auto& a = mart->segmentation.customers;
    const auto& b = expected.segmentation.customers;
    expect_equal(a.source_customer_id, b.source_customer_id);
    ASSERT_EQ(a.attributes.size(), b.attributes.size());
    for (std::size_t i = 0; i < a.attributes.size(); ++i)
      expect_equal(a.attributes[i], b.attributes[i]);
    expect_equal(*a.overlay, *b.overlay);
    expect_equal(*a.consent, *b.consent);
    expect_equal(*a.first_purchase_date, *b.first_purchase_date);
    expect_equal(*a.last_purchase_date, *b.last_purchase_date);
    expect_equal(a.recency_days, b.recency_days);
    expect_equal(a.frequency, b.frequency);
    expect_equal(a.monetary, b.monetary);
    expect_equal(a.average_order_value, b.average_order_value);
    EXPECT_TRUE(std::ranges::equal(mart->segmentation.segment, expected.segmentation.segment));
    EXPECT_TRUE(std::ranges::equal(mart->segmentation.r_score, expected.segmentation.r_score));
    EXPECT_EQ(mart->segmentation.model, expected.segmentation.model);
    EXPECT_EQ(mart->segmentation.analysis_day, expected.segmentation.analysis_day);
    EXPECT_EQ(mart->review, expected.review);
    EXPECT_EQ(mart->summary, expected.summary);
    EXPECT_EQ(mart->insights, expected.insights);
    EXPECT_EQ(mart->recommendations, expected.recommendations);
    EXPECT_EQ(mart->manifest.plan_json, expected.manifest.plan_json);
    EXPECT_EQ(mart->manifest.files, expected.manifest.files);
    EXPECT_EQ(mart->manifest.ties, expected.manifest.ties);
    EXPECT_EQ(mart->manifest.inputs, expected.manifest.inputs);
    EXPECT_EQ(mart->manifest.columns, expected.manifest.columns);
    EXPECT_EQ(mart->rules.rules[0].when, expected.rules.rules[0].when);
    EXPECT_TRUE(mart->rules.rules.back().otherwise());
    EXPECT_EQ(mart->overlay_name, "subscription");
    EXPECT_EQ(mart->consent_name, "marketing_opt_in");
  }
}

TEST_F(Publish, BytesDoNotDependOnThreadsOrPlace) {
  const testing::SampleSpec spec{.customers = 300'000};  // more than a row group
  publish_ok(spec, 1);
  const auto one = bytes();
  folder_ = base_ / "elsewhere";
  publish_ok(spec, 4);
  EXPECT_EQ(one, bytes());
}

TEST_F(Publish, AMovedMartOpens) {
  publish_ok();
  fs::rename(folder_, base_ / "moved");
  EXPECT_TRUE(open(base_ / "moved"));
  EXPECT_EQ(open(folder_).error().code, ErrorCode::NotFound);
}

TEST_F(Publish, SmallAndBareRunsArePublished) {
  publish_ok({.customers = 1,
              .with_overlay = false,
              .with_consent = false,
              .with_attributes = false,
              .with_dates = false});
  const auto mart = open(folder_);
  ASSERT_TRUE(mart) << mart.error().to_string();
  EXPECT_EQ(mart->segmentation.size(), 1);
  EXPECT_FALSE(mart->segmentation.customers.overlay);
  EXPECT_FALSE(mart->segmentation.customers.last_purchase_date);
  EXPECT_EQ(mart->overlay_name, "");
}

TEST_F(Publish, NoPathOfTheMachineIsPublished) {
  Contents run = testing::a_run();
  run.manifest.inputs[0].name = "/srv/secret/customers.csv";
  run.origin.files[0].name = "/srv/secret/customers.csv";
  run.rules.file = "/srv/secret/rules.yaml";
  ASSERT_TRUE(publish(run, folder_, 1));
  EXPECT_EQ(open(folder_)->rules.file, run.rules.file);  // what a report of either says
  for (const auto& [name, text] : bytes())
    EXPECT_EQ(text.find("/srv/secret"), std::string::npos) << name;
}

TEST_F(Publish, AnAttributeMayNotTakeThePlaceOfAColumn) {
  Contents run = testing::a_run();
  run.segmentation.customers.attributes[0].name = "segment_id";
  const Status status = publish(run, folder_, 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Plan);
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(Publish, SomeoneElsesFilesAreLeftAlone) {
  publish_ok();
  std::ofstream(folder_ / "notes.txt") << "mine";
  const auto before = bytes();
  Contents run = testing::a_run({.customers = 10});
  const Status status = publish(run, folder_, 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Io);
  EXPECT_THAT(status.error().to_string(), HasSubstr("notes.txt"));
  EXPECT_EQ(bytes(), before);
  EXPECT_THAT(siblings(), ::testing::ElementsAre("mart"));
}

TEST_F(Publish, AFolderOfTheSameNameAsAFileIsNotOurs) {
  fs::create_directories(folder_ / "run.json");
  Contents run = testing::a_run({.customers = 10});
  EXPECT_FALSE(publish(run, folder_, 1));
  EXPECT_TRUE(fs::is_directory(folder_ / "run.json"));
}

TEST_F(Publish, AFileInPlaceOfTheFolderIsAnError) {
  fs::create_directories(folder_.parent_path());
  std::ofstream(folder_) << "mine";
  Contents run = testing::a_run({.customers = 10});
  const Status status = publish(run, folder_, 1);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().to_string(), HasSubstr("is a file, not a folder"));
  EXPECT_EQ(read_text(folder_).value(), "mine");
}

TEST_F(Publish, TheReportInsideAndHiddenFilesOfVersionControlDoNotStandInTheWay) {
  fs::create_directories(folder_ / "report" / "figures");
  std::ofstream(folder_ / ".gitkeep") << "";
  publish_ok();
  EXPECT_TRUE(fs::exists(folder_ / ".gitkeep"));
}

TEST_F(Publish, ALinkStaysALink) {
  fs::create_directories(base_ / "real");
  fs::create_directories(folder_.parent_path());
  fs::create_directory_symlink(base_ / "real", folder_);
  publish_ok();
  EXPECT_TRUE(fs::is_symlink(folder_));
  EXPECT_TRUE(fs::exists(base_ / "real" / "run.json"));
}

TEST_F(Publish, TheFolderKeepsItsPermissions) {
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_all | fs::perms::group_all);
  publish_ok();
  EXPECT_EQ(fs::status(folder_).permissions(), fs::perms::owner_all | fs::perms::group_all);
}

// Runs `work` in a child process; the result is its wait status.
int in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

int steps_left = -1;

TEST_F(Publish, KilledAtAnyStepLeavesTheOldSetOrTheNew) {
  publish_ok({.customers = 60}, 1);
  const auto old_set = bytes();
  folder_ = base_ / "other" / "mart";
  publish_ok({.customers = 70}, 1);
  const auto new_set = bytes();
  folder_ = base_ / "data" / "mart";
  bool ended = false;
  int steps = 0;
  for (; !ended && steps < 100; ++steps) {
    const int status = in_child([&] {
      steps_left = steps;
      testing::on_publish_step = [](std::string_view) {
        if (steps_left-- == 0) ::raise(SIGKILL);
      };
      Contents run = testing::a_run({.customers = 70});
      static_cast<void>(publish(run, folder_, 1));
    });
    ended = WIFEXITED(status);
    const auto found = bytes();
    EXPECT_TRUE(found == old_set || found == new_set) << "step " << steps;
    if (ended || found == new_set) continue;
    // The next run clears up what was left.
    publish_ok({.customers = 60}, 1);
    EXPECT_THAT(siblings(), ::testing::ElementsAre("mart"));
  }
  EXPECT_GT(steps, 12);  // every file and the steps around them
  EXPECT_EQ(bytes(), new_set);
  EXPECT_THAT(siblings(), ::testing::ElementsAre("mart"));
}

TEST_F(Publish, AFullDiskLeavesTheOldSet) {
  publish_ok({.customers = 60}, 1);
  const auto before = bytes();
  // The limit bites like a full disk, at ever later files.
  for (const rlim_t limit : {0, 100, 3000, 9000, 20000}) {
    const int status = in_child([&] {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit files{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &files);
      Contents run = testing::a_run({.customers = 3000});
      const Status published = publish(run, folder_, 1);
      const bool right =
          !published && published.error().code == ErrorCode::Io &&
          published.error().to_string().find("cannot be written") != std::string::npos;
      ::_exit(right ? 0 : 1);
    });
    EXPECT_EQ(WEXITSTATUS(status), 0) << limit;
    EXPECT_EQ(bytes(), before);
    EXPECT_THAT(siblings(), ::testing::ElementsAre("mart"));
  }
}

TEST_F(Publish, WithoutPermissionNothingChanges) {
  publish_ok({.customers = 60}, 1);
  const auto before = bytes();
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(base_, fs::perms::all);
  fs::permissions(folder_.parent_path(), fs::perms::all);
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);  // permissions do not bind root
    Contents run = testing::a_run({.customers = 10});
    const Status published = publish(run, folder_, 1);
    ::_exit(!published && published.error().code == ErrorCode::Io ? 0 : 1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(bytes(), before);
}

TEST_F(Publish, TwoAtOnceTakeTurnsOrSayWhy) {
  const auto known = [](const fs::directory_entry& entry) { return belongs_to_mart(entry); };
  auto first = StagedFolder::begin(folder_, known);
  ASSERT_TRUE(first);
  const auto second = StagedFolder::begin(folder_, known, 0.05);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().to_string(), HasSubstr("another run is publishing"));
  EXPECT_TRUE(fs::exists(first->path()));
  ASSERT_TRUE(first->commit());
  EXPECT_TRUE(StagedFolder::begin(folder_, known, 0.05));
}

TEST_F(Publish, AReviewOfOtherRowsStandsBesideAMartAndLeavesItAlone) {
  publish_ok();
  const auto before = bytes();
  Contents same = testing::a_run();
  EXPECT_EQ(publish_review(same, folder_).value(), folder_);
  for (const int customers : {20, 30}) {  // the second replaces the first
    Contents run = testing::a_run({.customers = customers});
    const fs::path where = publish_review(run, folder_ / "").value();
    EXPECT_EQ(where, base_ / "data" / "mart_review");
    EXPECT_EQ(read_text(where / "review.json").value(), review_json(run.review, 2));
    EXPECT_TRUE(fs::exists(where / "quarantine.parquet"));
  }
  EXPECT_EQ(bytes(), before);
  EXPECT_THAT(siblings(), ::testing::UnorderedElementsAre("mart", "mart_review"));
}

TEST_F(Publish, AReviewDoesNotTakeThePlaceOfAnotherMart) {
  publish_ok();
  folder_ = base_ / "data" / "mart_review";
  publish_ok({.customers = 60});
  const auto before = bytes();
  Contents run = testing::a_run({.customers = 20});
  const auto where = publish_review(run, base_ / "data" / "mart");
  ASSERT_FALSE(where);
  EXPECT_EQ(where.error().code, ErrorCode::Io);
  EXPECT_EQ(bytes(), before);
}

TEST_F(Publish, TheReviewAloneGoesWhereNoMartIs) {
  for (const int customers : {20, 30}) {
    Contents run = testing::a_run({.customers = customers});
    EXPECT_EQ(publish_review(run, folder_).value(), folder_);
    EXPECT_EQ(read_text(folder_ / "review.json").value(), review_json(run.review, 2));
  }
  EXPECT_THAT(siblings(), ::testing::ElementsAre("mart"));
}

TEST_F(Publish, MoneyInJsonIsExact) {
  Contents run = testing::a_run({.customers = 30});
  run.summary.segments[0].monetary = Int128{123'456'789'012'345'678} * 100 + 90;
  ASSERT_TRUE(publish(run, folder_, 1));
  EXPECT_THAT(read_text(folder_ / "summary.json").value(),
              HasSubstr("\"monetary\": 123456789012345678.9,"));
  const auto mart = open(folder_);
  ASSERT_TRUE(mart) << mart.error().to_string();
  EXPECT_TRUE(mart->summary.segments[0].monetary == run.summary.segments[0].monetary);
}

}  // namespace
}  // namespace quintile::mart

#include <unistd.h>

#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "quintile/mart/mart.h"
#include "quintile/mart/open_internal.h"
#include "quintile/mart/sample_test.h"

namespace quintile::mart {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Verify : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quintile-verify-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = fs::path(name) / "mart";
    base_ = name;
  }
  void TearDown() override { fs::remove_all(base_); }

  std::vector<std::string> faults() const {
    std::vector<std::string> names;
    const auto checks = verify(folder_);
    if (!checks) return {checks.error().to_string()};
    for (const Verification& check : *checks) {
      if (check.verdict != Verdict::Ok) names.push_back(check.check);
    }
    return names;
  }

  // Publishes a run that was spoilt before its digests were made: only the invariants can find it.
  std::vector<std::string> faults_of(const std::function<void(Contents&)>& spoil) {
    Contents run = testing::a_run();
    spoil(run);
    const Status status = publish(run, folder_, 1);
    EXPECT_TRUE(status) << status.error().to_string();
    return faults();
  }

  void overwrite(const std::string& file, const std::string& bytes) {
    std::ofstream(folder_ / file, std::ios::binary) << bytes;
  }

  fs::path base_, folder_;
};

TEST_F(Verify, ASoundMartPasses) {
  EXPECT_THAT(faults_of([](Contents&) {}), IsEmpty());
  fs::rename(folder_, base_ / "moved");
  folder_ = base_ / "moved";
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(Verify, NoMartIsNotFound) { EXPECT_EQ(verify(folder_).error().code, ErrorCode::NotFound); }

TEST_F(Verify, EveryFileIsHeldToItsDigest) {
  for (const char* name : {"customer_segments.parquet", "segment_summary.parquet",
                           "segment_summary.csv", "summary.json", "insights.json", "review.json",
                           "quarantine.parquet", "crosswalk.parquet", "cut_points.yaml"}) {
    ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
    std::string bytes = read_text(folder_ / name).value();
    bytes[bytes.size() / 2] ^= 0x20;
    overwrite(name, bytes);
    EXPECT_THAT(faults(), Contains("digest of " + std::string(name)));
    fs::remove(folder_ / name);
    EXPECT_THAT(faults(), Contains("digest of " + std::string(name)));
  }
}

TEST_F(Verify, ATruncatedTableIsNotReadable) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  const std::string bytes = read_text(folder_ / "customer_segments.parquet").value();
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
    overwrite("customer_segments.parquet", bytes.substr(0, length));
    EXPECT_THAT(faults(), Contains("readable"));
  }
}

TEST_F(Verify, FilesOfAnotherRunAreFound) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  const std::string summary = read_text(folder_ / "summary.json").value();
  Contents run = testing::a_run({.customers = 30});
  ASSERT_TRUE(publish(run, folder_, 1));
  overwrite("summary.json", summary);
  EXPECT_THAT(faults(), Contains("sums equal the summary"));
}

TEST_F(Verify, ASummaryOfOtherRulesIsFound) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  std::string summary = read_text(folder_ / "summary.json").value();
  summary.replace(summary.find("at_risk"), 7, "at_rest");
  overwrite("summary.json", summary);
  EXPECT_THAT(faults(), Contains("readable"));
}

TEST_F(Verify, AChangedManifestIsFound) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  const std::string run = read_text(folder_ / "run.json").value();
  const auto with = [&](const std::string& old_text, const std::string& new_text) {
    std::string changed = run;
    changed.replace(changed.find(old_text), old_text.size(), new_text);
    overwrite("run.json", changed);
    return faults();
  };
  EXPECT_THAT(with("\"bound\": 12.50", "\"bound\": 12.51"), Contains("digest of the plan"));
  EXPECT_THAT(with("r_score >= 4 and f_score >= 4", "r_score >= 5 and f_score >= 4"),
              Contains("segments equal the rules applied"));
  EXPECT_THAT(with("\"rows_read\": 402", "\"rows_read\": 403"), Contains("rows add up"));
  overwrite("run.json", run.substr(0, run.size() / 2));
  EXPECT_THAT(faults(), ElementsAre("readable"));
}

TEST_F(Verify, AMartThatIsReplacedMeanwhileIsReadAnew) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  int reads = 0;
  const auto customers = read_as_one(folder_, [&](const std::string& text) -> Result<std::int64_t> {
    if (++reads == 1) {
      Contents other = testing::a_run({.customers = 30});
      EXPECT_TRUE(publish(other, folder_, 1));
    }
    const auto mart = open_with(folder_, text, Rows::Needed);
    if (!mart) return fail(ErrorCode::CheckFailed, "files of two marts");
    return mart->segmentation.size();
  });
  ASSERT_TRUE(customers) << customers.error().to_string();
  EXPECT_EQ(*customers, 30);
  EXPECT_EQ(reads, 2);
}

TEST_F(Verify, AMartThatNeverStaysIsNotJudged) {
  int customers = 10;
  const auto replace = [&](const std::string&) -> Result<int> {
    Contents other = testing::a_run({.customers = ++customers});
    EXPECT_TRUE(publish(other, folder_, 1));
    return customers;
  };
  ASSERT_TRUE(replace(""));
  EXPECT_EQ(read_as_one(folder_, replace).error().code, ErrorCode::Io);
}

TEST_F(Verify, NoFalseAlarmWhileAnotherProcessPublishes) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  const pid_t verifier = ::getpid();
  const pid_t publisher = ::fork();
  if (publisher == 0) {
    for (int run = 0; ::getppid() == verifier; ++run) {
      Contents other = testing::a_run({.customers = 30 + 370 * (run % 2)});
      if (!publish(other, folder_, 1)) ::_exit(1);
    }
    ::_exit(0);
  }
  for (int i = 0; i < 50; ++i) EXPECT_THAT(faults(), IsEmpty());
  ::kill(publisher, SIGKILL);
  ::waitpid(publisher, nullptr, 0);
}

TEST_F(Verify, AMartThatMayNotBeReadIsNoMissingOne) {
  ASSERT_THAT(faults_of([](Contents&) {}), IsEmpty());
  fs::permissions(base_, fs::perms::all);
  for (const fs::path& closed : {folder_, folder_ / "run.json"}) {
    fs::permissions(closed, fs::perms::none);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);  // permissions do not bind root
      const auto denied = [](const auto& result) {
        return !result && result.error().code == ErrorCode::Io &&
               result.error().message.ends_with("Permission denied");
      };
      ::_exit(denied(verify(folder_)) && denied(open(folder_)) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0) << closed;
    fs::permissions(closed, fs::perms::all);
  }
}

TEST_F(Verify, BrokenInvariantsAreFoundBehindRightDigests) {
  EXPECT_THAT(faults_of([](Contents& run) {
                auto& score = run.segmentation.f_score[9];
                score = score == 5 ? 4 : 5;
              }),
              Contains("frequency scores match the cut points"));
  EXPECT_THAT(faults_of([](Contents& run) {
                run.segmentation.customers.monetary.view.type = Type::Integer;
              }),
              Contains("readable"));
  EXPECT_THAT(faults_of([](Contents& run) {
                auto& segment = run.segmentation.segment[9];
                segment = segment == 4 ? 0 : 4;
              }),
              Contains("segments equal the rules applied"));
  EXPECT_THAT(faults_of([](Contents& run) { run.summary.segments[0].monetary += 1; }),
              Contains("sums equal the summary"));
  EXPECT_THAT(faults_of([](Contents& run) { run.review.waterfall[1].monetary += 1; }),
              Contains("waterfall balances"));
  EXPECT_THAT(faults_of([](Contents& run) { run.quarantine.pop_back(); }), Contains("rows add up"));
  EXPECT_THAT(
      faults_of([](Contents& run) { run.crosswalk.customer_id[5] = run.crosswalk.customer_id[6]; }),
      Contains("crosswalk covers the customers"));
}

}  // namespace
}  // namespace quintile::mart

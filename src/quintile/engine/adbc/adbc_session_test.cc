#include "quintile/engine/adbc/adbc_session.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "quintile/engine/adbc/driver.h"

namespace quintile::engine::adbc {
namespace {

using sql::Product;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr Type kInteger = Type::Integer;
constexpr Type kText = Type::Text;

/// Sessions with DuckDB in this process: out of its Python wheel, which the tests' requirements
/// have.
class DuckDbSession : public ::testing::Test {
 protected:
  void SetUp() override {
    session_ = connected("duckdb::memory:");
    ASSERT_NE(session_, nullptr);
  }

  std::unique_ptr<sql::Session> connected(const std::string& uri) {
    sql::Location location;
    location.uri = uri;
    auto session = connect(location, settings_, &cancellation_);
    EXPECT_TRUE(session) << session.error().to_string();
    return session ? std::move(*session) : nullptr;
  }

  Error failure_of(std::string_view sql, std::initializer_list<Type> types) {
    const auto answer = sql::query(*session_, sql, std::vector<Type>(types));
    EXPECT_FALSE(answer) << sql;
    return answer ? Error{} : answer.error();
  }

  sql::Answer answer_of(std::string_view sql, std::initializer_list<Type> types) {
    auto answer = sql::query(*session_, sql, std::vector<Type>(types));
    EXPECT_TRUE(answer) << answer.error().to_string();
    return answer ? *answer : sql::Answer(std::vector<Type>(types));
  }

  Settings settings_;
  sql::Cancellation cancellation_;
  std::unique_ptr<sql::Session> session_;
};

TEST_F(DuckDbSession, TellsWhatItIsConnectedTo) {
  EXPECT_EQ(session_->server().product, Product::DuckDb);
  EXPECT_THAT(session_->server().version, StartsWith("v"));
  EXPECT_THAT(session_->server().driver, HasSubstr("DuckDB"));
}

TEST_F(DuckDbSession, ReadsWholeNumbersAndText) {
  const auto answer = answer_of(
      "SELECT * FROM (VALUES (CAST(-9223372036854775808 AS BIGINT), 'é'), (NULL, NULL), (7, "
      "'longer "
      "than twelve bytes')) t",
      {kInteger, kText});
  ASSERT_EQ(answer.rows(), 3);
  EXPECT_EQ(answer.integer(0, 0), INT64_MIN);
  EXPECT_EQ(answer.text(0, 1), "é");
  EXPECT_TRUE(answer.is_missing(1, 0));
  EXPECT_TRUE(answer.is_missing(1, 1));
  EXPECT_EQ(answer.text(2, 1), "longer than twelve bytes");
}

TEST_F(DuckDbSession, ReadsSumsThatComeAsDecimals) {
  EXPECT_EQ(answer_of("SELECT SUM(CAST(x AS BIGINT)) FROM range(5) t(x)", {kInteger}).integer(0, 0),
            10);
  EXPECT_THAT(
      failure_of("SELECT SUM(CAST(9223372036854775807 AS BIGINT)) FROM range(2)", {kInteger})
          .message,
      HasSubstr("past 64 bits"));
}

TEST_F(DuckDbSession, ReadsManyBatches) {
  std::int64_t rows = 0;
  std::int64_t sum = 0;
  const std::array types = {kInteger, kText};
  const auto done = session_->stream(
      "SELECT x, CAST(x AS VARCHAR) FROM range(300000) t(x)", types,
      [&](const sql::Rows& some) -> Status {
        rows += some.size;
        for (std::int64_t row = 0; row < some.size; ++row) {
          sum += some.columns[0].integer(row);
          if (some.columns[1].text(row) != std::to_string(some.columns[0].integer(row)))
            return fail(ErrorCode::Internal, "text differs");
        }
        return {};
      });
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(rows, 300'000);
  EXPECT_EQ(sum, std::int64_t{300'000} * 299'999 / 2);
}

TEST_F(DuckDbSession, GivesAnEmptyResult) {
  EXPECT_EQ(answer_of("SELECT x FROM range(0) t(x)", {kInteger}).rows(), 0);
}

TEST_F(DuckDbSession, RefusesColumnsOfOtherTypesOrNumber) {
  EXPECT_THAT(failure_of("SELECT DATE '2024-02-29'", {kText}).message,
              HasSubstr("column 1 comes from the engine as Arrow's 'tdD', not as text"));
  EXPECT_THAT(failure_of("SELECT 1.5", {kInteger}).message, HasSubstr("not as a whole number"));
  EXPECT_THAT(failure_of("SELECT 1, 2", {kInteger}).message,
              HasSubstr("2 columns where 1 were asked for"));
}

TEST_F(DuckDbSession, GivesTheEnginesOwnMessageAndGoesOn) {
  const Error error = failure_of("SELECT nobody", {kInteger});
  EXPECT_EQ(error.code, ErrorCode::Engine);
  EXPECT_THAT(error.message, StartsWith("duckdb: Binder Error: Referenced column \"nobody\""));
  EXPECT_THAT(error.message, Not(HasSubstr("\n")));
  EXPECT_EQ(answer_of("SELECT 1", {kInteger}).integer(0, 0), 1);
}

TEST_F(DuckDbSession, EndsAStatementWhenTheSinkSaysNo) {
  const std::array types = {kInteger};
  const auto done =
      session_->stream("SELECT x FROM range(10000000) t(x)", types,
                       [](const sql::Rows&) -> Status { return fail(ErrorCode::Io, "disk full"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "disk full");
  EXPECT_EQ(answer_of("SELECT 1", {kInteger}).integer(0, 0), 1);
}

TEST_F(DuckDbSession, KeepsTemporaryTablesFromStatementToStatement) {
  ASSERT_TRUE(session_->execute("CREATE TEMP TABLE t AS SELECT 41 AS x"));
  ASSERT_TRUE(session_->execute("UPDATE t SET x = x + 1"));
  EXPECT_EQ(answer_of("SELECT x FROM t", {kInteger}).integer(0, 0), 42);
}

/// A query that would run for hours.
constexpr std::string_view kEndless =
    "SELECT count(*) FROM range(3000000) a(x), range(3000000) b(y) WHERE (x * y) % 7 = 3";

TEST_F(DuckDbSession, StopsAQueryWhenTheUserInterrupts) {
  std::jthread user([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancellation_.request();
  });
  EXPECT_EQ(failure_of(kEndless, {kInteger}).code, ErrorCode::Cancelled);
  EXPECT_EQ(failure_of("SELECT 1", {kInteger}).code, ErrorCode::Cancelled);
}

TEST_F(DuckDbSession, CleansUpAfterACancellation) {
  ASSERT_TRUE(session_->execute("CREATE TABLE t AS SELECT 1 AS x"));
  cancellation_.request();
  EXPECT_EQ(session_->execute("SELECT 1").error().code, ErrorCode::Cancelled);
  const auto done = session_->clean_up("DROP TABLE IF EXISTS t");
  EXPECT_TRUE(done) << done.error().to_string();
}

TEST_F(DuckDbSession, StopsAStatementThatTakesTooLong) {
  settings_.statement_timeout = std::chrono::seconds(1);
  session_ = connected("duckdb::memory:");
  const Error error = failure_of(kEndless, {kInteger});
  EXPECT_EQ(error.code, ErrorCode::Engine);
  EXPECT_EQ(error.message, "duckdb: no answer within 1 s");
  EXPECT_EQ(answer_of("SELECT 1", {kInteger}).integer(0, 0), 1);
}

TEST_F(DuckDbSession, OpensAFileAndSaysWhereItCannot) {
  const auto folder = std::filesystem::temp_directory_path() / session_->run_prefix();
  std::filesystem::create_directories(folder);
  session_ = connected("duckdb://" + (folder / "a.db").string());
  ASSERT_TRUE(session_->execute("CREATE TABLE t AS SELECT 5 AS x"));
  session_ = connected("duckdb:" + (folder / "a.db").string() + "?access_mode=read_only");
  EXPECT_EQ(answer_of("SELECT x FROM t", {kInteger}).integer(0, 0), 5);
  EXPECT_THAT(session_->execute("DROP TABLE t").error().message, HasSubstr("read-only"));
  session_.reset();
  std::filesystem::remove_all(folder);

  sql::Location location;
  location.uri = "duckdb:///no/such/folder/a.db";
  const auto refused = connect(location, settings_, nullptr);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("/no/such/folder/a.db"));
}

TEST_F(DuckDbSession, NamesEachRunsTablesApart) {
  const auto other = connected("duckdb::memory:");
  EXPECT_THAT(std::string(session_->run_prefix()), ::testing::MatchesRegex("quintile_[a-z0-9]+"));
  EXPECT_NE(session_->run_prefix(), other->run_prefix());
}

TEST(DriverLoad, SaysWhatToInstallWhereThereIsNone) {
  const auto driver = Driver::load(Product::PostgreSql, "/no/such/driver.so");
  ASSERT_FALSE(driver);
  EXPECT_EQ(driver.error().code, ErrorCode::Engine);
  EXPECT_THAT(driver.error().message, HasSubstr("/no/such/driver.so"));
  EXPECT_THAT(driver.error().advice, HasSubstr("pip install adbc-driver-postgresql"));
}

TEST(DriverLoad, RefusesALibraryThatIsNoDriver) {
  const auto driver = Driver::load(Product::PostgreSql, "libm.so.6");
  ASSERT_FALSE(driver);
  EXPECT_THAT(driver.error().message, HasSubstr("libm.so.6 has no function AdbcDriverInit"));
}

}  // namespace
}  // namespace quintile::engine::adbc

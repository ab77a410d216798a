#include "quintile/engine/sql/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/engine/sql/recording_session.h"

namespace quintile::engine::sql {
namespace {

using ::testing::HasSubstr;
using testing::RecordingSession;
using testing::Table;

constexpr std::string_view kAnything = "SELECT CAST(1 AS BIGINT)";

TEST(CheckAnswers, AQuestionThatTheEngineRefusesIsOneThatItFails) {
  RecordingSession session(Product::DuckDb, [](const std::string& sql, std::size_t) {
    return sql == kAnything ? Result<Table>(Table{{std::int64_t{1}}})
                            : Result<Table>(fail(ErrorCode::Engine, "duckdb: no such function"));
  });
  const auto checks = check_answers(session);
  ASSERT_TRUE(checks.has_value());
  EXPECT_EQ(checks->front().got, "duckdb: no such function");
  EXPECT_FALSE(checks->front().ok());
}

TEST(CheckAnswers, AConnectionThatIsLostIsNoAnswer) {
  int asked = 0;
  RecordingSession session(Product::DuckDb, [&](const std::string&, std::size_t columns) {
    if (++asked == 1) return Result<Table>(Table{std::vector<testing::Cell>(columns)});
    return Result<Table>(fail(ErrorCode::Engine, "duckdb: server closed the connection"));
  });
  const auto checks = check_answers(session);
  ASSERT_FALSE(checks.has_value());
  EXPECT_THAT(checks.error().message, HasSubstr("server closed the connection"));
}

}  // namespace
}  // namespace quintile::engine::sql

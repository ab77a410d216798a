#include "quintile/engine/adbc/engine_error.h"

#include <gmock/gmock.h>

namespace quintile::engine::adbc {
namespace {

using sql::Product;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Error error_of(const std::string& message, const std::string& sqlstate = "",
               abi::StatusCode status = abi::kStatusIo) {
  return engine_error(Product::PostgreSql,
                      {.status = status, .sqlstate = sqlstate, .message = message}, Secrets());
}

TEST(EngineError, IsTheEnginesMessageOnOneLine) {
  const Error error = error_of("ERROR:  column \"x\"\n  does not exist\r\n");
  EXPECT_EQ(error.code, ErrorCode::Engine);
  EXPECT_EQ(error.message, "postgresql: ERROR: column \"x\" does not exist");
  EXPECT_THAT(error.advice, IsEmpty());
}

TEST(EngineError, LeavesOutWhatEnginesQuote) {
  EXPECT_EQ(error_of("ERROR: duplicate key\nDETAIL:  Key (email)=(ada@example.org)").message,
            "postgresql: ERROR: duplicate key");
  EXPECT_EQ(error_of("[PARSE_SYNTAX_ERROR] near 'x'. SQLSTATE: 42601 (line 1)\n== SQL ==\nSELECT")
                .message,
            "postgresql: [PARSE_SYNTAX_ERROR] near 'x'. SQLSTATE: 42601 (line 1)");
  EXPECT_EQ(error_of("boom\n\tat org.apache.spark.Foo").message, "postgresql: boom");
}

TEST(EngineError, IsCutWhereALetterEnds) {
  std::string longest(599, 'x');
  for (int i = 0; i < 10; ++i) longest += "é";
  const Error error = error_of(longest);
  EXPECT_EQ(error.message, "postgresql: " + std::string(599, 'x') + " ...");
}

TEST(EngineError, HidesSecrets) {
  Secrets secrets;
  secrets.add("hunter2");
  const Error error =
      engine_error(Product::Spark, {.message = "invalid token hunter2 given"}, secrets);
  EXPECT_EQ(error.message, "spark: invalid token *** given");
}

TEST(EngineError, SaysWhatToDo) {
  EXPECT_THAT(error_of("permission denied for schema public", "42501").advice,
              HasSubstr("temporary tables must be allowed"));
  EXPECT_THAT(error_of("password authentication failed", "28P01").advice, HasSubstr("password"));
  EXPECT_THAT(error_of("could not extend file: no space", "53100").advice, HasSubstr("disk"));
  EXPECT_THAT(error_of("server closed the connection unexpectedly").advice,
              HasSubstr("nothing was published"));
  EXPECT_EQ(error_of("").message, "postgresql: status 10 without a message");
}

TEST(LostConnection, IsToldByStateOrWords) {
  const auto is_lost = [](const std::string& message, const std::string& sqlstate = "") {
    return is_lost_connection({.sqlstate = sqlstate, .message = message});
  };
  EXPECT_TRUE(is_lost("terminating connection due to administrator command", "57P01"));
  EXPECT_TRUE(is_lost("", "08006"));
  EXPECT_TRUE(is_lost("rpc error: code = Unavailable desc = connection error"));
  EXPECT_TRUE(is_lost("Server closed the connection unexpectedly"));
  EXPECT_TRUE(is_lost("rpc error: EOF"));
  EXPECT_FALSE(is_lost("table \"geofences\" does not exist", "42P01"));
  EXPECT_FALSE(is_lost("out of memory", "53200"));
}

}  // namespace
}  // namespace quintile::engine::adbc

#include "quintile/engine/sql/run.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/engine/sql/figures.h"
#include "quintile/engine/sql/sample_plans.h"

namespace quintile::engine::sql {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecordingSession;

struct Ran {
  Result<Remote> remote;
  Result<RemoteFigures> figures;
  std::vector<std::string> statements;
  std::vector<std::string> tables_left;
};

Ran run_on(RecordingSession& session, const plan::Plan& plan) {
  const Dialect dialect(session.server().product);
  Ran ran{fail(ErrorCode::Internal, ""), fail(ErrorCode::Internal, ""), {}, {}};
  {
    TemporaryTables tables(session, dialect);
    ran.remote = run(session, tables, plan, testing::sample_location(session.server().product), {});
    if (ran.remote.has_value()) ran.figures = count_figures(session, plan, *ran.remote);
  }
  ran.statements = session.statements;
  ran.tables_left = session.tables;
  return ran;
}

std::string script_of(const std::vector<std::string>& statements) {
  std::string script;
  for (const std::string& statement : statements) script += statement + ";\n";
  return script;
}

/// What each product is sent, as it stands in tests/parity/golden_sql. Written anew with
/// UPDATE_GOLDEN=1.
class Golden : public ::testing::TestWithParam<Product> {
 protected:
  static void expect_script(const plan::Plan& plan, const std::string& grain) {
    RecordingSession session(GetParam(), testing::four_customers);
    const Ran ran = run_on(session, plan);
    ASSERT_TRUE(ran.remote.has_value()) << ran.remote.error().to_string();
    ASSERT_TRUE(ran.figures.has_value()) << ran.figures.error().to_string();
    const std::string file =
        "tests/parity/golden_sql/" + std::string(to_string(GetParam())) + "_" + grain + ".sql";
    const std::string script = script_of(ran.statements);
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(file) << script;
    std::stringstream expected;
    expected << std::ifstream(file).rdbuf();
    EXPECT_EQ(script, expected.str()) << file;
  }
};

TEST_P(Golden, Transactions) { expect_script(testing::transaction_plan(), "transaction"); }
TEST_P(Golden, Customers) { expect_script(testing::customer_plan(), "customer"); }

INSTANTIATE_TEST_SUITE_P(Products, Golden,
                         ::testing::Values(Product::DuckDb, Product::Spark, Product::PostgreSql,
                                           Product::Redshift, Product::Trino, Product::BigQuery,
                                           Product::Snowflake, Product::ClickHouse),
                         [](const auto& parameter) {
                           return std::string(to_string(parameter.param));
                         });

/// How often the input stands in the statements, but for the one that asks for its columns.
int passes_over(const std::string& input, const std::vector<std::string>& statements) {
  int passes = 0;
  for (const std::string& statement : statements) {
    if (statement.find("DESCRIBE") != std::string::npos) continue;
    for (auto at = statement.find(input); at != std::string::npos;
         at = statement.find(input, at + input.size()))
      ++passes;
  }
  return passes;
}

TEST(Runs, TellHowOftenTheyReadTheLinesAndTheCustomers) {
  RecordingSession session(Product::DuckDb, testing::four_customers);
  const Ran ran = run_on(session, testing::transaction_plan());
  ASSERT_TRUE(ran.remote.has_value());
  // Guard, orders, spellings of one text attribute, totals by customer, latest attributes.
  EXPECT_EQ(ran.remote->input_passes, 5);
  EXPECT_EQ(passes_over("\"sales lines\"", ran.statements), 5);
  // Range, two histogram passes (values up to 9,000,000), scores, cells, fingerprint.
  EXPECT_EQ(ran.remote->customer_passes, 6);
  // Figures: ranges, cells, attributes by segment, levels and those of one text, two passes for
  // medians and percentiles, ranks.
  EXPECT_EQ(ran.figures->passes, 8);
}

TEST(Runs, TellHowOftenTheyReadRowsOfCustomers) {
  plan::Plan plan = testing::customer_plan();
  for (const bool is_dated : {true, false}) {
    if (!is_dated) plan.analysis_date.reset();
    RecordingSession session(Product::DuckDb, testing::four_customers);
    const Ran ran = run_on(session, plan);
    ASSERT_TRUE(ran.remote.has_value()) << ran.remote.error().to_string();
    // Ids, guard, spellings of one text attribute, customers twice; else the last day too.
    EXPECT_EQ(ran.remote->input_passes, is_dated ? 5 : 6);
    EXPECT_EQ(passes_over("\"sales lines\"", ran.statements), ran.remote->input_passes);
  }
}

TEST(Runs, CountFiguresInAsManyStatementsAsTheySay) {
  for (const auto& plan : {testing::transaction_plan(), testing::customer_plan()}) {
    RecordingSession session(Product::DuckDb, testing::four_customers);
    const Ran ran = run_on(session, plan);
    ASSERT_TRUE(ran.figures.has_value());
    int of_customers = 0;
    bool is_scored = false;
    for (const std::string& statement : ran.statements) {
      is_scored =
          is_scored || statement.starts_with("CREATE TEMPORARY TABLE \"quintile_run_scored\"");
      if (is_scored && statement.starts_with("SELECT")) ++of_customers;
    }
    EXPECT_EQ(of_customers, 2 + ran.figures->passes);  // cells and fingerprint are the run's
  }
}

/// What comes back then has a row for each cell, level or bucket, however many customers there are.
TEST(Figures, AskForNoCustomer) {
  for (const auto& plan : {testing::transaction_plan(), testing::customer_plan()}) {
    RecordingSession session(Product::DuckDb, testing::four_customers);
    const Dialect dialect(Product::DuckDb);
    TemporaryTables tables(session, dialect);
    const auto remote = run(session, tables, plan, testing::sample_location(Product::DuckDb), {});
    ASSERT_TRUE(remote.has_value());
    session.queries.clear();
    ASSERT_TRUE(count_figures(session, plan, *remote).has_value());
    EXPECT_FALSE(session.queries.empty());
    for (const std::string& query : session.queries) EXPECT_THAT(query, HasSubstr(" GROUP BY "));
    session.queries.clear();
    static_cast<void>(fetch(session, plan, *remote));
    ASSERT_EQ(session.queries.size(), 1U);
    EXPECT_EQ(session.queries[0].find("GROUP BY"), std::string::npos);
  }
}

TEST(Figures, AddUpToTheCustomers) {
  RecordingSession session(Product::DuckDb, testing::four_customers);
  const Ran ran = run_on(session, testing::customer_plan());
  ASSERT_TRUE(ran.figures.has_value());
  const RemoteFigures& figures = *ran.figures;
  EXPECT_EQ(figures.summary.all.customers, 4);
  EXPECT_EQ(figures.summary.segments[2].customers, 4);
  EXPECT_EQ(figures.summary.all.sums[summary::Monetary], 400);  // four times the least
  EXPECT_EQ(figures.summary.all.doubled_medians[summary::Frequency], 2);
  EXPECT_EQ(figures.claims.cells[12], 4);
  EXPECT_EQ(figures.claims.by_rank.top[100], 400);
  EXPECT_EQ(figures.claims.by_rank.fifth, 100);
  EXPECT_EQ(figures.audiences.families.size(), 3U);
}

TEST(Figures, OfCustomersThatHaveChangedAreRefused) {
  RecordingSession session(Product::DuckDb, [](const std::string& sql, std::size_t columns) {
    auto table = testing::four_customers(sql, columns);
    if (sql.find("GROUP BY q_cell") != std::string::npos) (*table)[0][1] = std::int64_t{3};
    return table;
  });
  const Ran ran = run_on(session, testing::transaction_plan());
  ASSERT_FALSE(ran.figures.has_value());
  EXPECT_THAT(ran.figures.error().message, HasSubstr("had 4 rows and now has 3"));
}

TEST(Runs, LeaveNoTableWhicheverStatementFails) {
  RecordingSession counted(Product::Spark, testing::four_customers);
  const std::size_t statements = run_on(counted, testing::transaction_plan()).statements.size();
  int failures = 0;
  for (std::size_t at = 1; at <= statements; ++at) {
    RecordingSession session(Product::Spark, testing::four_customers);
    session.fail_at = at;
    const Ran ran = run_on(session, testing::transaction_plan());
    EXPECT_THAT(ran.tables_left, IsEmpty()) << at;
    if (ran.remote.has_value()) continue;
    ++failures;
    EXPECT_EQ(ran.remote.error().message, "the engine: no permission");
  }
  EXPECT_EQ(failures, 4);  // the view that tells the columns, totals, customers, scores
}

TEST(Runs, AnswersThatContradictEachOtherStopThem) {
  RecordingSession session(Product::DuckDb, [](const std::string& sql, std::size_t columns) {
    auto table = testing::four_customers(sql, columns);
    if (sql.find("GROUP BY q_r") != std::string::npos) (*table)[0][3] = std::int64_t{5};
    return table;
  });
  const Ran ran = run_on(session, testing::transaction_plan());
  ASSERT_FALSE(ran.remote.has_value());
  EXPECT_THAT(ran.remote.error().message, HasSubstr("had 4 rows and now has 5"));
  EXPECT_THAT(ran.tables_left, IsEmpty());
}

/// The answers of `four_customers`, one cell of one statement replaced.
RecordingSession::Responder contradicting(std::string statement, std::size_t row,
                                          std::size_t column, std::int64_t value) {
  return [=](const std::string& sql, std::size_t columns) {
    auto table = testing::four_customers(sql, columns);
    if (sql.find(statement) != std::string::npos && table->size() > row)
      (*table)[row][column] = value;
    return table;
  };
}

TEST(Runs, NoContradictionEndsTheProgram) {
  struct Case {
    const char* statement;
    std::size_t row, column;
    std::int64_t value;
    const char* words;
  };
  for (const Case& one : {
           Case{"q_low", 1, 3, 3, "a histogram holds fewer values than were counted before"},
           Case{"q_low", 2, 3, 0, "a histogram holds fewer values"},
           Case{"GROUP BY q_all", 0, 2, 100, "the least value is above the greatest"},
           Case{"GROUP BY q_fate", 0, 0, 99, "rows of a kind that there is not"},
           Case{"GROUP BY q_fate", 0, 0, -1, "rows of a kind that there is not"},
           Case{"GROUP BY q_has", 0, 0, 2, "rows of a kind that there is not"},
           Case{"GROUP BY q_r", 0, 0, 6, "a score that there is not"},
           Case{"GROUP BY q_r", 0, 2, 0, "a score that there is not"},
           Case{"GROUP BY q_cell", 0, 0, 1'000'000, "rows of a kind that there is not"},
           Case{"GROUP BY q_segment", 0, 0, 3, "a kind that there is not"},
           Case{"GROUP BY q_segment, q_level", 0, 0, 3, "a segment that there is not"},
           Case{"GROUP BY q_band", 0, 0, -1, "rows of a kind that there is not"},
       }) {
    RecordingSession session(Product::DuckDb,
                             contradicting(one.statement, one.row, one.column, one.value));
    const Ran ran = run_on(session, testing::transaction_plan());
    ASSERT_FALSE(ran.figures.has_value()) << one.statement;
    const Error& error = ran.remote.has_value() ? ran.figures.error() : ran.remote.error();
    EXPECT_EQ(error.code, ErrorCode::Engine) << one.statement;
    EXPECT_THAT(error.message, HasSubstr("duckdb contradicts itself: ")) << one.statement;
    EXPECT_THAT(error.message, HasSubstr(one.words)) << one.statement;
    EXPECT_THAT(error.message, HasSubstr("a table changed between two passes"));
    EXPECT_THAT(ran.tables_left, IsEmpty());
  }
}

TEST(Runs, AskBeforeTheyReadWhetherCustomersMayBeKept) {
  Location location = testing::sample_location(Product::DuckDb);
  location.write_to = "main.segments";
  RecordingSession session(Product::DuckDb, testing::four_customers);
  EXPECT_TRUE(check_target(session, location).has_value());
  EXPECT_THAT(session.statements.back(), "DROP TABLE \"main\".\"segments\"");
  EXPECT_THAT(session.tables, IsEmpty());

  RecordingSession refusing(Product::DuckDb, testing::four_customers);
  refusing.fail_at = 1;
  const Status refused = check_target(refusing, location);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "write_to=main.segments: the engine: no permission");
  EXPECT_EQ(refusing.statements.size(), 1U) << "what is there already is not ours to drop";

  location.write_to = "/lake/segments";
  RecordingSession postgresql(Product::PostgreSql, testing::four_customers);
  const Status unable = check_target(postgresql, location);
  ASSERT_FALSE(unable.has_value());
  EXPECT_EQ(unable.error().code, ErrorCode::Unsupported);
  EXPECT_TRUE(check_target(session, location).has_value()) << "a path is not tried";
}

TEST(Runs, SaySoWhereSumsMayOverflowTheEngine) {
  RecordingSession session(Product::Sail, [](const std::string& sql, std::size_t columns) {
    auto table = testing::four_customers(sql, columns);
    if (sql.find("GROUP BY q_fate") != std::string::npos) {
      for (std::size_t c = 2; c < columns; ++c) (*table)[0][c] = std::int64_t{0};
      const std::size_t greatest = sql.find("MAX(ABS(q_exact))");
      std::size_t column = 0;
      for (std::size_t at = sql.find("CAST("); at < greatest; at = sql.find("CAST(", at + 1))
        if (sql.compare(at, 9, "CAST(SUM(") == 0 || sql.compare(at, 9, "CAST(MIN(") == 0 ||
            sql.compare(at, 9, "CAST(MAX(") == 0)
          ++column;
      (*table)[0][1 + column] = std::int64_t{900'000'000'000'000'000};
      (*table)[0][1] = std::int64_t{1'000};
    }
    return table;
  });
  const Ran ran = run_on(session, testing::transaction_plan());
  ASSERT_FALSE(ran.remote.has_value());
  EXPECT_EQ(ran.remote.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(ran.remote.error().message, HasSubstr("may not fit into the 64 bits"));
}

TEST(Runs, RefuseWhatNoEngineComputesExactly) {
  RecordingSession session(Product::DuckDb, testing::four_customers);
  plan::Plan plan = testing::customer_plan();
  plan.scoring.metrics[2].method = rfm::Method::Rank;
  const Ran ran = run_on(session, plan);
  ASSERT_FALSE(ran.remote.has_value());
  EXPECT_EQ(ran.remote.error().code, ErrorCode::Unsupported);
}

TEST(Runs, NameAColumnThatIsNotThere) {
  RecordingSession session(Product::DuckDb, testing::four_customers);
  plan::Plan plan = testing::customer_plan();
  plan.input.money_scale = 2;
  plan.input.columns.monetary = "totel";
  const Ran ran = run_on(session, plan);
  ASSERT_FALSE(ran.remote.has_value());
  EXPECT_THAT(ran.remote.error().message, HasSubstr("no column 'totel'; did you mean 'total'?"));
}

}  // namespace
}  // namespace quintile::engine::sql

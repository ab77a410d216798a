#include "quintile/engine/adbc/settings.h"

#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>

namespace quintile::engine::adbc {
namespace {

using sql::Product;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

class SettingsFile : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() /
             ("quintile_settings_" +
              std::string(::testing::UnitTest::GetInstance()->current_test_info()->name())))
                .string();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  Result<Settings> read(const std::string& text,
                        std::map<std::string, std::string> variables = {}) {
    std::ofstream(path_) << text;
    return read_settings(path_, environment_of(std::move(variables)));
  }

  std::string path_;
};

TEST_F(SettingsFile, HasOneOptionALine) {
  const auto settings = read(
      "# how the warehouse is reached\n\n"
      "driver = /opt/drivers/libadbc_driver_snowflake.so\n"
      "password= a = b \n"
      "connect_timeout = 5\nstatement_timeout = 3600\n"
      "adbc.snowflake.sql.warehouse = SMALL\n");
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->driver, "/opt/drivers/libadbc_driver_snowflake.so");
  EXPECT_EQ(settings->password, "a = b");
  EXPECT_EQ(settings->connect_timeout.count(), 5);
  EXPECT_EQ(settings->statement_timeout.count(), 3600);
  EXPECT_THAT(settings->driver_options, ElementsAre(Pair("adbc.snowflake.sql.warehouse", "SMALL")));
}

TEST_F(SettingsFile, IsOverruledByTheEnvironment) {
  const auto settings = read("password = old\n",
                             {{"QUINTILE_ENGINE_PASSWORD", "new"}, {"QUINTILE_ENGINE_TOKEN", "t"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->password, "new");
  EXPECT_EQ(settings->token, "t");
}

TEST_F(SettingsFile, IsNamedByTheEnvironmentToo) {
  std::ofstream(path_) << "password = from the file\n";
  const auto settings = read_settings("", environment_of({{"QUINTILE_ENGINE_OPTIONS", path_}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->password, "from the file");
}

TEST_F(SettingsFile, PointsAtTheLineThatIsWrongWithoutQuotingIt) {
  const auto unknown = read("password = x\npasword = hunter2\n");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::Usage);
  EXPECT_EQ(unknown.error().place.line, 2);
  EXPECT_EQ(unknown.error().message, "unknown engine option: pasword");
  const auto no_equals = read("hunter2\n");
  ASSERT_FALSE(no_equals);
  EXPECT_THAT(no_equals.error().to_string(), Not(HasSubstr("hunter2")));
  const auto seconds = read("connect_timeout = hunter2\n");
  ASSERT_FALSE(seconds);
  EXPECT_THAT(seconds.error().to_string(), Not(HasSubstr("hunter2")));
}

TEST_F(SettingsFile, MustBeReadable) {
  const auto missing = read_settings("/no/such/file", environment_of({}));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Io);
  EXPECT_THAT(missing.error().message, HasSubstr("/no/such/file"));
}

TEST(SettingsSecrets, AreTakenOutOfTextInEverySpelling) {
  const auto settings = read_settings(
      "",
      environment_of({{"QUINTILE_ENGINE_PASSWORD", "p@ss word"},
                      {"QUINTILE_ENGINE_TOKEN", "tok"},
                      {"QUINTILE_ENGINE_URI", "snowflake://me:hidden@acc/db?private_key=k3y"}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(
      settings->secrets.redact("p@ss word / p%40ss%20word / tok / me:hidden@acc / k3y / free"),
      "*** / *** / *** / me:***@acc / *** / free");
}

TEST(SettingsSecrets, GoLongestFirst) {
  Secrets secrets;
  secrets.add("abc");
  secrets.add("abcdef");
  secrets.add("");
  EXPECT_EQ(secrets.redact("abcdef abc"), "*** ***");
}

Settings with_secrets() {
  Settings settings;
  settings.password = "p w";
  settings.token = "dapi-1";
  return settings;
}

TEST(DatabaseOptions, AreWhatEachDriverCallsThem) {
  const Settings settings = with_secrets();
  const auto options = [&](Product product, const std::string& uri) {
    return database_options(product, uri, settings).value();
  };
  EXPECT_THAT(options(Product::DuckDb, "duckdb::memory:"), ElementsAre(Pair("path", ":memory:")));
  EXPECT_THAT(options(Product::DuckDb, "duckdb:///lake/shop.db?access_mode=read_only"),
              ElementsAre(Pair("path", "/lake/shop.db"), Pair("access_mode", "read_only")));
  EXPECT_THAT(
      options(Product::Spark, "spark://host:15002/?use_ssl=true"),
      ElementsAre(Pair("uri", "sc://host:15002/;use_ssl=true;user_id=quintile;token=dapi-1")));
  EXPECT_THAT(options(Product::Sail, "sc://host:50051/;user_id=me"),
              ElementsAre(Pair("uri", "sc://host:50051/;user_id=me;token=dapi-1")));
  EXPECT_THAT(options(Product::PostgreSql, "postgresql://me@host:5432/shop"),
              ElementsAre(Pair("uri",
                               "postgresql://me@host:5432/shop?password=p%20w&"
                               "connect_timeout=120&application_name=quintile")));
  EXPECT_THAT(options(Product::Redshift, "redshift://me@host/shop?sslmode=require"),
              ElementsAre(Pair("uri", HasSubstr("postgresql://me@host/shop?sslmode=require&"))));
  EXPECT_THAT(options(Product::BigQuery, "bigquery://project/dataset"),
              ElementsAre(Pair("adbc.bigquery.sql.project_id", "project"),
                          Pair("adbc.bigquery.sql.dataset_id", "dataset")));
  EXPECT_THAT(options(Product::Snowflake, "snowflake://me@account/db/schema"),
              ElementsAre(Pair("uri", "me@account/db/schema"), Pair("password", "p w")));
}

TEST(DatabaseOptions, TakeAWholeUriFromTheSettings) {
  Settings settings = with_secrets();
  settings.uri = "user:pw@account/db";
  settings.driver_options = {{"adbc.snowflake.sql.role", "READER"}};
  EXPECT_THAT(
      database_options(Product::Snowflake, "snowflake://x", settings).value(),
      ElementsAre(Pair("uri", "user:pw@account/db"), Pair("adbc.snowflake.sql.role", "READER")));
}

TEST(DatabaseOptions, RefuseASecretInTheUriOfAPlan) {
  for (const char* uri :
       {"postgresql://me:hunter2@host/shop", "postgresql://me@host/shop?password=hunter2",
        "spark://host:15002/?token=hunter2", "sc://host/;Token=hunter2"}) {
    const auto options = database_options(Product::PostgreSql, uri, Settings());
    ASSERT_FALSE(options) << uri;
    EXPECT_EQ(options.error().code, ErrorCode::Usage);
    EXPECT_THAT(options.error().to_string(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(options.error().advice, HasSubstr("--engine-options"));
  }
  EXPECT_TRUE(database_options(Product::PostgreSql,
                               "postgresql://me@host/shop?passfile=/run/pgpass&sslkey=/run/key.pem",
                               Settings()));
}

}  // namespace
}  // namespace quintile::engine::adbc

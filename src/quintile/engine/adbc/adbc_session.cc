#include "quintile/engine/adbc/adbc_session.h"

#include <algorithm>
#include <array>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "quintile/engine/adbc/call_thread.h"
#include "quintile/engine/adbc/connection_internal.h"

namespace quintile::engine::adbc {

namespace {

using sql::Product;
using namespace std::chrono_literals;

constexpr int kRetries = 2;
constexpr std::array<std::chrono::milliseconds, kRetries> kPauses = {200ms, 1000ms};
constexpr auto kCleanUpTime = 10s;
constexpr auto kCloseTime = 3s;

/// What makes a session's dates and sums those that the plan means.
std::vector<std::string> first_statements(Product product) {
  switch (product) {
    case Product::DuckDb: return {"SET TimeZone = 'UTC'"};
    case Product::Spark:
    case Product::Databricks: return {"SET TIME ZONE 'UTC'", "SET spark.sql.ansi.enabled = true"};
    case Product::PostgreSql: return {"SET TIME ZONE 'UTC'", "SET client_min_messages = warning"};
    case Product::Redshift: return {"SET timezone = 'UTC'"};
    case Product::Trino: return {"SET TIME ZONE 'UTC'"};
    case Product::Snowflake: return {"ALTER SESSION SET TIMEZONE = 'UTC'"};
    case Product::ClickHouse: return {"SET session_timezone = 'UTC'"};
    case Product::Sail:
    case Product::BigQuery: return {};  // always UTC
  }
  return {};
}

/// The server's version as one text.
std::string_view version_query(Product product) {
  switch (product) {
    case Product::PostgreSql: return "SELECT current_setting('server_version')";
    case Product::Snowflake: return "SELECT current_version()";
    case Product::BigQuery: return "SELECT 'unknown'";
    default: return "SELECT version()";
  }
}

/// Reached by Spark Connect. A statement that was cancelled leaves such a session unusable, and
/// only the session's end stops its jobs.
bool is_spark(Product product) {
  return product == Product::Spark || product == Product::Databricks || product == Product::Sail;
}

std::string random_prefix() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string prefix = "quintile_";
  for (int i = 0; i < 12; ++i) prefix += kLetters[random() % kLetters.size()];
  return prefix;
}

class AdbcSession final : public sql::Session {
 public:
  AdbcSession(Product product, std::shared_ptr<Driver> driver, Database::Options options,
              const Settings& settings, const sql::Cancellation* cancellation)
      : driver_(std::move(driver)),
        options_(std::move(options)),
        settings_(settings),
        cancellation_(cancellation),
        run_prefix_(random_prefix()),
        thread_(std::make_unique<CallThread>()) {
    server_.product = product;
  }
  AdbcSession(const AdbcSession&) = delete;
  AdbcSession& operator=(const AdbcSession&) = delete;
  ~AdbcSession() override { close(); }

  [[nodiscard]] const sql::Server& server() const override { return server_; }
  [[nodiscard]] std::string_view run_prefix() const override { return run_prefix_; }

  /// Connects, sets the session up and asks for the server's names.
  Status open() {
    QUINTILE_TRY_STATUS(connect(connect_limits()));
    auto names = std::make_shared<Names>();
    QUINTILE_TRY_STATUS(
        run([connection = connection_, names] { *names = connection->names(); }, connect_limits()));
    server_.driver = names->driver_name;
    if (!names->driver_version.empty() && names->driver_version != "unknown")
      server_.driver += " " + names->driver_version;
    const std::array types = {Type::Text};
    return try_stream(
        version_query(server_.product), types, connect_limits(),
        [this](const sql::Rows& rows) -> Status {
          if (rows.size > 0) server_.version = rows.columns[0].text(0);
          // Spark appends the revision that it was built from.
          if (is_spark(server_.product))
            server_.version.resize(std::min(server_.version.size(), server_.version.find(' ')));
          return {};
        });
  }

  Status stream(std::string_view sql, std::span<const Type> types, const sql::Sink& sink) override {
    bool is_handed_on = false;
    const sql::Sink watched = [&](const sql::Rows& rows) {
      is_handed_on |= rows.size > 0;
      return sink(rows);
    };
    for (std::size_t attempt = 0;; ++attempt) {
      auto done = try_stream(sql, types, statement_limits(), watched);
      if (done || !is_lost_ || is_handed_on || attempt == kRetries) return done;
      std::this_thread::sleep_for(kPauses[attempt]);
    }
  }

  Status execute(std::string_view sql) override { return try_execute(sql, statement_limits()); }

  Status clean_up(std::string_view sql) override {
    const CallThread::Limits limits{.time = kCleanUpTime, .grace = kCloseTime};
    auto done = try_execute(sql, limits);
    return done || !is_lost_ ? done : try_execute(sql, limits);
  }

 private:
  [[nodiscard]] CallThread::Limits connect_limits() const {
    return {.cancellation = cancellation_, .time = settings_.connect_timeout};
  }
  [[nodiscard]] CallThread::Limits statement_limits() const {
    return {.cancellation = cancellation_, .time = settings_.statement_timeout};
  }

  Status failed(const DriverWords& words) {
    is_lost_ = is_lost_connection(words);
    return std::unexpected(engine_error(server_.product, words, settings_.secrets));
  }

  /// Runs one call of the driver; an error where it did not return by itself.
  Status run(std::function<void()> call, const CallThread::Limits& limits,
             std::function<void()> interrupt = {}) {
    const CallThread::End end = thread_->run(std::move(call), limits, std::move(interrupt));
    if (end == CallThread::End::Returned) return {};
    is_interrupted_ = true;
    if (thread_->is_stuck()) {
      thread_ = std::make_unique<CallThread>();
      connection_.reset();
    }
    if (end == CallThread::End::Cancelled)
      return fail(ErrorCode::Cancelled, "cancelled; the engine was told to stop");
    return fail(ErrorCode::Engine,
                fmt::format("{}: no answer within {} s", sql::to_string(server_.product),
                            std::chrono::duration_cast<std::chrono::seconds>(limits.time).count()),
                "connect_timeout and statement_timeout of --engine-options allow more");
  }

  Status connect(const CallThread::Limits& limits) {
    if (limits.cancellation != nullptr && limits.cancellation->requested())
      return fail(ErrorCode::Cancelled, "cancelled");
    is_lost_ = false;
    is_interrupted_ = false;
    if (connection_) return {};
    struct Opened {
      std::shared_ptr<Database> database;
      std::expected<std::shared_ptr<Connection>, DriverWords> connection;
    };
    auto opened = std::make_shared<Opened>(database_);
    // The database outlives its connections: DuckDB's tables in memory are in it.
    const auto open = [opened, driver = driver_, options = options_] {
      if (!opened->database) {
        auto database = Database::open(driver, options);
        if (!database) {
          opened->connection = std::unexpected(database.error());
          return;
        }
        opened->database = *database;
      }
      opened->connection = Connection::open(opened->database);
    };
    CallThread::Limits bounded = limits;
    bounded.time = settings_.connect_timeout;
    if (limits.time > 0ms) bounded.time = std::min(bounded.time, limits.time);
    QUINTILE_TRY_STATUS(run(open, bounded));
    if (!opened->connection) return failed(opened->connection.error());
    database_ = opened->database;
    connection_ = *opened->connection;
    for (const std::string& first : first_statements(server_.product)) {
      auto done = run_statement(first, bounded);
      if (!done) {
        close();
        return done;
      }
    }
    return {};
  }

  /// On the connection that is there.
  Status run_statement(std::string_view sql, const CallThread::Limits& limits) {
    auto statement = std::make_shared<Statement>(connection_);
    auto done = std::make_shared<Statement::Done>();
    Status status =
        run([statement, done, text = std::string(sql)] { *done = statement->execute(text); },
            limits, [statement] { statement->cancel(); });
    if (status && !*done) status = failed(done->error());
    give_back(std::move(statement));
    return status;
  }

  Status try_execute(std::string_view sql, const CallThread::Limits& limits) {
    QUINTILE_TRY_STATUS(connect(limits));
    return run_statement(sql, limits);
  }

  Status try_stream(std::string_view sql, std::span<const Type> types,
                    const CallThread::Limits& limits, const sql::Sink& sink) {
    QUINTILE_TRY_STATUS(connect(limits));
    auto statement = std::make_shared<Statement>(connection_);
    auto done = std::make_shared<Statement::Done>();
    Status status =
        run([statement, done, text = std::string(sql)] { *done = statement->query(text); }, limits,
            [statement] { statement->cancel(); });
    if (status) status = *done ? read_all(statement, types, limits, sink) : failed(done->error());
    give_back(std::move(statement));
    return status;
  }

  Status read_all(const std::shared_ptr<Statement>& statement, std::span<const Type> types,
                  const CallThread::Limits& limits, const sql::Sink& sink) {
    QUINTILE_TRY(BatchReader reader, BatchReader::of(statement->schema(), types));
    while (true) {
      auto next = std::make_shared<std::expected<Batch, DriverWords>>();
      QUINTILE_TRY_STATUS(run([statement, next] { *next = statement->next(); }, limits,
                              [statement] { statement->cancel(); }));
      if (!*next) return failed(next->error());
      if ((*next)->is_end()) return {};
      QUINTILE_TRY(const sql::Rows rows, reader.read((*next)->array()));
      QUINTILE_TRY_STATUS(sink(rows));
    }
  }

  /// Releases what the statement holds, on the driver's thread, since that may wait for the engine;
  /// and the connection, if it cannot be used again.
  void give_back(std::shared_ptr<Statement> statement) {
    release(std::move(statement));
    if (is_lost_ || (is_interrupted_ && is_spark(server_.product))) close();
  }

  void close() { release(std::exchange(connection_, nullptr)); }

  template <typename Held>
  void release(std::shared_ptr<Held> held) {
    if (!held) return;
    auto holder = std::make_shared<std::shared_ptr<Held>>(std::move(held));
    const CallThread::Limits limits{.time = kCloseTime, .grace = 0ms};
    const CallThread::End end = thread_->run([holder] { holder->reset(); }, limits);
    if (end != CallThread::End::Returned) thread_ = std::make_unique<CallThread>();
  }

  sql::Server server_;
  std::shared_ptr<Driver> driver_;
  Database::Options options_;
  Settings settings_;
  const sql::Cancellation* cancellation_;
  std::string run_prefix_;
  std::unique_ptr<CallThread> thread_;
  std::shared_ptr<Database> database_;
  std::shared_ptr<Connection> connection_;
  // How the last statement ended, if not by itself.
  bool is_lost_ = false;
  bool is_interrupted_ = false;
};

}  // namespace

Result<std::unique_ptr<sql::Session>> connect(const sql::Location& location,
                                              const Settings& settings,
                                              const sql::Cancellation* cancellation) {
  QUINTILE_TRY(auto options, database_options(location.product, location.uri, settings));
  QUINTILE_TRY(auto driver, Driver::load(location.product, settings.driver));
  auto session = std::make_unique<AdbcSession>(location.product, std::move(driver),
                                               std::move(options), settings, cancellation);
  QUINTILE_TRY_STATUS(session->open());
  return session;
}

}  // namespace quintile::engine::adbc

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/expression/column_view.h"

/// The seam between what to ask of a SQL engine (this module) and how to reach one (a transport).
/// No threads, files or Arrow on this side.
namespace quintile::engine::sql {

/// The engines whose SQL is rendered.
enum class Product : std::uint8_t {
  DuckDb,
  Spark,
  Sail,
  Databricks,
  PostgreSql,
  Redshift,
  Trino,
  BigQuery,
  Snowflake,
  ClickHouse,
};
inline constexpr std::size_t kProducts = 10;
/// "duckdb", "spark", "sail", "databricks", "postgresql", "redshift", "trino", "bigquery",
/// "snowflake", "clickhouse": as URI schemes and manifests spell them.
[[nodiscard]] std::string_view to_string(Product product);

/// What a session is connected to, for the manifest and for messages. No host, user or secret.
struct Server {
  Product product = Product::DuckDb;
  std::string version;  ///< as the server names itself: "4.1.4", "15.14 (Debian 15.14-1)"
  std::string driver;   ///< of the transport: "adbc-driver-spark 0.3.0"
};

/// Raised once, from any thread or a signal handler; all that runs then ends with
/// `ErrorCode::Cancelled`. Outlives the sessions that were given it.
class Cancellation {
 public:
  void request() noexcept { requested_.store(true); }
  [[nodiscard]] bool requested() const noexcept { return requested_.load(); }

 private:
  std::atomic<bool> requested_ = false;
};

/// Some rows of a result. Columns by position, never by name, each of what the statement casts it
/// to: Integer, laid out as Int64, or Text, laid out as Views. `valid` is null where no value is
/// missing.
struct Rows {
  std::int64_t size = 0;
  std::vector<ColumnView> columns;
};

/// Takes some rows, whose memory is lent for the call; an error ends the statement.
using Sink = std::function<Status(const Rows&)>;

/// One connection to an engine, its session in UTC. Used by one thread at a time.
///
/// Errors are `ErrorCode::Engine` with the engine's own message on one line and, as far as is
/// known, what to do about it; `Cancelled` where the user interrupted or `Engine` where the time
/// allowed is over: the statement then runs no more at the engine, as far as it can be told.
/// Messages never hold a secret. After an error the session can be used again, on another
/// connection if need be: temporary tables of the engine may then be gone.
class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;

  [[nodiscard]] virtual const Server& server() const = 0;

  /// Runs a query and hands its rows on as they come, in the engine's order. `types` has one entry
  /// a column, Integer or Text; a result of other columns, or text that is no UTF-8, is an error. A
  /// lost connection is tried again only if no row has been handed on.
  [[nodiscard]] virtual Status stream(std::string_view sql, std::span<const Type> types,
                                      const Sink& sink) = 0;

  /// Runs a statement without a result. Never runs one twice, whatever becomes of the connection.
  [[nodiscard]] virtual Status execute(std::string_view sql) = 0;

  /// As `execute`, for what tidies up: runs, on a new connection if need be, even after a failure
  /// or a cancellation, and within a few seconds. Only statements that may run twice.
  [[nodiscard]] virtual Status clean_up(std::string_view sql) = 0;

  /// What names of this run's temporary tables start with: no other run's do, at the same time or
  /// later. "quintile_" and letters and digits.
  [[nodiscard]] virtual std::string_view run_prefix() const = 0;
};

/// A small result whole.
class Answer {
 public:
  explicit Answer(std::span<const Type> types);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] bool is_missing(std::int64_t row, std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::int64_t row, std::size_t column) const;
  [[nodiscard]] const std::string& text(std::int64_t row, std::size_t column) const;
  void append(const Rows& rows);

 private:
  struct Column {
    Type type = Type::Integer;
    std::vector<std::int64_t> integers;
    std::vector<std::string> texts;
    std::vector<std::uint8_t> valid;
  };
  std::vector<Column> columns_;
  std::int64_t rows_ = 0;
};

/// The error where an answer cannot be true beside those before it; `what` says why.
[[nodiscard]] std::unexpected<Error> contradiction(const Session& session, std::string_view what);

/// Runs a query whose result is small: at most `rows_max` rows, else an error of the engine.
[[nodiscard]] Result<Answer> query(Session& session, std::string_view sql,
                                   std::span<const Type> types, std::int64_t rows_max = 1 << 20);

/// Where an input lies: the URI of an engine and what to read there. `input.path` as
///
///     duckdb:///folder/file.db?table=sales.lines    duckdb::memory:?parquet=/lake/lines/*.parquet
///     postgresql://user@host:5432/shop?table=public.lines
///     spark://host:15002/?parquet=s3://lake/lines   spark://host:15002/?table=lake.sales.lines
///
/// `table` and `parquet` (exactly one) and `write_to` are taken out; the rest is the transport's.
struct Location {
  Product product = Product::DuckDb;  ///< by scheme; Sail says that it is Spark
  std::string uri;                    ///< for the transport, without the three parameters
  std::vector<std::string> table;     ///< the parts of its name: catalog, schema, table
  std::string parquet;                ///< path or glob as the engine sees it
  std::string
      write_to;  ///< table or Parquet folder for the customers at the engine; empty: fetched
};

/// Is `path` a URI of one of the schemes "duckdb", "spark", "sc", "postgresql", "postgres", ...?
[[nodiscard]] bool is_engine_uri(std::string_view path);
/// Errors: Plan for an unknown scheme, neither or both of table and Parquet path, an empty name.
[[nodiscard]] Result<Location> parse_location(std::string_view uri);
/// The same of an engine alone, for what reads no input: `table` and `parquet` may be left out.
[[nodiscard]] Result<Location> parse_server(std::string_view uri);

}  // namespace quintile::engine::sql

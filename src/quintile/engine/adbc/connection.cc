#include <cstring>

#include <fmt/format.h>

#include "quintile/engine/adbc/connection_internal.h"
#include "quintile/engine/adbc/kept_signals.h"

namespace quintile::engine::adbc {

namespace {

/// Calls a driver's function; its words where it fails.
template <typename Function, typename... Arguments>
std::expected<void, DriverWords> call(Function function, Arguments... arguments) {
  if (function == nullptr) {
    return std::unexpected(DriverWords{.status = abi::kStatusNotImplemented,
                                       .sqlstate = {},
                                       .message = "the driver lacks a function that is needed"});
  }
  abi::Error error;
  const abi::StatusCode status = function(arguments..., &error);
  if (status == abi::kStatusOk) return {};
  return std::unexpected(DriverWords::taken(status, error));
}

/// For what is given back: there is nobody to tell.
template <typename Function, typename Handle>
void release(Function function, Handle& handle) {
  if (function == nullptr || handle.private_data == nullptr) return;
  abi::Error error;
  function(&handle, &error);
  if (error.release != nullptr) error.release(&error);
}

}  // namespace

std::expected<std::shared_ptr<Database>, DriverWords> Database::open(std::shared_ptr<Driver> driver,
                                                                     const Options& options) {
  const KeptSignals kept;
  auto database = std::make_shared<Database>(std::move(driver));
  abi::Driver& functions = database->functions();
  if (auto done = call(functions.database_new, &database->handle_); !done)
    return std::unexpected(done.error());
  for (const auto& [key, value] : options) {
    auto done = call(functions.database_set_option, &database->handle_, key.c_str(), value.c_str());
    if (!done) return std::unexpected(done.error());
  }
  if (auto done = call(functions.database_init, &database->handle_); !done)
    return std::unexpected(done.error());
  return database;
}

Database::~Database() { release(functions().database_release, handle_); }

std::expected<std::shared_ptr<Connection>, DriverWords> Connection::open(
    std::shared_ptr<Database> database) {
  const KeptSignals kept;
  auto connection = std::make_shared<Connection>(std::move(database));
  abi::Driver& functions = connection->functions();
  if (auto done = call(functions.connection_new, &connection->handle_); !done)
    return std::unexpected(done.error());
  auto done =
      call(functions.connection_init, &connection->handle_, &connection->database_->handle());
  if (!done) return std::unexpected(done.error());
  return connection;
}

Connection::~Connection() { release(functions().connection_release, handle_); }

Names Connection::names() {
  Names names;
  abi::ArrowArrayStream stream{};
  const auto done = call(functions().connection_get_info, &handle_,
                         static_cast<const std::uint32_t*>(nullptr), std::size_t{0}, &stream);
  if (!done || stream.release == nullptr) return names;
  abi::ArrowArray array{};
  while (stream.get_next(&stream, &array) == 0 && array.release != nullptr) {
    const Batch batch(std::exchange(array, {}));
    read_names(batch.array(), names);
  }
  stream.release(&stream);
  return names;
}

Statement::~Statement() {
  if (schema_.release != nullptr) schema_.release(&schema_);
  if (stream_.release != nullptr) stream_.release(&stream_);
  const std::scoped_lock lock(mutex_);
  is_open_ = false;
  release(connection_->functions().statement_release, handle_);
}

Statement::Done Statement::run(const std::string& sql, abi::ArrowArrayStream* stream) {
  abi::Driver& functions = connection_->functions();
  {
    const std::scoped_lock lock(mutex_);
    if (auto done = call(functions.statement_new, &connection_->handle(), &handle_); !done)
      return done;
    is_open_ = true;
  }
  if (auto done = call(functions.statement_set_sql_query, &handle_, sql.c_str()); !done)
    return done;
  std::int64_t affected = 0;
  return call(functions.statement_execute_query, &handle_, stream, &affected);
}

Statement::Done Statement::execute(const std::string& sql) { return run(sql, nullptr); }

Statement::Done Statement::query(const std::string& sql) {
  if (auto done = run(sql, &stream_); !done) return done;
  if (const int code = stream_.get_schema(&stream_, &schema_); code != 0)
    return std::unexpected(stream_words(code));
  return {};
}

std::expected<Batch, DriverWords> Statement::next() {
  abi::ArrowArray array{};
  if (const int code = stream_.get_next(&stream_, &array); code != 0)
    return std::unexpected(stream_words(code));
  return Batch(array);
}

DriverWords Statement::stream_words(int code) {
  const char* words = stream_.get_last_error(&stream_);
  return {.status = abi::kStatusIo,
          .sqlstate = {},
          .message = words == nullptr || *words == '\0'
                         ? fmt::format("reading the result failed: {}", std::strerror(code))
                         : words};
}

void Statement::cancel() {
  const std::scoped_lock lock(mutex_);
  abi::Driver& functions = connection_->functions();
  if (!is_open_ || functions.statement_cancel == nullptr) return;
  abi::Error error;
  functions.statement_cancel(&handle_, &error);
  if (error.release != nullptr) error.release(&error);
}

}  // namespace quintile::engine::adbc

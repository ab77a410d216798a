#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/engine/adbc/driver.h"
#include "quintile/engine/adbc/engine_error.h"
#include "quintile/engine/adbc/result_stream.h"

/// The driver's objects, each keeping alive what it was made from, so that a call that is left
/// behind finds everything in place. Every call may block; they are made on a `CallThread`.
namespace quintile::engine::adbc {

/// A batch of a result, released at its end. Without `release`: the end of the result.
class Batch {
 public:
  Batch() = default;
  explicit Batch(abi::ArrowArray array) : array_(array) {}
  Batch(Batch&& other) noexcept : array_(std::exchange(other.array_, {})) {}
  Batch& operator=(Batch&& other) noexcept {
    std::swap(array_, other.array_);
    return *this;
  }
  ~Batch() {
    if (array_.release != nullptr) array_.release(&array_);
  }
  [[nodiscard]] bool is_end() const { return array_.release == nullptr; }
  [[nodiscard]] const abi::ArrowArray& array() const { return array_; }

 private:
  abi::ArrowArray array_{};
};

class Database {
 public:
  using Options = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] static std::expected<std::shared_ptr<Database>, DriverWords> open(
      std::shared_ptr<Driver> driver, const Options& options);

  explicit Database(std::shared_ptr<Driver> driver) : driver_(std::move(driver)) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] abi::Driver& functions() { return driver_->functions(); }
  [[nodiscard]] abi::Database& handle() { return handle_; }

 private:
  std::shared_ptr<Driver> driver_;
  abi::Database handle_;
};

class Connection {
 public:
  [[nodiscard]] static std::expected<std::shared_ptr<Connection>, DriverWords> open(
      std::shared_ptr<Database> database);

  explicit Connection(std::shared_ptr<Database> database) : database_(std::move(database)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// What the driver says of itself and of the server; empty where it says nothing.
  [[nodiscard]] Names names();
  [[nodiscard]] abi::Driver& functions() { return database_->functions(); }
  [[nodiscard]] abi::Connection& handle() { return handle_; }

 private:
  std::shared_ptr<Database> database_;
  abi::Connection handle_;
};

/// One statement, run once.
class Statement {
 public:
  explicit Statement(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  using Done = std::expected<void, DriverWords>;
  [[nodiscard]] Done execute(const std::string& sql);
  /// As `execute`, and the result can be read.
  [[nodiscard]] Done query(const std::string& sql);
  [[nodiscard]] std::expected<Batch, DriverWords> next();
  [[nodiscard]] const abi::ArrowSchema& schema() const { return schema_; }

  /// From any thread, while another is in one of the above.
  void cancel();

 private:
  [[nodiscard]] Done run(const std::string& sql, abi::ArrowArrayStream* stream);
  [[nodiscard]] DriverWords stream_words(int code);

  std::shared_ptr<Connection> connection_;
  std::mutex mutex_;  ///< `cancel` and the handle's end exclude each other
  bool is_open_ = false;
  abi::Statement handle_;
  abi::ArrowArrayStream stream_{};
  abi::ArrowSchema schema_{};
};

}  // namespace quintile::engine::adbc

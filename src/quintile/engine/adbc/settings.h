#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/engine/sql/session.h"

namespace quintile::engine::adbc {

/// What must not be shown, and text without it.
class Secrets {
 public:
  void add(std::string secret);
  /// `text` with "***" for every secret in it, as it is or escaped for a URI.
  [[nodiscard]] std::string redact(std::string text) const;

 private:
  std::vector<std::string> secrets_;  ///< longest first
};

/// How to reach an engine beyond what its URI says. Comes from a file and the environment, so that
/// plans, command lines, logs and manifests hold no secret.
struct Settings {
  std::string driver;  ///< a driver library; empty: looked for
  std::string uri;     ///< what the driver is given in place of the input's URI; may hold secrets
  std::string password;
  std::string token;
  std::chrono::seconds connect_timeout{120};
  std::chrono::seconds statement_timeout{0};  ///< 0: as long as it takes
  /// Options that the driver is given as they are: "adbc.snowflake.sql.warehouse".
  std::vector<std::pair<std::string, std::string>> driver_options;
  Secrets secrets;
};

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] std::optional<std::string> process_environment(const std::string& name);

/// Reads settings: lines of `key = value`, blank lines and lines that start with #. The keys are
/// `driver uri password token connect_timeout statement_timeout` (seconds) and, with a point in it,
/// any option of the driver. After the file, `QUINTILE_ENGINE_PASSWORD`, `..._TOKEN`, `..._URI` of
/// the environment replace what it says. `file` may be empty: then `QUINTILE_ENGINE_OPTIONS` may
/// name one.
/// Errors: Io for a file that cannot be read; Usage, with its place, for a line that is none of
/// these. No message quotes a value.
[[nodiscard]] Result<Settings> read_settings(const std::string& file,
                                             const Environment& environment = process_environment);

/// The options of the driver's database for `location`, in the order in which they are set.
/// Errors: Usage where the URI itself holds a password or token: it would stand in plans and logs.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> database_options(
    sql::Product product, const std::string& uri, const Settings& settings);

}  // namespace quintile::engine::adbc

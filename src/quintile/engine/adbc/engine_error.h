#pragma once

#include <string>
#include <string_view>

#include "quintile/engine/adbc/abi.h"
#include "quintile/engine/adbc/settings.h"
#include "quintile/engine/sql/session.h"

namespace quintile::engine::adbc {

/// What a driver said went wrong, taken from it.
struct DriverWords {
  abi::StatusCode status = abi::kStatusOk;
  std::string sqlstate;  ///< five characters; empty where the driver has none
  std::string message;

  /// Takes the words out of `error` and releases it.
  [[nodiscard]] static DriverWords taken(abi::StatusCode status, abi::Error& error);
};

/// Is this what a server that went away, or a network that broke, looks like? Judged by status,
/// SQLSTATE class 08 and 57P, and the words of drivers that give neither.
[[nodiscard]] bool is_lost_connection(const DriverWords& words);

/// The engine's own message on one line, without the statement, plan or stack that some engines
/// append (they may hold personal values) and without secrets; with what to do about it where that
/// is known.
[[nodiscard]] Error engine_error(sql::Product product, const DriverWords& words,
                                 const Secrets& secrets);

}  // namespace quintile::engine::adbc

#pragma once

#include <memory>

#include "quintile/base/result.h"
#include "quintile/engine/adbc/settings.h"
#include "quintile/engine/sql/session.h"

/// How engines are reached: ADBC drivers, loaded while the program runs.
namespace quintile::engine::adbc {

/// Connects to the engine of `location` and asks it for a first answer: its version.
///
/// Limits: `settings.connect_timeout` bounds the connection, `settings.statement_timeout` every
/// statement. Once `cancellation` is requested, statements are cancelled at the engine as its
/// driver can: DuckDB and PostgreSQL stop at once; on Spark the session is closed, which ends its
/// jobs. A driver that does not come back within five seconds is left behind.
///
/// Queries are tried again, twice, when the connection was lost before a row came; statements
/// never.
///
/// Errors: Engine where there is no driver or no server, Usage for a URI that holds a secret,
/// Cancelled. `cancellation` may be null.
[[nodiscard]] Result<std::unique_ptr<sql::Session>> connect(const sql::Location& location,
                                                            const Settings& settings,
                                                            const sql::Cancellation* cancellation);

}  // namespace quintile::engine::adbc

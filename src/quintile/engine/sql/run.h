#pragma once

#include <optional>
#include <vector>

#include "quintile/engine/sql/scoring.h"
#include "quintile/segments/segmentation.h"

/// A whole plan on a SQL engine.
namespace quintile::engine::sql {

/// What the engine made of a plan. The tables that it speaks of are there as long as the
/// `TemporaryTables` that it was made with.
struct Remote {
  quality::Review review;
  CustomersTable customers;
  ScoredTable scored;
  std::string fingerprint;  ///< added up by the engine
  int input_passes = 0;     ///< how often the input was read
  int customer_passes = 0;  ///< statements that read all customers, the fingerprint's among them
};

/// Reviews, numbers, scores and segments where the data are; no row leaves the engine.
/// Errors: CheckFailed when the review decided `fail` (the review is in `failed`); those of the
/// steps. Nothing stays at the engine after an error but what `tables` drops.
[[nodiscard]] Result<Remote> run(Session& session, TemporaryTables& tables, const plan::Plan& plan,
                                 const Location& location, const std::optional<rfm::Model>& frozen,
                                 quality::Review* failed = nullptr);

/// The customers with their scores and segments, in `customer_id` order: one row a customer
/// travels. Errors: Engine where the rows are not 1 to n, each once; those of the session.
[[nodiscard]] Result<segments::Segmentation> fetch(Session& session, const plan::Plan& plan,
                                                   const Remote& remote);

/// What `fetch` would bring, without a row: the columns, the scoring model and the day.
[[nodiscard]] segments::Segmentation without_rows(Session& session, const plan::Plan& plan,
                                                  const Remote& remote);

/// Whether `write` may keep customers where `location.write_to` says, asked before anything is
/// read: makes an empty table of that name and drops it. Of a path only whether the product writes
/// there. Errors: those of `Dialect::write`; the engine's, where there is such a table or may be
/// none.
[[nodiscard]] Status check_target(Session& session, const Location& location);

/// Keeps the customers with their scores and segments at the engine, where `location.write_to`
/// says, by one statement: the columns of customer_segments.parquet. The engine then adds up the
/// fingerprint of what is kept. Errors: those of `Dialect::write`; Engine where the table is there
/// already, or what is kept is not what was to be kept.
[[nodiscard]] Status write(Session& session, const plan::Plan& plan, const Location& location,
                           const Remote& remote);

}  // namespace quintile::engine::sql

#pragma once

#include <optional>

#include "quintile/engine/sql/customers_table.h"
#include "quintile/plan/plan.h"
#include "quintile/rfm/scoring.h"

/// Scores and segments at the engine, by cut points and cells that are chosen here.
namespace quintile::engine::sql {

/// A table of the engine with the columns of `CustomersTable` and
///
///     q_r, q_f, q_m   scores
///     q_segment       which rule of the plan took the customer, from 0
struct ScoredTable {
  Sql name;
  rfm::Model model;
  std::vector<rfm::TieReport> ties;  ///< by metric
  int passes = 0;  ///< statements that read all customers: range, histograms, scores, segments
};

/// Scores as `plan.scoring` says, or with the cut points of `frozen`, and applies the plan's rules.
/// Errors: Unsupported for presets and `method: rank`; Rules where a condition does not fit or a
/// customer is taken by no rule; those of the session.
[[nodiscard]] Result<ScoredTable> score(Session& session, TemporaryTables& tables,
                                        const Dialect& dialect, const plan::Plan& plan,
                                        const CustomersTable& customers,
                                        const std::optional<rfm::Model>& frozen);

/// The error where a table of customers has not the rows that it had.
[[nodiscard]] std::unexpected<Error> customers_changed(const Session& session,
                                                       std::int64_t expected, std::int64_t rows);

/// "545"; with more than nine bins "10-4-5".
[[nodiscard]] Sql rfm_code(const Dialect& dialect, const ScoredTable& scored);

/// What the fingerprint says of these customers (docs/formats/fingerprint.md), added up by the
/// engine.
[[nodiscard]] Result<std::string> fingerprint(Session& session, const Dialect& dialect,
                                              const plan::Plan& plan, const ScoredTable& scored);

/// The same of customers under the names of the mart's columns, in `table`.
[[nodiscard]] Result<std::string> fingerprint_of_kept(Session& session, const Dialect& dialect,
                                                      const Sql& table, int money_scale);

}  // namespace quintile::engine::sql

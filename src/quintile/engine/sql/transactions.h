#pragma once

#include "quintile/customers/transaction_lines.h"
#include "quintile/engine/sql/customers_table.h"
#include "quintile/engine/sql/source_columns.h"
#include "quintile/plan/plan.h"

namespace quintile::engine::sql {

/// Order lines at an engine become customers there, with a review of the lines: the engine
/// counterpart of `engine::local::aggregate`. What is not computed there is listed in
/// docs/engines/README.md.
/// Errors: Input, Plan and Unsupported as there; those of the session.
[[nodiscard]] Result<Prepared> prepare_transactions(Session& session, TemporaryTables& tables,
                                                    const Dialect& dialect, const plan::Plan& plan,
                                                    const std::vector<SourceColumn>& columns,
                                                    const Sql& from);

}  // namespace quintile::engine::sql

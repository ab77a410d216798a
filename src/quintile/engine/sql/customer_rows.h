#pragma once

#include "quintile/engine/sql/customers_table.h"
#include "quintile/engine/sql/source_columns.h"
#include "quintile/plan/plan.h"

namespace quintile::engine::sql {

/// Rows of one customer each become customers at the engine, with a review: the engine counterpart
/// of `customers::clean`. What is not computed there is listed in docs/engines/README.md.
/// Errors: Input, Plan and Unsupported as there; those of the session.
[[nodiscard]] Result<Prepared> prepare_customers(Session& session, TemporaryTables& tables,
                                                 const Dialect& dialect, const plan::Plan& plan,
                                                 const std::vector<SourceColumn>& columns,
                                                 const Sql& from);

}  // namespace quintile::engine::sql

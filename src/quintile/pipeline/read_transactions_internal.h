#pragma once

#include "quintile/pipeline/read_customers_internal.h"

namespace quintile::pipeline {

/// Reads order lines as the plan says, and reduces them to customers.
[[nodiscard]] Result<CleanInput> read_transactions(const plan::Plan& plan, table::Source& source,
                                                   const Executor& executor,
                                                   const Options& options);

}  // namespace quintile::pipeline

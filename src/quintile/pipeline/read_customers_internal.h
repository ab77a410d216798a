#pragma once

#include "quintile/customers/customer_rows.h"
#include "quintile/pipeline/pipeline.h"
#include "quintile/table/source.h"

namespace quintile::pipeline {

/// Customers out of files, whatever the grain, with what the manifest says of the files.
struct CleanInput {
  customers::CleanedCustomers cleaned;
  table::Origin origin;
  table::ReadFacts facts;
};

/// Reads and cleans customer rows as the plan says.
[[nodiscard]] Result<CleanInput> read_customers(const plan::Plan& plan, table::Source& source,
                                                const Executor& executor, const Options& options);

}  // namespace quintile::pipeline

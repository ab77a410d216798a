#pragma once

#include <cstdint>

#include "quintile/base/executor.h"
#include "quintile/base/result.h"
#include "quintile/customers/transactions.h"
#include "quintile/table/source.h"

namespace quintile::engine::local {

struct AggregateOptions {
  std::int64_t memory_max =
      0;  ///< bytes; 0: no limit. What records per order, day and line take beyond a share of it
          ///< goes to a temporary file; never changes a result
};

/// Streams the lines of `source` once, or again where the reader's guess of a column's type or the
/// analysis date turned out otherwise, and reduces them to customers. Memory grows with the number
/// of customers, not of lines, but for four bytes a line that lead back from line to customer.
/// `request.columns` is `spec.columns`; `spec.analysis_day` none: the day after the last order that
/// counts.
[[nodiscard]] Result<customers::CleanedTransactions> aggregate(
    table::Source& source, const table::ReadRequest& request, customers::TransactionSpec spec,
    const Executor& executor, const AggregateOptions& options = {});

}  // namespace quintile::engine::local

#pragma once

#include <string>
#include <vector>

#include "quintile/customers/customer_rows.h"
#include "quintile/customers/transaction_lines.h"
#include "quintile/plan/plan.h"
#include "quintile/table/source.h"

/// Which columns a plan reads, how, and which role each plays: the same for every engine.
namespace quintile::engine {

struct TransactionRead {
  table::ReadRequest request;
  customers::TransactionSpec spec;
};

/// `file_columns` are all that the input has; those that no role and no expression names are not
/// read.
[[nodiscard]] TransactionRead transaction_read(const plan::Plan& plan,
                                               const std::vector<std::string>& file_columns);

struct CustomerRead {
  table::ReadRequest request;
  customers::CustomerRoles roles;
};

/// All of `file_columns`; those without a role are `unused`.
[[nodiscard]] CustomerRead customer_read(const plan::Plan& plan,
                                         const std::vector<std::string>& file_columns);

}  // namespace quintile::engine

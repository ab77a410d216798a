#pragma once

#include <cstdint>
#include <vector>

#include "quintile/customers/customer_rows.h"
#include "quintile/quality/attribute_checks.h"

namespace quintile::customers {

/// Rows that share a source id, and what kind of duplicates they are.
struct DuplicateIds {
  std::int64_t ids = 0;           ///< that occur more than once
  std::int64_t rows = 0;          ///< that carry one of them
  std::int64_t surplus_rows = 0;  ///< beyond the first of each
  std::int64_t largest_group = 0;
  struct Groups {
    std::int64_t exact_copy = 0;      ///< all records are equal
    std::int64_t profile_change = 0;  ///< one person, dates and total equal
    std::int64_t longitudinal = 0;    ///< one person at several times
    std::int64_t collision = 0;       ///< several persons
  } groups;
  quality::RowCollector rows_of_ids;  ///< the rows that carry one

  std::int64_t copied_groups = 0;             ///< groups of equal records, within one id
  std::vector<std::uint8_t> is_surplus_copy;  ///< one a row: an equal record stands before it
  std::int64_t copied_rows = 0;               ///< rows in such groups
};

/// Records are equal when their hashes are. The same person: all personal columns equal after
/// trimming and case folding (their hashes are compared).
[[nodiscard]] DuplicateIds find_duplicates(const CustomerRows& input, const SortedIds& ids);

/// The finding that tells the case in full, decided as the plan says.
[[nodiscard]] quality::Finding duplicate_finding(const DuplicateIds& duplicates,
                                                 const CustomerRows& input,
                                                 const std::string& column,
                                                 quality::Decision decision);

}  // namespace quintile::customers

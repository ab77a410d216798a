#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/customers/customers.h"
#include "quintile/summary/summary.h"

namespace quintile::summary {

/// The key traits of each segment, greatest effect first (product contract, section 8).
///
/// `group`: one byte a customer, the index of the segment, or `segments` for a customer who is left
/// out of the tests but belongs to the population that shares and means are compared with.
///
/// What is tested: each level of a Text or Boolean attribute by chi-square, the mean of each
/// Integer, Decimal or Real attribute by Welch's t, in every segment that has a value, against all
/// other tested customers. Missing values are no level and stand on neither side. Dates, attributes
/// named in `left_out`, and attributes equal to recency, frequency, monetary or average order value
/// row by row are not tested. All tests are one Benjamini-Hochberg family. A level that fewer than
/// `cell_customers_min` tested customers have is no test where an attribute has more than
/// `kLevelsTested` levels: it could not pass, whatever the segment. What passes: adjusted p at most
/// the false discovery rate, |h| or |d| at least `effect_min`, and at least `cell_customers_min`
/// customers in the cell (the segment's with that level; for a mean, the segment's with a value)
/// and among the others. A level may be a trait for being rare in the segment: its effect is then
/// negative. Equal effects rank by sign (more before less), plan order of attributes and bytes of
/// the level.
[[nodiscard]] std::vector<std::vector<KeyTrait>> key_traits(
    const customers::Customers& customers, std::span<const std::uint8_t> group, int segments,
    std::span<const std::string> left_out, const TraitSpec& spec,
    const Executor& executor = run_serially);

inline constexpr std::size_t kLevelsTested = 1000;

}  // namespace quintile::summary

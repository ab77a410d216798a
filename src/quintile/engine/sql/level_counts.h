#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quintile/engine/sql/run.h"
#include "quintile/summary/figures.h"

namespace quintile::engine::sql {

/// Text attributes with more values of at least `customers_min` customers are not tested.
inline constexpr std::int64_t kLevelsMax = 10'000;

/// Customers by segment and value of text attributes.
struct CountedLevels {
  std::vector<std::optional<summary::LevelCounts>>
      of;                               ///< as `texts`; none where there are too many
  std::vector<std::string> not_tested;  ///< a sentence for each of these
  int passes = 0;
};

/// `texts` are among the customers' attributes. Statements: one for all, and one for each that has
/// not too many values. Of many values those of fewer than `customers_min` customers stand
/// together. Errors: Engine for a segment that there is not; those of the session.
[[nodiscard]] Result<CountedLevels> count_levels(Session& session, const Remote& remote,
                                                 std::size_t segments,
                                                 const std::vector<std::size_t>& texts,
                                                 std::int64_t customers_min);

}  // namespace quintile::engine::sql

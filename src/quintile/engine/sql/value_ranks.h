#pragma once

#include <map>

#include "quintile/engine/sql/scoring.h"
#include "quintile/insights/figures.h"

namespace quintile::engine::sql {

/// How value is spread over the customers: bands between percentiles, and ranks inside of a band,
/// which is a hundredth of the customers.
struct RankedValues {
  std::int64_t customers = 0;               ///< one at least
  std::int64_t least = 0, greatest = 0;     ///< values
  std::map<std::int64_t, std::int64_t> at;  ///< values by place, 0 = smallest: all percentiles
  int money_scale = 2;
};

/// Fills what ranks tell; `negative_customers` is left as it is. One statement.
/// Errors: Engine where the customers have changed; those of the session.
[[nodiscard]] Status rank_values(Session& session, const Sql& table, const RankedValues& values,
                                 insights::ValueByRank& by_rank);

}  // namespace quintile::engine::sql

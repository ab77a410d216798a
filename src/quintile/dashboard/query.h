#pragma once

#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/explore/filter.h"

namespace quintile::dashboard {

/// The parameters of a query string, percent-decoded, `+` as a blank, in order; doubles stay.
/// Errors: Usage for a broken escape, bytes that are no UTF-8 or control characters, an empty name,
/// too many.
[[nodiscard]] Result<std::vector<explore::Parameter>> parse_query(std::string_view query);

inline constexpr std::size_t kParametersMax = 64;

}  // namespace quintile::dashboard

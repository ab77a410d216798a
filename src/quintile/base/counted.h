#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quintile {

/// "1 customer", "2,000 customers": a number with a noun whose plural ends in s.
[[nodiscard]] std::string counted(std::int64_t number, std::string_view noun);

}  // namespace quintile

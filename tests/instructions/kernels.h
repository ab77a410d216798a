#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "quintile/expression/column_view.h"

/// Kernels of the hot path over data that are always the same. What happens inside `measured` is
/// counted by compare.py.
namespace quintile::instructions {

extern "C" [[gnu::noinline]] void measured(const std::function<void()>& kernel);

inline constexpr std::int64_t kRows = 20'000;

/// Numbers from 0 to `below` - 1 without pattern, the same everywhere; others for another `seed`.
[[nodiscard]] std::vector<std::int64_t> numbers(std::int64_t below,
                                                std::uint64_t seed = 88172645463325252U);

[[nodiscard]] ColumnView view_of(const std::vector<std::int64_t>& values, Type type = Type::Integer,
                                 int scale = 0);

/// Each runs once, by name.
using Kernels = std::map<std::string, std::function<void()>>;

void add_reading(Kernels& kernels);    ///< structure, cells, Arrow's values
void add_customers(Kernels& kernels);  ///< profiles, numbering, order lines
void add_results(Kernels& kernels);    ///< scores, rules, traits, what is written

}  // namespace quintile::instructions

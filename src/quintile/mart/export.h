#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

/// Writes customers of a mart into a new Parquet file, in the columns and the order of
/// customer_segments.parquet, with `metadata` beside them. `selected`, where not empty, has one
/// byte a customer: only those with 1 are written. Errors: Io; `file` must not exist.
[[nodiscard]] Status export_customers(
    const Mart& mart, std::span<const std::uint8_t> selected,
    const std::vector<std::pair<std::string, std::string>>& metadata,
    const std::filesystem::path& file);

}  // namespace quintile::mart

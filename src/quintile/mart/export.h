#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

enum class CustomersFormat : std::uint8_t {
  Parquet,     ///< as customer_segments.parquet
  ArrowStream  ///< record batches in Arrow's IPC format
};

/// Writes customers of a mart in the columns and the order of customer_segments.parquet, with
/// `metadata` beside them. `selected`, where not empty, has one byte a customer: only those with 1
/// are written. `out` takes the bytes as they come; memory does not grow with the customers.
/// Errors: those of `out`; Io.
[[nodiscard]] Status export_customers(
    const Mart& mart, std::span<const std::uint8_t> selected, CustomersFormat format,
    const std::vector<std::pair<std::string, std::string>>& metadata,
    const std::function<Status(std::string_view bytes)>& out);

}  // namespace quintile::mart

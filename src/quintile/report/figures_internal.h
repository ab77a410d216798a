#pragma once

#include <optional>
#include <vector>

#include "quintile/report/drawing_internal.h"
#include "quintile/report/facts_internal.h"

/// The figures of the report, one function each. A figure that the mart has no numbers for is not
/// there.
namespace quintile::report {

enum class Size : std::uint8_t { Customers, Value };

[[nodiscard]] std::optional<Drawing> draw_treemap(const mart::Mart& mart, Size size);
[[nodiscard]] std::optional<Drawing> draw_heat_map(const mart::Mart& mart);
[[nodiscard]] std::optional<Drawing> draw_lorenz(const mart::Mart& mart);
[[nodiscard]] std::optional<Drawing> draw_histogram(const mart::Mart& mart, rfm::Metric metric);
[[nodiscard]] std::optional<Drawing> draw_recent_split(const mart::Mart& mart);
[[nodiscard]] std::optional<Drawing> draw_at_risk(const mart::Mart& mart);
[[nodiscard]] std::optional<Drawing> draw_overlay_effect(const mart::Mart& mart);
[[nodiscard]] std::optional<Drawing> draw_waterfall(const mart::Mart& mart);

/// All that are there, in the order of the report.
[[nodiscard]] std::vector<Drawing> draw_all(const mart::Mart& mart);

}  // namespace quintile::report

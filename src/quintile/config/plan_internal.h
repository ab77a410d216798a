#pragma once

#include <string>

#include "quintile/base/result.h"
#include "quintile/config/reader_internal.h"
#include "quintile/plan/plan.h"

/// A plan's parts out of their YAML, each checked on its own.
namespace quintile::config {

[[nodiscard]] Result<plan::Input> read_input(const Node& node);
[[nodiscard]] Result<quality::ReviewSpec> read_review(const Node& node);
[[nodiscard]] Result<rfm::ScoringSpec> read_scoring(const Node& node);

/// The scoring model that `plan` names: its own faults, and what it says otherwise than the plan as
/// written (`root`): currency, the unit of frequency, method, bins, bounds. What either leaves
/// unsaid agrees.
[[nodiscard]] Status check_cut_points(const Node& root, const plan::Plan& plan);

/// An error of the plan at `node`.
[[nodiscard]] std::unexpected<Error> wrong(const Node& node, std::string message,
                                           std::string advice = {});

/// -1, 0 or 1 as `a` is less than, equal to or greater than `b`; both are decimal numbers.
[[nodiscard]] int compare_decimals(const std::string& a, const std::string& b);

}  // namespace quintile::config

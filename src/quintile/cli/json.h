#pragma once

#include <string>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"
#include "quintile/segments/explain.h"
#include "quintile/segments/linter.h"
#include "quintile/synthetic/generator.h"

/// What commands print under `--format json`, for whoever wants the same from memory.
namespace quintile::cli {

/// `quintile explain`.
[[nodiscard]] std::string explanation_json(const segments::Explanation& explanation,
                                           const mart::Mart& mart);

/// What the linter says of a rule set, with the mart's bins and the customers that each rule takes
/// of it. Errors: Rules where a condition does not fit the mart's columns.
[[nodiscard]] Result<segments::LintReport> lint_for(const segments::RuleSet& rules,
                                                    const mart::Mart& mart);

/// `quintile rules check`.
[[nodiscard]] std::string lint_json(const segments::LintReport& lint);

/// `quintile rules diff`. Errors: as `lint_for`.
[[nodiscard]] Result<std::string> rules_diff_json(const segments::RuleSet& before,
                                                  const segments::RuleSet& after,
                                                  const mart::Mart& mart);

/// `quintile generate`.
[[nodiscard]] std::string generated_json(const synthetic::GeneratorReport& report);

}  // namespace quintile::cli

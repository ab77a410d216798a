#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/plan/plan.h"
#include "quintile/rfm/scoring.h"
#include "quintile/segments/rule_set.h"

/// YAML to values. Every error has file:line:column and, where a key is unknown, the nearest known
/// one.
namespace quintile::config {

/// Reads a plan and the rule file that it names. `overrides` are "key.path=value" (the value is
/// YAML), applied in order before anything is checked; their errors name the override. `file` is
/// kept as given.
[[nodiscard]] Result<plan::Plan> read_plan(const std::filesystem::path& file,
                                           const std::vector<std::string>& overrides = {});

/// Reads a rule file.
[[nodiscard]] Result<segments::RuleSet> read_rules(const std::filesystem::path& file);

/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Result<segments::RuleSet> parse_rules(const std::string& text,
                                                    const std::string& name);
/// With `rules` the rule file that the plan names is not read: a mart has the rules as applied.
[[nodiscard]] Result<plan::Plan> parse_plan(const std::string& text, const std::string& name,
                                            const std::vector<std::string>& overrides = {},
                                            const segments::RuleSet* rules = nullptr);

/// Reads a frozen scoring model (cut_points.yaml); money bounds are brought to `money_scale`.
[[nodiscard]] Result<rfm::Model> read_cut_points(const std::filesystem::path& file,
                                                 int money_scale);

/// A rule set as a YAML file that `read_rules` accepts: what the dashboard saves as a draft.
[[nodiscard]] std::string rules_yaml(const segments::RuleSet& rules);

}  // namespace quintile::config

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "quintile/base/result.h"
#include "quintile/segments/rule_set.h"

namespace quintile::config {

/// Parses a rule file. With `attributes` a condition may name nothing but those and the built-in
/// fields; without, a name that is no built-in field is taken for an attribute unless it is nearly
/// one.
[[nodiscard]] Result<segments::RuleSet> parse_rules(const std::string& text,
                                                    const std::string& name,
                                                    const std::vector<std::string>* attributes);

/// SHA-256 over the rules in canonical form, lower case hex.
[[nodiscard]] std::string rules_digest(const segments::RuleSet& rules);

}  // namespace quintile::config

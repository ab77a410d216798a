#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "quintile/segments/rule_set.h"

namespace quintile::segments {

/// Rules from ids and conditions; an empty condition is `otherwise`.
inline RuleSet rules_of(const std::vector<std::pair<std::string, std::string>>& conditions) {
  RuleSet rules;
  for (const auto& [id, when] : conditions) {
    Rule rule{.id = id, .name = id};
    if (!when.empty()) {
      auto expression = expression::parse(
          when, {"rules.yaml", static_cast<std::int64_t>(rules.rules.size()) + 1, 1},
          ErrorCode::Rules);
      EXPECT_TRUE(expression) << when;
      if (expression) rule.when = std::move(*expression);
    }
    rules.rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace quintile::segments

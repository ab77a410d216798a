#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/expression/expression.h"

namespace quintile::segments {

enum class Family : std::uint8_t { Core, Growing, Slipping, Dormant };
[[nodiscard]] std::string_view to_string(Family family);

/// A segment and the condition that puts a customer into it.
struct Rule {
  std::string id;    ///< `segment_id`: lower case letters, digits, underscores
  std::string name;  ///< `segment_name`
  Family family = Family::Core;
  std::optional<expression::Expression> when;  ///< none for `otherwise`
  std::string description;
  std::vector<std::string> actions;
  std::vector<std::string> watchouts;

  [[nodiscard]] bool otherwise() const { return !when.has_value(); }
};

/// Rules in order of precedence: the first match wins.
struct RuleSet {
  std::string name;
  std::string file;    ///< as the plan spells it
  std::string digest;  ///< SHA-256 of the rules as applied, lower case hex
  std::vector<Rule> rules;
};

/// The fields that `when` may name beside overlay and attributes.
inline constexpr std::string_view kRuleFields[] = {
    "r_score",      "f_score",   "m_score",  "rfm_total",
    "recency_days", "frequency", "monetary", "average_order_value",
    "tenure_days"};

/// At most this many rules: a segment index is one byte in the hot path and in the mart.
inline constexpr std::size_t kRulesMax = 200;

/// A customer's place among the rules: index into `RuleSet::rules`.
using SegmentIndex = std::uint8_t;
inline constexpr SegmentIndex kNoSegment = 255;

}  // namespace quintile::segments

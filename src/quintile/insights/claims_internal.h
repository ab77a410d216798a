#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/insights/figures.h"
#include "quintile/insights/insight.h"
#include "quintile/summary/moments.h"
#include "quintile/summary/significance.h"

namespace quintile::insights {

struct Split {
  Part members, rest;
};

/// What the claims share.
struct Context {
  const Figures& figures;
  const segments::RuleSet& rules;
  summary::Moments everyone;  ///< monetary of all, in currency units
  Int128 total = 0;           ///< in minor units

  Context(const Figures& figures, const segments::RuleSet& rules);

  [[nodiscard]] std::int64_t customers() const { return everyone.count; }
  [[nodiscard]] double unit() const;
  [[nodiscard]] double mean_of(Int128 minor_units, std::int64_t count) const;
  /// The customers of a family, and the others.
  [[nodiscard]] Split split(segments::Family family) const;
};

/// The 95 % interval of a part's share of all value: T +- z sqrt((1-T)^2 sum_in x^2 + T^2 sum_out
/// x^2) / sum x (the ratio linearised; Cochran 1977, 6.3). `rest` are the customers outside the
/// part.
[[nodiscard]] std::array<double, 2> share_of_value_interval(double share,
                                                            const summary::Moments& part,
                                                            const summary::Moments& rest);

/// `part / whole`, one division; 0 for a whole of 0.
[[nodiscard]] double share_of(Int128 part, Int128 whole);

template <typename T>
void note(std::vector<quality::Detail>& evidence, std::string key, T&& value) {
  evidence.push_back({std::move(key), std::forward<T>(value)});
}

/// Ends a claim that cannot be tested.
[[nodiscard]] Insight not_testable(Insight insight, std::string reason);

[[nodiscard]] constexpr Verdict verdict_of(bool supported) {
  return supported ? Verdict::Supported : Verdict::NotSupported;
}

[[nodiscard]] Insight test_concentration(const Context& context);
[[nodiscard]] Insight test_recent_split(const Context& context);
[[nodiscard]] Insight test_at_risk_value(const Context& context);
[[nodiscard]] Insight test_overlay_effect(const Context& context);
[[nodiscard]] Insight test_one_time_buyers(const Context& context);
[[nodiscard]] Insight test_contactable_value(const Context& context);
[[nodiscard]] Insight test_value_at_risk(const Context& context);
[[nodiscard]] Insight test_dormant_share(const Context& context);

}  // namespace quintile::insights

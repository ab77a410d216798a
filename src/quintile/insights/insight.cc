#include "quintile/insights/insight.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "quintile/base/check.h"
#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Supported: return "supported";
    case Verdict::NotSupported: return "not_supported";
    case Verdict::NotTestable: return "not_testable";
  }
  return "";
}

Context::Context(const Figures& counted, const segments::RuleSet& rule_set)
    : figures(counted), rules(rule_set) {
  QUINTILE_CHECK(figures.segments.size() == rules.rules.size());
  for (const Part& segment : figures.segments) {
    everyone = merge(everyone, segment.monetary);
    total += segment.value;
  }
  if (everyone.count > 0) everyone.mean = mean_of(total, everyone.count);
}

double Context::unit() const { return static_cast<double>(power_of_ten(figures.money_scale)); }

double Context::mean_of(Int128 minor_units, std::int64_t count) const {
  return static_cast<double>(minor_units) / (static_cast<double>(count) * unit());
}

Split Context::split(segments::Family family) const {
  Split split;
  for (std::size_t segment = 0; segment < figures.segments.size(); ++segment) {
    Part& side = rules.rules[segment].family == family ? split.members : split.rest;
    side.monetary = merge(side.monetary, figures.segments[segment].monetary);
    side.value += figures.segments[segment].value;
  }
  for (Part* side : {&split.members, &split.rest}) {
    if (side->monetary.count > 0) side->monetary.mean = mean_of(side->value, side->monetary.count);
  }
  return split;
}

std::array<double, 2> share_of_value_interval(double share, const summary::Moments& part,
                                              const summary::Moments& rest) {
  const auto squares = [](const summary::Moments& m) {
    return m.squares + static_cast<double>(m.count) * m.mean * m.mean;
  };
  const summary::Moments all = merge(part, rest);
  const double sum = static_cast<double>(all.count) * all.mean;
  const double error =
      std::sqrt((1 - share) * (1 - share) * squares(part) + share * share * squares(rest)) / sum;
  return {summary::stable(share - summary::kNormal975 * error),
          summary::stable(share + summary::kNormal975 * error)};
}

double share_of(Int128 part, Int128 whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

Insight not_testable(Insight insight, std::string reason) {
  insight.verdict = Verdict::NotTestable;
  note(insight.evidence, "reason", std::move(reason));
  return insight;
}

std::vector<Insight> test_insights(const Figures& figures, const segments::RuleSet& rules) {
  const Context context(figures, rules);
  std::vector<Insight> insights;
  for (const auto test :
       {test_concentration, test_recent_split, test_at_risk_value, test_overlay_effect,
        test_one_time_buyers, test_contactable_value, test_value_at_risk, test_dormant_share})
    insights.push_back(test(context));
  return insights;
}

std::vector<Insight> test_insights(const segments::Segmentation& segmentation,
                                   const segments::RuleSet& rules,
                                   std::span<const std::uint8_t> selected,
                                   const Executor& executor) {
  return test_insights(figures_of(segmentation, rules, selected, executor), rules);
}

}  // namespace quintile::insights

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

Context::Context(const segments::Segmentation& customers, const segments::RuleSet& rule_set,
                 std::span<const std::uint8_t> selected)
    : segmentation(customers),
      rules(rule_set),
      group(customers.segment.begin(), customers.segment.end()) {
  QUINTILE_CHECK(selected.empty() || selected.size() == group.size());
  const std::size_t count = rules.rules.size();
  QUINTILE_CHECK(group.empty() || *std::ranges::max_element(group) < count);
  for (std::size_t row = 0; row < selected.size(); ++row) {
    if (selected[row] == 0) group[row] = static_cast<std::uint8_t>(count);
  }
  const auto groups = static_cast<int>(count) + 1;
  monetary = summary::moments_by_group(customers.customers.monetary.view, group, groups).groups;
  value = summary::sums_by_group(customers.customers.monetary.view, group, groups);
  monetary.pop_back();
  value.pop_back();
  for (std::size_t segment = 0; segment < count; ++segment) {
    everyone = merge(everyone, monetary[segment]);
    total += value[segment];
  }
  if (everyone.count > 0) everyone.mean = mean_of(total, everyone.count);
}

double Context::unit() const {
  return static_cast<double>(power_of_ten(segmentation.customers.money_scale));
}

double Context::mean_of(Int128 minor_units, std::int64_t count) const {
  return static_cast<double>(minor_units) / (static_cast<double>(count) * unit());
}

Split Context::split(segments::Family family) const {
  Split split;
  for (std::size_t segment = 0; segment < monetary.size(); ++segment) {
    Part& side = rules.rules[segment].family == family ? split.members : split.rest;
    side.monetary = merge(side.monetary, monetary[segment]);
    side.value += value[segment];
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

std::vector<Insight> test_insights(const segments::Segmentation& segmentation,
                                   const segments::RuleSet& rules,
                                   std::span<const std::uint8_t> selected,
                                   const Executor& executor) {
  const Context context(segmentation, rules, selected);
  constexpr std::array kTests = {test_concentration,  test_recent_split,    test_at_risk_value,
                                 test_overlay_effect, test_one_time_buyers, test_contactable_value,
                                 test_value_at_risk,  test_dormant_share};
  std::vector<Insight> insights(kTests.size());
  executor(std::ssize(insights), [&](std::int64_t i) {
    insights[static_cast<std::size_t>(i)] = kTests[static_cast<std::size_t>(i)](context);
  });
  return insights;
}

}  // namespace quintile::insights

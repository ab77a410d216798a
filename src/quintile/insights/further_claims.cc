#include <fmt/format.h>

#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

namespace {

std::string too_few() { return fmt::format("fewer than {} customers", kCustomersMin); }

Insight tested_share_of_customers(Insight insight, std::int64_t customers, std::int64_t all) {
  insight.estimate = share_of(customers, all);
  insight.interval = summary::wilson_interval({customers, all});
  insight.verdict = verdict_of((*insight.interval)[0] >= insight.threshold);
  note(insight.evidence, "method", std::string("share of customers; Wilson interval"));
  return insight;
}

Insight tested_share_of_value(Insight insight, const Context& context, const Part& part,
                              const summary::Moments& rest) {
  const double share = share_of(part.value, context.total);
  insight.estimate = share;
  insight.interval = share_of_value_interval(share, part.monetary, rest);
  insight.verdict = verdict_of((*insight.interval)[0] >= insight.threshold);
  note(insight.evidence, "method",
       std::string("share of value; interval of the linearised ratio of sums"));
  return insight;
}

// Customers and shares by segment of a family, in rule order, empty segments left out.
std::vector<quality::Detail> by_segment(const Context& context, segments::Family family) {
  std::vector<quality::Detail> segments;
  for (std::size_t segment = 0; segment < context.rules.rules.size(); ++segment) {
    const Part& mine = context.figures.segments[segment];
    const std::int64_t customers = mine.monetary.count;
    if (context.rules.rules[segment].family != family || customers == 0) continue;
    std::vector<quality::Detail> numbers;
    note(numbers, "customers", customers);
    note(numbers, "customer_share", share_of(customers, context.customers()));
    note(numbers, "monetary", static_cast<double>(mine.value) / context.unit());
    note(numbers, "monetary_share", share_of(mine.value, context.total));
    note(segments, context.rules.rules[segment].id, std::move(numbers));
  }
  return segments;
}

bool has_family(const Context& context, segments::Family family) {
  for (const segments::Rule& rule : context.rules.rules) {
    if (rule.family == family) return true;
  }
  return false;
}

}  // namespace

Insight test_one_time_buyers(const Context& context) {
  Insight insight{"one_time_buyers", "A quarter of the customers or more have ordered once only."};
  insight.threshold = 0.25;
  const std::int64_t customers = context.figures.one_time_customers;
  note(insight.evidence, "customers", customers);
  if (context.customers() < kCustomersMin) return not_testable(std::move(insight), too_few());
  if (context.total > 0)
    note(insight.evidence, "monetary_share",
         share_of(context.figures.one_time_value, context.total));
  return tested_share_of_customers(std::move(insight), customers, context.customers());
}

Insight test_contactable_value(const Context& context) {
  Insight insight{"contactable_value",
                  "Customers who may be contacted hold at least half of all value."};
  insight.threshold = 0.5;
  if (context.figures.consent.empty())
    return not_testable(std::move(insight), "the plan names no consent flag");
  const Part& without = context.figures.consent[0];
  const Part& with = context.figures.consent[1];
  note(insight.evidence, "contactable_customers", with.monetary.count);
  if (context.customers() < kCustomersMin) return not_testable(std::move(insight), too_few());
  if (context.total <= 0)
    return not_testable(std::move(insight), "the customers' value adds up to nothing or less");
  note(insight.evidence, "contactable_share", share_of(with.monetary.count, context.customers()));
  return tested_share_of_value(std::move(insight), context, with, without.monetary);
}

Insight test_value_at_risk(const Context& context) {
  Insight insight{"value_at_risk",
                  "Customers who are slipping away hold a fifth or more of all value."};
  insight.threshold = 0.2;
  constexpr auto kFamily = segments::Family::Slipping;
  const Split split = context.split(kFamily);
  note(insight.evidence, "customers", split.members.monetary.count);
  if (!has_family(context, kFamily))
    return not_testable(std::move(insight), "no segment is of family slipping");
  if (context.customers() < kCustomersMin) return not_testable(std::move(insight), too_few());
  if (context.total <= 0)
    return not_testable(std::move(insight), "the customers' value adds up to nothing or less");
  note(insight.evidence, "by_segment", by_segment(context, kFamily));
  return tested_share_of_value(std::move(insight), context, split.members, split.rest.monetary);
}

Insight test_dormant_share(const Context& context) {
  Insight insight{"dormant_share", "A quarter of the customers or more are dormant."};
  insight.threshold = 0.25;
  constexpr auto kFamily = segments::Family::Dormant;
  const Split split = context.split(kFamily);
  const std::int64_t customers = split.members.monetary.count;
  note(insight.evidence, "customers", customers);
  if (!has_family(context, kFamily))
    return not_testable(std::move(insight), "no segment is of family dormant");
  if (context.customers() < kCustomersMin) return not_testable(std::move(insight), too_few());
  if (context.total > 0)
    note(insight.evidence, "monetary_share", share_of(split.members.value, context.total));
  note(insight.evidence, "by_segment", by_segment(context, kFamily));
  return tested_share_of_customers(std::move(insight), customers, context.customers());
}

}  // namespace quintile::insights

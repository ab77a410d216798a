#include <cmath>

#include <fmt/format.h>

#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

namespace {

constexpr auto kFamily = segments::Family::Slipping;

// Of log(mean / mean of all). The members are part of all, so their influence on both means counts:
// with a = 1/(share mean) - 1/mean_all a member at x has a (x - mean) - (mean - mean_all)/mean_all,
// anyone else
// -(x - mean_all)/mean_all; the variance is the sum of squares over n^2.
double standard_error(const summary::Moments& members, const summary::Moments& rest,
                      const summary::Moments& all) {
  const auto n = static_cast<double>(all.count);
  const double a = n / (static_cast<double>(members.count) * members.mean) - 1 / all.mean;
  const double step = (members.mean - all.mean) / all.mean;
  const double step_rest = (rest.mean - all.mean) / all.mean;
  const double squares = a * a * members.squares +
                         static_cast<double>(members.count) * step * step +
                         rest.squares / (all.mean * all.mean) +
                         static_cast<double>(rest.count) * step_rest * step_rest;
  return std::sqrt(squares) / n;
}

struct Recency {
  double members = 0, all = 0;  // mean days
};

Recency mean_recency(const Context& context, std::int64_t members) {
  Int128 of_members = 0, of_all = 0;
  for (std::size_t segment = 0; segment < context.rules.rules.size(); ++segment) {
    const Int128 days = context.figures.recency_days[segment];
    of_all += days;
    if (context.rules.rules[segment].family == kFamily) of_members += days;
  }
  return {share_of(of_members, members), share_of(of_all, context.customers())};
}

std::vector<quality::Detail> by_segment(const Context& context) {
  std::vector<quality::Detail> segments;
  for (std::size_t segment = 0; segment < context.rules.rules.size(); ++segment) {
    const summary::Moments& mine = context.figures.segments[segment].monetary;
    if (context.rules.rules[segment].family != kFamily || mine.count == 0) continue;
    std::vector<quality::Detail> numbers;
    note(numbers, "customers", mine.count);
    note(numbers, "mean_monetary", mine.mean);
    note(numbers, "ratio", mine.mean / context.everyone.mean);
    note(segments, context.rules.rules[segment].id, std::move(numbers));
  }
  return segments;
}

}  // namespace

Insight test_at_risk_value(const Context& context) {
  Insight insight{
      "at_risk_value",
      "Customers at risk have been worth more than the average customer and have gone quiet."};
  insight.threshold = 1;
  const Split split = context.split(kFamily);
  const summary::Moments& members = split.members.monetary;
  const summary::Moments& all = context.everyone;
  note(insight.evidence, "at_risk_customers", members.count);
  if (members.count == 0)
    return not_testable(std::move(insight), "no customer is in a segment of family slipping");
  if (members.count < kCustomersMin) {
    return not_testable(
        std::move(insight),
        fmt::format("fewer than {} customers are in segments of family slipping", kCustomersMin));
  }
  if (members.mean <= 0 || all.mean <= 0) {
    return not_testable(std::move(insight), "a mean value is zero or less, so there is no ratio");
  }
  const double ratio = members.mean / all.mean;
  const double error = standard_error(members, split.rest.monetary, all);
  const Recency recency = mean_recency(context, members.count);
  insight.estimate = ratio;
  insight.interval = {summary::stable(ratio * std::exp(-summary::kNormal975 * error)),
                      summary::stable(ratio * std::exp(summary::kNormal975 * error))};
  insight.verdict =
      verdict_of(ratio >= 1 && (*insight.interval)[0] > 1 && recency.members > recency.all);

  note(insight.evidence, "mean_monetary", members.mean);
  note(insight.evidence, "population_mean_monetary", all.mean);
  note(insight.evidence, "mean_recency_days", recency.members);
  note(insight.evidence, "population_mean_recency_days", recency.all);
  note(insight.evidence, "monetary_share", share_of(split.members.value, context.total));
  note(insight.evidence, "by_segment", by_segment(context));
  note(insight.evidence, "method",
       std::string("ratio of mean value, family slipping to all customers; interval on the "
                   "logarithm, linearised, "
                   "with the members counted in both means"));
  return insight;
}

}  // namespace quintile::insights

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

namespace {

// G = sum (n + 1 - 2 i) x_i / (n sum x), x descending, i from 1. Above 1 only with negative values.
double gini(const ValueByRank& by_rank, std::int64_t customers, Int128 total) {
  return share_of(by_rank.ranked, static_cast<Int128>(customers) * total);
}

// Sum of (a x + b)^2.
double squares_of(const summary::Moments& x, double a, double b) {
  const double mean = a * x.mean + b;
  return a * a * x.squares + static_cast<double>(x.count) * mean * mean;
}

// The influence of a value x on the share T of the top part p, whose smallest value is q and whose
// sum is A a customer: ((x - q)+ + q p - A - T (x - mean)) / mean; A is T mean, so the two cancel.
double standard_error(const ValueByRank& by_rank, double q, std::int64_t top, double share,
                      const summary::Moments& all) {
  const auto n = static_cast<double>(all.count);
  const double constant = q * static_cast<double>(top) / n;
  const double sum = squares_of(by_rank.above, 1 - share, constant - q) +
                     squares_of(by_rank.others, -share, constant);
  return std::sqrt(sum) / (n * all.mean);
}

}  // namespace

Insight test_concentration(const Context& context) {
  Insight insight{
      "concentration",
      "A small share of customers holds a disproportionate share of value: the top 20 % hold at "
      "least half of it."};
  insight.threshold = 0.5;
  const std::int64_t n = context.customers();
  note(insight.evidence, "customers", n);
  if (n < 5)
    return not_testable(std::move(insight),
                        "fewer than 5 customers: one is more than a fifth of them");
  if (context.total <= 0)
    return not_testable(std::move(insight), "the customers' value adds up to nothing or less");

  const ValueByRank& by_rank = context.figures.by_rank;
  const auto share_at = [&](std::int64_t percent) {
    return share_of(by_rank.top[static_cast<std::size_t>(percent)], context.total);
  };
  const double share = share_at(20);
  const double error = standard_error(by_rank, static_cast<double>(by_rank.fifth) / context.unit(),
                                      ceil_percent(n, 20), share, context.everyone);
  insight.estimate = share;
  insight.interval = {
      summary::stable(std::max(0.0, share - summary::kNormal975 * error)),
      summary::stable(std::max(share, std::min(1.0, share + summary::kNormal975 * error)))};
  insight.verdict = verdict_of(share >= insight.threshold);

  for (const std::int64_t percent : {1, 5, 10, 20}) {
    note(insight.evidence, fmt::format("top_{}_customers", percent), ceil_percent(n, percent));
    note(insight.evidence, fmt::format("top_{}_share", percent), share_at(percent));
  }
  note(insight.evidence, "gini", gini(by_rank, n, context.total));
  note(insight.evidence, "negative_customers", by_rank.negative_customers);
  std::vector<quality::Detail> lorenz;
  for (std::int64_t percent = 0; percent <= 100; ++percent) {
    note(lorenz, fmt::format("{}.{:02}", percent / 100, percent % 100), share_at(percent));
  }
  note(insight.evidence, "lorenz", std::move(lorenz));
  note(insight.evidence, "method",
       std::string("customers by value, greatest first; lorenz: share of customers, rounded up to "
                   "whole ones, to share "
                   "of value; interval of the linearised Lorenz ordinate"));
  return insight;
}

}  // namespace quintile::insights

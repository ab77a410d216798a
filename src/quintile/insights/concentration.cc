#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "quintile/insights/claims_internal.h"

namespace quintile::insights {

namespace {

// Radix sort by eleven bits at a time, over as many bits as the values span.
void sort_ascending(std::vector<std::int64_t>& values) {
  if (values.empty()) return;
  constexpr int kBits = 11;
  constexpr std::uint64_t kMask = (1 << kBits) - 1;
  const auto [low, high] = std::ranges::minmax(values);
  const auto minimum = static_cast<std::uint64_t>(low);
  const int bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(high) - minimum));
  std::vector<std::int64_t> other(values.size());
  for (int shift = 0; shift < bits; shift += kBits) {
    const auto digit = [&](std::int64_t value) {
      return static_cast<std::size_t>(((static_cast<std::uint64_t>(value) - minimum) >> shift) &
                                      kMask);
    };
    std::array<std::size_t, kMask + 2> next{};
    for (const std::int64_t value : values) ++next[digit(value) + 1];
    for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
    for (const std::int64_t value : values) other[next[digit(value)]++] = value;
    values.swap(other);
  }
}

std::vector<std::int64_t> values_descending(const Context& context) {
  const auto monetary = context.segmentation.customers.value();
  std::vector<std::int64_t> values;
  values.reserve(monetary.size());
  for (std::size_t row = 0; row < monetary.size(); ++row) {
    if (context.looked_at(row)) values.push_back(monetary[row]);
  }
  sort_ascending(values);
  std::ranges::reverse(values);
  return values;
}

std::int64_t ceil_percent(std::int64_t customers, std::int64_t percent) {
  return (customers * percent + 99) / 100;
}

// G = sum (n + 1 - 2 i) x_i / (n sum x), x descending, i from 1. Above 1 only with negative values.
double gini(std::span<const std::int64_t> descending, Int128 total) {
  const auto n = static_cast<Int128>(descending.size());
  Int128 weight = n - 1;
  Int128 sum = 0;
  for (const std::int64_t value : descending) {
    sum += weight * value;
    weight -= 2;
  }
  return share_of(sum, n * total);
}

// The influence of a value x on the share T of the top part p, whose smallest value is q and whose
// sum is A a customer: ((x - q)+ + q p - A - T (x - mean)) / mean.
double standard_error(std::span<const std::int64_t> descending, std::int64_t top, double share,
                      double mean) {
  const auto n = static_cast<double>(descending.size());
  const auto q = static_cast<double>(descending[static_cast<std::size_t>(top - 1)]);
  const double constant = q * static_cast<double>(top) / n;  // A is T mean, so the two cancel
  double sum = 0;
  for (const std::int64_t value : descending) {
    const auto x = static_cast<double>(value);
    const double influence = (std::max(x - q, 0.0) + constant - share * x) / mean;
    sum += influence * influence;
  }
  return std::sqrt(sum) / n;
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

  const std::vector<std::int64_t> values = values_descending(context);
  std::vector<Int128> cumulated(values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) cumulated[i + 1] = cumulated[i] + values[i];
  const auto share_at = [&](std::int64_t percent) {
    return share_of(cumulated[static_cast<std::size_t>(ceil_percent(n, percent))], context.total);
  };
  const std::int64_t top = ceil_percent(n, 20);
  const double share = share_at(20);
  const double error = standard_error(values, top, share,
                                      static_cast<double>(context.total) / static_cast<double>(n));
  insight.estimate = share;
  insight.interval = {
      summary::stable(std::max(0.0, share - summary::kNormal975 * error)),
      summary::stable(std::max(share, std::min(1.0, share + summary::kNormal975 * error)))};
  insight.verdict = verdict_of(share >= insight.threshold);

  for (const std::int64_t percent : {1, 5, 10, 20}) {
    note(insight.evidence, fmt::format("top_{}_customers", percent), ceil_percent(n, percent));
    note(insight.evidence, fmt::format("top_{}_share", percent), share_at(percent));
  }
  note(insight.evidence, "gini", gini(values, context.total));
  note(insight.evidence, "negative_customers",
       static_cast<std::int64_t>(
           std::ranges::count_if(values, [](std::int64_t v) { return v < 0; })));
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

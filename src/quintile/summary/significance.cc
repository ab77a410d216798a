#include "quintile/summary/significance.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include "quintile/base/money.h"

namespace quintile::summary {

namespace {

namespace math = boost::math;

// Tails too small for a double are zero, and nothing throws.
using Quiet = math::policies::policy<math::policies::domain_error<math::policies::ignore_error>,
                                     math::policies::pole_error<math::policies::ignore_error>,
                                     math::policies::overflow_error<math::policies::ignore_error>,
                                     math::policies::underflow_error<math::policies::ignore_error>,
                                     math::policies::evaluation_error<math::policies::ignore_error>,
                                     math::policies::promote_double<false>>;

bool without_spread(const Moments& a, const Moments& b) {
  return a.count < 2 || b.count < 2 || (a.squares <= 0 && b.squares <= 0);
}

}  // namespace

std::optional<double> chi_square_p(const Proportion& a, const Proportion& b) {
  const std::int64_t with = a.with + b.with;
  const std::int64_t all = a.all + b.all;
  if (a.all == 0 || b.all == 0 || with == 0 || with == all) return std::nullopt;
  const Int128 determinant =
      static_cast<Int128>(a.with) * b.all - static_cast<Int128>(b.with) * a.all;
  const auto difference = static_cast<double>(determinant);
  const double chi_square = difference / static_cast<double>(a.all) * difference /
                            static_cast<double>(b.all) * static_cast<double>(all) /
                            (static_cast<double>(with) * static_cast<double>(all - with));
  return math::cdf(math::complement(math::chi_squared_distribution<double, Quiet>(1), chi_square));
}

double cohens_h(const Proportion& a, const Proportion& b) {
  return 2 * (std::asin(std::sqrt(a.share())) - std::asin(std::sqrt(b.share())));
}

std::optional<double> welch_p(const Moments& a, const Moments& b) {
  if (without_spread(a, b)) return std::nullopt;
  const double part_a = a.variance() / static_cast<double>(a.count);
  const double part_b = b.variance() / static_cast<double>(b.count);
  const double share_a = part_a / (part_a + part_b);
  const double share_b = part_b / (part_a + part_b);
  const double freedom = 1 / (share_a * share_a / static_cast<double>(a.count - 1) +
                              share_b * share_b / static_cast<double>(b.count - 1));
  const double t = std::abs(a.mean - b.mean) / std::sqrt(part_a + part_b);
  if (!std::isfinite(t) || !std::isfinite(freedom)) return std::nullopt;
  return std::min(1.0, 2 * math::cdf(math::complement(
                               math::students_t_distribution<double, Quiet>(freedom), t)));
}

std::optional<double> cohens_d(const Moments& a, const Moments& b) {
  if (without_spread(a, b)) return std::nullopt;
  const double d = (a.mean - b.mean) /
                   std::sqrt((a.squares + b.squares) / static_cast<double>(a.count + b.count - 2));
  return std::isfinite(d) ? std::optional(d) : std::nullopt;
}

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return p_values[a] != p_values[b] ? p_values[a] > p_values[b] : a > b;
  });
  std::vector<double> adjusted(p_values.size());
  const auto tests = static_cast<double>(p_values.size());
  double smallest = 1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    smallest = std::min(smallest, p_values[order[i]] * tests / (tests - static_cast<double>(i)));
    adjusted[order[i]] = smallest;
  }
  return adjusted;
}

std::array<double, 2> wilson_interval(const Proportion& proportion) {
  const auto n = static_cast<double>(proportion.all);
  const double p = proportion.share();
  const double z = kNormal975 * kNormal975 / n;
  const double centre = (p + z / 2) / (1 + z);
  const double half = std::sqrt(z * (p * (1 - p) + z / 4)) / (1 + z);
  return {stable(std::max(0.0, centre - half)), stable(std::min(1.0, centre + half))};
}

double stable(double value) {
  if (!std::isfinite(value)) return value;
  const std::string text = fmt::format("{:.11e}", value);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value == 0 ? 0 : value;
}

}  // namespace quintile::summary

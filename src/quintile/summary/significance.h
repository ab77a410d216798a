#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quintile/summary/moments.h"

/// Tests, effect sizes and intervals. Distributions are Boost.Math's; the tests compare with tables
/// made with SciPy.
namespace quintile::summary {

/// `with` of `all` customers have something.
struct Proportion {
  std::int64_t with = 0;
  std::int64_t all = 0;

  /// 0 for a proportion of nobody.
  [[nodiscard]] double share() const {
    return all == 0 ? 0 : static_cast<double>(with) / static_cast<double>(all);
  }
};

/// Two-sided p of Pearson's chi-square on the 2 x 2 table of `a` and `b`, one degree of freedom,
/// without continuity correction: n (ad - bc)^2 / product of the margins. Nothing where a margin is
/// zero.
[[nodiscard]] std::optional<double> chi_square_p(const Proportion& a, const Proportion& b);

/// Cohen's h = 2 asin sqrt p_a - 2 asin sqrt p_b (Cohen 1988, 6.2): 0.2 small, 0.5 medium, 0.8
/// large.
[[nodiscard]] double cohens_h(const Proportion& a, const Proportion& b);

/// Two-sided p of Welch's t with the degrees of freedom of Welch and Satterthwaite. Nothing where a
/// side has fewer than two values or neither side has any spread.
[[nodiscard]] std::optional<double> welch_p(const Moments& a, const Moments& b);

/// Cohen's d = (mean_a - mean_b) / s with the pooled s^2 = (SS_a + SS_b) / (n_a + n_b - 2) (Cohen
/// 1988, 2.5). Nothing where `welch_p` is nothing.
[[nodiscard]] std::optional<double> cohens_d(const Moments& a, const Moments& b);

/// p values adjusted so that those at or below q are the discoveries at false discovery rate q
/// (Benjamini and Hochberg 1995; R's p.adjust "BH"). Same length and order.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p_values);

/// The standard normal's 97.5 % quantile: half the width of a 95 % interval in standard errors.
inline constexpr double kNormal975 = 1.959963984540054;

/// Wilson's 95 % score interval of a proportion (Wilson 1927); `all` > 0.
[[nodiscard]] std::array<double, 2> wilson_interval(const Proportion& proportion);

/// `value` at twelve significant digits. Applied to published numbers that went through asin, exp,
/// log or a distribution, whose last digit differs between mathematical libraries and processors.
[[nodiscard]] double stable(double value);

}  // namespace quintile::summary

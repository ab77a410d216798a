#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/quality/review.h"
#include "quintile/segments/segmentation.h"
#include "quintile/summary/summary.h"

/// Claims that are tested before they are said. Product contract, section 9.
namespace quintile::insights {

enum class Verdict : std::uint8_t { Supported, NotSupported, NotTestable };
[[nodiscard]] std::string_view to_string(
    Verdict verdict);  ///< "supported", "not_supported", "not_testable"

struct Insight {
  std::string id;
  std::string claim;  ///< one sentence, worded as an association
  Verdict verdict = Verdict::NotTestable;
  std::optional<double> estimate;
  std::optional<std::array<double, 2>> interval;  ///< 95 %
  double threshold = 0;                           ///< what the estimate must reach; see each claim
  std::vector<quality::Detail> evidence;          ///< numbers by name, in order
  friend bool operator==(const Insight&, const Insight&) = default;
};

/// The four claims of the contract in its order, then further ones. `selected`, where not empty,
/// has one byte a customer: only customers with 1 are looked at, as if there were no others; scores
/// and segments stay.
///
/// | id                | estimate                                   | at least | interval        |
/// | ----------------- | ------------------------------------------ | -------- | --------------- |
/// | concentration     | share of value of the top ceil(0.2 n)      | 0.5      | Lorenz ordinate |
/// | recent_split      | share with high f_score at the top r_score | 0.15     | Wilson          |
/// | at_risk_value     | mean value, family slipping to all         | 1        | log ratio       |
/// | overlay_effect    | standardised relative difference of value  | 0.05     | log ratio       |
/// | one_time_buyers   | share of customers with one order          | 0.25     | Wilson          |
/// | contactable_value | share of value of customers with consent   | 0.5      | ratio of sums   |
/// | value_at_risk     | share of value of family slipping          | 0.2      | ratio of sums   |
/// | dormant_share     | share of customers in family dormant       | 0.25     | Wilson          |
///
/// The first four are supported as the contract says; the others where the interval's lower end
/// reaches the threshold.
///
/// Intervals are of 95 %, linearised where no name is given: the Lorenz ordinate after Beach and
/// Davidson (1983), ratios after Cochran (1977), on the logarithm for ratios of means.
/// `at_risk_value` counts the members in both means; `overlay_effect` has a stratified variance.
///
/// `recent_split` with K bins of frequency: high scores are the upper two fifths, low ones the
/// lower two (4-5 and 1-2 of 5; 7-10 and 1-4 of 10; 3 and 1 of 3).
///
/// `overlay_effect` uses the r x f cells with customers on both sides, each weighted by all its
/// customers; a side of one customer borrows its spread from the pooled variance within cells. A
/// missing flag is on neither side.
///
/// Not testable, with a `reason` in the evidence: fewer than 10 customers in what is compared
/// (concentration: fewer than 5 in all), value that is not positive, no overlay, no consent flag,
/// no segment of the family.
[[nodiscard]] std::vector<Insight> test_insights(const segments::Segmentation& segmentation,
                                                 const segments::RuleSet& rules,
                                                 std::span<const std::uint8_t> selected = {},
                                                 const Executor& executor = run_serially);

inline constexpr std::int64_t kCustomersMin = 10;

/// What to do, from the rules' actions and the segments' own numbers.
struct Recommendation {
  std::string id;  ///< "protect_top", "activate_new", "re_engage_at_risk", "premium_modifier"
  std::string title;
  std::vector<std::string> segment_ids;  ///< greatest value first
  std::int64_t customers = 0;
  Int128 monetary = 0;  ///< value at stake: what these customers spent, minor units
  std::optional<std::int64_t> contactable;  ///< customers with consent
  std::optional<double> median_recency_days;
  /// Days until the median one of those who can still lose a recency score (all but the lowest)
  /// loses it.
  std::optional<std::int64_t> window_days;
  std::string text;  ///< the recommendation in numbers
  std::string risk;  ///< what could go wrong
  friend bool operator==(const Recommendation&, const Recommendation&) = default;
};

/// At most four, ordered by value at stake; one without customers is left out. Each text ends with
/// the first action of its most valuable segment, each risk is that segment's first watch-out.
/// `summary` is of all customers.
[[nodiscard]] std::vector<Recommendation> recommend(const segments::Segmentation& segmentation,
                                                    const segments::RuleSet& rules,
                                                    const summary::Summary& summary,
                                                    const std::vector<Insight>& insights,
                                                    const std::string& currency,
                                                    const Executor& executor = run_serially);

}  // namespace quintile::insights

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/base/money.h"
#include "quintile/segments/segmentation.h"

/// The segment summary. Product contract, section 8; every field is spelled as its JSON key.
namespace quintile::summary {

/// An attribute level, or a numeric attribute's mean, that sets a segment apart from everyone else.
struct KeyTrait {
  std::string attribute;
  std::string value;  ///< the level; for a numeric attribute "higher" or "lower"
  std::optional<double> share, population_share;  ///< absent for a numeric attribute
  std::optional<double> mean, population_mean;    ///< present for a numeric attribute
  std::optional<double> lift;  ///< ratio to the population; absent where a population mean is 0
  double effect = 0;           ///< Cohen's h or d against the rest, with its sign
  double p_adjusted = 0;       ///< Benjamini-Hochberg over all tests of the table
  friend bool operator==(const KeyTrait&, const KeyTrait&) = default;
};

/// What a mean is above the mean of all customers, and in parts of it. Relative is absent where
/// that mean is 0.
struct Delta {
  std::optional<double> absolute, relative;
  friend bool operator==(const Delta&, const Delta&) = default;
};

/// The figures of a segment or of everyone. Money means and medians are in currency units.
///
/// Means and shares are one division of exact integer sums; a median of an even count is the mean
/// of the two middle values. A group without customers has no means, medians, deltas and shares of
/// its own. `overlay_share` and `contactable_share` are of all customers of the group: a missing
/// flag is no overlay, no consent. `mean_average_order_value` is the mean of that column over
/// customers.
struct SegmentSummary {
  std::string segment_id, segment_name, family;  ///< population: "all", "All customers", ""
  std::int64_t customers = 0;
  double customer_share = 0;
  Int128 monetary = 0;        ///< minor units
  double monetary_share = 0;  ///< 0 where all customers together are worth 0
  std::optional<double> mean_recency_days, mean_frequency, mean_monetary, mean_average_order_value;
  std::optional<double> median_recency_days, median_frequency, median_monetary;
  std::optional<double> overlay_share, contactable_share;  ///< absent without their column
  struct KpiDeltas {
    Delta mean_recency_days, mean_frequency, mean_monetary, mean_average_order_value;
    friend bool operator==(const KpiDeltas&, const KpiDeltas&) = default;
  } kpi_deltas;
  std::vector<KeyTrait> key_traits;             ///< at most 5
  std::vector<std::string> actions, watchouts;  ///< filled with the segment's own numbers
  friend bool operator==(const SegmentSummary&, const SegmentSummary&) = default;
};

struct Summary {
  std::vector<SegmentSummary> segments;    ///< in rule order, those without customers included
  SegmentSummary population;               ///< all customers, whatever is selected
  std::optional<SegmentSummary> filtered;  ///< the selected customers; absent without a selection
  friend bool operator==(const Summary&, const Summary&) = default;
};

struct TraitSpec {
  double false_discovery_rate = 0.05;
  double effect_min = 0.2;               ///< of |h| or |d|
  std::int64_t cell_customers_min = 30;  ///< in the cell, and among the others
  int traits_max = 5;                    ///< a segment
  int traits_per_attribute_max = 2;
};

/// Summarises each segment and everyone, and finds key traits (see `key_traits`; attributes that a
/// rule's `when` names are none). `currency` is for the texts of actions (ISO 4217).
/// `selected`, where not empty, has one byte a customer: only customers with 1 are summarised and
/// tested; a segment's shares are of them, deltas and lifts still against **all** customers.
/// Every customer must have a segment of `rules`. The result does not depend on `executor`.
[[nodiscard]] Summary summarise(const segments::Segmentation& segmentation,
                                const segments::RuleSet& rules, const std::string& currency,
                                const TraitSpec& spec = {},
                                std::span<const std::uint8_t> selected = {},
                                const Executor& executor = run_serially);

/// What all customers are together: worked out once, it makes summaries of some of them quick.
/// Borrows the customers' texts. Const: any number of threads may use it.
class Population {
 public:
  explicit Population(const segments::Segmentation& segmentation, const TraitSpec& spec = {},
                      const Executor& executor = run_serially);
  Population(Population&&) noexcept;
  Population& operator=(Population&&) noexcept;
  ~Population();

  struct Parts;
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  std::unique_ptr<const Parts> parts_;
};

/// The summary of a selection of `segmentation`, whose population is known. As above, to the
/// rounding of means of reals; the time goes with the customers selected. `selected` has one byte a
/// customer.
[[nodiscard]] Summary summarise(const segments::Segmentation& segmentation,
                                const segments::RuleSet& rules, const std::string& currency,
                                const TraitSpec& spec, std::span<const std::uint8_t> selected,
                                const Population& population,
                                const Executor& executor = run_serially);

/// Names in braces in actions and watch-outs that stand for no number, as "segment_id: {name}",
/// each once. They are printed as they stand. A name is a key of the summary (`customers` to
/// `contactable_share`, `segment_name`), or `contactable` (customers with consent) or
/// `recency_window_days` (see `days_to_next_recency_cut`).
[[nodiscard]] std::vector<std::string> unknown_placeholders(const segments::RuleSet& rules);

/// In how many days a customer who last bought `recency_days` ago and does not return loses a
/// recency score, at least 1; nothing for one who has the lowest.
[[nodiscard]] std::optional<std::int64_t> days_to_next_recency_cut(double recency_days,
                                                                   const rfm::CutPoints& recency);

}  // namespace quintile::summary

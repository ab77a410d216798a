#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/segments/segmentation.h"

/// The segment summary. Product contract, section 8; every field is spelled as its JSON key.
namespace quintile::summary {

/// An attribute level, or a numeric attribute's mean, that sets a segment apart from everyone else.
struct KeyTrait {
  std::string attribute;
  std::string value;            ///< the level; for a numeric attribute "higher" or "lower"
  std::optional<double> share, population_share;  ///< absent for a numeric attribute
  std::optional<double> mean, population_mean;    ///< present for a numeric attribute
  double lift = 0;        ///< ratio to the population
  double effect = 0;      ///< Cohen's h or d against the rest, with its sign
  double p_adjusted = 0;  ///< Benjamini-Hochberg over all tests of the table
  friend bool operator==(const KeyTrait&, const KeyTrait&) = default;
};

/// A mean of integers, kept exact: the mean is `sum / count` by one division, at `scale` digits for money.
struct Delta {
  std::optional<double> absolute, relative;
  friend bool operator==(const Delta&, const Delta&) = default;
};

/// Money means and medians are in currency units.
struct SegmentSummary {
  std::string segment_id, segment_name, family;  ///< population: "all", "All customers", ""
  std::int64_t customers = 0;
  double customer_share = 0;
  Int128 monetary = 0;  ///< minor units
  double monetary_share = 0;
  std::optional<double> mean_recency_days, mean_frequency, mean_monetary, mean_average_order_value;
  std::optional<double> median_recency_days, median_frequency, median_monetary;
  std::optional<double> overlay_share, contactable_share;  ///< absent without overlay or consent column
  struct KpiDeltas {
    Delta mean_recency_days, mean_frequency, mean_monetary, mean_average_order_value;
    friend bool operator==(const KpiDeltas&, const KpiDeltas&) = default;
  } kpi_deltas;
  std::vector<KeyTrait> key_traits;  ///< at most 5
  std::vector<std::string> actions, watchouts;  ///< filled with the segment's own numbers
  friend bool operator==(const SegmentSummary&, const SegmentSummary&) = default;
};

struct Summary {
  std::vector<SegmentSummary> segments;  ///< in rule order, those without customers included
  SegmentSummary population;
  friend bool operator==(const Summary&, const Summary&) = default;
};

struct TraitSpec {
  double false_discovery_rate = 0.05;
  double effect_min = 0.2;
  std::int64_t cell_customers_min = 30;
  int traits_max = 5;
  int traits_per_attribute_max = 2;
};

/// Summarises each segment and everyone. `currency` is for the texts of actions (ISO 4217).
/// `selected`, where not empty, has one byte a customer: only customers with 1 are summarised and tested, and
/// deltas and lifts are still against **all** customers.
[[nodiscard]] Summary summarise(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                                const std::string& currency, const TraitSpec& spec = {},
                                std::span<const std::uint8_t> selected = {});

}  // namespace quintile::summary

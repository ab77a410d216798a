#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/segments/segmentation.h"
#include "quintile/summary/summary.h"
#include "quintile/summary/traits.h"

/// What a summary is made of: counts and exact sums by segment. Here they are counted from columns;
/// an engine that has the customers counts them there, and the summary is the same.
namespace quintile::summary {

enum Kpi : std::size_t { Recency, Frequency, Monetary, OrderValue };

/// What a group of customers comes to.
struct Totals {
  std::int64_t customers = 0, overlay = 0, contactable = 0;
  std::array<Int128, 4> sums{};                            ///< by Kpi; money in minor units
  std::array<std::optional<Int128>, 3> doubled_medians{};  ///< of the first three

  /// All but the medians.
  void add(const Totals& other);
};

struct Figures {
  std::vector<Totals> segments;              ///< in rule order
  Totals all;                                ///< of these segments together
  std::vector<AttributeFigures> attributes;  ///< in the plan's order
  int money_scale = 2;
  bool has_overlay = false, has_consent = false;
  bool has_order_value = false;  ///< every customer has an average order value
};

/// Counted from the customers themselves. Every customer must have a segment of `rules`.
[[nodiscard]] Figures figures_of(const segments::Segmentation& segmentation,
                                 const segments::RuleSet& rules, const TraitSpec& spec = {},
                                 const Executor& executor = run_serially);

/// The attributes that a rule's condition names, which are no traits of its segments; other fields
/// too.
[[nodiscard]] std::vector<std::string> fields_named_by(const segments::RuleSet& rules);

/// The summary that follows from `figures`; `model` and `currency` are for the texts of actions.
[[nodiscard]] Summary summarise(const Figures& figures, const rfm::Model& model,
                                const segments::RuleSet& rules, const std::string& currency,
                                const TraitSpec& spec = {},
                                const Executor& executor = run_serially);

}  // namespace quintile::summary

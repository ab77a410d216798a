#include "quintile/summary/summary.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/summary/moments.h"
#include "quintile/summary/traits.h"
#include "quintile/summary/wording.h"

namespace quintile::summary {

namespace {

enum Kpi : std::size_t { Recency, Frequency, Monetary, OrderValue };

// What a group's summary is computed from.
struct Totals {
  std::int64_t customers = 0, overlay = 0, contactable = 0;
  std::array<Int128, 4> sums{};                            // by Kpi
  std::array<std::optional<Int128>, 3> doubled_medians{};  // of the first three

  void add(const Totals& other) {
    customers += other.customers;
    overlay += other.overlay;
    contactable += other.contactable;
    for (std::size_t kpi = 0; kpi < sums.size(); ++kpi) sums[kpi] += other.sums[kpi];
  }
};

struct Columns {
  std::array<const ColumnView*, 4> kpis;
  const ColumnView* overlay = nullptr;
  const ColumnView* consent = nullptr;
  bool order_value = false;
  double money_unit = 1;

  explicit Columns(const customers::Customers& customers)
      : kpis{&customers.recency_days.view, &customers.frequency.view, &customers.monetary.view,
             &customers.average_order_value.view},
        overlay(customers.overlay ? &customers.overlay->view : nullptr),
        consent(customers.consent ? &customers.consent->view : nullptr),
        order_value(customers.average_order_value.size() == customers.size &&
                    customers.average_order_value.missing() == 0),
        money_unit(static_cast<double>(power_of_ten(customers.money_scale))) {}

  [[nodiscard]] double unit(Kpi kpi) const { return kpi >= Monetary ? money_unit : 1; }
};

// A segment's index; `segments` for customers that are not selected.
std::vector<std::uint8_t> groups_of(const segments::Segmentation& segmentation,
                                    std::size_t segments, std::span<const std::uint8_t> selected) {
  const auto segment = segmentation.segment.span();
  QUINTILE_CHECK(selected.empty() || selected.size() == segment.size());
  std::vector<std::uint8_t> group(segment.begin(), segment.end());
  QUINTILE_CHECK(group.empty() || *std::ranges::max_element(group) < segments);
  for (std::size_t row = 0; row < selected.size(); ++row) {
    if (selected[row] == 0) group[row] = static_cast<std::uint8_t>(segments);
  }
  return group;
}

std::vector<std::int64_t> count_true(const ColumnView& flag, std::span<const std::uint8_t> group,
                                     int groups) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(groups));
  const auto values = flag.values<std::uint8_t>();
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (flag.is_valid(static_cast<std::int64_t>(row))) counts[group[row]] += values[row];
  }
  return counts;
}

// Totals by group, then of all.
std::vector<Totals> totals_by_group(const Columns& columns, std::span<const std::uint8_t> group,
                                    int groups, const Executor& executor) {
  std::array<std::vector<Int128>, 4> sums;
  std::array<DoubledMedians, 3> medians;
  std::vector<std::int64_t> customers(static_cast<std::size_t>(groups)), overlay, contactable;
  const auto task = [&](std::int64_t i) {
    const auto kpi = static_cast<std::size_t>(i % 4);
    if (i < 3) {
      medians[kpi] = medians_by_group(*columns.kpis[kpi], group, groups);
    } else if (i == 3) {
      for (const std::uint8_t index : group) ++customers[index];
      if (columns.overlay != nullptr) overlay = count_true(*columns.overlay, group, groups);
      if (columns.consent != nullptr) contactable = count_true(*columns.consent, group, groups);
    } else if (kpi != OrderValue || columns.order_value) {
      sums[kpi] = sums_by_group(*columns.kpis[kpi], group, groups);
    }
  };
  executor(8, task);

  std::vector<Totals> totals(static_cast<std::size_t>(groups) + 1);
  Totals& all = totals.back();
  for (std::size_t index = 0; index < customers.size(); ++index) {
    Totals& mine = totals[index];
    mine.customers = customers[index];
    if (!overlay.empty()) mine.overlay = overlay[index];
    if (!contactable.empty()) mine.contactable = contactable[index];
    for (std::size_t kpi = 0; kpi < 4; ++kpi) {
      if (!sums[kpi].empty()) mine.sums[kpi] = sums[kpi][index];
      if (kpi < 3) mine.doubled_medians[kpi] = medians[kpi].groups[index];
    }
    all.add(mine);
  }
  for (std::size_t kpi = 0; kpi < 3; ++kpi) all.doubled_medians[kpi] = medians[kpi].all;
  return totals;
}

double ratio(Int128 part, Int128 whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> mean_of(const Totals& totals, Kpi kpi, const Columns& columns) {
  if (totals.customers == 0 || (kpi == OrderValue && !columns.order_value)) return std::nullopt;
  return static_cast<double>(totals.sums[kpi]) /
         (static_cast<double>(totals.customers) * columns.unit(kpi));
}

std::optional<double> median_of(const Totals& totals, Kpi kpi, const Columns& columns) {
  const auto& doubled = totals.doubled_medians[kpi];
  if (totals.customers == 0 || !doubled) return std::nullopt;
  return static_cast<double>(*doubled) / (2 * columns.unit(kpi));
}

Delta delta(std::optional<double> mean, std::optional<double> of_all) {
  if (!mean || !of_all) return {};
  const double absolute = *mean - *of_all;
  return {absolute, *of_all == 0 ? std::nullopt : std::optional(absolute / *of_all)};
}

// The figures of `totals`; shares are of `whole`, deltas to the means of `all`.
SegmentSummary figures(const Totals& totals, const Totals& whole, const Totals& all,
                       const Columns& columns) {
  SegmentSummary summary;
  summary.customers = totals.customers;
  summary.customer_share = ratio(totals.customers, whole.customers);
  summary.monetary = totals.sums[Monetary];
  summary.monetary_share = ratio(totals.sums[Monetary], whole.sums[Monetary]);
  summary.mean_recency_days = mean_of(totals, Recency, columns);
  summary.mean_frequency = mean_of(totals, Frequency, columns);
  summary.mean_monetary = mean_of(totals, Monetary, columns);
  summary.mean_average_order_value = mean_of(totals, OrderValue, columns);
  summary.median_recency_days = median_of(totals, Recency, columns);
  summary.median_frequency = median_of(totals, Frequency, columns);
  summary.median_monetary = median_of(totals, Monetary, columns);
  if (totals.customers > 0) {
    if (columns.overlay != nullptr) summary.overlay_share = ratio(totals.overlay, totals.customers);
    if (columns.consent != nullptr) {
      summary.contactable_share = ratio(totals.contactable, totals.customers);
    }
  }
  summary.kpi_deltas = {delta(summary.mean_recency_days, mean_of(all, Recency, columns)),
                        delta(summary.mean_frequency, mean_of(all, Frequency, columns)),
                        delta(summary.mean_monetary, mean_of(all, Monetary, columns)),
                        delta(summary.mean_average_order_value, mean_of(all, OrderValue, columns))};
  return summary;
}

SegmentSummary named(SegmentSummary summary, std::string id, std::string name,
                     std::string family = {}) {
  summary.segment_id = std::move(id);
  summary.segment_name = std::move(name);
  summary.family = std::move(family);
  return summary;
}

// What stands behind the placeholders of one segment's texts.
struct Wording {
  const SegmentSummary& summary;
  std::optional<std::int64_t> contactable, recency_window_days;
  const std::string& currency;
  int scale = 2;
};

using Write = std::string (*)(const Wording&);

std::string count_or_absent(std::optional<std::int64_t> count) {
  return count ? count_text(*count) : std::string(kAbsent);
}
template <auto field>
std::string as_number(const Wording& w) {
  const auto& number = w.summary.*field;
  return number ? number_text(*number) : std::string(kAbsent);
}
template <auto field>
std::string as_money(const Wording& w) {
  const auto& amount = w.summary.*field;
  return amount ? money_text(*amount, w.currency, w.scale) : std::string(kAbsent);
}
template <auto field>
std::string as_share(const Wording& w) {
  const std::optional<double> share = w.summary.*field;
  return share ? share_text(*share) : std::string(kAbsent);
}

struct Placeholder {
  std::string_view name;
  Write write;
};

using S = SegmentSummary;
constexpr Placeholder kPlaceholders[] = {
    {"segment_id", [](const Wording& w) { return w.summary.segment_id; }},
    {"segment_name", [](const Wording& w) { return w.summary.segment_name; }},
    {"family", [](const Wording& w) { return w.summary.family; }},
    {"customers", [](const Wording& w) { return count_text(w.summary.customers); }},
    {"customer_share", as_share<&S::customer_share>},
    {"monetary",
     [](const Wording& w) { return money_text(w.summary.monetary, w.currency, w.scale); }},
    {"monetary_share", as_share<&S::monetary_share>},
    {"mean_recency_days", as_number<&S::mean_recency_days>},
    {"mean_frequency", as_number<&S::mean_frequency>},
    {"mean_monetary", as_money<&S::mean_monetary>},
    {"mean_average_order_value", as_money<&S::mean_average_order_value>},
    {"median_recency_days", as_number<&S::median_recency_days>},
    {"median_frequency", as_number<&S::median_frequency>},
    {"median_monetary", as_money<&S::median_monetary>},
    {"overlay_share", as_share<&S::overlay_share>},
    {"contactable_share", as_share<&S::contactable_share>},
    {"contactable", [](const Wording& w) { return count_or_absent(w.contactable); }},
    {"recency_window_days",
     [](const Wording& w) { return count_or_absent(w.recency_window_days); }},
};

const Placeholder* find_placeholder(std::string_view name) {
  const auto* found = std::ranges::find(kPlaceholders, name, &Placeholder::name);
  return found == std::end(kPlaceholders) ? nullptr : found;
}

std::vector<std::string> filled(const std::vector<std::string>& texts, const Wording& wording) {
  std::vector<std::string> result;
  for (const std::string& text : texts) {
    result.push_back(fill_text(text, [&](std::string_view name) -> std::optional<std::string> {
      const Placeholder* placeholder = find_placeholder(name);
      return placeholder == nullptr ? std::nullopt : std::optional(placeholder->write(wording));
    }));
  }
  return result;
}

std::vector<std::string> fields_of_rules(const segments::RuleSet& rules) {
  std::vector<std::string> fields;
  for (const segments::Rule& rule : rules.rules) {
    if (!rule.when) continue;
    for (std::string& field : expression::fields_of(*rule.when)) fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace

Summary summarise(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                  const std::string& currency, const TraitSpec& spec,
                  std::span<const std::uint8_t> selected, const Executor& executor) {
  const std::size_t count = rules.rules.size();
  const std::vector<std::uint8_t> group = groups_of(segmentation, count, selected);
  const Columns columns(segmentation.customers);
  const auto groups = static_cast<int>(count) + 1;
  const std::vector<Totals> totals = totals_by_group(columns, group, groups, executor);
  const Totals& all = totals.back();
  Totals chosen;
  for (std::size_t index = 0; index < count; ++index) chosen.add(totals[index]);

  Summary summary;
  summary.population = named(figures(all, all, all, columns), "all", "All customers");
  if (!selected.empty()) {
    std::vector<std::uint8_t> one(group.size());
    std::ranges::transform(group, one.begin(), [&](std::uint8_t g) { return g == count ? 1 : 0; });
    for (std::size_t kpi = 0; kpi < 3; ++kpi) {
      chosen.doubled_medians[kpi] = medians_by_group(*columns.kpis[kpi], one, 2).groups[0];
    }
    summary.filtered = named(figures(chosen, all, all, columns), "filtered", "Selected customers");
  }
  auto traits = key_traits(segmentation.customers, group, static_cast<int>(count),
                           fields_of_rules(rules), spec, executor);
  const rfm::CutPoints& recency =
      segmentation.model.metrics[static_cast<std::size_t>(rfm::Metric::Recency)];
  for (std::size_t index = 0; index < count; ++index) {
    const segments::Rule& rule = rules.rules[index];
    SegmentSummary& mine = summary.segments.emplace_back(
        named(figures(totals[index], chosen, all, columns), rule.id, rule.name,
              std::string(segments::to_string(rule.family))));
    mine.key_traits = std::move(traits[index]);
    Wording wording{mine, {}, {}, currency, segmentation.customers.money_scale};
    if (columns.consent != nullptr) wording.contactable = totals[index].contactable;
    if (mine.median_recency_days) {
      wording.recency_window_days = days_to_next_recency_cut(*mine.median_recency_days, recency);
    }
    mine.actions = filled(rule.actions, wording);
    mine.watchouts = filled(rule.watchouts, wording);
  }
  return summary;
}

std::vector<std::string> unknown_placeholders(const segments::RuleSet& rules) {
  std::vector<std::string> unknown;
  for (const segments::Rule& rule : rules.rules) {
    for (const auto* texts : {&rule.actions, &rule.watchouts}) {
      for (const std::string& text : *texts) {
        for (const std::string& name : placeholders_in(text)) {
          std::string entry = fmt::format("{}: {{{}}}", rule.id, name);
          if (find_placeholder(name) == nullptr &&
              std::ranges::find(unknown, entry) == unknown.end()) {
            unknown.push_back(std::move(entry));
          }
        }
      }
    }
  }
  return unknown;
}

std::optional<std::int64_t> days_to_next_recency_cut(double recency_days,
                                                     const rfm::CutPoints& recency) {
  for (const std::int64_t cut : recency.cuts) {
    const double days = static_cast<double>(cut) - recency_days;
    if (days >= 0) return static_cast<std::int64_t>(std::floor(days)) + 1;
  }
  return std::nullopt;
}

}  // namespace quintile::summary

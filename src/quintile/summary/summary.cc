#include "quintile/summary/summary.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/summary/figures.h"
#include "quintile/summary/moments.h"
#include "quintile/summary/traits.h"
#include "quintile/summary/wording.h"
#include "quintile/table/gather.h"

namespace quintile::summary {

namespace {

struct Columns {
  std::array<const ColumnView*, 4> kpis;
  const ColumnView* overlay = nullptr;
  const ColumnView* consent = nullptr;
  bool order_value = false;

  explicit Columns(const customers::Customers& customers)
      : kpis{&customers.recency_days.view, &customers.frequency.view, &customers.monetary.view,
             &customers.average_order_value.view},
        overlay(customers.overlay ? &customers.overlay->view : nullptr),
        consent(customers.consent ? &customers.consent->view : nullptr),
        order_value(customers.average_order_value.size() == customers.size &&
                    customers.average_order_value.missing() == 0) {}
};

// The segment of each customer.
std::vector<std::uint8_t> groups_of(const segments::Segmentation& segmentation,
                                    std::size_t segments) {
  const auto segment = segmentation.segment.span();
  std::vector<std::uint8_t> group(segment.begin(), segment.end());
  QUINTILE_CHECK(group.empty() || *std::ranges::max_element(group) < segments);
  return group;
}

// Some customers with all that a summary looks at, and their segments.
struct Selected {
  customers::Customers customers;
  std::vector<std::uint8_t> group;
};

Selected selected_of(const segments::Segmentation& segmentation,
                     std::span<const std::uint8_t> selected, const Executor& executor) {
  QUINTILE_CHECK(selected.size() == static_cast<std::size_t>(segmentation.size()));
  Selected some;
  std::vector<std::uint32_t> rows;
  for (std::size_t row = 0; row < selected.size(); ++row) {
    if (selected[row] == 0) continue;
    rows.push_back(static_cast<std::uint32_t>(row));
    some.group.push_back(segmentation.segment[static_cast<std::int64_t>(row)]);
  }
  const customers::Customers& from = segmentation.customers;
  customers::Customers& to = some.customers;
  to.size = static_cast<std::int64_t>(rows.size());
  to.money_scale = from.money_scale;
  to.attributes.resize(from.attributes.size());
  std::vector<std::pair<const table::Column*, table::Column*>> columns = {
      {&from.recency_days, &to.recency_days},
      {&from.frequency, &to.frequency},
      {&from.monetary, &to.monetary}};
  for (std::size_t i = 0; i < from.attributes.size(); ++i)
    columns.emplace_back(&from.attributes[i], &to.attributes[i]);
  if (from.overlay) columns.emplace_back(&*from.overlay, &to.overlay.emplace());
  if (from.consent) columns.emplace_back(&*from.consent, &to.consent.emplace());
  if (from.average_order_value.size() == from.size && from.average_order_value.missing() == 0)
    columns.emplace_back(&from.average_order_value, &to.average_order_value);
  executor(static_cast<std::int64_t>(columns.size()), [&](std::int64_t i) {
    const auto& [source, target] = columns[static_cast<std::size_t>(i)];
    *target = table::gather(*source, rows);
  });
  return some;
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

double unit_of(Kpi kpi, const Figures& figures) {
  return kpi >= Monetary ? static_cast<double>(power_of_ten(figures.money_scale)) : 1;
}

std::optional<double> mean_of(const Totals& totals, Kpi kpi, const Figures& figures) {
  if (totals.customers == 0 || (kpi == OrderValue && !figures.has_order_value)) return std::nullopt;
  return static_cast<double>(totals.sums[kpi]) /
         (static_cast<double>(totals.customers) * unit_of(kpi, figures));
}

std::optional<double> median_of(const Totals& totals, Kpi kpi, const Figures& figures) {
  const auto& doubled = totals.doubled_medians[kpi];
  if (totals.customers == 0 || !doubled) return std::nullopt;
  return static_cast<double>(*doubled) / (2 * unit_of(kpi, figures));
}

Delta delta(std::optional<double> mean, std::optional<double> of_all) {
  if (!mean || !of_all) return {};
  const double absolute = *mean - *of_all;
  return {absolute, *of_all == 0 ? std::nullopt : std::optional(absolute / *of_all)};
}

// What `totals` say; shares are of `whole`, deltas to the means of `all`.
SegmentSummary described(const Totals& totals, const Totals& whole, const Totals& all,
                         const Figures& figures) {
  SegmentSummary summary;
  summary.customers = totals.customers;
  summary.customer_share = ratio(totals.customers, whole.customers);
  summary.monetary = totals.sums[Monetary];
  summary.monetary_share = ratio(totals.sums[Monetary], whole.sums[Monetary]);
  summary.mean_recency_days = mean_of(totals, Recency, figures);
  summary.mean_frequency = mean_of(totals, Frequency, figures);
  summary.mean_monetary = mean_of(totals, Monetary, figures);
  summary.mean_average_order_value = mean_of(totals, OrderValue, figures);
  summary.median_recency_days = median_of(totals, Recency, figures);
  summary.median_frequency = median_of(totals, Frequency, figures);
  summary.median_monetary = median_of(totals, Monetary, figures);
  if (totals.customers > 0) {
    if (figures.has_overlay) summary.overlay_share = ratio(totals.overlay, totals.customers);
    if (figures.has_consent) {
      summary.contactable_share = ratio(totals.contactable, totals.customers);
    }
  }
  summary.kpi_deltas = {delta(summary.mean_recency_days, mean_of(all, Recency, figures)),
                        delta(summary.mean_frequency, mean_of(all, Frequency, figures)),
                        delta(summary.mean_monetary, mean_of(all, Monetary, figures)),
                        delta(summary.mean_average_order_value, mean_of(all, OrderValue, figures))};
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

// Whether a placeholder of `text` has no figure in this segment or this file.
bool lacks_figure(const std::string& text, const Wording& wording) {
  return std::ranges::any_of(placeholders_in(text), [&](const std::string& name) {
    const Placeholder* placeholder = find_placeholder(name);
    return placeholder != nullptr && placeholder->write(wording) == kAbsent;
  });
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

// A warning whose figure is not there ("only n/a have agreed", of a file without consent) warns of
// nothing and is left out; an action stays, since each segment has two or three.
std::vector<std::string> with_figures(std::vector<std::string> watchouts, const Wording& wording) {
  std::erase_if(watchouts, [&](const std::string& text) { return lacks_figure(text, wording); });
  return watchouts;
}

}  // namespace

struct Population::Parts {
  Totals all;
  std::vector<AttributePopulation> attributes;
};

Population::Population(const segments::Segmentation& segmentation, const TraitSpec& spec,
                       const Executor& executor) {
  const std::vector<std::uint8_t> one_group(static_cast<std::size_t>(segmentation.size()));
  const Columns columns(segmentation.customers);
  auto parts = std::make_unique<Parts>();
  parts->all = totals_by_group(columns, one_group, 1, executor).back();
  parts->attributes = attribute_populations(segmentation.customers, spec, executor);
  parts_ = std::move(parts);
}
Population::Population(Population&&) noexcept = default;
Population& Population::operator=(Population&&) noexcept = default;
Population::~Population() = default;

namespace {

Figures figures_of(const customers::Customers& customers, std::span<const std::uint8_t> group,
                   const segments::RuleSet& rules, const TraitSpec& spec, const Executor& executor,
                   std::span<const AttributePopulation> population) {
  const auto segments = static_cast<int>(rules.rules.size());
  const Columns columns(customers);
  Figures figures;
  figures.segments = totals_by_group(columns, group, segments, executor);
  figures.all = figures.segments.back();
  figures.segments.pop_back();
  figures.attributes = attribute_figures(customers, group, segments, fields_named_by(rules), spec,
                                         executor, population);
  figures.money_scale = customers.money_scale;
  figures.has_overlay = columns.overlay != nullptr;
  figures.has_consent = columns.consent != nullptr;
  figures.has_order_value = columns.order_value;
  return figures;
}

// `population`, where not null, is what the customers of `figures` are some of.
Summary summarise(const Figures& figures, const Population::Parts* population,
                  const rfm::Model& model, const segments::RuleSet& rules,
                  const std::string& currency, const TraitSpec& spec, const Executor& executor) {
  const std::size_t count = rules.rules.size();
  QUINTILE_CHECK(figures.segments.size() == count);
  const Totals& chosen = figures.all;
  const Totals& all = population != nullptr ? population->all : chosen;

  Summary summary;
  summary.population = named(described(all, all, all, figures), "all", "All customers");
  if (population != nullptr)
    summary.filtered =
        named(described(chosen, all, all, figures), "filtered", "Selected customers");
  auto traits = key_traits(figures.attributes, static_cast<int>(count), spec, executor,
                           population != nullptr
                               ? std::span<const AttributePopulation>(population->attributes)
                               : std::span<const AttributePopulation>());
  const rfm::CutPoints& recency = model.metrics[static_cast<std::size_t>(rfm::Metric::Recency)];
  for (std::size_t index = 0; index < count; ++index) {
    const segments::Rule& rule = rules.rules[index];
    const Totals& totals = figures.segments[index];
    SegmentSummary& mine = summary.segments.emplace_back(
        named(described(totals, chosen, all, figures), rule.id, rule.name,
              std::string(segments::to_string(rule.family))));
    mine.key_traits = std::move(traits[index]);
    Wording wording{mine, {}, {}, currency, figures.money_scale};
    if (figures.has_consent) wording.contactable = totals.contactable;
    if (mine.median_recency_days) {
      wording.recency_window_days = days_to_next_recency_cut(*mine.median_recency_days, recency);
    }
    mine.actions = filled(rule.actions, wording);
    mine.watchouts = filled(with_figures(rule.watchouts, wording), wording);
  }
  return summary;
}

}  // namespace

void Totals::add(const Totals& other) {
  customers += other.customers;
  overlay += other.overlay;
  contactable += other.contactable;
  for (std::size_t kpi = 0; kpi < sums.size(); ++kpi) sums[kpi] += other.sums[kpi];
}

std::vector<std::string> fields_named_by(const segments::RuleSet& rules) {
  std::vector<std::string> fields;
  for (const segments::Rule& rule : rules.rules) {
    if (!rule.when) continue;
    for (std::string& field : expression::fields_of(*rule.when)) fields.push_back(std::move(field));
  }
  return fields;
}

Figures figures_of(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                   const TraitSpec& spec, const Executor& executor) {
  return figures_of(segmentation.customers, groups_of(segmentation, rules.rules.size()), rules,
                    spec, executor, {});
}

Summary summarise(const Figures& figures, const rfm::Model& model, const segments::RuleSet& rules,
                  const std::string& currency, const TraitSpec& spec, const Executor& executor) {
  return summarise(figures, nullptr, model, rules, currency, spec, executor);
}

Summary summarise(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                  const std::string& currency, const TraitSpec& spec,
                  std::span<const std::uint8_t> selected, const Executor& executor) {
  if (!selected.empty()) {
    return summarise(segmentation, rules, currency, spec, selected,
                     Population(segmentation, spec, executor), executor);
  }
  return summarise(figures_of(segmentation, rules, spec, executor), segmentation.model, rules,
                   currency, spec, executor);
}

Summary summarise(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                  const std::string& currency, const TraitSpec& spec,
                  std::span<const std::uint8_t> selected, const Population& population,
                  const Executor& executor) {
  const Selected some = selected_of(segmentation, selected, executor);
  const Population::Parts& parts = population.parts();
  return summarise(figures_of(some.customers, some.group, rules, spec, executor, parts.attributes),
                   &parts, segmentation.model, rules, currency, spec, executor);
}

std::span<const std::string_view> placeholder_names() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, std::size(kPlaceholders)> names;
    std::ranges::transform(kPlaceholders, names.begin(), &Placeholder::name);
    return names;
  }();
  return kNames;
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

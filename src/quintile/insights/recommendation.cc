#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/insights/figures.h"
#include "quintile/summary/wording.h"

namespace quintile::insights {

namespace {

using summary::count_text;
using summary::share_text;

// A recommendation about the segments of a family: those of `Audiences::families`, in their order.
struct Theme {
  const char* id;
  const char* title;
  const char* window;  // what the window means, with {} for its days
  const char* risk;
};

constexpr std::array<Theme, Audiences::families.size()> kThemes = {{
    {"protect_top", "Protect the top customers",
     "Without an order, the median one of those who can still lose a recency score loses it in {}.",
     "They would have bought anyway: a discount to all of them costs margin and proves nothing "
     "without a control group."},
    {"activate_new", "Activate new customers early",
     "Without another order, the median one of those who can still lose a recency score loses it "
     "in {}.",
     "Few orders say little about future value: measure the second order, not the first reply."},
    {"re_engage_at_risk", "Re-engage customers at risk while there is time",
     "That is the window: of those not yet at the lowest recency score, the median one loses a "
     "score in {}.",
     "Past value is no promise: hold out a group drawn by lot, and judge by orders against it."},
}};

// What a set of customers comes to.
struct Group {
  std::vector<std::size_t> segments;  // indices into the rules, greatest value first
  std::int64_t customers = 0;
  Int128 monetary = 0;
  std::optional<std::int64_t> contactable;
  std::optional<double> median_recency_days;
  std::optional<std::int64_t> window_days;
};

Group group_of(const Audience& audience, const rfm::CutPoints& recency) {
  Group group;
  for (std::size_t segment = 0; segment < audience.customers.size(); ++segment) {
    if (audience.customers[segment] == 0) continue;
    group.segments.push_back(segment);
    group.customers += audience.customers[segment];
    group.monetary += audience.value[segment];
  }
  std::ranges::stable_sort(group.segments, std::ranges::greater{},
                           [&](std::size_t s) { return audience.value[s]; });
  group.contactable = audience.contactable;
  group.median_recency_days = audience.median_recency_days;
  if (audience.median_movable)
    group.window_days = summary::days_to_next_recency_cut(*audience.median_movable, recency);
  return group;
}

std::string names_of(const Group& group, const segments::RuleSet& rules) {
  constexpr std::size_t kNamed = 4;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(group.segments.size(), kNamed); ++i) {
    names.push_back(rules.rules[group.segments[i]].name);
  }
  if (group.segments.size() > kNamed)
    names.push_back(fmt::format("{} more", group.segments.size() - kNamed));
  return join_words(names);
}

std::string customers_text(std::int64_t count) {
  return fmt::format("{} {}", count_text(count), count == 1 ? "customer" : "customers");
}

std::string days_text(double days) {
  return fmt::format("{} {}", summary::number_text(days), days == 1 ? "day" : "days");
}

Recommendation outline(const char* id, std::string title, const Group& group,
                       const segments::RuleSet& rules) {
  Recommendation recommendation;
  recommendation.id = id;
  recommendation.title = std::move(title);
  for (const std::size_t segment : group.segments)
    recommendation.segment_ids.push_back(rules.rules[segment].id);
  recommendation.customers = group.customers;
  recommendation.monetary = group.monetary;
  recommendation.contactable = group.contactable;
  recommendation.median_recency_days = group.median_recency_days;
  recommendation.window_days = group.window_days;
  return recommendation;
}

// "1,234 customers hold 45.1 % of all value (USD 1,234,567); 900 of them may be contacted."
std::string size_text(const Group& group, const summary::Summary& summary,
                      const std::string& currency, int scale) {
  const Int128 total = summary.population.monetary;
  std::string text = fmt::format("{} {} ", customers_text(group.customers),
                                 group.customers == 1 ? "holds" : "hold");
  const std::string amount = summary::money_text(group.monetary, currency, scale);
  text += total > 0
              ? fmt::format(
                    "{} of all value ({})",
                    share_text(static_cast<double>(group.monetary) / static_cast<double>(total)),
                    amount)
              : fmt::format("a value of {}", amount);
  if (group.contactable)
    text += fmt::format("; {} of them may be contacted", count_text(*group.contactable));
  return text + ".";
}

Recommendation of_theme(const Theme& theme, const Group& group, const segments::RuleSet& rules,
                        const summary::Summary& summary, const std::string& currency, int scale) {
  Recommendation recommendation = outline(theme.id, theme.title, group, rules);
  std::string& text = recommendation.text;
  text = fmt::format("{}: {}", names_of(group, rules), size_text(group, summary, currency, scale));
  text += fmt::format(" Half of them last bought {} ago or earlier.",
                      days_text(*group.median_recency_days));
  if (group.window_days) {
    text += " " + fmt::format(fmt::runtime(theme.window),
                              days_text(static_cast<double>(*group.window_days)));
  }
  const summary::SegmentSummary& first = summary.segments[group.segments.front()];
  if (!first.actions.empty())
    text += fmt::format(" First step, {}: {}", first.segment_name, first.actions.front());
  recommendation.risk = first.watchouts.empty()
                            ? theme.risk
                            : fmt::format("{} {}", theme.risk, first.watchouts.front());
  return recommendation;
}

std::string percent_text(double share) { return (share > 0 ? "+" : "") + share_text(share); }

std::optional<double> number_in(const Insight& insight, std::string_view key) {
  for (const quality::Detail& detail : insight.evidence) {
    if (detail.key == key && std::holds_alternative<double>(detail.value))
      return std::get<double>(detail.value);
  }
  return std::nullopt;
}

std::string effect_text(const Insight* effect) {
  if (effect == nullptr || !effect->estimate || !effect->interval) {
    return "Whether it goes with value among like customers could not be tested.";
  }
  const auto crude = number_in(*effect, "crude_relative");
  return fmt::format(
      "Among customers of like recency and frequency it goes with a difference in value of {} (95 "
      "% "
      "interval {} to {}{}).",
      percent_text(*effect->estimate), percent_text((*effect->interval)[0]),
      percent_text((*effect->interval)[1]),
      crude ? fmt::format("; {} if unlike customers are compared", percent_text(*crude)) : "");
}

Recommendation of_overlay(const Group& group, const segments::RuleSet& rules,
                          const summary::Summary& summary, const std::vector<Insight>& insights,
                          const std::string& overlay, const std::string& currency, int scale) {
  const auto found = std::ranges::find(insights, "overlay_effect", &Insight::id);
  const Insight* effect = found == insights.end() ? nullptr : &*found;
  const bool supported = effect != nullptr && effect->verdict == Verdict::Supported;
  Recommendation recommendation =
      outline("premium_modifier",
              supported ? fmt::format("Use {} to order each list", overlay)
                        : fmt::format("Do not choose customers by {} alone", overlay),
              group, rules);
  recommendation.window_days.reset();
  recommendation.text = fmt::format(
      "With {}: {} {} {}", overlay, size_text(group, summary, currency, scale), effect_text(effect),
      supported ? "Put these customers first within each list above; it is no list of its own."
                : "The data give no reason to spend more on a customer because of it.");
  recommendation.risk = fmt::format(
      "This is an association: those with {} may have been better customers before. Only a test "
      "with a control group shows what "
      "it brings.",
      overlay);
  return recommendation;
}

}  // namespace

std::vector<Recommendation> recommend(const Audiences& audiences, const rfm::CutPoints& recency,
                                      const segments::RuleSet& rules,
                                      const summary::Summary& summary,
                                      const std::vector<Insight>& insights,
                                      const std::string& currency) {
  const int scale = audiences.money_scale;
  std::vector<Recommendation> recommendations;
  for (std::size_t i = 0; i < std::size(kThemes); ++i) {
    const Group group = group_of(audiences.of_family[i], recency);
    if (group.customers > 0)
      recommendations.push_back(of_theme(kThemes[i], group, rules, summary, currency, scale));
  }
  const Group with_overlay = group_of(audiences.with_overlay, recency);
  if (with_overlay.customers > 0) {
    recommendations.push_back(
        of_overlay(with_overlay, rules, summary, insights, audiences.overlay, currency, scale));
  }
  std::ranges::stable_sort(recommendations, std::ranges::greater{}, &Recommendation::monetary);
  return recommendations;
}

std::vector<Recommendation> recommend(const segments::Segmentation& segmentation,
                                      const segments::RuleSet& rules,
                                      const summary::Summary& summary,
                                      const std::vector<Insight>& insights,
                                      const std::string& currency, const Executor& executor) {
  const auto recency = static_cast<std::size_t>(rfm::Metric::Recency);
  return recommend(audiences_of(segmentation, rules, executor), segmentation.model.metrics[recency],
                   rules, summary, insights, currency);
}

}  // namespace quintile::insights

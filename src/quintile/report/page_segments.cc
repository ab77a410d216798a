#include <fmt/format.h>

#include "quintile/report/page_internal.h"

namespace quintile::report {

namespace {

using summary::KeyTrait;
using summary::SegmentSummary;

std::string list(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string items;
  for (const std::string& line : lines) items += fmt::format("<li>{}</li>", isolate(line));
  return fmt::format("<div class=\"keep\"><h4>{}</h4><ul>{}</ul></div>\n", title, items);
}

// A figure with what stands small beneath it.
std::string kpi(std::string_view label, const Number& number, const std::string& beneath) {
  return fmt::format("<div><span>{}</span><b>{}</b>{}</div>\n", label, number.html(), beneath);
}

std::string beneath(const std::string& text) { return "<span>" + text + "</span>"; }

// "+12.3 % against all", in the colour of better or worse.
std::string against_all(const Number& delta, bool fewer_is_better) {
  if (delta.value.empty()) return "";
  const bool negative = delta.value.starts_with('-');
  const char* tone = delta.value == "0" ? "" : negative == fewer_is_better ? "better" : "worse";
  return fmt::format("<span class=\"{}\">{} against all</span>", tone, delta.html());
}

std::string kpis(const Page& page, const SegmentSummary& entry, const std::string& key) {
  const Numbers& say = page.say;
  const auto delta = [&](const char* name, const summary::Delta& of, bool fewer_is_better) {
    return against_all(say.change(fmt::format("{}/kpi_deltas/{}/relative", key, name), of.relative),
                       fewer_is_better);
  };
  const auto& deltas = entry.kpi_deltas;
  std::string html = "<div class=\"kpis\">\n";
  html += kpi("customers", say.count(key + "/customers", entry.customers),
              beneath(say.share(key + "/customer_share", entry.customer_share).html() + " of all"));
  html += kpi("value", say.money(key + "/monetary", entry.monetary),
              beneath(say.share(key + "/monetary_share", entry.monetary_share).html() + " of all"));
  html += kpi("days since purchase, mean",
              say.real(key + "/mean_recency_days", entry.mean_recency_days),
              beneath("median " +
                      say.real(key + "/median_recency_days", entry.median_recency_days).html()) +
                  delta("mean_recency_days", deltas.mean_recency_days, true));
  html +=
      kpi("orders, mean", say.real(key + "/mean_frequency", entry.mean_frequency),
          beneath("median " + say.real(key + "/median_frequency", entry.median_frequency).html()) +
              delta("mean_frequency", deltas.mean_frequency, false));
  html +=
      kpi("value of a customer, mean", say.amount(key + "/mean_monetary", entry.mean_monetary),
          beneath("median " + say.amount(key + "/median_monetary", entry.median_monetary).html()) +
              delta("mean_monetary", deltas.mean_monetary, false));
  html += kpi("order value, mean",
              say.amount(key + "/mean_average_order_value", entry.mean_average_order_value),
              delta("mean_average_order_value", deltas.mean_average_order_value, false));
  if (entry.contactable_share)
    html +=
        kpi("may be contacted", say.share(key + "/contactable_share", entry.contactable_share), "");
  if (entry.overlay_share) {
    html += kpi(escape(words(page.mart.overlay_name)),
                say.share(key + "/overlay_share", entry.overlay_share), "");
  }
  return html + "</div>\n";
}

std::string trait(const Page& page, const KeyTrait& trait, const std::string& key) {
  const Numbers& say = page.say;
  const auto fixed = [](Number number, std::optional<double> value, std::string_view format) {
    if (value) number.text = fmt::format(fmt::runtime(format), *value);
    return number;
  };
  const Number lift = fixed(say.real(key + "/lift", trait.lift), trait.lift, "{:.2f}");
  const Number effect = fixed(say.real(key + "/effect", trait.effect), trait.effect, "{:+.2f}");
  const std::string here = trait.share ? say.share(key + "/share", trait.share).html()
                                       : say.real(key + "/mean", trait.mean).html();
  const std::string all = trait.share
                              ? say.share(key + "/population_share", trait.population_share).html()
                              : say.real(key + "/population_mean", trait.population_mean).html();
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td "
      "class=\"left\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      isolate(words(trait.attribute)), isolate(trait.value), here, all, lift.html(), effect.html());
}

std::string traits(const Page& page, const SegmentSummary& entry, const std::string& key) {
  if (entry.customers == 0) return "";
  if (entry.key_traits.empty())
    return "<p class=\"note\">No attribute sets this segment apart.</p>\n";
  std::string rows;
  for (std::size_t i = 0; i < entry.key_traits.size(); ++i) {
    rows += trait(page, entry.key_traits[i], fmt::format("{}/key_traits/{}", key, i));
  }
  return fmt::format(
      "<div class=\"wide\"><table><caption>What sets them apart</caption><thead><tr><th "
      "class=\"left\" scope=\"col\">"
      "Attribute</th><th class=\"left\" scope=\"col\">Level</th><th scope=\"col\">Here</th><th "
      "scope=\"col\">All</th>"
      "<th scope=\"col\">Lift</th><th "
      "scope=\"col\">Effect</th></tr></thead><tbody>\n{}</tbody></table></div>\n",
      rows);
}

std::string block(const Page& page, std::size_t index) {
  const SegmentSummary& entry = page.mart.summary.segments[index];
  const segments::Rule& rule = page.mart.rules.rules[index];
  const std::string key = "summary.json/segments/" + entry.segment_id;
  std::string html =
      fmt::format("<article class=\"card\" id=\"s-{}\"><h3>{}{}<small>{}</small></h3>\n<p>{}</p>\n",
                  escape(entry.segment_id), family_mark(rule.family), isolate(entry.segment_name),
                  escape(entry.family), isolate(rule.description));
  if (entry.customers == 0) {
    html += "<p class=\"note\">No customer is in this segment.</p>\n";
  } else {
    html += kpis(page, entry, key);
  }
  html += traits(page, entry, key);
  if (entry.customers > 0) {
    html += "<div class=\"two\">" + list("Actions", entry.actions) +
            list("Watch out", entry.watchouts) + "</div>\n";
  }
  const std::string position =
      fmt::format("Rule {} of {}", index + 1, page.mart.rules.rules.size());
  if (rule.when) {
    html += fmt::format("<p class=\"rule\">{}: {}{}. <code>{}</code></p>\n", position,
                        isolate(in_words(rule.when->root)),
                        index == 0 ? "" : ", unless an earlier rule took them",
                        escape(rule.when->source));
  } else {
    html +=
        fmt::format("<p class=\"rule\">{}: everyone whom no earlier rule took.</p>\n", position);
  }
  return html + "</article>\n";
}

}  // namespace

std::string segment_blocks(const Page& page) {
  std::string html =
      "<p>A trait stands here only if a test against all other customers finds it (5 % false "
      "discoveries over the whole "
      "table) and its effect is large enough to act on. Lift is the ratio to all customers; effect "
      "is Cohen’s h or d "
      "against everyone else.</p>\n";
  for (std::size_t i = 0; i < page.mart.summary.segments.size(); ++i) html += block(page, i);
  return section("segments", "Segments one by one", html);
}

}  // namespace quintile::report

#include <fmt/format.h>

#include "quintile/report/page_internal.h"

namespace quintile::report {

namespace {

using insights::Insight;
using insights::Verdict;

std::string_view figure_of(std::string_view id) {
  if (id == "concentration") return "lorenz";
  if (id == "recent_split") return "recent_split";
  if (id == "at_risk_value") return "at_risk_value";
  if (id == "overlay_effect") return "overlay_effect";
  return "";
}

// An estimate in the unit of its claim.
Number estimate(const Page& page, std::string_view id, std::string key,
                std::optional<double> value) {
  if (id == "overlay_effect") return page.say.change(std::move(key), value);
  if (id == "at_risk_value") {
    Number number = page.say.real(std::move(key), value);
    if (value) number.text = fmt::format("{:.2f} times", *value);
    return number;
  }
  return page.say.share(std::move(key), value);
}

std::string verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Supported: return "supported";
    case Verdict::NotSupported: return "not supported";
    case Verdict::NotTestable: break;
  }
  return "cannot be tested";
}

// A piece of evidence by what its name says it is.
std::optional<Number> evidence(const Page& page, const Insight& insight,
                               const quality::Detail& detail) {
  const std::string key = "insights.json/" + insight.id + "/evidence/" + detail.key;
  const std::string& name = detail.key;
  const auto has = [&name](std::string_view part) { return name.find(part) != std::string::npos; };
  if (const auto* whole = std::get_if<std::int64_t>(&detail.value))
    return page.say.count(key, *whole);
  const auto* real = std::get_if<double>(&detail.value);
  if (real == nullptr) return std::nullopt;
  if (has("share")) return page.say.share(key, *real);
  if (has("relative")) return page.say.change(key, *real);
  if (has("gini"))
    return Number{key, page.say.real(key, *real).value, fmt::format("{:.2f}", *real)};
  if (has("days")) return page.say.real(key, *real);
  if (has("mean") || has("difference") || has("monetary")) return page.say.amount(key, *real);
  return page.say.real(key, *real);
}

std::string evidence_list(const Page& page, const Insight& insight) {
  std::string items;
  for (const quality::Detail& detail : insight.evidence) {
    if (const auto number = evidence(page, insight, detail)) {
      items += fmt::format("<span>{} <b>{}</b></span>", isolate(words(detail.key)), number->html());
    }
  }
  if (items.empty()) return "";
  const std::string list = "<div class=\"facts\">" + items + "</div>";
  return figure_of(insight.id).empty()
             ? list
             : "<details><summary>All numbers</summary>" + list + "</details>";
}

const std::string* evidence_text(const Insight& insight, std::string_view key) {
  for (const quality::Detail& detail : insight.evidence) {
    if (detail.key == key) return std::get_if<std::string>(&detail.value);
  }
  return nullptr;
}

// The lesson of the two differences, in words.
std::string overlay_lesson(const Page& page, const Insight& insight) {
  const auto crude = evidence_number(insight, "crude_relative");
  if (insight.id != "overlay_effect" || !crude || !insight.estimate) return "";
  const std::string key = "insights.json/overlay_effect/";
  return fmt::format(
      "<p>Compared as they come, the difference is {}. Among customers of like recency and "
      "frequency it is {}. What lies "
      "between the two is who they are, not what the status goes with. This is an association: it "
      "does not say that the "
      "status made anyone spend more.</p>",
      page.say.change(key + "evidence/crude_relative", crude).html(),
      page.say.change(key + "estimate", insight.estimate).html());
}

std::string insight_block(const Page& page, const Insight& insight) {
  const std::string key = "insights.json/" + insight.id;
  const bool supported = insight.verdict == Verdict::Supported;
  std::string html = fmt::format(
      "<article class=\"card\" id=\"i-{}\"><h3>{}</h3>\n<p><span class=\"badge {}\">{}</span>",
      escape(insight.id), isolate(insight.claim), supported ? "supported" : "",
      verdict_text(insight.verdict));
  if (insight.estimate) {
    html += fmt::format(" Estimate <b>{}</b>",
                        estimate(page, insight.id, key + "/estimate", insight.estimate).html());
    if (insight.interval) {
      html += fmt::format(
          ", 95 % interval {} to {}",
          estimate(page, insight.id, key + "/interval/0", (*insight.interval)[0]).html(),
          estimate(page, insight.id, key + "/interval/1", (*insight.interval)[1]).html());
    }
    html += fmt::format("; needed: {}.",
                        estimate(page, insight.id, key + "/threshold", insight.threshold).html());
  }
  if (const std::string* reason = evidence_text(insight, "reason"))
    html += fmt::format(" {}.", isolate(*reason));
  html += "</p>\n" + overlay_lesson(page, insight);
  const std::string_view figure = figure_of(insight.id);
  if (!figure.empty()) html += page.figure(figure);
  html += evidence_list(page, insight);
  if (const std::string* how = evidence_text(insight, "method"))
    html += fmt::format("<p class=\"note\">Method: {}.</p>", isolate(*how));
  return html + "</article>\n";
}

}  // namespace

std::string supported_insights(const Page& page) {
  std::string html;
  for (const Insight& insight : page.mart.insights) {
    if (insight.verdict == Verdict::Supported) html += insight_block(page, insight);
  }
  if (html.empty())
    html = "<p>None of the claims that were tested is supported by these data.</p>\n";
  return section("insights", "What the data say", html);
}

std::string unsupported_insights(const Page& page) {
  std::string html;
  for (const Insight& insight : page.mart.insights) {
    if (insight.verdict != Verdict::Supported) html += insight_block(page, insight);
  }
  const std::string intro =
      html.empty()
          ? "<p>Every claim that was tested is supported. What was not tested is not said "
            "here.</p>\n"
          : "<p>These claims are often made. They were tested too, and these data do not bear them "
            "out, or cannot answer.</p>\n";
  return section("not-said", "What the data do not say", intro + html);
}

}  // namespace quintile::report

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/report/page_internal.h"

namespace quintile::report {

namespace {

using summary::SegmentSummary;

std::string tile(const Number& number, std::string_view label) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", number.html(),
                     escape(label));
}

// The segment that holds most value, and what the slipping families hold.
std::string headline(const Page& page) {
  const mart::Mart& mart = page.mart;
  const SegmentSummary& all = mart.summary.population;
  std::string text = fmt::format(
      "{} {} spent {}.", page.say.count("summary.json/population/customers", all.customers).html(),
      all.customers == 1 ? "customer has" : "customers have",
      page.say.money("summary.json/population/monetary", all.monetary).html());
  const SegmentSummary* top = nullptr;
  double slipping_customers = 0, slipping_value = 0;
  for (const SegmentSummary& entry : mart.summary.segments) {
    if (entry.customers > 0 && (top == nullptr || entry.monetary > top->monetary)) top = &entry;
    if (entry.family != "slipping") continue;
    slipping_customers += static_cast<double>(entry.customers);
    slipping_value += static_cast<double>(entry.monetary);
  }
  if (top != nullptr && all.monetary > 0 && top->customers < all.customers) {
    const std::string key = "summary.json/segments/" + top->segment_id;
    text += fmt::format(" <b>{}</b> are {} of them and hold {} of that value.",
                        isolate(top->segment_name),
                        page.say.share(key + "/customer_share", top->customer_share).html(),
                        page.say.share(key + "/monetary_share", top->monetary_share).html());
  }
  if (slipping_customers > 0 && all.monetary > 0) {
    text += fmt::format(" {} {} of all customers, with {} of the value, are slipping away.",
                        top != nullptr && top->family == "slipping" ? "In all," : "Another",
                        page.say
                            .share("customer_segments.parquet/families/slipping/customer_share",
                                   slipping_customers / static_cast<double>(all.customers))
                            .html(),
                        page.say
                            .share("customer_segments.parquet/families/slipping/monetary_share",
                                   slipping_value / static_cast<double>(all.monetary))
                            .html());
  }
  return text;
}

// A mean with how it differs from all customers'; for recency fewer days are better.
std::string mean_cell(const Number& mean, const Number& delta, std::optional<double> relative,
                      bool fewer_is_better) {
  if (mean.value.empty()) return "<td>–</td>";
  if (!relative) return fmt::format("<td>{}</td>", mean.html());
  const bool better = fewer_is_better ? *relative < 0 : *relative > 0;
  const char* tone = *relative == 0 ? "" : better ? " better" : " worse";
  return fmt::format("<td>{}<span class=\"d{}\">{}</span></td>", mean.html(), tone, delta.html());
}

std::string summary_row(const Page& page, const SegmentSummary& entry, const std::string& key,
                        bool all) {
  const Numbers& say = page.say;
  const auto mean = [&](const char* name, const Number& number, const summary::Delta& delta,
                        bool fewer) {
    const std::string path = fmt::format("{}/kpi_deltas/{}/relative", key, name);
    return mean_cell(number, say.change(path, delta.relative), all ? std::nullopt : delta.relative,
                     fewer);
  };
  std::string mark;
  for (const segments::Rule& rule : page.mart.rules.rules) {
    if (!all && rule.id == entry.segment_id) mark = family_mark(rule.family);
  }
  std::string row =
      fmt::format("<tr{}><th scope=\"row\">{}{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
                  all ? " class=\"all\"" : "", mark,
                  all ? "All customers"
                      : fmt::format("<a href=\"#s-{}\">{}</a>", escape(entry.segment_id),
                                    isolate(entry.segment_name)),
                  say.count(key + "/customers", entry.customers).html(),
                  say.share(key + "/customer_share", entry.customer_share).html(),
                  say.bare(say.money(key + "/monetary", entry.monetary)).html(),
                  say.share(key + "/monetary_share", entry.monetary_share).html());
  const auto& deltas = entry.kpi_deltas;
  row += mean("mean_recency_days", say.real(key + "/mean_recency_days", entry.mean_recency_days),
              deltas.mean_recency_days, true);
  row += mean("mean_frequency", say.real(key + "/mean_frequency", entry.mean_frequency),
              deltas.mean_frequency, false);
  row += mean("mean_monetary", say.bare(say.amount(key + "/mean_monetary", entry.mean_monetary)),
              deltas.mean_monetary, false);
  row +=
      mean("mean_average_order_value",
           say.bare(say.amount(key + "/mean_average_order_value", entry.mean_average_order_value)),
           deltas.mean_average_order_value, false);
  if (!page.mart.overlay_name.empty())
    row +=
        fmt::format("<td>{}</td>", say.share(key + "/overlay_share", entry.overlay_share).html());
  if (!page.mart.consent_name.empty())
    row += fmt::format("<td>{}</td>",
                       say.share(key + "/contactable_share", entry.contactable_share).html());
  return row + "</tr>\n";
}

std::string summary_table(const Page& page) {
  std::string head = "<th class=\"left\" scope=\"col\">Segment</th>";
  for (const char* name : {"Customers", "of all", "Value", "of all", "Days since purchase",
                           "Orders", "Value of one", "Order value"}) {
    head += fmt::format("<th scope=\"col\">{}</th>", name);
  }
  if (!page.mart.overlay_name.empty())
    head += fmt::format("<th scope=\"col\">{}</th>", isolate(words(page.mart.overlay_name)));
  if (!page.mart.consent_name.empty()) head += "<th scope=\"col\">Contactable</th>";
  std::string rows =
      summary_row(page, page.mart.summary.population, "summary.json/population", true);
  for (const SegmentSummary& entry : page.mart.summary.segments) {
    rows += summary_row(page, entry, "summary.json/segments/" + entry.segment_id, false);
  }
  return fmt::format(
      "<div class=\"wide\"><table><caption>In the order of the rules; amounts in {}. Means of "
      "days, orders and value, with the "
      "difference from all "
      "customers.</caption><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>\n",
      escape(page.say.currency()), head, rows);
}

}  // namespace

std::string cover(const Page& page) {
  const mart::Mart& mart = page.mart;
  const SegmentSummary& all = mart.summary.population;
  std::vector<std::string> files;
  for (const mart::InputFile& input : mart.manifest.inputs) files.push_back(input.name);
  const Numbers& say = page.say;
  std::string html = fmt::format(
      "<header><p class=\"eyebrow\">Customer segments by recency, frequency and value</p>\n<h1>Who "
      "our customers are, and "
      "what to do next</h1>\n<p class=\"lead\">{}</p>\n"
      "<p class=\"meta\">Data {} · looked back from {} · rules <b>{}</b> ({}) · amounts in "
      "{}</p>\n",
      headline(page), isolate(join_words(files)), escape(mart.manifest.analysis_date),
      isolate(mart.rules.name), isolate(mart.rules.file), escape(mart.manifest.currency));
  html += "<div class=\"tiles\">\n";
  html += tile(say.count("summary.json/population/customers", all.customers),
               all.customers == 1 ? "customer" : "customers");
  html += tile(say.money("summary.json/population/monetary", all.monetary), "value");
  html += tile(say.amount("summary.json/population/median_monetary", all.median_monetary),
               "median value of a customer");
  html += tile(say.real("summary.json/population/median_recency_days", all.median_recency_days),
               "median days since purchase");
  if (all.overlay_share)
    html += tile(say.share("summary.json/population/overlay_share", all.overlay_share),
                 words(mart.overlay_name));
  if (all.contactable_share)
    html += tile(say.share("summary.json/population/contactable_share", all.contactable_share),
                 "may be contacted");
  html +=
      "</div>\n<nav aria-label=\"Contents\"><a href=\"#overview\">Overview</a><a "
      "href=\"#actions\">What to do</a>"
      "<a href=\"#insights\">What the data say</a><a href=\"#not-said\">What they do not say</a>"
      "<a href=\"#segments\">Segments</a><a href=\"#scoring\">Scores and cut points</a>"
      "<a href=\"#review\">Data review</a><a href=\"#method\">Method</a></nav></header>\n";
  return html;
}

std::string overview(const Page& page) {
  return section(
      "overview", "Segments at a glance",
      summary_table(page) +
          page.figure("treemap_customers",
                      "Every tile is a segment; tiles of a family stand together.") +
          page.figure("treemap_value",
                      "The same segments by what their customers have spent. What grows "
                      "between the two pictures is worth more than its numbers suggest."));
}

std::string recommendations(const Page& page) {
  if (page.mart.recommendations.empty()) return "";
  std::string html;
  for (const insights::Recommendation& one : page.mart.recommendations) {
    const std::string key = "run.json/recommendations/" + one.id;
    std::string facts =
        fmt::format("<span><b>{}</b> customers</span><span><b>{}</b> of value at stake</span>",
                    page.say.count(key + "/customers", one.customers).html(),
                    page.say.money(key + "/monetary", one.monetary).html());
    if (one.contactable)
      facts += fmt::format("<span><b>{}</b> may be contacted</span>",
                           page.say.count(key + "/contactable", *one.contactable).html());
    if (one.median_recency_days)
      facts +=
          fmt::format("<span>last purchase <b>{}</b> days ago (median)</span>",
                      page.say.real(key + "/median_recency_days", one.median_recency_days).html());
    if (one.window_days)
      facts += fmt::format("<span><b>{}</b> days until the next recency cut</span>",
                           page.say.count(key + "/window_days", *one.window_days).html());
    html += fmt::format(
        "<li class=\"card\"><h3>{}</h3><p>{}</p><div class=\"facts\">{}</div>{}</li>\n",
        isolate(one.title), isolate(one.text), facts,
        one.risk.empty() ? ""
                         : fmt::format("<p class=\"note\"><b>What could go wrong.</b> {}</p>",
                                       isolate(one.risk)));
  }
  return section("actions", "What to do",
                 "<p class=\"note\">Ordered by the value at stake.</p><ol "
                 "style=\"list-style:none;padding:0\">\n" +
                     html + "</ol>\n");
}

}  // namespace quintile::report

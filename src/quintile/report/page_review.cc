#include <fmt/format.h>

#include "quintile/mart/json_writer.h"
#include "quintile/report/page_internal.h"
#include "quintile/summary/wording.h"

namespace quintile::report {

namespace {

using quality::Finding;

// What the duplicate identifiers turned out to be, told with their numbers.
std::string duplicate_story(const Page& page, const Finding& finding, std::size_t index) {
  const auto number = [&](const char* path) {
    const auto value = detail_number(finding.details, path);
    return page.say
        .count(fmt::format("review.json/findings/{}/details/{}", index, path),
               static_cast<std::int64_t>(value.value_or(0)))
        .html();
  };
  if (!detail_number(finding.details, "ids") || !detail_number(finding.details, "groups/collision"))
    return "";
  return fmt::format(
      "<article class=\"card\"><h3>Identifiers that name more than one record</h3>\n<p>{} customer "
      "ids occur more than once, "
      "on {} rows: {} rows more than there are such ids. The largest group has {} "
      "rows.</p>\n<ul><li>{} ids repeat exact "
      "copies of one record</li><li>{} belong to one person whose profile changed</li><li>{} are "
      "the history of one "
      "person</li><li>{} name different people</li></ul>\n<p>{}.</p></article>\n",
      number("ids"), number("rows"), number("surplus_rows"), number("largest_group"),
      number("groups/exact_copy"), number("groups/profile_change"), number("groups/longitudinal"),
      number("groups/collision"), isolate(finding.reason));
}

std::string examples(const Finding& finding) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(finding.examples.size(), 3); ++i) {
    text += (text.empty() ? "" : ", ") + summary::count_text(finding.examples[i]);
  }
  return finding.examples.size() > 3 ? text + ", …" : text;
}

std::string finding_row(const Page& page, const Finding& finding, std::size_t index) {
  const std::string key = fmt::format("review.json/findings/{}", index);
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td class=\"left\">{}</td><td "
      "class=\"left\">{}</td><td>{}</td><td>{}</td>"
      "<td class=\"left\">{}</td><td class=\"left\">{}</td><td class=\"left\">{}</td></tr>\n",
      isolate(words(finding.check)), isolate(finding.column), to_string(finding.severity),
      page.say.count(key + "/rows", finding.rows).html(),
      page.say.share(key + "/share", finding.share.value).html(), to_string(finding.decision),
      isolate(finding.reason), examples(finding));
}

std::string metric_row(const Page& page, rfm::Metric metric) {
  const rfm::CutPoints& points =
      page.mart.segmentation.model.metrics[static_cast<std::size_t>(metric)];
  const bool money = metric == rfm::Metric::Monetary;
  const int scale = money ? page.mart.manifest.money_scale : 0;
  std::string cuts;
  for (std::size_t i = 0; i < points.cuts.size(); ++i) {
    const std::string text =
        money ? summary::money_text(Int128{points.cuts[i]}, page.say.currency(), scale)
              : summary::count_text(points.cuts[i]);
    cuts += (i == 0 ? "" : " · ") +
            page.say
                .plain(fmt::format("run.json/cut_points/{}/cut_points/{}", to_string(metric), i),
                       mart::JsonWriter::plain_decimal(points.cuts[i], scale), text)
                .html();
  }
  std::string ties = "<td>–</td><td>–</td><td>–</td>";
  for (const rfm::TieReport& tie : page.mart.manifest.ties) {
    if (tie.metric != metric) continue;
    const std::string key = fmt::format("run.json/ties/{}", to_string(metric));
    std::string customers;
    for (std::size_t i = 0; i < tie.customers.size(); ++i) {
      customers += (i == 0 ? "" : " · ") +
                   page.say.count(fmt::format("{}/customers/{}", key, i), tie.customers[i]).html();
    }
    ties = fmt::format("<td>{} of {}</td><td class=\"left\">{}</td><td>{}</td>",
                       page.say.count(key + "/bins_used", tie.bins_used).html(),
                       page.say.count(key + "/bins_asked", tie.bins_asked).html(), customers,
                       page.say.share(key + "/share_other_rule", tie.share_other_rule).html());
  }
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td class=\"left\">{}</td><td class=\"left\">{}</td>{}</tr>\n",
      to_string(metric), to_string(points.method), cuts.empty() ? "–" : cuts, ties);
}

}  // namespace

std::string scoring(const Page& page) {
  std::string rows;
  for (const rfm::Metric metric : rfm::kMetrics) rows += metric_row(page, metric);
  std::string html =
      page.figure("recency_frequency",
                  "Customers by score. Upper right: bought lately and often. The days and "
                  "orders beside the scores are the borders of the bins.");
  html += fmt::format(
      "<div class=\"wide\"><table><caption>Cut points are in days, orders and {}. A value above a "
      "cut point falls into the "
      "next bin.</caption><thead><tr><th class=\"left\" scope=\"col\">Metric</th><th "
      "class=\"left\" scope=\"col\">Method</th>"
      "<th class=\"left\" scope=\"col\">Cut points</th><th scope=\"col\">Bins used</th><th "
      "class=\"left\" scope=\"col\">"
      "Customers by score, 1 first</th><th scope=\"col\">Scored otherwise by "
      "rank</th></tr></thead><tbody>\n{}</tbody></table></div>\n",
      escape(page.mart.manifest.currency), rows);
  html +=
      "<p class=\"note\">Equal values always share a score, so bins can differ in size. The last "
      "column says how many "
      "customers would have another score if ties were broken to make the bins even.</p>\n";
  for (const char* name : {"histogram_recency", "histogram_frequency", "histogram_monetary"})
    html += page.figure(name);
  if (const auto& at = page.mart.manifest.customers_at) {
    html += fmt::format(
        "<p class=\"note\">The map of recency against frequency and the histograms are not here: "
        "they are drawn from the customers, who stayed at {}{}.</p>\n",
        escape(at->engine),
        at->kept.empty() ? ", where they are not kept" : fmt::format(", {}", isolate(at->kept)));
  }
  return section("scoring", "Scores and cut points", html);
}

std::string review(const Page& page) {
  const quality::Review& review = page.mart.review;
  std::string stories, rows;
  for (std::size_t i = 0; i < review.findings.size(); ++i) {
    if (review.findings[i].check == "duplicate_identifier")
      stories += duplicate_story(page, review.findings[i], i);
    rows += finding_row(page, review.findings[i], i);
  }
  std::string html =
      page.figure("waterfall",
                  "Every row that was taken out is in quarantine.parquet with its reason. What was "
                  "read less what was taken out is what is published, in rows and in money.");
  html += stories;
  html +=
      rows.empty()
          ? "<p>The review found nothing to remark.</p>\n"
          : "<div class=\"wide\"><table><caption>Findings and what was decided</caption><thead><tr>"
            "<th class=\"left\" scope=\"col\">Check</th><th class=\"left\" "
            "scope=\"col\">Column</th>"
            "<th class=\"left\" scope=\"col\">Severity</th><th scope=\"col\">Rows</th><th "
            "scope=\"col\">Share</th>"
            "<th class=\"left\" scope=\"col\">Decision</th><th class=\"left\" "
            "scope=\"col\">Why</th>"
            "<th class=\"left\" scope=\"col\">Rows such as</th></tr></thead><tbody>\n" +
                rows + "</tbody></table></div>\n";
  return section("review", "The data, and what was done about them", html);
}

}  // namespace quintile::report

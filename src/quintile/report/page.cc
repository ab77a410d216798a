#include <fmt/format.h>

#include "quintile/report/figures_internal.h"
#include "quintile/report/page_internal.h"
#include "quintile/report/report.h"

namespace quintile::report {

namespace {

std::string inputs_table(const Page& page) {
  std::string rows;
  for (std::size_t i = 0; i < page.mart.manifest.inputs.size(); ++i) {
    const mart::InputFile& input = page.mart.manifest.inputs[i];
    const std::string key = fmt::format("run.json/inputs/{}", i);
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td "
        "class=\"left\"><code>{}</code></td></tr>\n",
        isolate(input.name), page.say.count(key + "/rows", input.rows).html(),
        page.say.count(key + "/bytes", input.bytes).html(), escape(input.sha256));
  }
  if (rows.empty()) return "";
  return "<div class=\"wide\"><table><caption>Data read</caption><thead><tr><th class=\"left\" "
         "scope=\"col\">File</th>"
         "<th scope=\"col\">Rows</th><th scope=\"col\">Bytes</th><th class=\"left\" "
         "scope=\"col\">SHA-256</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string lines(std::string_view title, const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  std::string items;
  for (const std::string& text : texts) items += fmt::format("<li>{}</li>", isolate(text));
  return fmt::format("<h4>{}</h4><ul>{}</ul>\n", title, items);
}

}  // namespace

Page::Page(const mart::Mart& of) : mart(of), say(of), drawings(draw_all(of)) {}

std::string Page::figure(std::string_view name, std::string_view caption) const {
  for (const Drawing& drawing : drawings) {
    if (drawing.name() != name) continue;
    return fmt::format(
        "<figure><h4>{}</h4>\n{}{}</figure>\n", escape(drawing.title()), drawing.embedded(),
        caption.empty() ? "" : fmt::format("<figcaption>{}</figcaption>", escape(caption)));
  }
  return "";
}

std::string section(std::string_view id, std::string_view title, const std::string& content) {
  return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, title, content);
}

std::string method(const Page& page) {
  const mart::Manifest& manifest = page.mart.manifest;
  std::string html =
      "<dl><dt>recency</dt><dd>whole days from the last purchase to the analysis date; fewer are "
      "better</dd>"
      "<dt>frequency</dt><dd>orders, the first one included</dd>"
      "<dt>value (monetary)</dt><dd>what a customer has spent, exact to the smallest unit of the "
      "currency</dd>"
      "<dt>average order value</dt><dd>as the data give it, else value divided by orders</dd>"
      "<dt>scores</dt><dd>each metric by its cut points, the highest score best; a high recency "
      "score means bought lately</dd>"
      "<dt>segments</dt><dd>rules in order, the first that is true takes the customer; every "
      "customer is in exactly one</dd>"
      "<dt>differences</dt><dd>always against all customers</dd>"
      "<dt>key traits</dt><dd>chi-square or Welch’s t against everyone else, Benjamini-Hochberg at "
      "5 % over the whole table, "
      "and a least effect; recency, frequency and value are never traits, since they define the "
      "segments</dd>"
      "<dt>claims</dt><dd>each has an estimate, a 95 % interval and a threshold that was set "
      "beforehand; what goes together "
      "need not cause one another</dd></dl>\n";
  html += inputs_table(page);
  html += fmt::format(
      "<h4>This run</h4><dl><dt>program</dt><dd>Quintile {}</dd><dt>analysis "
      "date</dt><dd>{}</dd><dt>plan</dt><dd>{} "
      "<code>{}</code></dd><dt>rules</dt><dd>{} <code>{}</code></dd><dt>rows</dt><dd>{} read, {} "
      "quarantined, {} customers "
      "published</dd><dt>fingerprint</dt><dd><code>{}</code></dd></dl>\n",
      escape(manifest.version), escape(manifest.analysis_date), isolate(manifest.plan_file),
      escape(manifest.plan_digest), isolate(page.mart.rules.file), escape(manifest.rules_digest),
      page.say.count("run.json/rows_read", manifest.rows_read).html(),
      page.say.count("run.json/rows_quarantined", manifest.rows_quarantined).html(),
      page.say.count("run.json/customers", manifest.customers).html(),
      escape(manifest.fingerprint));
  html += lines("Warnings", manifest.warnings);
  std::vector<std::string> detections;
  for (const auto& detection : manifest.detections) {
    detections.push_back(
        fmt::format("{}: {} ({})", detection.what, detection.chosen, detection.reason));
  }
  html += lines("Found out about the files", detections);
  return section("method", "Method and definitions", html);
}

std::string html(const mart::Mart& mart) {
  const Page page(mart);
  std::string body;
  for (const auto part : {cover, overview, recommendations, supported_insights,
                          unsupported_insights, segment_blocks, scoring, review, method}) {
    body += part(page);
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
      "name=\"color-scheme\" content=\"light dark\">\n"
      "<title>Customer segments, "
      "{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      escape(mart.manifest.analysis_date), page_style(), body);
}

std::vector<Figure> figures(const mart::Mart& mart) {
  std::vector<Figure> out;
  for (const Drawing& drawing : draw_all(mart)) {
    out.push_back({drawing.name() + ".svg", drawing.title(), drawing.standalone()});
  }
  return out;
}

}  // namespace quintile::report

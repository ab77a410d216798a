#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;

}  // namespace

std::string quality_json(const Explorer& explorer) {
  const quality::Review& review = explorer.mart().review;
  Json json;
  json.open();
  json.integer("rows", review.rows);
  json.list("columns", review.columns, [&](const quality::ColumnProfile& column) {
    json.text("column", column.column);
    json.text("role", column.role);
    json.text("type", column.type);
    json.integer("rows", column.rows);
    json.integer("missing", column.missing);
    json.integer("invalid", column.invalid);
    column.distinct ? json.integer("distinct", *column.distinct) : json.null("distinct");
    json.boolean("distinct_is_lower_bound", column.distinct_is_lower_bound);
    const auto text = [&](std::string_view key, const std::optional<std::string>& value) {
      value ? json.text(key, *value) : json.null(key);
    };
    text("minimum", column.minimum);
    text("maximum", column.maximum);
    json.real("mean", column.mean);
    json.real("standard_deviation", column.standard_deviation);
    json.real("skewness", column.skewness);
    text("quantile_05", column.quantile_05);
    text("quantile_25", column.quantile_25);
    text("median", column.median);
    text("quantile_75", column.quantile_75);
    text("quantile_95", column.quantile_95);
    json.list("top", column.top, [&](const auto& each) {
      const auto& [value, rows] = each;
      json.text("value", value);
      json.integer("rows", rows);
    });
  });
  json.list("findings", review.findings, [&](const quality::Finding& finding) {
    json.text("check", finding.check);
    json.text_or_null("column", finding.column);
    json.text("severity", to_string(finding.severity));
    json.integer("rows", finding.rows);
    json.real("share", finding.share.value);
    json.integers("examples", finding.examples);
    json.text("decision", to_string(finding.decision));
    json.text("reason", finding.reason);
    details(json, "details", finding.details);
  });
  json.list("waterfall", review.waterfall, [&](const quality::WaterfallStep& step) {
    json.text("step", step.step);
    json.integer("rows", step.rows);
    json.money("monetary", step.monetary, scale_of(explorer));
  });
  json.list("ties", explorer.mart().manifest.ties, [&](const rfm::TieReport& tie) {
    json.text("metric", to_string(tie.metric));
    json.integer("bins_asked", tie.bins_asked);
    json.integer("bins_used", tie.bins_used);
    json.integers("customers", tie.customers);
    json.real("share_other_rule", tie.share_other_rule);
  });
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

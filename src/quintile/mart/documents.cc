#include <fmt/format.h>

#include "quintile/mart/documents_internal.h"
#include "quintile/mart/json_fields_internal.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

namespace {

int scale_of(const rfm::CutPoints& points, const rfm::Model& model) {
  return points.metric == rfm::Metric::Monetary ? model.money_scale : 0;
}

void write_ties(JsonWriter& json, const std::vector<rfm::TieReport>& ties) {
  json.begin_object();
  for (const rfm::TieReport& tie : ties) {
    json.key(to_string(tie.metric));
    json.begin_object();
    json.key("bins_asked"), json.integer(tie.bins_asked);
    json.key("bins_used"), json.integer(tie.bins_used);
    json.key("customers"), json.begin_array(false);
    for (const std::int64_t customers : tie.customers) json.integer(customers);
    json.end_array();
    json.key("share_other_rule"), json.real(tie.share_other_rule);
    json.end_object();
  }
  json.end_object();
}

void write_rules(JsonWriter& json, const segments::RuleSet& rules) {
  const auto texts = [&json](std::string_view key, const std::vector<std::string>& lines) {
    json.key(key), json.begin_array(true);
    for (const std::string& line : lines) json.text(line);
    json.end_array();
  };
  json.begin_object();
  json.key("name"), json.text(rules.name);
  json.key("file"), json.text(published_name(rules.file));
  json.key("segments"), json.begin_array(true);
  for (const segments::Rule& rule : rules.rules) {
    json.begin_object();
    json.key("id"), json.text(rule.id);
    json.key("name"), json.text(rule.name);
    json.key("family"), json.text(to_string(rule.family));
    if (rule.when) {
      json.key("when"), json.text(rule.when->source);
    } else {
      json.key("otherwise"), json.boolean(true);
    }
    json.key("description"), json.text(rule.description);
    texts("actions", rule.actions);
    texts("watchouts", rule.watchouts);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

template <typename T>
void write_described(JsonWriter& json, std::string_view key, const T& value, int money_scale) {
  json.key(key);
  FieldWriter(json, money_scale).put(value);
}

}  // namespace

void write_model(JsonWriter& json, const rfm::Model& model) {
  json.begin_object();
  for (const rfm::CutPoints& points : model.metrics) {
    const int scale = scale_of(points, model);
    json.key(to_string(points.metric));
    json.begin_object();
    json.key("method"), json.text(to_string(points.method));
    json.key("bins"), json.integer(points.bins);
    json.key("cut_points"), json.begin_array(false);
    for (const std::int64_t cut : points.cuts) json.money(cut, scale);
    json.end_array();
    json.key("minimum"), json.money(points.minimum, scale);
    json.key("maximum"), json.money(points.maximum, scale);
    json.end_object();
  }
  json.end_object();
}

std::string review_json(const quality::Review& review, int money_scale) {
  return to_json(review, money_scale);
}

std::string summary_json(const summary::Summary& summary, int money_scale) {
  return to_json(summary, money_scale);
}

std::string insights_json(const std::vector<insights::Insight>& insights) {
  return to_json(insights, 0);
}

std::string manifest_json(const Manifest& manifest, const segments::RuleSet& rules,
                          const rfm::Model& model,
                          const std::vector<insights::Recommendation>& recommendations) {
  JsonWriter json;
  json.begin_object();
  json.key("version"), json.text(manifest.version);
  json.key("format"), json.integer(manifest.format);
  json.key("analysis_date"), json.text(manifest.analysis_date);
  json.key("currency"), json.text(manifest.currency);
  json.key("money_scale"), json.integer(manifest.money_scale);
  write_described(json, "inputs", manifest.inputs, 0);
  write_described(json, "detections", manifest.detections, 0);
  json.key("rows_read"), json.integer(manifest.rows_read);
  json.key("rows_quarantined"), json.integer(manifest.rows_quarantined);
  json.key("customers"), json.integer(manifest.customers);
  json.key("fingerprint"), json.text(manifest.fingerprint);
  json.key("plan_file"), json.text(manifest.plan_file);
  json.key("plan_digest"), json.text(manifest.plan_digest);
  json.key("rules_digest"), json.text(manifest.rules_digest);
  json.key("cut_points"), write_model(json, model);
  json.key("ties"), write_ties(json, manifest.ties);
  write_described(json, "warnings", manifest.warnings, 0);
  write_described(json, "recommendations", recommendations, manifest.money_scale);
  write_described(json, "columns", manifest.columns, 0);
  if (manifest.customers_at) write_described(json, "customers_at", *manifest.customers_at, 0);
  json.key("plan");
  if (const auto plan = parse_json(manifest.plan_json, "plan")) {
    write_json(json, *plan);
  } else {
    json.null();
  }
  json.key("rules"), write_rules(json, rules);
  json.key("files"), json.begin_object();
  for (const auto& [name, digest] : manifest.files) json.key(name), json.text(digest);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string cut_points_yaml(const rfm::Model& model, const Manifest& manifest) {
  std::string yaml = fmt::format(
      "# The scoring model of a run: name this file under scoring.cut_points to score other "
      "customers alike.\n"
      "# A value falls into bin 1 + the number of cut points below it; bin 1 scores highest for "
      "recency.\n"
      "version: 1\nanalysis_date: {}\ncurrency: {}\n",
      manifest.analysis_date, manifest.currency);
  if (const auto plan = parse_json(manifest.plan_json, "plan")) {
    const JsonValue* metrics = plan->find("metrics");
    if (const JsonValue* unit = metrics != nullptr ? metrics->find("frequency") : nullptr)
      yaml += fmt::format("metrics: {{frequency: {}}}\n", unit->text);
  }
  for (const rfm::CutPoints& points : model.metrics) {
    const int scale = scale_of(points, model);
    const auto number = [scale](std::int64_t value) {
      const std::string text = decimal_to_string(value, scale);
      return scale > 0 ? '"' + text + '"' : text;
    };
    std::string cuts;
    for (const std::int64_t cut : points.cuts) cuts += (cuts.empty() ? "" : ", ") + number(cut);
    yaml += fmt::format(
        "{}:\n  method: {}\n  bins: {}\n  cut_points: [{}]\n  minimum: {}\n  maximum: {}\n",
        to_string(points.metric), to_string(points.method), points.bins, cuts,
        number(points.minimum), number(points.maximum));
  }
  return yaml;
}

}  // namespace quintile::mart

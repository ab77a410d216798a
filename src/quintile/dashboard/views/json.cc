#include <variant>

#include "quintile/dashboard/views/json_internal.h"

namespace quintile::dashboard {

int scale_of(const explore::Explorer& explorer) {
  return explorer.mart().segmentation.customers.money_scale;
}

void metric_value(Json& json, std::string_view key, rfm::Metric metric, std::int64_t value,
                  int scale) {
  if (metric == rfm::Metric::Monetary)
    json.money(key, value, scale);
  else
    json.integer(key, value);
}

void snapshot_members(Json& json, const mart::Mart& mart) {
  json.text("snapshot_id", mart.manifest.fingerprint.substr(0, 16));
  json.text("analysis_date", mart.manifest.analysis_date);
}

void details(Json& json, std::string_view key, const std::vector<quality::Detail>& list) {
  json.open(key);
  for (const quality::Detail& detail : list) {
    if (const auto* group = std::get_if<std::vector<quality::Detail>>(&detail.value))
      details(json, detail.key, *group);
    else if (const auto* text = std::get_if<std::string>(&detail.value))
      json.text(detail.key, *text);
    else if (const auto* number = std::get_if<std::int64_t>(&detail.value))
      json.integer(detail.key, *number);
    else if (const auto* flag = std::get_if<bool>(&detail.value))
      json.boolean(detail.key, *flag);
    else
      json.real(detail.key, std::get<double>(detail.value));
  }
  json.close();
}

void lint_members(Json& json, const segments::LintReport& lint) {
  json.open("lint");
  json.list("segments", lint.segments, [&](const segments::RuleVerdict& verdict) {
    json.text("segment_id", verdict.segment_id);
    json.integer("cells", verdict.cells);
    json.integer("cells_matched", verdict.cells_matched);
    json.boolean("dead", verdict.dead);
    json.texts("shadowed_by", verdict.shadowed_by);
  });
  json.texts("gaps", lint.gaps);
  json.list("overlaps", lint.overlaps, [&](const segments::Overlap& overlap) {
    json.text("first", overlap.first);
    json.text("second", overlap.second);
    json.integer("cells", overlap.cells);
  });
  json.text("verdict", lint.faulty() ? "faulty" : "ok");
  json.close();
}

void rule_set_members(Json& json, const segments::RuleSet& rules) {
  json.integer("version", 1);
  json.text("name", rules.name);
  json.list("segments", rules.rules, [&](const segments::Rule& rule) {
    json.text("id", rule.id);
    json.text("name", rule.name);
    json.text("family", to_string(rule.family));
    if (rule.when)
      json.text("when", rule.when->source);
    else
      json.boolean("otherwise", true);
    if (!rule.description.empty()) json.text("description", rule.description);
    json.texts("actions", rule.actions);
    json.texts("watchouts", rule.watchouts);
  });
}

}  // namespace quintile::dashboard

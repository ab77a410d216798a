#include <fmt/format.h>

#include "quintile/mart/json_fields_internal.h"
#include "quintile/mart/manifest_reader_internal.h"
#include "quintile/mart/mart_files_internal.h"

namespace quintile::mart {

namespace {

std::unexpected<Error> not_as_written(std::string_view key) {
  return fail(ErrorCode::CheckFailed, fmt::format("is not as this version writes it: key {}", key),
              "Publish the mart again with `quintile run`.", {std::string(kManifestFile), 0, 0});
}

const JsonValue kNothing;

const JsonValue& member(const JsonValue& object, std::string_view key) {
  const JsonValue* value = object.find(key);
  return value == nullptr ? kNothing : *value;
}

template <typename T>
Status read(const JsonValue& object, std::string_view key, T& value, int money_scale = 0) {
  std::string fault;
  FieldReader reader(object, money_scale, fault);
  reader(key, value);
  if (!fault.empty()) return not_as_written(fault);
  return {};
}

Result<rfm::CutPoints> read_cut_points(const JsonValue& model, rfm::Metric metric,
                                       int money_scale) {
  rfm::CutPoints points;
  points.metric = metric;
  const JsonValue& json = member(model, to_string(metric));
  std::int64_t bins = 0;
  QUINTILE_TRY_STATUS(read(json, "method", points.method));
  QUINTILE_TRY_STATUS(read(json, "bins", bins));
  points.bins = static_cast<int>(bins);
  const int scale = metric == rfm::Metric::Monetary ? money_scale : 0;
  std::vector<Int128> cuts;
  Int128 minimum = 0, maximum = 0;
  QUINTILE_TRY_STATUS(read(json, "cut_points", cuts, scale));
  QUINTILE_TRY_STATUS(read(json, "minimum", minimum, scale));
  QUINTILE_TRY_STATUS(read(json, "maximum", maximum, scale));
  for (const Int128 cut : cuts) points.cuts.push_back(static_cast<std::int64_t>(cut));
  points.minimum = static_cast<std::int64_t>(minimum);
  points.maximum = static_cast<std::int64_t>(maximum);
  if (bins < 1 || bins > 100 || points.cuts.size() + 1 != static_cast<std::size_t>(bins))
    return not_as_written("bins");
  return points;
}

Result<std::vector<rfm::TieReport>> read_ties(const JsonValue& json) {
  std::vector<rfm::TieReport> ties;
  for (const rfm::Metric metric : rfm::kMetrics) {
    const JsonValue* one = json.find(to_string(metric));
    if (one == nullptr) continue;
    rfm::TieReport& tie = ties.emplace_back();
    tie.metric = metric;
    std::int64_t bins_asked = 0, bins_used = 0;
    QUINTILE_TRY_STATUS(read(*one, "bins_asked", bins_asked));
    QUINTILE_TRY_STATUS(read(*one, "bins_used", bins_used));
    QUINTILE_TRY_STATUS(read(*one, "customers", tie.customers));
    QUINTILE_TRY_STATUS(read(*one, "share_other_rule", tie.share_other_rule));
    tie.bins_asked = static_cast<int>(bins_asked);
    tie.bins_used = static_cast<int>(bins_used);
  }
  return ties;
}

Result<segments::RuleSet> read_rules(const JsonValue& json) {
  segments::RuleSet rules;
  QUINTILE_TRY_STATUS(read(json, "name", rules.name));
  QUINTILE_TRY_STATUS(read(json, "file", rules.file));
  for (const JsonValue& one : member(json, "segments").items) {
    segments::Rule& rule = rules.rules.emplace_back();
    QUINTILE_TRY_STATUS(read(one, "id", rule.id));
    QUINTILE_TRY_STATUS(read(one, "name", rule.name));
    QUINTILE_TRY_STATUS(read(one, "family", rule.family));
    if (one.find("when") != nullptr) {
      std::string source;
      QUINTILE_TRY_STATUS(read(one, "when", source));
      QUINTILE_TRY(rule.when, expression::parse(source, {std::string(kManifestFile), 0, 0},
                                                ErrorCode::CheckFailed));
    }
    QUINTILE_TRY_STATUS(read(one, "description", rule.description));
    QUINTILE_TRY_STATUS(read(one, "actions", rule.actions));
    QUINTILE_TRY_STATUS(read(one, "watchouts", rule.watchouts));
  }
  if (rules.rules.empty() || rules.rules.size() > segments::kRulesMax)
    return not_as_written("rules");
  return rules;
}

Status read_facts(const JsonValue& json, Manifest& manifest) {
  std::int64_t format = 0, scale = 0;
  QUINTILE_TRY_STATUS(read(json, "version", manifest.version));
  QUINTILE_TRY_STATUS(read(json, "format", format));
  if (format != kFormat) {
    return fail(ErrorCode::CheckFailed,
                fmt::format("was written by version {} in format {}; this version reads format {}",
                            manifest.version, format, kFormat),
                "Publish the mart again with `quintile run`.", {std::string(kManifestFile), 0, 0});
  }
  QUINTILE_TRY_STATUS(read(json, "analysis_date", manifest.analysis_date));
  QUINTILE_TRY_STATUS(read(json, "currency", manifest.currency));
  QUINTILE_TRY_STATUS(read(json, "money_scale", scale));
  if (scale < 0 || scale > kMoneyScaleMax) return not_as_written("money_scale");
  manifest.money_scale = static_cast<int>(scale);
  QUINTILE_TRY_STATUS(read(json, "inputs", manifest.inputs));
  QUINTILE_TRY_STATUS(read(json, "detections", manifest.detections));
  QUINTILE_TRY_STATUS(read(json, "rows_read", manifest.rows_read));
  QUINTILE_TRY_STATUS(read(json, "rows_quarantined", manifest.rows_quarantined));
  QUINTILE_TRY_STATUS(read(json, "customers", manifest.customers));
  QUINTILE_TRY_STATUS(read(json, "fingerprint", manifest.fingerprint));
  QUINTILE_TRY_STATUS(read(json, "plan_file", manifest.plan_file));
  QUINTILE_TRY_STATUS(read(json, "plan_digest", manifest.plan_digest));
  QUINTILE_TRY_STATUS(read(json, "rules_digest", manifest.rules_digest));
  QUINTILE_TRY_STATUS(read(json, "warnings", manifest.warnings));
  QUINTILE_TRY_STATUS(read(json, "columns", manifest.columns));
  if (json.find("customers_at") != nullptr)
    QUINTILE_TRY_STATUS(read(json, "customers_at", manifest.customers_at.emplace()));
  for (const auto& [name, digest] : member(json, "files").members)
    manifest.files[name] = digest.text;
  if (const JsonValue* plan = json.find("plan");
      plan != nullptr && plan->kind == JsonValue::Kind::Object) {
    JsonWriter compact(false);
    write_json(compact, *plan);
    manifest.plan_json = compact.take();
  }
  return {};
}

}  // namespace

Result<ManifestFile> read_manifest(std::string_view text) {
  QUINTILE_TRY(const JsonValue json, parse_json(text, std::string(kManifestFile)));
  ManifestFile file;
  QUINTILE_TRY_STATUS(read_facts(json, file.manifest));
  const int scale = file.manifest.money_scale;
  file.model.money_scale = scale;
  for (const rfm::Metric metric : rfm::kMetrics) {
    QUINTILE_TRY(file.model.metrics[static_cast<std::size_t>(metric)],
                 read_cut_points(member(json, "cut_points"), metric, scale));
  }
  QUINTILE_TRY(file.manifest.ties, read_ties(member(json, "ties")));
  QUINTILE_TRY(file.rules, read_rules(member(json, "rules")));
  file.rules.digest = file.manifest.rules_digest;
  QUINTILE_TRY_STATUS(read(json, "recommendations", file.recommendations, scale));
  return file;
}

}  // namespace quintile::mart

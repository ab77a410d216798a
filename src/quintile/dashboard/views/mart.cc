#include <algorithm>

#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;

void dimension_members(Json& json, const explore::Dimension& dimension) {
  json.text("name", dimension.name);
  json.text("param", dimension.param);
  json.text("kind", to_string(dimension.kind));
  json.text("role", dimension.role);
  if (dimension.kind == explore::Kind::Text) {
    json.integer("distinct", dimension.distinct);
    json.boolean("values_truncated", dimension.values_truncated);
  }
  if (dimension.kind == explore::Kind::Text || dimension.kind == explore::Kind::Boolean) {
    json.list("values", dimension.values, [&](const auto& each) {
      const auto& [value, customers] = each;
      if (dimension.kind == explore::Kind::Boolean)
        json.boolean("value", value == "true");
      else
        json.text("value", value);
      json.integer("customers", customers);
    });
  } else {
    if (dimension.range) {
      // A number stands as it is; a date as text.
      const bool is_number = dimension.kind == explore::Kind::Number;
      json.open("range");
      for (const auto& [key, text] :
           {std::pair("min", dimension.range->first), std::pair("max", dimension.range->second)}) {
        if (is_number)
          json.writer().key(key), json.writer().number(text);
        else
          json.text(key, text);
      }
      json.close();
    } else {
      json.null("range");
    }
    json.list("bands", dimension.bands, [&](const auto& each) {
      const auto& [value, customers] = each;
      json.text("value", value);
      json.integer("customers", customers);
    });
  }
  json.integer("missing", dimension.missing);
}

constexpr std::string_view kScores[] = {"r_score", "f_score", "m_score"};

}  // namespace

std::string snapshot_json(const Explorer& explorer, const std::string& notice) {
  Json json;
  json.open();
  snapshot_members(json, explorer.mart());
  json.text_or_null("notice", notice);
  json.close();
  return json.take();
}

std::string meta_json(const Explorer& explorer, bool has_drafts, const std::string& version) {
  const mart::Mart& mart = explorer.mart();
  Json json;
  json.open();
  json.open("snapshot");
  snapshot_members(json, mart);
  json.text("rules_digest", mart.manifest.rules_digest);
  json.text("plan_digest", mart.manifest.plan_digest);
  json.close();
  if (explorer.previous() != nullptr) {
    json.open("previous");
    snapshot_members(json, *explorer.previous());
    json.close();
  } else {
    json.null("previous");
  }
  json.text("title", mart.rules.name);
  json.text("currency", mart.manifest.currency);
  json.integer("money_scale", scale_of(explorer));
  json.integer("customers", explorer.customers());
  json.open("bins");
  for (std::size_t i = 0; i < 3; ++i)
    json.integer(kScores[i], mart.segmentation.model.metrics[i].bins);
  json.close();
  json.open("scores");
  for (std::size_t i = 0; i < 3; ++i) {
    json.open_list(kScores[i]);
    for (const explore::ScoreRange& range : explorer.score_ranges()[i]) {
      json.open();
      json.integer("score", range.score);
      for (const auto& [key, value] : {std::pair("from", range.from), std::pair("to", range.to)}) {
        if (value)
          metric_value(json, key, rfm::kMetrics[i], *value, scale_of(explorer));
        else
          json.null(key);
      }
      json.integer("customers", range.customers);
      json.close();
    }
    json.close_list();
  }
  json.close();
  json.texts("columns", explorer.column_names());
  json.text_or_null("overlay", mart.overlay_name);
  json.text_or_null("consent", mart.consent_name);
  json.list("dimensions", explorer.dimensions(),
            [&](const explore::Dimension& dimension) { dimension_members(json, dimension); });
  json.list("segments", mart.rules.rules, [&](const segments::Rule& rule) {
    json.text("segment_id", rule.id);
    json.text("segment_name", rule.name);
    json.text("family", to_string(rule.family));
    json.text("description", rule.description);
    rule.when ? json.text("when", rule.when->source) : json.null("when");
  });
  json.open("review");
  for (const quality::Severity severity :
       {quality::Severity::Error, quality::Severity::Warning, quality::Severity::Info}) {
    json.integer(to_string(severity),
                 std::ranges::count(mart.review.findings, severity, &quality::Finding::severity));
  }
  json.close();
  json.boolean("drafts", has_drafts);
  json.text("version", version);
  json.close();
  return json.take();
}

std::string values_json(const std::vector<std::pair<std::string, std::int64_t>>& values,
                        std::int64_t total) {
  Json json;
  json.open();
  json.list("values", values, [&](const auto& each) {
    const auto& [value, customers] = each;
    json.text("value", value);
    json.integer("customers", customers);
  });
  json.integer("total", total);
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

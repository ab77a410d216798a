#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"
#include "quintile/segments/rule_columns.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;

void draft_members(Json& json, const DraftEntry& draft) {
  json.text("draft_id", draft.draft_id);
  json.text("file", draft.file);
  json.text("rules_digest", draft.rules_digest);
  json.text_or_null("base_digest", draft.base_digest);
}

}  // namespace

std::string rules_json(const Explorer& explorer) {
  const mart::Mart& mart = explorer.mart();
  Json json;
  json.open();
  json.open("rules");
  rule_set_members(json, mart.rules);
  json.close();
  json.text("rules_digest", mart.manifest.rules_digest);
  json.open_list("fields");
  const segments::RuleColumns columns(mart.segmentation, mart.rules);
  const auto types = columns.types();
  for (const std::string& name : columns.names()) {
    const auto type = types(name);
    if (!type) continue;
    const bool is_date = type->type == Type::Date || type->type == Type::Timestamp;
    json.open();
    json.text("name", name);
    json.text("kind",
              type->type == Type::Text
                  ? "text"
                  : (type->type == Type::Boolean ? "boolean" : (is_date ? "date" : "number")));
    json.close();
  }
  json.close_list();
  lint_members(json, segments::lint(mart.rules, explorer.bins()));
  json.close();
  return json.take();
}

std::string preview_json(const Explorer& explorer, const segments::RuleSet& draft,
                         const explore::Preview& preview, const std::string& yaml) {
  const int scale = scale_of(explorer);
  Json json;
  json.open();
  json.open_list("segments");
  for (std::size_t i = 0; i < preview.segments.size(); ++i) {
    const auto& [customers, monetary] = preview.segments[i];
    const bool is_none = i == draft.rules.size();
    if (is_none && customers == 0) continue;
    json.open();
    is_none ? json.null("segment_id") : json.text("segment_id", draft.rules[i].id);
    json.integer("customers", customers);
    json.money("monetary", monetary, scale);
    json.close();
  }
  json.close_list();
  json.open("movers");
  json.integer("customers", preview.movers);
  json.money("monetary", preview.movers_monetary, scale);
  json.close();
  json.list("flows", preview.flows, [&](const segments::Flow& flow) {
    json.text("from", explorer.mart().rules.rules[flow.from].id);
    flow.to < draft.rules.size() ? json.text("to", draft.rules[flow.to].id) : json.null("to");
    json.integer("customers", flow.customers);
    json.money("monetary", flow.monetary, scale);
  });
  lint_members(json, preview.lint);
  json.text("yaml", yaml);
  json.text("rules_digest", draft.digest);
  json.close();
  return json.take();
}

std::string drafts_json(const std::vector<DraftEntry>& drafts) {
  Json json;
  json.open();
  json.list("drafts", drafts, [&](const DraftEntry& draft) { draft_members(json, draft); });
  json.close();
  return json.take();
}

std::string draft_json(const DraftEntry& draft, const segments::RuleSet* rules) {
  Json json;
  json.open();
  draft_members(json, draft);
  if (rules != nullptr) {
    json.open("rules");
    rule_set_members(json, *rules);
    json.close();
  }
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

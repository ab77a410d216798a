#include <algorithm>

#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"
#include "quintile/explore/export.h"
#include "quintile/segments/explain.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;

/// A cell of a column: numbers and booleans as such, decimals and dates as text.
void cell(Json& json, std::string_view key, const table::Column& column, std::int64_t row) {
  if (!column.is_valid(row)) return json.null(key);
  switch (column.view.type) {
    case Type::Boolean: return json.boolean(key, column.view.integer(row) != 0);
    case Type::Integer: return json.integer(key, column.view.integer(row));
    case Type::Real:
      return json.real(key, column.view.values<double>()[static_cast<std::size_t>(row)]);
    default: return json.text(key, column.cell(row));
  }
}

void cell_or_null(Json& json, std::string_view key, const std::optional<table::Column>& column,
                  std::int64_t row) {
  if (column)
    cell(json, key, *column, row);
  else
    json.null(key);
}

void customer_members(Json& json, const Explorer& explorer, std::int64_t row) {
  const segments::Segmentation& s = explorer.mart().segmentation;
  const customers::Customers& c = s.customers;
  const segments::Bins bins = explorer.bins();
  json.integer("customer_id", row + 1);
  json.text("source_customer_id", explorer.source_id(row));
  json.open("attributes");
  for (const table::Column& attribute : c.attributes) cell(json, attribute.name, attribute, row);
  json.close();
  cell_or_null(json, "overlay", c.overlay, row);
  cell_or_null(json, "consent", c.consent, row);
  cell_or_null(json, "first_purchase_date", c.first_purchase_date, row);
  cell_or_null(json, "last_purchase_date", c.last_purchase_date, row);
  json.integer("recency_days", c.recency_days.view.integer(row));
  json.integer("frequency", c.frequency.view.integer(row));
  json.money("monetary", c.monetary.view.integer(row), scale_of(explorer));
  json.money("average_order_value", c.average_order_value.view.integer(row), scale_of(explorer));
  json.integer("r_score", s.r_score[row]);
  json.integer("f_score", s.f_score[row]);
  json.integer("m_score", s.m_score[row]);
  json.text("rfm_code", rfm::rfm_code(s.r_score[row], s.f_score[row], s.m_score[row],
                                      std::max({bins.r, bins.f, bins.m})));
  json.integer("rfm_total", s.r_score[row] + s.f_score[row] + s.m_score[row]);
  json.text("segment_id", explorer.mart().rules.rules[s.segment[row]].id);
}

}  // namespace

std::string page_json(const Explorer& explorer, const explore::Page& page, const std::string* next,
                      const std::string* previous) {
  Json json;
  json.open();
  json.list("customers", page.rows,
            [&](const std::int64_t row) { customer_members(json, explorer, row); });
  json.integer("total", page.total);
  json.integer("first", page.first);
  next != nullptr ? json.text("next", *next) : json.null("next");
  previous != nullptr ? json.text("previous", *previous) : json.null("previous");
  json.close();
  return json.take();
}

Result<std::string> customer_json(const Explorer& explorer, std::int64_t row) {
  const mart::Mart& mart = explorer.mart();
  QUINTILE_TRY(const segments::Explanation explanation,
               segments::explain(mart.segmentation, mart.rules, row));
  const int scale = scale_of(explorer);
  Json json;
  json.open();
  customer_members(json, explorer, row);
  json.open_list("rules");
  for (std::size_t i = 0; i < explanation.rules.size(); ++i) {
    const segments::RuleExplanation& rule = explanation.rules[i];
    const segments::Rule& written = mart.rules.rules[i];
    json.open();
    json.text("segment_id", rule.segment_id);
    json.text("segment_name", written.name);
    written.when ? json.text("when", written.when->source) : json.null("when");
    if (rule.truth == expression::Truth::Unknown)
      json.null("matched");
    else
      json.boolean("matched", rule.truth == expression::Truth::True);
    json.close();
  }
  json.close_list();
  const auto change = [&](std::string_view key, const segments::Change& move) {
    json.open(key);
    json.text("field", move.field);
    metric_value(json, "from", move.metric, move.from, scale);
    metric_value(json, "to", move.metric, move.to, scale);
    json.text("segment_id", mart.rules.rules[move.segment].id);
    json.close();
  };
  if (explanation.smallest_change)
    change("smallest_change", *explanation.smallest_change);
  else
    json.null("smallest_change");
  json.open_list("near_misses");
  constexpr std::size_t kNearMissesMax = 5;
  for (std::size_t i = 0; i < std::min(kNearMissesMax, explanation.near_misses.size()); ++i)
    change({}, explanation.near_misses[i]);
  json.close_list();
  if (const auto before = explorer.previous_row(row)) {
    const mart::Mart& older = *explorer.previous();
    const segments::Segmentation& s = older.segmentation;
    const segments::Bins bins = segments::bins_of(s.model);
    const segments::Rule& rule = older.rules.rules[s.segment[*before]];
    json.open("previous");
    json.text("segment_id", rule.id);
    json.text("segment_name", rule.name);
    json.text("rfm_code", rfm::rfm_code(s.r_score[*before], s.f_score[*before], s.m_score[*before],
                                        std::max({bins.r, bins.f, bins.m})));
    json.text("analysis_date", older.manifest.analysis_date);
    json.close();
  } else {
    json.null("previous");
  }
  json.close();
  return json.take();
}

std::string audience_json(const Explorer& explorer, const explore::Selection& selection) {
  const explore::AudienceCount count = explore::count_audience(explorer, selection);
  Json json;
  json.open();
  json.integer("customers", count.customers);
  json.integer("contactable", count.contactable);
  json.integer("withheld", count.withheld);
  json.text_or_null("consent", explorer.mart().consent_name);
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

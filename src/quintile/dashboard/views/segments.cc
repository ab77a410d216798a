#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;
using explore::Selection;

void delta(Json& json, std::string_view key, const summary::Delta& delta) {
  json.open(key);
  json.real("absolute", delta.absolute);
  json.real("relative", delta.relative);
  json.close();
}

void figures(Json& json, const summary::SegmentSummary& s, int scale) {
  json.integer("customers", s.customers);
  json.real("customer_share", s.customer_share);
  json.money("monetary", s.monetary, scale);
  json.real("monetary_share", s.monetary_share);
  json.real("mean_recency_days", s.mean_recency_days);
  json.real("mean_frequency", s.mean_frequency);
  json.real("mean_monetary", s.mean_monetary);
  json.real("mean_average_order_value", s.mean_average_order_value);
  json.real("median_recency_days", s.median_recency_days);
  json.real("median_frequency", s.median_frequency);
  json.real("median_monetary", s.median_monetary);
  json.real("overlay_share", s.overlay_share);
  json.real("contactable_share", s.contactable_share);
  json.open("kpi_deltas");
  delta(json, "mean_recency_days", s.kpi_deltas.mean_recency_days);
  delta(json, "mean_frequency", s.kpi_deltas.mean_frequency);
  delta(json, "mean_monetary", s.kpi_deltas.mean_monetary);
  delta(json, "mean_average_order_value", s.kpi_deltas.mean_average_order_value);
  json.close();
}

void key_traits(Json& json, const std::vector<summary::KeyTrait>& traits) {
  json.list("key_traits", traits, [&](const summary::KeyTrait& trait) {
    json.text("attribute", trait.attribute);
    json.text("value", trait.value);
    json.real("share", trait.share);
    json.real("population_share", trait.population_share);
    if (trait.mean) json.real("mean", trait.mean);
    if (trait.population_mean) json.real("population_mean", trait.population_mean);
    json.real("lift", trait.lift);
    json.real("effect", trait.effect);
    json.real("p_adjusted", trait.p_adjusted);
  });
}

}  // namespace

std::string segments_json(const Explorer& explorer, const Selection& selection,
                          const Selection& without_segments, const Executor& executor) {
  const summary::Summary summary = explorer.summarise(selection, executor);
  // Traits tell a segment from the other customers in the filter, so they look past a filter on
  // segments.
  const bool has_own_traits = selection.text == without_segments.text;
  const summary::Summary others =
      has_own_traits ? summary::Summary{} : explorer.summarise(without_segments, executor);
  const auto previous = explorer.previous_sizes();
  const int scale = scale_of(explorer);
  Json json;
  json.open();
  json.open("population");
  figures(json, summary.population, scale);
  json.close();
  json.open("filtered");
  figures(json, summary.filtered.value_or(summary.population), scale);
  json.close();
  json.open_list("segments");
  for (std::size_t i = 0; i < summary.segments.size(); ++i) {
    const summary::SegmentSummary& segment = summary.segments[i];
    json.open();
    json.text("segment_id", segment.segment_id);
    json.text("segment_name", segment.segment_name);
    json.text("family", segment.family);
    figures(json, segment, scale);
    key_traits(json, (has_own_traits ? segment : others.segments[i]).key_traits);
    json.texts("actions", segment.actions);
    json.texts("watchouts", segment.watchouts);
    if (previous)
      json.integer("previous_customers", (*previous)[i]);
    else
      json.null("previous_customers");
    json.close();
  }
  json.close_list();
  json.close();
  return json.take();
}

std::string cube_json(const Explorer& explorer, const Selection& selection, bool by_segment) {
  const mart::Mart& mart = explorer.mart();
  const bool has_overlay = mart.segmentation.customers.overlay.has_value();
  Json json;
  json.open();
  json.list("cells", explorer.cube(selection, by_segment), [&](const explore::CubeCell& cell) {
    json.integer("r_score", cell.r_score);
    json.integer("f_score", cell.f_score);
    json.integer("m_score", cell.m_score);
    if (by_segment) json.text("segment_id", mart.rules.rules[cell.segment].id);
    json.integer("customers", cell.customers);
    json.money("monetary", cell.monetary, scale_of(explorer));
    json.integer("frequency", cell.frequency);
    json.integer("recency_days", cell.recency_days);
    has_overlay ? json.integer("overlay", cell.overlay) : json.null("overlay");
  });
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

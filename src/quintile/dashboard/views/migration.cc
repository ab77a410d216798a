#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;

}  // namespace

std::string migration_json(const Explorer& explorer, const explore::Migration& migration) {
  Json json;
  json.open();
  json.open("from");
  snapshot_members(json, *explorer.previous());
  json.close();
  json.open("to");
  snapshot_members(json, explorer.mart());
  json.close();
  json.list("segments", migration.segments, [&](const explore::Migration::Segment& segment) {
    json.text("segment_id", segment.id);
    json.text("segment_name", segment.name);
    json.text("family", to_string(segment.family));
  });
  json.list("flows", migration.flows, [&](const explore::Migration::Flow& flow) {
    flow.from ? json.text("from", migration.segments[*flow.from].id) : json.null("from");
    flow.to ? json.text("to", migration.segments[*flow.to].id) : json.null("to");
    json.integer("customers", flow.customers);
    json.money("monetary", flow.monetary, scale_of(explorer));
  });
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

#include "quintile/dashboard/views/json_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;
using explore::Selection;

void recommendations(Json& json, const std::vector<insights::Recommendation>& list, int scale) {
  json.list("recommendations", list, [&](const insights::Recommendation& item) {
    json.text("id", item.id);
    json.text("title", item.title);
    json.texts("segment_ids", item.segment_ids);
    json.integer("customers", item.customers);
    json.money("monetary", item.monetary, scale);
    item.contactable ? json.integer("contactable", *item.contactable) : json.null("contactable");
    json.real("median_recency_days", item.median_recency_days);
    item.window_days ? json.integer("window_days", *item.window_days) : json.null("window_days");
    json.text("text", item.text);
    json.text("risk", item.risk);
  });
}

}  // namespace

std::string distributions_json(const Explorer& explorer, const Selection& selection) {
  const explore::Distributions distributions = explorer.distributions(selection);
  const int scale = scale_of(explorer);
  constexpr std::string_view kNames[] = {"recency_days", "frequency", "monetary"};
  Json json;
  json.open();
  for (std::size_t i = 0; i < 3; ++i) {
    const bool is_money = rfm::kMetrics[i] == rfm::Metric::Monetary;
    const auto number = [&](std::string_view key, std::int64_t value) {
      if (!key.empty()) json.writer().key(key);
      json.writer().money(value, is_money ? scale : 0);
    };
    json.open(kNames[i]);
    json.list("bins", distributions.histograms[i], [&](const explore::HistogramBin& bin) {
      number("from", bin.from);
      // Whole numbers name their last value; money the first value behind.
      if (bin.to)
        number("to", is_money ? *bin.to + 1 : *bin.to);
      else
        json.null("to");
      json.integer("customers", bin.customers);
      json.integer("population", bin.population);
    });
    json.open_list("cut_points");
    for (const std::int64_t cut : explorer.mart().segmentation.model.metrics[i].cuts)
      number({}, cut);
    json.close_list();
    json.close();
  }
  json.open("lorenz");
  json.open_list("points");
  for (const auto& [customers, money] : distributions.lorenz.points) {
    json.open_list();
    json.writer().real(customers);
    json.writer().real(money);
    json.close_list();
  }
  json.close_list();
  json.list("top", distributions.lorenz.top, [&](const explore::Lorenz::Top& top) {
    json.real("customer_share", top.customer_share);
    json.integer("customers", top.customers);
    json.real("monetary_share", top.monetary_share);
  });
  json.real("gini", distributions.lorenz.gini);
  json.close();
  json.open_list("overlay_cells");
  const auto side = [&](std::string_view key, const explore::OverlayCell::Side& sums) {
    json.open(key);
    json.integer("customers", sums.customers);
    if (sums.customers == 0)
      json.null("mean_monetary");
    else
      json.real("mean_monetary", static_cast<double>(sums.monetary) /
                                     static_cast<double>(power_of_ten(scale)) /
                                     static_cast<double>(sums.customers));
    json.close();
  };
  for (const explore::OverlayCell& cell : distributions.overlay_cells) {
    json.open();
    json.integer("r_score", cell.r_score);
    json.integer("f_score", cell.f_score);
    side("with", cell.with);
    side("without", cell.without);
    json.close();
  }
  json.close_list();
  json.close();
  return json.take();
}

std::string insights_json(const Explorer& explorer, const Selection& selection) {
  Json json;
  json.open();
  json.list("insights", explorer.insights(selection), [&](const insights::Insight& insight) {
    json.text("id", insight.id);
    json.text("claim", insight.claim);
    json.text("verdict", to_string(insight.verdict));
    json.real("estimate", insight.estimate);
    if (insight.interval) {
      json.open_list("interval");
      for (const double end : *insight.interval) json.writer().real(end);
      json.close_list();
    } else {
      json.null("interval");
    }
    json.real("threshold", insight.threshold);
    details(json, "evidence", insight.evidence);
  });
  // They are made of all customers; under a filter they would be about others.
  recommendations(json,
                  selection.everyone ? explorer.mart().recommendations
                                     : std::vector<insights::Recommendation>{},
                  scale_of(explorer));
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

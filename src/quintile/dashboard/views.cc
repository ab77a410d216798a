#include <algorithm>
#include <variant>

#include "quintile/base/money.h"
#include "quintile/dashboard/views_internal.h"
#include "quintile/mart/json_writer.h"
#include "quintile/segments/explain.h"
#include "quintile/segments/rule_columns.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;
using explore::Selection;
using mart::JsonWriter;

/// JSON under construction, with a call for each kind of member.
class Json {
 public:
  JsonWriter& writer() { return json_; }
  void open(std::string_view key = {}) { name(key), json_.begin_object(); }
  void close() { json_.end_object(); }
  void open_list(std::string_view key = {}) { name(key), json_.begin_array(true); }
  void close_list() { json_.end_array(); }
  void text(std::string_view key, std::string_view value) { name(key), json_.text(value); }
  void text_or_null(std::string_view key, std::string_view value) {
    value.empty() ? null(key) : text(key, value);
  }
  void integer(std::string_view key, std::int64_t value) { name(key), json_.integer(value); }
  void real(std::string_view key, double value) { name(key), json_.real(value); }
  void real(std::string_view key, const std::optional<double>& value) {
    value ? real(key, *value) : null(key);
  }
  void boolean(std::string_view key, bool value) { name(key), json_.boolean(value); }
  void null(std::string_view key) { name(key), json_.null(); }
  void money(std::string_view key, Int128 value, int scale) {
    text(key, decimal_to_string(value, scale));
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    open_list(key);
    for (const std::string& value : values) json_.text(value);
    close_list();
  }
  [[nodiscard]] std::string take() { return json_.take(); }

 private:
  void name(std::string_view key) {
    if (!key.empty()) json_.key(key);
  }
  JsonWriter json_{false};
};

int scale_of(const Explorer& explorer) {
  return explorer.mart().segmentation.customers.money_scale;
}

/// A metric's value: days and orders as numbers, money as decimal text.
void metric_value(Json& json, std::string_view key, rfm::Metric metric, std::int64_t value,
                  int scale) {
  if (metric == rfm::Metric::Monetary)
    json.money(key, value, scale);
  else
    json.integer(key, value);
}

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

void snapshot_members(Json& json, const mart::Mart& mart) {
  json.text("snapshot_id", mart.manifest.fingerprint.substr(0, 16));
  json.text("analysis_date", mart.manifest.analysis_date);
}

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
  json.open_list("key_traits");
  for (const summary::KeyTrait& trait : traits) {
    json.open();
    json.text("attribute", trait.attribute);
    json.text("value", trait.value);
    json.real("share", trait.share);
    json.real("population_share", trait.population_share);
    if (trait.mean) json.real("mean", trait.mean);
    if (trait.population_mean) json.real("population_mean", trait.population_mean);
    json.real("lift", trait.lift);
    json.real("effect", trait.effect);
    json.real("p_adjusted", trait.p_adjusted);
    json.close();
  }
  json.close_list();
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
  json.open_list("segments");
  for (const segments::RuleVerdict& verdict : lint.segments) {
    json.open();
    json.text("segment_id", verdict.segment_id);
    json.integer("cells", verdict.cells);
    json.integer("cells_matched", verdict.cells_matched);
    json.boolean("dead", verdict.dead);
    json.texts("shadowed_by", verdict.shadowed_by);
    json.close();
  }
  json.close_list();
  json.texts("gaps", lint.gaps);
  json.open_list("overlaps");
  for (const segments::Overlap& overlap : lint.overlaps) {
    json.open();
    json.text("first", overlap.first);
    json.text("second", overlap.second);
    json.integer("cells", overlap.cells);
    json.close();
  }
  json.close_list();
  json.text("verdict", lint.faulty() ? "faulty" : "ok");
  json.close();
}

void rule_set_members(Json& json, const segments::RuleSet& rules) {
  json.integer("version", 1);
  json.text("name", rules.name);
  json.open_list("segments");
  for (const segments::Rule& rule : rules.rules) {
    json.open();
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
    json.close();
  }
  json.close_list();
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

void recommendations(Json& json, const std::vector<insights::Recommendation>& list, int scale) {
  json.open_list("recommendations");
  for (const insights::Recommendation& item : list) {
    json.open();
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
    json.close();
  }
  json.close_list();
}

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
    json.open_list("values");
    for (const auto& [value, customers] : dimension.values) {
      json.open();
      if (dimension.kind == explore::Kind::Boolean)
        json.boolean("value", value == "true");
      else
        json.text("value", value);
      json.integer("customers", customers);
      json.close();
    }
    json.close_list();
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
    json.open_list("bands");
    for (const auto& [value, customers] : dimension.bands) {
      json.open();
      json.text("value", value);
      json.integer("customers", customers);
      json.close();
    }
    json.close_list();
  }
  json.integer("missing", dimension.missing);
}

constexpr std::string_view kScores[] = {"r_score", "f_score", "m_score"};

}  // namespace

std::string snapshot_json(const Explorer& explorer) {
  Json json;
  json.open();
  snapshot_members(json, explorer.mart());
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
  json.open_list("dimensions");
  for (const explore::Dimension& dimension : explorer.dimensions()) {
    json.open();
    dimension_members(json, dimension);
    json.close();
  }
  json.close_list();
  json.open_list("segments");
  for (const segments::Rule& rule : mart.rules.rules) {
    json.open();
    json.text("segment_id", rule.id);
    json.text("segment_name", rule.name);
    json.text("family", to_string(rule.family));
    json.text("description", rule.description);
    rule.when ? json.text("when", rule.when->source) : json.null("when");
    json.close();
  }
  json.close_list();
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
  json.open_list("cells");
  for (const explore::CubeCell& cell : explorer.cube(selection, by_segment)) {
    json.open();
    json.integer("r_score", cell.r_score);
    json.integer("f_score", cell.f_score);
    json.integer("m_score", cell.m_score);
    if (by_segment) json.text("segment_id", mart.rules.rules[cell.segment].id);
    json.integer("customers", cell.customers);
    json.money("monetary", cell.monetary, scale_of(explorer));
    json.integer("frequency", cell.frequency);
    json.integer("recency_days", cell.recency_days);
    has_overlay ? json.integer("overlay", cell.overlay) : json.null("overlay");
    json.close();
  }
  json.close_list();
  json.close();
  return json.take();
}

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
    json.open_list("bins");
    for (const explore::HistogramBin& bin : distributions.histograms[i]) {
      json.open();
      number("from", bin.from);
      // Whole numbers name their last value; money the first value behind.
      if (bin.to)
        number("to", is_money ? *bin.to + 1 : *bin.to);
      else
        json.null("to");
      json.integer("customers", bin.customers);
      json.integer("population", bin.population);
      json.close();
    }
    json.close_list();
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
  json.open_list("top");
  for (const explore::Lorenz::Top& top : distributions.lorenz.top) {
    json.open();
    json.real("customer_share", top.customer_share);
    json.integer("customers", top.customers);
    json.real("monetary_share", top.monetary_share);
    json.close();
  }
  json.close_list();
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
  json.open_list("insights");
  for (const insights::Insight& insight : explorer.insights(selection)) {
    json.open();
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
    json.close();
  }
  json.close_list();
  // They are made of all customers; under a filter they would be about others.
  recommendations(json,
                  selection.everyone ? explorer.mart().recommendations
                                     : std::vector<insights::Recommendation>{},
                  scale_of(explorer));
  json.close();
  return json.take();
}

std::string quality_json(const Explorer& explorer) {
  const quality::Review& review = explorer.mart().review;
  Json json;
  json.open();
  json.integer("rows", review.rows);
  json.open_list("columns");
  for (const quality::ColumnProfile& column : review.columns) {
    json.open();
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
    json.open_list("top");
    for (const auto& [value, rows] : column.top) {
      json.open();
      json.text("value", value);
      json.integer("rows", rows);
      json.close();
    }
    json.close_list();
    json.close();
  }
  json.close_list();
  json.open_list("findings");
  for (const quality::Finding& finding : review.findings) {
    json.open();
    json.text("check", finding.check);
    json.text_or_null("column", finding.column);
    json.text("severity", to_string(finding.severity));
    json.integer("rows", finding.rows);
    json.real("share", finding.share.value);
    json.open_list("examples");
    for (const std::int64_t row : finding.examples) json.writer().integer(row);
    json.close_list();
    json.text("decision", to_string(finding.decision));
    json.text("reason", finding.reason);
    details(json, "details", finding.details);
    json.close();
  }
  json.close_list();
  json.open_list("waterfall");
  for (const quality::WaterfallStep& step : review.waterfall) {
    json.open();
    json.text("step", step.step);
    json.integer("rows", step.rows);
    json.money("monetary", step.monetary, scale_of(explorer));
    json.close();
  }
  json.close_list();
  json.open_list("ties");
  for (const rfm::TieReport& tie : explorer.mart().manifest.ties) {
    json.open();
    json.text("metric", to_string(tie.metric));
    json.integer("bins_asked", tie.bins_asked);
    json.integer("bins_used", tie.bins_used);
    json.open_list("customers");
    for (const std::int64_t customers : tie.customers) json.writer().integer(customers);
    json.close_list();
    json.real("share_other_rule", tie.share_other_rule);
    json.close();
  }
  json.close_list();
  json.close();
  return json.take();
}

std::string migration_json(const Explorer& explorer, const explore::Migration& migration) {
  Json json;
  json.open();
  json.open("from");
  snapshot_members(json, *explorer.previous());
  json.close();
  json.open("to");
  snapshot_members(json, explorer.mart());
  json.close();
  json.open_list("segments");
  for (const explore::Migration::Segment& segment : migration.segments) {
    json.open();
    json.text("segment_id", segment.id);
    json.text("segment_name", segment.name);
    json.text("family", to_string(segment.family));
    json.close();
  }
  json.close_list();
  json.open_list("flows");
  for (const explore::Migration::Flow& flow : migration.flows) {
    json.open();
    flow.from ? json.text("from", migration.segments[*flow.from].id) : json.null("from");
    flow.to ? json.text("to", migration.segments[*flow.to].id) : json.null("to");
    json.integer("customers", flow.customers);
    json.money("monetary", flow.monetary, scale_of(explorer));
    json.close();
  }
  json.close_list();
  json.close();
  return json.take();
}

std::string values_json(const std::vector<std::pair<std::string, std::int64_t>>& values,
                        std::int64_t total) {
  Json json;
  json.open();
  json.open_list("values");
  for (const auto& [value, customers] : values) {
    json.open();
    json.text("value", value);
    json.integer("customers", customers);
    json.close();
  }
  json.close_list();
  json.integer("total", total);
  json.close();
  return json.take();
}

std::string page_json(const Explorer& explorer, const explore::Page& page, const std::string* next,
                      const std::string* previous) {
  Json json;
  json.open();
  json.open_list("customers");
  for (const std::int64_t row : page.rows) {
    json.open();
    customer_members(json, explorer, row);
    json.close();
  }
  json.close_list();
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
  json.open_list("flows");
  for (const segments::Flow& flow : preview.flows) {
    json.open();
    json.text("from", explorer.mart().rules.rules[flow.from].id);
    flow.to < draft.rules.size() ? json.text("to", draft.rules[flow.to].id) : json.null("to");
    json.integer("customers", flow.customers);
    json.money("monetary", flow.monetary, scale);
    json.close();
  }
  json.close_list();
  lint_members(json, preview.lint);
  json.text("yaml", yaml);
  json.text("rules_digest", draft.digest);
  json.close();
  return json.take();
}

std::string rule_set_json(const segments::RuleSet& rules) {
  Json json;
  json.open();
  rule_set_members(json, rules);
  json.close();
  return json.take();
}

}  // namespace quintile::dashboard

#include <array>

#include "quintile/mart/documents_internal.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

namespace {

constexpr std::array<std::string_view, 4> kEncodings = {"auto", "utf-8", "windows-1252",
                                                        "macintosh"};
constexpr std::array<std::string_view, 3> kFrequencies = {"orders", "days", "lines"};
constexpr std::array<std::string_view, 3> kOnFail = {"keep", "quarantine", "fail"};
constexpr std::array<std::string_view, 3> kDuplicateIds = {"regenerate", "fail", "keep_latest"};

template <std::size_t N, typename E>
std::string_view name_of(const std::array<std::string_view, N>& names, E value) {
  return names[static_cast<std::size_t>(value)];
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key), json.begin_array(false);
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_named(JsonWriter& json, std::string_view key, const std::string& text) {
  if (!text.empty()) json.key(key), json.text(text);
}

void write_columns(JsonWriter& json, const plan::Columns& columns) {
  json.key("columns"), json.begin_object();
  write_named(json, "customer_id", columns.customer_id);
  write_named(json, "first_purchase_date", columns.first_purchase_date);
  write_named(json, "last_purchase_date", columns.last_purchase_date);
  write_named(json, "recency_days", columns.recency_days);
  write_named(json, "monetary", columns.monetary);
  write_named(json, "average_order_value", columns.average_order_value);
  write_named(json, "frequency", columns.frequency);
  write_named(json, "order_id", columns.order_id);
  write_named(json, "order_date", columns.order_date);
  write_named(json, "quantity", columns.quantity);
  write_named(json, "unit_price", columns.unit_price);
  write_named(json, "amount", columns.amount);
  json.end_object();
}

void write_input(JsonWriter& json, const plan::Input& input) {
  json.key("input"), json.begin_object();
  // Which files were read stands under `inputs`: the same rows from other files are the same plan.
  json.key("grain"), json.text(input.grain == plan::Grain::Customer ? "customer" : "transaction");
  json.key("currency"), json.text(input.currency);
  json.key("money_scale");
  if (input.money_scale) {
    json.integer(*input.money_scale);
  } else {
    json.text("auto");
  }
  const auto mark = [](std::optional<char> c) {
    return c ? std::string(1, *c) : std::string("auto");
  };
  json.key("csv"), json.begin_object();
  json.key("delimiter"), json.text(mark(input.csv.delimiter));
  json.key("decimal"), json.text(mark(input.csv.decimal));
  json.key("quote"), json.text(mark(input.csv.quote));
  json.end_object();
  write_columns(json, input.columns);
  json.key("date_format"), json.text(input.date_format);
  json.key("encoding"), json.text(name_of(kEncodings, input.encoding));
  write_texts(json, "attributes", input.attributes);
  write_texts(json, "personal", input.personal);
  write_named(json, "overlay", input.overlay);
  write_named(json, "consent", input.consent);
  if (input.keep) json.key("keep"), json.text(input.keep->source);
  if (input.returns) {
    json.key("returns"), json.begin_object();
    json.key("when"), json.text(input.returns->when.source);
    json.key("treat"), json.text(input.returns->treat == plan::Treat::Net ? "net" : "ignore");
    json.end_object();
  }
  json.end_object();
}

void write_bound(JsonWriter& json, const std::string& bound) {
  if (const auto decimal = parse_decimal(bound)) {
    json.money(decimal->unscaled, decimal->scale);
  } else {
    json.text(bound);
  }
}

void write_review(JsonWriter& json, const quality::ReviewSpec& review) {
  json.key("review"), json.begin_object();
  json.key("checks"), json.begin_array(true);
  for (const quality::Check& check : review.checks) {
    json.begin_object();
    json.key("id"), json.text(check.id);
    json.key("expect"), json.text(check.expect.source);
    json.key("severity"), json.text(to_string(check.severity));
    json.key("on_fail"), json.text(name_of(kOnFail, check.on_fail));
    json.end_object();
  }
  json.end_array();
  json.key("ranges"), json.begin_object();
  for (const auto& range : review.ranges) {
    json.key(range.column), json.begin_array(false);
    write_bound(json, range.low), write_bound(json, range.high);
    json.end_array();
  }
  json.end_object();
  if (review.duplicate_ids)
    json.key("duplicate_ids"), json.text(name_of(kDuplicateIds, *review.duplicate_ids));
  json.end_object();
}

void write_scoring(JsonWriter& json, const rfm::ScoringSpec& scoring) {
  json.key("scoring"), json.begin_object();
  if (scoring.preset != rfm::Preset::None) json.key("preset"), json.text(to_string(scoring.preset));
  if (!scoring.cut_points.empty())
    json.key("cut_points"), json.text(published_name(scoring.cut_points));
  // Frozen cut points say how they were made; what else a plan may say of them is the same.
  for (const rfm::Metric metric : rfm::kMetrics) {
    if (!scoring.cut_points.empty()) break;
    const rfm::MetricSpec& spec = scoring.metrics[static_cast<std::size_t>(metric)];
    json.key(to_string(metric)), json.begin_object();
    json.key("method"), json.text(to_string(spec.method));
    json.key("bins"), json.integer(spec.bins);
    if (!spec.upper_bounds.empty()) write_texts(json, "upper_bounds", spec.upper_bounds);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string plan_json(const plan::Plan& plan) {
  JsonWriter json(false);
  json.begin_object();
  json.key("version"), json.integer(plan.version);
  write_input(json, plan.input);
  json.key("analysis_date"),
      json.text(plan.analysis_date ? to_string(*plan.analysis_date) : "day_after_last_purchase");
  write_review(json, plan.review);
  write_scoring(json, plan.scoring);
  json.key("metrics"), json.begin_object();
  json.key("frequency"), json.text(name_of(kFrequencies, plan.frequency));
  json.end_object();
  json.key("segments"), json.text(published_name(plan.segments.file));
  json.end_object();
  return json.take();
}

}  // namespace quintile::mart

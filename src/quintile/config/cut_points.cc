#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/config/config.h"
#include "quintile/config/plan_internal.h"
#include "quintile/config/reader_internal.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Plan;

/// A value in whole units at `scale`, rounded down: x > value exactly when x > its floor.
Result<std::int64_t> read_value(const Node& node, const std::string& what, int scale) {
  QUINTILE_TRY(const std::string text, read_decimal(node, what, kCode));
  const Decimal decimal = *parse_decimal(text);
  const Int128 value =
      decimal.scale > scale
          ? divide_floor(decimal.unscaled, power_of_ten(decimal.scale - scale))
          : static_cast<Int128>(decimal.unscaled) * power_of_ten(scale - decimal.scale);
  if (value <= -kMoneyLimit || value >= kMoneyLimit)
    return fail(kCode, fmt::format("'{}' is out of range: {}", what, text), {}, node.place);
  return static_cast<std::int64_t>(value);
}

Result<rfm::CutPoints> read_metric(const Node& node, rfm::Metric metric, std::string_view name,
                                   int scale) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, std::string(name), kModelMetricKeys, kCode));
  rfm::CutPoints points;
  points.metric = metric;
  QUINTILE_TRY(const Node* method, fields.require("method", "quantile, thresholds or rank"));
  QUINTILE_TRY(points.method, read_choice(*method, fields.path_of("method"), kMethods, kCode));
  QUINTILE_TRY(const Node* bins, fields.require("bins", "the number of scores"));
  QUINTILE_TRY(const std::int64_t number,
               read_integer(*bins, fields.path_of("bins"), kBinsMin, kBinsMax, kCode));
  points.bins = static_cast<int>(number);
  const std::string what = fields.path_of("cut_points");
  QUINTILE_TRY(const Node* cuts, fields.require("cut_points", "a value fewer than bins"));
  if (!cuts->is_sequence()) return wrong_type(*cuts, what, "a list of numbers", kCode);
  if (cuts->items.size() + 1 != static_cast<std::size_t>(points.bins)) {
    return fail(kCode,
                fmt::format("'{}' must hold {} values for {} bins, not {}", what, points.bins - 1,
                            points.bins, cuts->items.size()),
                {}, cuts->place);
  }
  for (const Node& item : cuts->items) {
    QUINTILE_TRY(const std::int64_t cut, read_value(item, what, scale));
    if (!points.cuts.empty() && cut < points.cuts.back()) {
      return fail(kCode, fmt::format("'{}' must not descend, but {} follows", what, item.text), {},
                  item.place);
    }
    points.cuts.push_back(cut);
  }
  const auto read_end = [&](std::string_view key) -> Result<std::int64_t> {
    const Node* end = fields.find(key);
    if (end == nullptr) return key == "minimum" ? points.cuts.front() : points.cuts.back();
    return read_value(*end, fields.path_of(key), scale);
  };
  QUINTILE_TRY(points.minimum, read_end("minimum"));
  QUINTILE_TRY(points.maximum, read_end("maximum"));
  return points;
}

constexpr std::string_view kMetricNames[] = {"recency", "frequency", "monetary"};

Result<Node> read_model_file(const std::string& file) {
  QUINTILE_TRY(const std::string text, read_file(file, "scoring model", kCode));
  return parse_yaml(text, file, kCode);
}

Result<rfm::Model> read_model(const Node& root, int money_scale) {
  QUINTILE_TRY(const Fields fields, Fields::of(root, "", kModelKeys, kCode));
  QUINTILE_TRY_STATUS(check_version(fields, kCode));
  if (const Node* currency = fields.find("currency"))
    QUINTILE_TRY_STATUS(read_text(*currency, "currency", kCode));
  if (const Node* metrics = fields.find("metrics")) {
    QUINTILE_TRY(const Fields units, Fields::of(*metrics, "metrics", kMetricsKeys, kCode));
    if (const Node* unit = units.find("frequency"))
      QUINTILE_TRY_STATUS(read_choice(*unit, "metrics.frequency", kFrequencyUnits, kCode));
  }
  rfm::Model model;
  model.money_scale = money_scale;
  for (std::size_t i = 0; i < rfm::kMetrics.size(); ++i) {
    QUINTILE_TRY(
        const Node* metric,
        fields.require(kMetricNames[i], "a scoring model holds recency, frequency and monetary"));
    const int scale = rfm::kMetrics[i] == rfm::Metric::Monetary ? money_scale : 0;
    QUINTILE_TRY(model.metrics[i], read_metric(*metric, rfm::kMetrics[i], kMetricNames[i], scale));
  }
  return model;
}

/// The node at a dotted path, or nothing.
const Node* at(const Node& root, std::string_view path) {
  const Node* node = &root;
  while (node != nullptr && !path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    node = node->is_map() ? node->find(path.substr(0, end)) : nullptr;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return node;
}

constexpr std::string_view kAgree =
    "score with cut points that were made alike, or let the plan say the same";

std::unexpected<Error> disagreement(const std::string& what, const Node& stated,
                                    const Node& frozen) {
  return wrong(stated,
               fmt::format("'{}' is {}, but {} in the cut points ({})", what, stated.text,
                           frozen.text, frozen.place.to_string()),
               std::string(kAgree));
}

/// Bounds are the same where they part values alike: the model's are rounded down to whole units.
Status check_bounds(const std::string& what, const Node& stated, const Node& frozen) {
  if (stated.items.size() != frozen.items.size()) {
    return wrong(
        stated,
        fmt::format("'{}' makes {} bins, but {} in the cut points ({})", what,
                    stated.items.size() + 1, frozen.items.size() + 1, frozen.place.to_string()),
        std::string(kAgree));
  }
  for (std::size_t i = 0; i < stated.items.size(); ++i) {
    const Decimal cut = *parse_decimal(frozen.items[i].text);
    QUINTILE_TRY(const std::int64_t bound, read_value(stated.items[i], what, cut.scale));
    if (bound != cut.unscaled) return disagreement(what, stated.items[i], frozen.items[i]);
  }
  return {};
}

}  // namespace

Result<rfm::Model> read_cut_points(const std::filesystem::path& file, int money_scale) {
  QUINTILE_TRY(const Node root, read_model_file(file.string()));
  return read_model(root, money_scale);
}

Status check_cut_points(const Node& root, const plan::Plan& plan) {
  const std::string file = plan.resolve(plan.scoring.cut_points);
  QUINTILE_TRY_STATUS(
      read_file(file, "scoring model", kCode, at(root, "scoring.cut_points")->place));
  QUINTILE_TRY(const Node frozen, read_model_file(file));
  QUINTILE_TRY(const rfm::Model model,
               read_model(frozen, plan.input.money_scale.value_or(kMoneyScaleMax)));
  const auto check_word = [&](const std::string& what, std::string_view key) -> Status {
    const Node* stated = at(root, what);
    const Node* made = at(frozen, key);
    if (stated == nullptr || made == nullptr || stated->text == made->text) return {};
    return disagreement(what, *stated, *made);
  };
  if (const Node* currency = at(frozen, "currency");
      currency != nullptr && currency->text != kNoCurrency)
    QUINTILE_TRY_STATUS(check_word("input.currency", "currency"));
  QUINTILE_TRY_STATUS(check_word("metrics.frequency", "metrics.frequency"));
  for (std::size_t m = 0; m < rfm::kMetrics.size(); ++m) {
    const std::string name(kMetricNames[m]);
    const std::string what = "scoring." + name;
    QUINTILE_TRY_STATUS(check_word(what + ".method", name + ".method"));
    const Node* bins = at(root, what + ".bins");
    if (bins != nullptr && plan.scoring.metrics[m].bins != model.metrics[m].bins)
      return disagreement(what + ".bins", *bins, *at(frozen, name + ".bins"));
    if (const Node* bounds = at(root, what + ".upper_bounds"))
      QUINTILE_TRY_STATUS(
          check_bounds(what + ".upper_bounds", *bounds, *at(frozen, name + ".cut_points")));
  }
  return {};
}

}  // namespace quintile::config

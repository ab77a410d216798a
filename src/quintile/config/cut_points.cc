#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/config/config.h"
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

}  // namespace

Result<rfm::Model> read_cut_points(const std::filesystem::path& file, int money_scale) {
  const std::string name = file.string();
  QUINTILE_TRY(const std::string text, read_file(name, "scoring model", kCode));
  QUINTILE_TRY(const Node root, parse_yaml(text, name, kCode));
  QUINTILE_TRY(const Fields fields, Fields::of(root, "", kModelKeys, kCode));
  QUINTILE_TRY_STATUS(check_version(fields, kCode));
  rfm::Model model;
  model.money_scale = money_scale;
  constexpr std::string_view kNames[] = {"recency", "frequency", "monetary"};
  for (std::size_t i = 0; i < rfm::kMetrics.size(); ++i) {
    QUINTILE_TRY(
        const Node* metric,
        fields.require(kNames[i], "a scoring model holds recency, frequency and monetary"));
    const int scale = rfm::kMetrics[i] == rfm::Metric::Monetary ? money_scale : 0;
    QUINTILE_TRY(model.metrics[i], read_metric(*metric, rfm::kMetrics[i], kNames[i], scale));
  }
  return model;
}

}  // namespace quintile::config

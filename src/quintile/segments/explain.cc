#include "quintile/segments/explain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <tuple>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/money.h"
#include "quintile/segments/assign.h"
#include "quintile/segments/rule_columns.h"

namespace quintile::segments {
namespace {

using expression::Node;
using expression::Operand;
using expression::Truth;
using rfm::Metric;

constexpr std::array<std::string_view, 3> kFields = {"recency_days", "frequency", "monetary"};
constexpr std::array<std::string_view, 3> kScoreFields = {"r_score", "f_score", "m_score"};

std::size_t index_of(Metric metric) { return static_cast<std::size_t>(metric); }

/// The metrics and scores that a customer has, or might have.
struct State {
  std::array<std::int64_t, 3> values{};
  std::array<int, 3> scores{};
};

State state_of(const Segmentation& s, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  return {.values = {s.customers.recency()[at], s.customers.orders()[at], s.customers.value()[at]},
          .scores = {s.r_score[row], s.f_score[row], s.m_score[row]}};
}

/// Columns of one customer in several states: metrics and scores differ from row to row, the rest
/// repeats.
class StateColumns {
 public:
  StateColumns(const RuleColumns& columns, std::int64_t row, const std::vector<State>& states)
      : columns_(columns), row_(row), states_(states) {}

  [[nodiscard]] std::vector<Truth> truths(const Node& node) {
    return expression::evaluate(
        node, [this](std::string_view field) { return column(field); }, size());
  }

 private:
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(states_.size()); }

  ColumnView column(std::string_view field) {
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (field == kFields[i])
        return whole(field, [i](const State& state) { return state.values[i]; });
      if (field == kScoreFields[i]) {
        return whole(field, [i](const State& state) -> std::int64_t { return state.scores[i]; });
      }
    }
    if (field == "rfm_total") {
      return whole(field, [](const State& s) -> std::int64_t {
        return s.scores[0] + s.scores[1] + s.scores[2];
      });
    }
    return repeated(*columns_.find(field));
  }

  ColumnView whole(std::string_view field, const auto& value_of) {
    auto& values = wholes_.emplace_back(std::make_unique<std::vector<std::int64_t>>());
    for (const State& state : states_) values->push_back(value_of(state));
    const ColumnView original = *columns_.find(field);
    return {.type = original.type,
            .layout = Layout::Int64,
            .scale = original.scale,
            .size = size(),
            .data = values->data()};
  }

  ColumnView repeated(ColumnView view) {
    ColumnView one = view.slice(row_, 1);
    auto& valid = bytes_.emplace_back(std::make_unique<std::vector<std::uint8_t>>(
        states_.size(), static_cast<std::uint8_t>(one.is_valid(0))));
    ColumnView result{.type = one.type,
                      .layout = one.layout,
                      .scale = one.scale,
                      .size = size(),
                      .valid = valid->data()};
    if (one.type == Type::Text) {
      // One text without its dictionary, which may be long.
      result.layout = Layout::Views;
      auto& texts = texts_.emplace_back(std::make_unique<std::vector<std::string_view>>(
          states_.size(), one.is_valid(0) ? one.text(0) : std::string_view()));
      result.data = texts->data();
    } else if (one.layout == Layout::Float64) {
      auto& reals = reals_.emplace_back(
          std::make_unique<std::vector<double>>(states_.size(), one.values<double>()[0]));
      result.data = reals->data();
    } else {
      const std::int64_t value = one.integer(0);
      auto& values =
          wholes_.emplace_back(std::make_unique<std::vector<std::int64_t>>(states_.size(), value));
      if (one.layout == Layout::Uint8) {
        auto& small = bytes_.emplace_back(std::make_unique<std::vector<std::uint8_t>>(
            states_.size(), static_cast<std::uint8_t>(value)));
        result.data = small->data();
      } else {
        result.layout = Layout::Int64;
        result.data = values->data();
      }
    }
    return result;
  }

  const RuleColumns& columns_;
  std::int64_t row_;
  const std::vector<State>& states_;
  std::vector<std::unique_ptr<std::vector<std::int64_t>>> wholes_;
  std::vector<std::unique_ptr<std::vector<std::uint8_t>>> bytes_;
  std::vector<std::unique_ptr<std::vector<double>>> reals_;
  std::vector<std::unique_ptr<std::vector<std::string_view>>> texts_;
};

/// The segment of each state: the first rule that is true.
std::vector<SegmentIndex> segments_of(const RuleSet& rules, StateColumns& columns,
                                      std::size_t states) {
  std::vector<SegmentIndex> segments(states, kNoSegment);
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = rules.rules[i];
    const auto truths =
        rule.when ? columns.truths(rule.when->root) : std::vector<Truth>(states, Truth::True);
    for (std::size_t j = 0; j < states; ++j) {
      if (segments[j] == kNoSegment && truths[j] == Truth::True)
        segments[j] = static_cast<SegmentIndex>(i);
    }
  }
  return segments;
}

/// Values of a metric next to which its score or a condition may change, and that the metric can
/// have.
class Candidates {
 public:
  Candidates(const Segmentation& segmentation, const RuleSet& rules, const RuleColumns& columns,
             std::int64_t row)
      : segmentation_(segmentation), rules_(rules), columns_(columns), row_(row) {}

  [[nodiscard]] std::vector<std::int64_t> of(Metric metric) const {
    std::vector<std::int64_t> values;
    const auto add_around = [&](Int128 value, int before, int after) {
      const Int128 least = metric == Metric::Recency     ? 0
                           : metric == Metric::Frequency ? 1
                                                         : -Int128{kMoneyLimit} + 1;
      const Int128 most = metric == Metric::Recency ? INT32_MAX : Int128{kMoneyLimit} - 1;
      for (int step = -before; step <= after; ++step) {
        const Int128 near = value + step;
        if (near >= least && near <= most) values.push_back(static_cast<std::int64_t>(near));
      }
    };
    for (const std::int64_t cut : segmentation_.model.metrics[index_of(metric)].cuts)
      add_around(cut, 0, 1);
    for (const Rule& rule : rules_.rules) {
      if (!rule.when) continue;
      for (const Node* leaf : expression::leaves_of(rule.when->root)) {
        const auto fields = expression::fields_of(*leaf);
        if (std::ranges::find(fields, kFields[index_of(metric)]) == fields.end()) continue;
        for (const Operand& operand : leaf->operands) {
          // Two beyond the floor: the last value below a decimal and the first above it.
          if (const auto value = floor_of(operand, metric)) add_around(*value, 1, 2);
        }
      }
    }
    std::ranges::sort(values);
    const auto rest = std::ranges::unique(values);
    values.erase(rest.begin(), rest.end());
    return values;
  }

 private:
  /// What a metric is compared with, in the metric's unit.
  [[nodiscard]] std::optional<Int128> floor_of(const Operand& operand, Metric metric) const {
    const int scale = metric == Metric::Monetary ? segmentation_.customers.money_scale : 0;
    const auto rescaled = [&](std::int64_t number, int from) {
      return divide_floor(Int128{number} * power_of_ten(scale), power_of_ten(from));
    };
    if (!operand.field) return rescaled(operand.literal.number, operand.literal.scale);
    const ColumnView view = columns_.find(*operand.field)->slice(row_, 1);
    if (!view.is_valid(0)) return std::nullopt;
    if (view.layout == Layout::Float64) {
      const double value =
          std::floor(view.values<double>()[0] * static_cast<double>(power_of_ten(scale)));
      if (!(std::abs(value) < 1e18)) return std::nullopt;
      return static_cast<Int128>(value);
    }
    return rescaled(view.integer(0), view.type == Type::Decimal ? view.scale : 0);
  }

  const Segmentation& segmentation_;
  const RuleSet& rules_;
  const RuleColumns& columns_;
  std::int64_t row_;
};

std::int64_t distance(const Change& change) {
  const Int128 apart = Int128{change.to} - change.from;
  return static_cast<std::int64_t>(apart < 0 ? -apart : apart);
}

/// The order of changes of different metrics, as the header promises.
bool smaller(const Change& a, const Change& b) {
  const auto key = [](const Change& change) {
    const double start = std::max(1.0, std::abs(static_cast<double>(change.from)));
    return std::tuple(change.bins_crossed, static_cast<double>(distance(change)) / start,
                      index_of(change.metric), distance(change), change.segment, change.to);
  };
  return key(a) < key(b);
}

/// The order of changes of the same metric: nearer first, better customers before worse.
bool nearer(const Change& a, const Change& b) {
  const auto key = [](const Change& change) {
    const bool worse = (change.to > change.from) == (change.metric == Metric::Recency);
    return std::tuple(distance(change), worse);
  };
  return key(a) < key(b);
}

/// Every candidate of every metric that gives another segment.
std::vector<Change> changes_of(const Segmentation& segmentation, const RuleSet& rules,
                               const RuleColumns& columns, std::int64_t row, SegmentIndex segment) {
  const State actual = state_of(segmentation, row);
  const Candidates candidates(segmentation, rules, columns, row);
  std::vector<Change> changes;
  std::vector<State> states;
  for (const Metric metric : rfm::kMetrics) {
    const rfm::CutPoints& cut_points = segmentation.model.metrics[index_of(metric)];
    const std::int64_t from = actual.values[index_of(metric)];
    for (const std::int64_t to : candidates.of(metric)) {
      if (to == from) continue;
      State& state = states.emplace_back(actual);
      state.values[index_of(metric)] = to;
      state.scores[index_of(metric)] = rfm::score_of(to, cut_points);
      changes.push_back({.metric = metric,
                         .field = std::string(kFields[index_of(metric)]),
                         .from = from,
                         .to = to,
                         .bins_crossed = std::abs(state.scores[index_of(metric)] -
                                                  actual.scores[index_of(metric)]),
                         .approximate = cut_points.method == rfm::Method::Rank});
    }
  }
  StateColumns state_columns(columns, row, states);
  const auto segments = segments_of(rules, state_columns, states.size());
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].segment = segments[i];
  std::erase_if(changes,
                [&](const Change& c) { return c.segment == segment || c.segment == kNoSegment; });
  return changes;
}

/// The nearest change of each metric, and of those the smallest.
std::optional<Change> smallest(const std::vector<Change>& changes) {
  std::optional<Change> best;
  for (const Metric metric : rfm::kMetrics) {
    std::optional<Change> nearest_one;
    for (const Change& change : changes) {
      if (change.metric == metric && (!nearest_one || nearer(change, *nearest_one)))
        nearest_one = change;
    }
    if (nearest_one && (!best || smaller(*nearest_one, *best))) best = nearest_one;
  }
  return best;
}

std::vector<Change> smallest_by_segment(const std::vector<Change>& changes) {
  std::map<SegmentIndex, std::vector<Change>> by_segment;
  for (const Change& change : changes) by_segment[change.segment].push_back(change);
  std::vector<Change> result;
  for (const auto& [segment, into] : by_segment) result.push_back(*smallest(into));
  std::ranges::sort(result, smaller);
  return result;
}

MetricExplanation explain_metric(const Segmentation& segmentation, const State& state,
                                 Metric metric) {
  const std::size_t i = index_of(metric);
  MetricExplanation result{.metric = metric,
                           .field = std::string(kFields[i]),
                           .value = state.values[i],
                           .score = state.scores[i],
                           .cut_points = segmentation.model.metrics[i]};
  const auto& cuts = result.cut_points.cuts;
  const int bin =
      metric == Metric::Recency ? result.cut_points.bins + 1 - result.score : result.score;
  const auto cut = [&](int k) { return cuts[static_cast<std::size_t>(k)]; };
  if (bin > 1) result.low = cut(bin - 2) + 1;
  if (bin < result.cut_points.bins) result.high = cut(bin - 1);
  return result;
}

/// A field of one customer as text.
std::string cell(const Segmentation& segmentation, const RuleColumns& columns,
                 std::string_view field, std::int64_t row) {
  table::Column column;
  if (const table::Column* own = segmentation.customers.find(field)) {
    column = *own;
  } else {
    column.view = *columns.find(field);
  }
  return column.cell(row);
}

RuleExplanation explain_rule(const Segmentation& segmentation, const RuleColumns& columns,
                             const Rule& rule, StateColumns& states, std::int64_t row) {
  RuleExplanation result{.segment_id = rule.id, .otherwise = rule.otherwise()};
  if (!rule.when) {
    result.truth = Truth::True;
    return result;
  }
  result.truth = states.truths(rule.when->root)[0];
  for (const Node* leaf : expression::leaves_of(rule.when->root)) {
    auto& condition = result.conditions.emplace_back();
    condition.text = expression::to_string(*leaf);
    condition.truth = states.truths(*leaf)[0];
    for (const std::string& field : expression::fields_of(*leaf)) {
      condition.values.emplace_back(field, cell(segmentation, columns, field, row));
    }
  }
  return result;
}

}  // namespace

Result<Explanation> explain(const Segmentation& segmentation, const RuleSet& rules,
                            std::int64_t row) {
  if (row < 0 || row >= segmentation.size()) {
    return fail(ErrorCode::NotFound, fmt::format("there is no customer {}", row + 1),
                segmentation.size() == 0
                    ? "the mart holds no customers"
                    : fmt::format("customer ids run from 1 to {}", segmentation.size()));
  }
  const RuleColumns columns(segmentation, rules);
  QUINTILE_TRY_STATUS(check_rules(rules, columns.types(), columns.names()));

  Explanation result{.customer_id = row + 1, .money_scale = segmentation.customers.money_scale};
  const std::vector<State> states = {state_of(segmentation, row)};
  int bins_max = 0;
  for (const Metric metric : rfm::kMetrics) {
    result.metrics.push_back(explain_metric(segmentation, states[0], metric));
    bins_max = std::max(bins_max, result.metrics.back().cut_points.bins);
  }
  const auto& scores = states[0].scores;
  result.rfm_code = rfm::rfm_code(scores[0], scores[1], scores[2], bins_max);
  result.average_order_value = segmentation.customers.average_order_value.view.integer(row);

  StateColumns state_columns(columns, row, states);
  for (const Rule& rule : rules.rules) {
    result.rules.push_back(explain_rule(segmentation, columns, rule, state_columns, row));
    if (result.segment != kNoSegment || result.rules.back().truth != Truth::True) continue;
    result.rules.back().matched = true;
    result.segment = static_cast<SegmentIndex>(result.rules.size() - 1);
  }
  const auto changes = changes_of(segmentation, rules, columns, row, result.segment);
  result.smallest_change = smallest(changes);
  result.near_misses = smallest_by_segment(changes);
  return result;
}

std::string value_to_string(rfm::Metric metric, std::int64_t value, int money_scale) {
  return metric == Metric::Monetary ? decimal_to_string(value, money_scale) : std::to_string(value);
}

}  // namespace quintile::segments

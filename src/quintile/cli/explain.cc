#include "quintile/segments/explain.h"

#include <charconv>
#include <cstdio>

#include <fmt/format.h>

#include "quintile/cli/commands.h"
#include "quintile/cli/json.h"
#include "quintile/cli/show.h"
#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

namespace quintile::cli {

namespace {

using segments::Change;
using segments::Explanation;
using segments::MetricExplanation;

std::string unit_of(rfm::Metric metric, const std::string& currency) {
  switch (metric) {
    case rfm::Metric::Recency: return "days since the last purchase";
    case rfm::Metric::Frequency: return "orders";
    case rfm::Metric::Monetary: return currency;
  }
  return "";
}

/// Days and orders as integers, money in currency units.
void write_value(mart::JsonWriter& json, rfm::Metric metric, std::int64_t value, int money_scale) {
  if (metric == rfm::Metric::Monetary) {
    json.money(value, money_scale);
  } else {
    json.integer(value);
  }
}

std::string truth_text(expression::Truth truth) {
  return truth == expression::Truth::True    ? "true"
         : truth == expression::Truth::False ? "false"
                                             : "unknown";
}

void write_metrics(mart::JsonWriter& json, const Explanation& explanation) {
  json.begin_array(true);
  for (const MetricExplanation& metric : explanation.metrics) {
    json.begin_object();
    json.key("field");
    json.text(metric.field);
    json.key("value");
    write_value(json, metric.metric, metric.value, explanation.money_scale);
    json.key("score");
    json.integer(metric.score);
    json.key("bins");
    json.integer(metric.cut_points.bins);
    json.key("cut_points");
    json.begin_array(false);
    for (const std::int64_t cut : metric.cut_points.cuts)
      write_value(json, metric.metric, cut, explanation.money_scale);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_rules(mart::JsonWriter& json, const Explanation& explanation) {
  json.begin_array(true);
  for (const segments::RuleExplanation& rule : explanation.rules) {
    json.begin_object();
    json.key("segment_id");
    json.text(rule.segment_id);
    json.key("matched");
    json.boolean(rule.matched);
    json.key("truth");
    json.text(truth_text(rule.truth));
    json.key("otherwise");
    json.boolean(rule.otherwise);
    json.key("conditions");
    json.begin_array(true);
    for (const segments::ConditionExplanation& condition : rule.conditions) {
      json.begin_object();
      json.key("condition");
      json.text(condition.text);
      json.key("truth");
      json.text(truth_text(condition.truth));
      json.key("values");
      json.begin_object();
      for (const auto& [field, value] : condition.values) {
        json.key(field);
        json.text(value);
      }
      json.end_object();
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_change(mart::JsonWriter& json, const Change& change, const mart::Mart& mart) {
  json.begin_object();
  json.key("field");
  json.text(change.field);
  json.key("from");
  write_value(json, change.metric, change.from, mart.manifest.money_scale);
  json.key("to");
  write_value(json, change.metric, change.to, mart.manifest.money_scale);
  json.key("segment_id");
  json.text(mart.rules.rules[change.segment].id);
  if (change.approximate) {
    json.key("approximate");
    json.boolean(true);
  }
  json.end_object();
}

}  // namespace

std::string explanation_json(const Explanation& explanation, const mart::Mart& mart) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("customer_id");
  json.integer(explanation.customer_id);
  constexpr std::string_view kScores[] = {"r_score", "f_score", "m_score"};
  for (std::size_t i = 0; i < explanation.metrics.size(); ++i) {
    json.key(kScores[i]);
    json.integer(explanation.metrics[i].score);
  }
  json.key("rfm_code");
  json.text(explanation.rfm_code);
  json.key("segment_id");
  json.text(mart.rules.rules[explanation.segment].id);
  json.key("metrics");
  write_metrics(json, explanation);
  json.key("rules");
  write_rules(json, explanation);
  json.key("smallest_change");
  if (explanation.smallest_change) {
    write_change(json, *explanation.smallest_change, mart);
  } else {
    json.null();
  }
  json.key("near_misses");
  json.begin_array(true);
  for (const Change& change : explanation.near_misses) write_change(json, change, mart);
  json.end_array();
  json.end_object();
  return json.take();
}

namespace {

std::string change_text(const Change& change, const mart::Mart& mart) {
  const auto value = [&](std::int64_t v) {
    return segments::value_to_string(change.metric, v, mart.manifest.money_scale);
  };
  return fmt::format("{} from {} to {}: {}{}", change.field, value(change.from), value(change.to),
                     mart.rules.rules[change.segment].name,
                     change.approximate ? " (about: under rank it depends on the others)" : "");
}

}  // namespace

std::string explanation_text(const Explanation& explanation, const mart::Mart& mart,
                             const Terminal& terminal) {
  const segments::Rule& segment = mart.rules.rules[explanation.segment];
  std::string text =
      terminal.wrapped(fmt::format(
          "{}  code {}, analysis date {}",
          terminal.paint(Style::Bold,
                         fmt::format("Customer {}: {}", explanation.customer_id, segment.name)),
          explanation.rfm_code, mart.manifest.analysis_date)) +
      "\n";
  if (!segment.description.empty()) text += terminal.wrapped(segment.description) + "\n";
  text += "\n" + terminal.paint(Style::Bold, "Scores") + "\n";
  for (const MetricExplanation& metric : explanation.metrics) {
    const auto value = [&](std::int64_t v) {
      return segments::value_to_string(metric.metric, v, explanation.money_scale);
    };
    std::string cuts;
    for (const std::int64_t cut : metric.cut_points.cuts)
      cuts += (cuts.empty() ? "" : " | ") + value(cut);
    text += terminal.wrapped(
                fmt::format("{:<13} {} {}: score {} of {}, cut points {}", metric.field,
                            value(metric.value), unit_of(metric.metric, mart.manifest.currency),
                            metric.score, metric.cut_points.bins, cuts),
                14) +
            "\n";
  }
  text +=
      "\n" +
      terminal.paint(Style::Bold,
                     terminal.wrapped("Rules, in order; the first that holds takes the customer")) +
      "\n";
  for (const segments::RuleExplanation& rule : explanation.rules) {
    text += terminal.paint(rule.matched ? Style::Good : Style::Plain,
                           fmt::format("{} {}", rule.matched ? "=>" : "  ", rule.segment_id)) +
            "\n";
    for (const segments::ConditionExplanation& condition : rule.conditions) {
      std::string values;
      for (const auto& [field, value] : condition.values)
        values += fmt::format("{}{} is {}", values.empty() ? "" : ", ", field,
                              value.empty() ? "missing" : value);
      const bool holds = condition.truth == expression::Truth::True;
      text += terminal.paint(holds ? Style::Plain : Style::Dim,
                             terminal.wrapped(fmt::format("     {} {}  ({})", holds ? "yes" : "no ",
                                                          condition.text, values),
                                              9)) +
              "\n";
    }
    if (rule.otherwise && rule.matched) text += "     everyone whom no rule above took\n";
    if (rule.matched) break;
  }
  text += "\n" + terminal.paint(Style::Bold, "What would move it") + "\n";
  if (!explanation.smallest_change) return text + "no change of one measure alone\n";
  text +=
      terminal.wrapped("smallest: " + change_text(*explanation.smallest_change, mart), 2) + "\n";
  for (const Change& change : explanation.near_misses) {
    if (change != *explanation.smallest_change)
      text += terminal.wrapped("also: " + change_text(change, mart), 2) + "\n";
  }
  return text;
}

namespace {

/// The row of the customer that was asked about. Where there is none, those are named whose id in
/// the file was asked for.
Result<std::int64_t> row_of(const std::string& customer_id, const mart::Mart& mart) {
  const customers::Customers& customers = mart.segmentation.customers;
  std::int64_t id = 0;
  const char* const end = customer_id.data() + customer_id.size();
  const auto read = std::from_chars(customer_id.data(), end, id);
  const bool is_number = read.ec == std::errc() && read.ptr == end;
  if (is_number && id >= 1 && id <= customers.size) return id - 1;
  constexpr std::size_t kNamedMax = 5;
  std::vector<std::string> ids;
  for (std::int64_t row = 0; row < customers.size && ids.size() < kNamedMax; ++row) {
    if (customers.source_customer_id.cell(row) == customer_id)
      ids.push_back(std::to_string(row + 1));
  }
  return fail(ErrorCode::NotFound,
              is_number ? fmt::format("there is no customer {}", customer_id)
                        : fmt::format("'{}' is no customer_id", customer_id),
              ids.empty() ? fmt::format("customer ids run from 1 to {}", customers.size)
                          : fmt::format("it is an id of the file: ask for customer_id {}",
                                        fmt::join(ids, ", ")));
}

}  // namespace

Result<int> explain(const MartArguments& arguments, const Common& common) {
  QUINTILE_TRY(const mart::Mart mart, mart::open(arguments.mart));
  QUINTILE_TRY(const std::int64_t row, row_of(arguments.customer_id, mart));
  QUINTILE_TRY(const Explanation explanation,
               segments::explain(mart.segmentation, mart.rules, row));
  if (common.format == Format::Json) {
    std::fputs(explanation_json(explanation, mart).c_str(), stdout);
  } else if (!common.quiet) {
    std::fputs(explanation_text(explanation, mart, Terminal(stdout)).c_str(), stdout);
  }
  return 0;
}

}  // namespace quintile::cli

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/config/config.h"
#include "quintile/config/plan_internal.h"
#include "quintile/config/rules_internal.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Plan;

Result<std::optional<Date>> read_analysis_date(const Node& node, const plan::Input& input) {
  if (node.is_scalar() && node.text == "day_after_last_purchase") {
    if (input.grain == plan::Grain::Customer && input.columns.last_purchase_date.empty()) {
      return wrong(node, "'analysis_date' looks at the last purchase, but no column has its date",
                   "state the day, as in analysis_date: 2023-11-15");
    }
    return std::nullopt;
  }
  if (!node.is_scalar())
    return wrong_type(node, "analysis_date", "a day, or day_after_last_purchase", kCode);
  if (const auto date = parse_iso_date(node.text)) return date;
  const bool has_form =
      node.text.size() == 10 && node.text[4] == '-' && node.text[7] == '-' &&
      std::ranges::count_if(node.text, [](char c) { return c >= '0' && c <= '9'; }) == 8;
  if (has_form)
    return wrong(node, fmt::format("'analysis_date': the calendar has no day {}", node.text));
  return wrong(node,
               fmt::format("'analysis_date' must be a day as YYYY-MM-DD, not '{}'", node.text),
               "or day_after_last_purchase");
}

Result<plan::Output> read_output(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "output", kOutputKeys, kCode));
  plan::Output output;
  QUINTILE_TRY(const Node* mart, fields.require("mart", "name the folder to publish into"));
  QUINTILE_TRY(output.mart, read_text(*mart, "output.mart", kCode, 4'096));
  output.report = output.mart + "/report";
  if (const Node* report = fields.find("report")) {
    QUINTILE_TRY(output.report, read_text(*report, "output.report", kCode, 4'096));
    const auto folder = [](const std::string& path) {
      const auto normal = std::filesystem::path(path + "/").lexically_normal();
      return normal.parent_path();
    };
    if (folder(output.report) == folder(output.mart))
      return wrong(*report, "'output.report' is the mart's folder",
                   "the report needs a folder of its own");
  }
  if (const Node* rows = fields.find("rows")) {
    QUINTILE_TRY(output.rows, read_choice(*rows, "output.rows", kOutputRows, kCode));
  }
  return output;
}

/// What a rule's condition may name beside the built-in fields, and which of those the input cannot
/// give.
Status check_tenure(const segments::RuleSet& rules, const plan::Input& input) {
  if (input.grain == plan::Grain::Transaction || !input.columns.first_purchase_date.empty())
    return {};
  Status status;
  for (const segments::Rule& rule : rules.rules) {
    if (!rule.when) continue;
    for_each_field(rule.when->root, [&](const expression::Operand& operand) {
      if (!status || *operand.field != "tenure_days") return;
      status = fail(
          ErrorCode::Rules,
          "'tenure_days' needs the first purchase date, and the plan names no column for it",
          "name it under input.columns.first_purchase_date", place_of(*rule.when, operand.offset));
    });
  }
  return status;
}

/// Where `review.duplicate_ids` asks for what order lines have no use for.
const Node* review_policy_at_fault(const Fields& fields, const plan::Plan& plan) {
  const bool is_fault = plan.input.grain == plan::Grain::Transaction &&
                        plan.review.duplicate_ids.value_or(quality::DuplicateIds::Fail) !=
                            quality::DuplicateIds::Fail;
  return is_fault ? fields.find("review")->find("duplicate_ids") : nullptr;
}

Result<segments::RuleSet> read_plan_rules(const Node& node, const plan::Plan& plan) {
  QUINTILE_TRY(const std::string spelled, read_text(node, "segments", kCode, 4'096));
  const std::string path = plan.resolve(spelled);
  QUINTILE_TRY(const std::string text, read_file(path, "rule file", kCode, node.place));
  std::vector<std::string> attributes = plan.input.attributes;
  if (!plan.input.overlay.empty()) attributes.push_back(plan.input.overlay);
  if (!plan.input.consent.empty()) attributes.push_back(plan.input.consent);
  QUINTILE_TRY(segments::RuleSet rules, parse_rules(text, path, &attributes));
  QUINTILE_TRY_STATUS(check_tenure(rules, plan.input));
  rules.file = spelled;
  return rules;
}

}  // namespace

std::unexpected<Error> wrong(const Node& node, std::string message, std::string advice) {
  return fail(kCode, std::move(message), std::move(advice), node.place);
}

int compare_decimals(const std::string& a, const std::string& b) {
  const Decimal left = *parse_decimal(a);
  const Decimal right = *parse_decimal(b);
  const int scale = std::max(left.scale, right.scale);
  const Int128 x = static_cast<Int128>(left.unscaled) * power_of_ten(scale - left.scale);
  const Int128 y = static_cast<Int128>(right.unscaled) * power_of_ten(scale - right.scale);
  return x < y ? -1 : (x > y ? 1 : 0);
}

Result<plan::Plan> parse_plan(const std::string& text, const std::string& name,
                              const std::vector<std::string>& overrides,
                              const segments::RuleSet* rules) {
  QUINTILE_TRY(Node root, parse_yaml(text, name, kCode));
  for (const std::string& override : overrides) QUINTILE_TRY_STATUS(apply_override(root, override));
  QUINTILE_TRY(const Fields fields, Fields::of(root, "", kPlanKeys, kCode));
  QUINTILE_TRY_STATUS(check_version(fields, kCode));
  plan::Plan plan;
  plan.file = name;
  QUINTILE_TRY(const Node* input, fields.require("input", "say what to read"));
  QUINTILE_TRY(plan.input, read_input(*input));
  QUINTILE_TRY(const Node* date, fields.require("analysis_date",
                                                "the day to look back from, as in analysis_date: "
                                                "2023-11-15, or day_after_last_purchase"));
  QUINTILE_TRY(plan.analysis_date, read_analysis_date(*date, plan.input));
  if (const Node* review = fields.find("review")) {
    QUINTILE_TRY(plan.review, read_review(*review));
  }
  if (const Node* policy = review_policy_at_fault(fields, plan)) {
    return wrong(*policy,
                 fmt::format("'review.duplicate_ids: {}' is for grain customer", policy->text),
                 "order lines share their customer's id by nature, so it is trusted; leave the key "
                 "out, or say fail");
  }
  if (const Node* scoring = fields.find("scoring")) {
    QUINTILE_TRY(plan.scoring, read_scoring(*scoring));
  }
  if (const Node* metrics = fields.find("metrics")) {
    QUINTILE_TRY(const Fields metric_fields, Fields::of(*metrics, "metrics", kMetricsKeys, kCode));
    if (const Node* unit = metric_fields.find("frequency")) {
      QUINTILE_TRY(plan.frequency, read_choice(*unit, "metrics.frequency", kFrequencyUnits, kCode));
      if (plan.input.grain == plan::Grain::Customer &&
          plan.frequency != plan::FrequencyUnit::Orders) {
        return wrong(
            *unit,
            fmt::format(
                "'metrics.frequency: {}' is for grain transaction, but 'input.grain' is customer",
                unit->text),
            "at this grain the number of orders comes from a column");
      }
    }
  }
  // The run reads the cut points again when it knows the digits of money.
  if (!plan.scoring.cut_points.empty()) QUINTILE_TRY_STATUS(check_cut_points(root, plan));
  QUINTILE_TRY(const Node* output,
               fields.require("output", "say where to publish, as in output: {mart: data/mart}"));
  QUINTILE_TRY(plan.output, read_output(*output));
  QUINTILE_TRY(const Node* segments, fields.require("segments", "name the rule file"));
  if (rules != nullptr) {
    plan.segments = *rules;
  } else {
    QUINTILE_TRY(plan.segments, read_plan_rules(*segments, plan));
  }
  return plan;
}

Result<plan::Plan> read_plan(const std::filesystem::path& file,
                             const std::vector<std::string>& overrides) {
  QUINTILE_TRY(const std::string text, read_file(file.string(), "plan", kCode));
  return parse_plan(text, file.string(), overrides);
}

}  // namespace quintile::config

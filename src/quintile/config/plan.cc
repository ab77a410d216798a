#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quintile/base/date.h"
#include "quintile/base/date_pattern.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/config/config.h"
#include "quintile/config/reader_internal.h"
#include "quintile/config/rules_internal.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Plan;
constexpr std::size_t kRowsOfRangesMax = 1'000;

std::unexpected<Error> wrong(const Node& node, std::string message, std::string advice = {}) {
  return fail(kCode, std::move(message), std::move(advice), node.place);
}

Result<std::vector<std::string>> read_paths(const Node& node) {
  if (!node.is_sequence()) {
    QUINTILE_TRY(std::string path, read_text(node, "input.path", kCode, 4'096));
    return std::vector{std::move(path)};
  }
  if (node.items.empty())
    return wrong(node, "'input.path' names no file", "give a file, a glob or a list of them");
  return read_names(node, "input.path", kCode);
}

Result<std::string> read_currency(const Node& node) {
  QUINTILE_TRY(std::string currency, read_text(node, "input.currency", kCode));
  std::string upper = currency;
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const bool is_code =
      upper.size() == 3 && std::ranges::all_of(upper, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (is_code && currency == upper) return currency;
  return wrong(node,
               fmt::format("'input.currency' must be three capital letters, not '{}'", currency),
               is_code ? fmt::format("write {}", upper) : "an ISO 4217 code such as USD, EUR, GBP");
}

/// A character by itself or by its name.
Result<std::optional<char>> read_mark(const Node& node, const std::string& what, bool may_be_auto) {
  static constexpr Choice<char> kNames[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'},
                                            {"pipe", '|'},  {"blank", ' '},     {"point", '.'}};
  if (!node.is_scalar()) return wrong_type(node, what, "one character", kCode);
  if (may_be_auto && node.text == "auto") return std::nullopt;
  for (const auto& [name, mark] : kNames) {
    if (node.text == name) return mark;
  }
  const bool is_ascii = node.text.size() == 1 && static_cast<unsigned char>(node.text[0]) < 0x80;
  const char mark = is_ascii ? node.text[0] : 'a';
  const bool is_letter_or_digit =
      (mark >= '0' && mark <= '9') || (mark >= 'a' && mark <= 'z') || (mark >= 'A' && mark <= 'Z');
  if (!is_letter_or_digit && mark != '\n' && mark != '\r') return mark;
  return wrong(node,
               fmt::format("'{}' must be one mark{}, not '{}'", what, may_be_auto ? " or auto" : "",
                           node.text),
               "marks that YAML knows stand in quotes, as in ';'");
}

Result<plan::Csv> read_csv(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "input.csv", kCsvKeys, kCode));
  plan::Csv csv;
  if (const Node* delimiter = fields.find("delimiter")) {
    QUINTILE_TRY(csv.delimiter, read_mark(*delimiter, "input.csv.delimiter", true));
  }
  if (const Node* decimal = fields.find("decimal")) {
    QUINTILE_TRY(csv.decimal, read_mark(*decimal, "input.csv.decimal", true));
    if (csv.decimal && *csv.decimal != '.' && *csv.decimal != ',') {
      return wrong(*decimal, fmt::format("'input.csv.decimal' must be auto, '.' or ',', not '{}'",
                                         decimal->text));
    }
  }
  if (const Node* quote = fields.find("quote")) {
    QUINTILE_TRY(const auto mark, read_mark(*quote, "input.csv.quote", false));
    csv.quote = *mark;
  }
  if (csv.delimiter && (csv.delimiter == csv.decimal || *csv.delimiter == csv.quote)) {
    return wrong(node, fmt::format("'input.csv' gives '{}' two meanings", *csv.delimiter),
                 "delimiter, decimal and quote must differ");
  }
  if (csv.decimal && *csv.decimal == csv.quote) {
    return wrong(node, fmt::format("'input.csv' gives '{}' two meanings", *csv.decimal),
                 "delimiter, decimal and quote must differ");
  }
  return csv;
}

bool belongs(const Role& role, plan::Grain grain) {
  return grain == plan::Grain::Customer ? role.at_customer_grain : role.at_transaction_grain;
}

/// The first of `roles` that the plan names, or empty: a role, or several that are needed together
/// ("a+b").
Status require_roles(const Node& node, const plan::Columns& columns, plan::Grain grain) {
  struct Need {
    bool met;
    std::string_view what;
  };
  const auto has = [](const std::string& column) { return !column.empty(); };
  const bool at_customer_grain = grain == plan::Grain::Customer;
  const std::initializer_list<Need> customer = {
      {has(columns.customer_id), "customer_id"},
      {has(columns.monetary), "monetary"},
      {has(columns.last_purchase_date) || has(columns.recency_days),
       "last_purchase_date or recency_days"},
      {has(columns.average_order_value) || has(columns.frequency),
       "average_order_value or frequency"}};
  const std::initializer_list<Need> transaction = {
      {has(columns.customer_id), "customer_id"},
      {has(columns.order_date), "order_date"},
      {has(columns.amount) || (has(columns.quantity) && has(columns.unit_price)),
       "amount, or quantity and unit_price"}};
  for (const Need& need : at_customer_grain ? customer : transaction) {
    if (need.met) continue;
    return wrong(node, fmt::format("'input.columns' names no column for {}", need.what),
                 fmt::format("at grain {} it is needed; write 'role: column'",
                             at_customer_grain ? "customer" : "transaction"));
  }
  if (has(columns.amount) && (has(columns.quantity) || has(columns.unit_price))) {
    return wrong(node, "'input.columns' names amount beside quantity or unit_price",
                 "the amount of a line is either a column or quantity times unit_price");
  }
  return {};
}

Result<plan::Columns> read_columns(const Node& node, plan::Grain grain) {
  std::vector<std::string_view> roles;
  for (const Role& role : kRoles) roles.push_back(role.name);
  QUINTILE_TRY(const Fields fields, Fields::of(node, "input.columns", roles, kCode));
  plan::Columns columns;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Role& role = *std::ranges::find(kRoles, std::string_view(node.keys[i].text), &Role::name);
    if (!belongs(role, grain)) {
      const bool at_customer_grain = grain == plan::Grain::Customer;
      std::vector<std::string_view> others;
      for (const Role& other : kRoles) {
        if (belongs(other, grain)) others.push_back(other.name);
      }
      return wrong(node.keys[i],
                   fmt::format("role '{}' is for grain {}, but 'input.grain' is {}", role.name,
                               at_customer_grain ? "transaction" : "customer",
                               at_customer_grain ? "customer" : "transaction"),
                   fmt::format("roles of this grain: {}", fmt::join(others, ", ")));
    }
    QUINTILE_TRY(columns.*role.column, read_text(node.items[i], fields.path_of(role.name), kCode));
    for (const Role& other : kRoles) {
      if (&other != &role && columns.*other.column == columns.*role.column) {
        return wrong(node.items[i],
                     fmt::format("column '{}' plays two roles: {} and {}", columns.*role.column,
                                 other.name, role.name),
                     "each role has a column of its own");
      }
    }
  }
  QUINTILE_TRY_STATUS(require_roles(node, columns, grain));
  return columns;
}

/// Attributes are published under their own names, personal columns never; so they must not meet
/// others.
Status check_published_names(const Fields& fields, plan::Input& input) {
  const auto item_of = [&](std::string_view key, std::string_view name) -> const Node& {
    const Node& list = *fields.find(key);
    for (const Node& item : list.items) {
      if (trim(item.text) == name) return item;
    }
    return list;
  };
  const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const std::string& name : input.personal) {
    const Node& node = item_of("personal", name);
    if (is_in(input.attributes, name)) {
      return wrong(item_of("attributes", name),
                   fmt::format("'{}' is an attribute and personal", name),
                   "personal columns are never published; remove it from one of the two lists");
    }
    if (name == input.overlay || name == input.consent) {
      return wrong(node,
                   fmt::format("'{}' is personal and the {}", name,
                               name == input.overlay ? "overlay" : "consent flag"),
                   "personal columns are never published");
    }
    for (const Role& role : kRoles) {
      if (input.columns.*role.column != name) continue;
      return wrong(node, fmt::format("'{}' is personal and plays the role {}", name, role.name),
                   "personal columns are never published");
    }
  }
  if (!input.overlay.empty() && input.overlay == input.consent) {
    return wrong(*fields.find("consent"),
                 fmt::format("'{}' is both overlay and consent", input.consent),
                 "each is a column of its own");
  }
  const auto refuse_mart_column = [](const Node& node, const std::string& name) -> Status {
    if (std::ranges::find(kMartColumns, name) == std::end(kMartColumns)) return {};
    return wrong(node, fmt::format("the mart has a column '{}' of its own", name),
                 "rename the column in the file, or leave it out");
  };
  for (const std::string& name : input.attributes)
    QUINTILE_TRY_STATUS(refuse_mart_column(item_of("attributes", name), name));
  if (!input.overlay.empty())
    QUINTILE_TRY_STATUS(refuse_mart_column(*fields.find("overlay"), input.overlay));
  if (!input.consent.empty())
    QUINTILE_TRY_STATUS(refuse_mart_column(*fields.find("consent"), input.consent));
  // Overlay and consent are published anyway; among the attributes they would be there twice.
  std::erase_if(input.attributes, [&](const std::string& name) {
    return name == input.overlay || name == input.consent;
  });
  return {};
}

Status read_row_conditions(const Fields& fields, plan::Input& input) {
  for (const std::string_view key : {"keep", "returns"}) {
    const Node* node = fields.find(key);
    if (node == nullptr || input.grain == plan::Grain::Transaction) continue;
    return wrong(
        *node,
        fmt::format("'input.{}' is for grain transaction, but 'input.grain' is customer", key),
        "a check of 'review.checks' with on_fail: quarantine takes rows out");
  }
  if (const Node* keep = fields.find("keep")) {
    QUINTILE_TRY(input.keep, read_expression(*keep, "input.keep", kCode));
  }
  if (const Node* node = fields.find("returns")) {
    QUINTILE_TRY(const Fields returns, Fields::of(*node, "input.returns", kReturnsKeys, kCode));
    QUINTILE_TRY(const Node* when, returns.require("when", "say which rows are returns"));
    plan::Returns read;
    QUINTILE_TRY(read.when, read_expression(*when, "input.returns.when", kCode));
    if (const Node* treat = returns.find("treat")) {
      QUINTILE_TRY(read.treat, read_choice(*treat, "input.returns.treat", kTreats, kCode));
    }
    input.returns = std::move(read);
  }
  return {};
}

Result<plan::Input> read_input(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "input", kInputKeys, kCode));
  plan::Input input;
  QUINTILE_TRY(const Node* path, fields.require("path", "name the input file"));
  QUINTILE_TRY(input.path, read_paths(*path));
  if (const Node* grain = fields.find("grain")) {
    QUINTILE_TRY(input.grain, read_choice(*grain, "input.grain", kGrains, kCode));
  } else {
    return wrong(node, "'input.grain' is missing",
                 "write 'grain: customer' for one row a customer, 'grain: transaction' for one row "
                 "an order line");
  }
  input.currency = "XXX";  // ISO 4217: no currency
  if (const Node* currency = fields.find("currency")) {
    QUINTILE_TRY(input.currency, read_currency(*currency));
  }
  if (const Node* scale = fields.find("money_scale"); scale != nullptr && scale->text != "auto") {
    const auto digits = read_integer(*scale, "input.money_scale", 0, kMoneyScaleMax, kCode);
    if (!digits)
      return wrong_type(*scale, "input.money_scale", "auto or a whole number from 0 to 4", kCode);
    input.money_scale = static_cast<int>(*digits);
  }
  if (const Node* csv = fields.find("csv")) {
    QUINTILE_TRY(input.csv, read_csv(*csv));
  }
  QUINTILE_TRY(const Node* columns, fields.require("columns", "say which column plays which role"));
  QUINTILE_TRY(input.columns, read_columns(*columns, input.grain));
  if (const Node* format = fields.find("date_format")) {
    QUINTILE_TRY(input.date_format, read_text(*format, "input.date_format", kCode, 100));
    if (input.date_format != "auto" && input.date_format.find('%') == std::string::npos) {
      return wrong(*format,
                   fmt::format("'input.date_format' must be auto or a strptime pattern, not '{}'",
                               input.date_format),
                   "for example '%d/%m/%Y %H:%M'");
    }
    if (input.date_format != "auto") {
      const Status pattern = check_date_pattern(input.date_format);
      if (!pattern) return wrong(*format, pattern.error().message, pattern.error().advice);
    }
  }
  if (const Node* encoding = fields.find("encoding")) {
    QUINTILE_TRY(input.encoding, read_choice(*encoding, "input.encoding", kEncodings, kCode));
  }
  if (const Node* attributes = fields.find("attributes")) {
    QUINTILE_TRY(input.attributes, read_names(*attributes, "input.attributes", kCode));
  }
  if (const Node* personal = fields.find("personal")) {
    QUINTILE_TRY(input.personal, read_names(*personal, "input.personal", kCode));
  }
  if (const Node* overlay = fields.find("overlay")) {
    QUINTILE_TRY(input.overlay, read_text(*overlay, "input.overlay", kCode));
  }
  if (const Node* consent = fields.find("consent")) {
    QUINTILE_TRY(input.consent, read_text(*consent, "input.consent", kCode));
  }
  QUINTILE_TRY_STATUS(check_published_names(fields, input));
  QUINTILE_TRY_STATUS(read_row_conditions(fields, input));
  return input;
}

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

Result<quality::Check> read_check(const Node& node, const std::string& what) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, what, kCheckKeys, kCode));
  quality::Check check;
  QUINTILE_TRY(const Node* id,
               fields.require("id", "findings are told apart by the id of their check"));
  QUINTILE_TRY(check.id, read_text(*id, fields.path_of("id"), kCode, 64));
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!std::ranges::all_of(check.id, is_good)) {
    return wrong(*id,
                 fmt::format("'{}' must be lower case letters, digits and underscores, not '{}'",
                             fields.path_of("id"), check.id));
  }
  if (std::ranges::find(quality::kBuiltInChecks, check.id) != std::end(quality::kBuiltInChecks)) {
    return wrong(*id, fmt::format("'{}' is a built-in check", check.id), "give yours another id");
  }
  QUINTILE_TRY(const Node* expect, fields.require("expect", "a condition that good rows meet"));
  QUINTILE_TRY(check.expect, read_expression(*expect, fields.path_of("expect"), kCode));
  if (const Node* severity = fields.find("severity")) {
    QUINTILE_TRY(check.severity,
                 read_choice(*severity, fields.path_of("severity"), kSeverities, kCode));
  }
  if (const Node* on_fail = fields.find("on_fail")) {
    QUINTILE_TRY(check.on_fail, read_choice(*on_fail, fields.path_of("on_fail"), kOnFails, kCode));
  }
  return check;
}

/// -1, 0 or 1 as `a` is less than, equal to or greater than `b`; both are decimal numbers.
int compare_decimals(const std::string& a, const std::string& b) {
  const Decimal left = *parse_decimal(a);
  const Decimal right = *parse_decimal(b);
  const int scale = std::max(left.scale, right.scale);
  const Int128 x = static_cast<Int128>(left.unscaled) * power_of_ten(scale - left.scale);
  const Int128 y = static_cast<Int128>(right.unscaled) * power_of_ten(scale - right.scale);
  return x < y ? -1 : (x > y ? 1 : 0);
}

Result<std::vector<quality::ReviewSpec::Range>> read_ranges(const Node& node) {
  if (!node.is_map())
    return wrong_type(node, "review.ranges", "a mapping, as in {age: [18, 80]}", kCode);
  if (node.items.size() > kRowsOfRangesMax) return wrong(node, "'review.ranges' is too long");
  std::vector<quality::ReviewSpec::Range> ranges;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& pair = node.items[i];
    const std::string what = "review.ranges." + node.keys[i].text;
    if (!pair.is_sequence()) return wrong_type(pair, what, "two numbers, as in [18, 80]", kCode);
    if (pair.items.size() != 2) {
      return wrong(pair, fmt::format("'{}' must be two numbers, the least and the greatest, not {}",
                                     what, pair.items.size()));
    }
    quality::ReviewSpec::Range range{node.keys[i].text, {}, {}, node.keys[i].place};
    QUINTILE_TRY(range.low, read_decimal(pair.items[0], what, kCode));
    QUINTILE_TRY(range.high, read_decimal(pair.items[1], what, kCode));
    if (compare_decimals(range.low, range.high) > 0) {
      return wrong(pair,
                   fmt::format("'{}' is empty: {} is more than {}", what, range.low, range.high),
                   "the least value stands first");
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

Result<quality::ReviewSpec> read_review(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "review", kReviewKeys, kCode));
  quality::ReviewSpec review;
  if (const Node* checks = fields.find("checks")) {
    if (!checks->is_sequence())
      return wrong_type(*checks, "review.checks", "a list of checks", kCode);
    for (std::size_t i = 0; i < checks->items.size(); ++i) {
      QUINTILE_TRY(quality::Check check,
                   read_check(checks->items[i], fmt::format("review.checks.{}", i)));
      if (std::ranges::find(review.checks, check.id, &quality::Check::id) != review.checks.end()) {
        return wrong(*checks->items[i].find("id"),
                     fmt::format("check '{}' is there twice", check.id),
                     "give one of them another id");
      }
      review.checks.push_back(std::move(check));
    }
  }
  if (const Node* ranges = fields.find("ranges")) {
    QUINTILE_TRY(review.ranges, read_ranges(*ranges));
  }
  if (const Node* duplicates = fields.find("duplicate_ids")) {
    QUINTILE_TRY(review.duplicate_ids,
                 read_choice(*duplicates, "review.duplicate_ids", kDuplicateIds, kCode));
  }
  return review;
}

Result<std::vector<std::string>> read_bounds(const Node& node, const std::string& what) {
  if (!node.is_sequence()) return wrong_type(node, what, "a list of numbers", kCode);
  const auto size = static_cast<int>(node.items.size());
  if (size < kBinsMin - 1 || size > kBinsMax - 1) {
    return wrong(node,
                 fmt::format("'{}' must hold {} to {} bounds, not {}", what, kBinsMin - 1,
                             kBinsMax - 1, size),
                 "a bound fewer than bins: bin k holds values up to and with bound k");
  }
  std::vector<std::string> bounds;
  for (const Node& item : node.items) {
    QUINTILE_TRY(std::string bound, read_decimal(item, what, kCode));
    if (!bounds.empty() && compare_decimals(bounds.back(), bound) >= 0) {
      return wrong(item,
                   fmt::format("'{}' must ascend, but {} follows {}", what, bound, bounds.back()));
    }
    bounds.push_back(std::move(bound));
  }
  return bounds;
}

Result<rfm::MetricSpec> read_metric(const Node& node, const std::string& what) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, what, kMetricKeys, kCode));
  rfm::MetricSpec spec;
  if (const Node* method = fields.find("method")) {
    QUINTILE_TRY(spec.method, read_choice(*method, fields.path_of("method"), kMethods, kCode));
  }
  const Node* bounds = fields.find("upper_bounds");
  const Node* bins = fields.find("bins");
  if (bins != nullptr) {
    QUINTILE_TRY(const std::int64_t number,
                 read_integer(*bins, fields.path_of("bins"), kBinsMin, kBinsMax, kCode));
    spec.bins = static_cast<int>(number);
  }
  if (spec.method != rfm::Method::Thresholds) {
    if (bounds == nullptr) return spec;
    return wrong(*bounds,
                 fmt::format("'{}' is for method thresholds", fields.path_of("upper_bounds")),
                 "write 'method: thresholds', or remove the bounds");
  }
  QUINTILE_TRY(const Node* required,
               fields.require("upper_bounds",
                              "method thresholds needs the upper bound of every bin but the last"));
  QUINTILE_TRY(spec.upper_bounds, read_bounds(*required, fields.path_of("upper_bounds")));
  const int bins_of_bounds = static_cast<int>(spec.upper_bounds.size()) + 1;
  if (bins != nullptr && spec.bins != bins_of_bounds) {
    return wrong(*bins,
                 fmt::format("{} upper bounds make {} bins, not {}", spec.upper_bounds.size(),
                             bins_of_bounds, spec.bins),
                 "remove 'bins'");
  }
  spec.bins = bins_of_bounds;
  return spec;
}

Result<rfm::ScoringSpec> read_scoring(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "scoring", kScoringKeys, kCode));
  rfm::ScoringSpec scoring;
  constexpr std::string_view kNames[] = {"recency", "frequency", "monetary"};
  for (std::size_t i = 0; i < scoring.metrics.size(); ++i) {
    if (const Node* metric = fields.find(kNames[i])) {
      QUINTILE_TRY(scoring.metrics[i], read_metric(*metric, fields.path_of(kNames[i])));
    }
  }
  if (const Node* cut_points = fields.find("cut_points")) {
    QUINTILE_TRY(scoring.cut_points, read_text(*cut_points, "scoring.cut_points", kCode, 4'096));
  }
  if (const Node* preset = fields.find("preset")) {
    QUINTILE_TRY(scoring.preset, read_choice(*preset, "scoring.preset", kPresets, kCode));
    if (!scoring.cut_points.empty()) {
      return wrong(*preset, "'scoring.preset' and 'scoring.cut_points' both say how to score",
                   "remove one of them");
    }
  }
  return scoring;
}

Result<plan::Output> read_output(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "output", kOutputKeys, kCode));
  plan::Output output;
  QUINTILE_TRY(const Node* mart, fields.require("mart", "name the folder to publish into"));
  QUINTILE_TRY(output.mart, read_text(*mart, "output.mart", kCode, 4'096));
  output.report = output.mart + "/report";
  if (const Node* report = fields.find("report")) {
    QUINTILE_TRY(output.report, read_text(*report, "output.report", kCode, 4'096));
    if (output.report == output.mart)
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
  if (const Node* scoring = fields.find("scoring")) {
    QUINTILE_TRY(plan.scoring, read_scoring(*scoring));
    if (!plan.scoring.cut_points.empty()) {
      // Read for its errors alone: the run reads it again when it knows the digits of money.
      const Node& node = *scoring->find("cut_points");
      const std::string path = plan.resolve(plan.scoring.cut_points);
      QUINTILE_TRY_STATUS(read_file(path, "scoring model", kCode, node.place));
      QUINTILE_TRY_STATUS(read_cut_points(path, plan.input.money_scale.value_or(kMoneyScaleMax)));
    }
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

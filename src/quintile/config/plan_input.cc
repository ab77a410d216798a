#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quintile/base/date_pattern.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/config/plan_internal.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Plan;

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

}  // namespace

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
  input.currency = kNoCurrency;
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

}  // namespace quintile::config

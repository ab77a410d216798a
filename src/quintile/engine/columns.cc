#include "quintile/engine/columns.h"

#include <algorithm>
#include <set>

namespace quintile::engine {

namespace {

using table::Reading;

/// Collects the columns to read and remembers which one plays which role.
class RequestBuilder {
 public:
  explicit RequestBuilder(table::ReadRequest& request) : request_(request) {}
  /// The index of the column in the table, -1 for a role that the plan leaves empty.
  int add(const std::string& name, table::Reading reading) {
    return name.empty() ? -1 : add_column(name, reading);
  }
  /// The index of a column of the file, whose name may be empty.
  int add_column(const std::string& name, table::Reading reading) {
    request_.columns.push_back({name, reading});
    named_.insert(name);
    return static_cast<int>(request_.columns.size()) - 1;
  }
  [[nodiscard]] bool has(const std::string& name) const { return named_.contains(name); }

 private:
  table::ReadRequest& request_;
  std::set<std::string> named_;
};

/// What every reading asks for.
table::ReadRequest request_of(const plan::Plan& plan) {
  table::ReadRequest request;
  request.money_scale = plan.input.money_scale;
  request.date_format = plan.input.date_format;
  request.record_hash = true;
  return request;
}

customers::FrequencyUnit unit_of(plan::FrequencyUnit unit) {
  switch (unit) {
    case plan::FrequencyUnit::Orders: return customers::FrequencyUnit::Orders;
    case plan::FrequencyUnit::Days: return customers::FrequencyUnit::Days;
    case plan::FrequencyUnit::Lines: return customers::FrequencyUnit::Lines;
  }
  return customers::FrequencyUnit::Orders;
}

/// The names that the plan's expressions and ranges mention.
std::vector<std::string> names_mentioned(const plan::Plan& plan) {
  std::vector<std::string> names;
  const auto mention = [&names](const expression::Expression& expression) {
    for (std::string& name : expression::fields_of(expression)) names.push_back(std::move(name));
  };
  if (plan.input.keep) mention(*plan.input.keep);
  if (plan.input.returns) mention(plan.input.returns->when);
  for (const quality::Check& check : plan.review.checks) mention(check.expect);
  for (const auto& range : plan.review.ranges) names.push_back(range.column);
  return names;
}

/// Whether some condition of the plan compares the column with text. Article codes that look like
/// numbers in most rows are texts then.
bool is_compared_with_text(const plan::Plan& plan, const std::string& name) {
  const auto compares = [&name](const expression::Expression& expression) {
    return std::ranges::any_of(
        expression::leaves_of(expression.root), [&name](const expression::Node* leaf) {
          const bool names_it = std::ranges::any_of(
              leaf->operands,
              [&](const expression::Operand& operand) { return operand.field == name; });
          return names_it &&
                 std::ranges::any_of(leaf->operands, [](const expression::Operand& operand) {
                   return !operand.field && operand.literal.type == Type::Text;
                 });
        });
  };
  return (plan.input.keep && compares(*plan.input.keep)) ||
         (plan.input.returns && compares(plan.input.returns->when)) ||
         std::ranges::any_of(plan.review.checks,
                             [&](const quality::Check& check) { return compares(check.expect); });
}

/// What customers are described by, at either grain.
template <typename Roles>
void add_described(RequestBuilder& columns, const plan::Input& input, Roles& roles) {
  roles.overlay = columns.add(input.overlay, Reading::Flag);
  roles.consent = columns.add(input.consent, Reading::Flag);
  for (const std::string& name : input.attributes) {
    if (name != input.overlay && name != input.consent)
      roles.attributes.push_back(columns.add(name, Reading::Inferred));
  }
  for (const std::string& name : input.personal)
    roles.personal.push_back(columns.add(name, Reading::Personal));
}

}  // namespace

TransactionRead transaction_read(const plan::Plan& plan,
                                 const std::vector<std::string>& file_columns) {
  TransactionRead result{request_of(plan), {}};
  RequestBuilder columns(result.request);
  customers::TransactionSpec& spec = result.spec;
  customers::TransactionRoles& roles = spec.roles;
  const plan::Input& input = plan.input;
  const plan::Columns& named = input.columns;
  roles.customer_id = columns.add(named.customer_id, Reading::Identifier);
  roles.order_id = columns.add(named.order_id, Reading::Identifier);
  roles.order_date = columns.add(named.order_date, Reading::Moment);
  roles.quantity = columns.add(named.quantity, Reading::Quantity);
  roles.unit_price = columns.add(named.unit_price, Reading::Money);
  roles.amount = columns.add(named.amount, Reading::Money);
  add_described(columns, input, roles);
  // What no role holds is read for the expressions that name it; of the rest nothing is read but
  // each line's hash.
  const auto is_role = [&named](const std::string& name) {
    return (name == "customer_id" && !named.customer_id.empty()) ||
           (name == "order_id" && !named.order_id.empty()) ||
           (name == "order_date" && !named.order_date.empty()) ||
           (name == "quantity" && !named.quantity.empty()) ||
           (name == "unit_price" && !named.unit_price.empty()) ||
           (name == "amount" && !named.amount.empty());
  };
  for (const std::string& name : names_mentioned(plan)) {
    const bool is_in_file = std::ranges::find(file_columns, name) != file_columns.end();
    if (!is_in_file || is_role(name) || columns.has(name)) continue;
    roles.others.push_back(
        columns.add(name, is_compared_with_text(plan, name) ? Reading::Text : Reading::Inferred));
  }
  spec.columns = result.request.columns;
  spec.keep = input.keep;
  if (input.returns) {
    spec.returns = input.returns->when;
    spec.net = input.returns->treat == plan::Treat::Net;
  }
  spec.frequency = unit_of(plan.frequency);
  spec.review = plan.review;
  if (plan.analysis_date) spec.analysis_day = to_day_number(*plan.analysis_date);
  return result;
}

CustomerRead customer_read(const plan::Plan& plan, const std::vector<std::string>& file_columns) {
  CustomerRead result{request_of(plan), {}};
  RequestBuilder columns(result.request);
  customers::CustomerRoles& roles = result.roles;
  const plan::Input& input = plan.input;
  const plan::Columns& named = input.columns;
  roles.customer_id = columns.add(named.customer_id, Reading::Identifier);
  roles.first_purchase_date = columns.add(named.first_purchase_date, Reading::Day);
  roles.last_purchase_date = columns.add(named.last_purchase_date, Reading::Day);
  roles.recency_days = columns.add(named.recency_days, Reading::Count);
  roles.monetary = columns.add(named.monetary, Reading::Money);
  roles.average_order_value = columns.add(named.average_order_value, Reading::Money);
  roles.frequency = columns.add(named.frequency, Reading::Count);
  add_described(columns, input, roles);
  std::set<std::string> checked;
  for (const quality::Check& check : plan.review.checks) {
    for (const std::string& field : expression::fields_of(check.expect)) checked.insert(field);
  }
  for (const std::string& name : input.personal) {
    if (checked.contains(name)) roles.personal_texts.push_back(columns.add(name, Reading::Views));
  }
  for (const std::string& name : file_columns) {
    if (!columns.has(name)) roles.unused.push_back(columns.add_column(name, Reading::Inferred));
  }
  return result;
}

}  // namespace quintile::engine

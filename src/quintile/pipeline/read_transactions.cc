#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "quintile/customers/identifiers.h"
#include "quintile/engine/local/transactions.h"
#include "quintile/pipeline/read_transactions_internal.h"
#include "quintile/pipeline/request_internal.h"
#include "quintile/rfm/score_metric.h"

namespace quintile::pipeline {

namespace {

using table::Reading;

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

customers::TransactionRoles request_roles(const plan::Plan& plan,
                                          const std::vector<std::string>& file_columns,
                                          RequestBuilder& columns) {
  const plan::Input& input = plan.input;
  const plan::Columns& named = input.columns;
  customers::TransactionRoles roles;
  roles.customer_id = columns.add(named.customer_id, Reading::Identifier);
  roles.order_id = columns.add(named.order_id, Reading::Identifier);
  roles.order_date = columns.add(named.order_date, Reading::Moment);
  roles.quantity = columns.add(named.quantity, Reading::Quantity);
  roles.unit_price = columns.add(named.unit_price, Reading::Money);
  roles.amount = columns.add(named.amount, Reading::Money);
  roles.overlay = columns.add(input.overlay, Reading::Flag);
  roles.consent = columns.add(input.consent, Reading::Flag);
  for (const std::string& name : input.attributes) {
    if (name != input.overlay && name != input.consent)
      roles.attributes.push_back(columns.add(name, Reading::Inferred));
  }
  for (const std::string& name : input.personal)
    roles.personal.push_back(columns.add(name, Reading::Personal));
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
  return roles;
}

/// Customers whose monetary score depends on whether returns are netted; nothing where they cannot
/// be scored.
std::optional<std::int64_t> customers_moved(const customers::CleanedTransactions& transactions,
                                            const rfm::MetricSpec& spec) {
  const customers::Customers& customers = transactions.cleaned.customers;
  if (customers.size == 0) return std::nullopt;
  const rfm::RankOrder rank_order = [&customers](std::vector<std::int64_t>& rows) {
    const customers::IdOrder order(customers.source_customer_id.view);
    std::ranges::sort(rows, [&order](std::int64_t a, std::int64_t b) {
      return order.less(a, b) || (!order.less(b, a) && a < b);
    });
  };
  const auto scores = [&](const std::vector<std::int64_t>& values) {
    const ColumnView view{.type = Type::Decimal,
                          .layout = Layout::Int64,
                          .scale = customers.money_scale,
                          .size = customers.size,
                          .data = values.data(),
                          .valid = nullptr,
                          .dictionary = {}};
    return rfm::score_metric(rfm::Metric::Monetary, view, spec, customers.money_scale, rank_order);
  };
  const auto gross = scores(transactions.gross);
  const auto net = scores(transactions.net);
  if (!gross || !net) return std::nullopt;
  std::int64_t moved = 0;
  for (std::int64_t i = 0; i < customers.size; ++i)
    moved += gross->scores[i] != net->scores[i] ? 1 : 0;
  return moved;
}

}  // namespace

Result<CleanInput> read_transactions(const plan::Plan& plan, table::Source& source,
                                     const Executor& executor, const Options& options) {
  table::ReadRequest request;
  request.money_scale = plan.input.money_scale;
  request.date_format = plan.input.date_format;
  request.record_hash = true;
  RequestBuilder columns(request);
  customers::TransactionSpec spec;
  spec.roles = request_roles(plan, source.column_names(), columns);
  spec.columns = request.columns;
  spec.keep = plan.input.keep;
  if (plan.input.returns) {
    spec.returns = plan.input.returns->when;
    spec.net = plan.input.returns->treat == plan::Treat::Net;
  }
  spec.frequency = unit_of(plan.frequency);
  spec.review = plan.review;
  if (plan.analysis_date) spec.analysis_day = to_day_number(*plan.analysis_date);
  QUINTILE_TRY_STATUS(options.begin("reading lines"));
  QUINTILE_TRY(auto transactions,
               engine::local::aggregate(source, request, std::move(spec), executor,
                                        {.memory_max = options.memory_max}));
  if (const auto moved = customers_moved(transactions, plan.scoring.metrics[2])) {
    for (quality::Finding& finding : transactions.cleaned.review.findings) {
      if (finding.check == "returns") finding.details.push_back({"customers_moved", *moved});
    }
  }
  return CleanInput{std::move(transactions.cleaned), source.facts().origin, source.facts()};
}

}  // namespace quintile::pipeline

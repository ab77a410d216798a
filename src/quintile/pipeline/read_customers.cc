#include <string>
#include <vector>

#include "quintile/pipeline/read_customers_internal.h"
#include "quintile/pipeline/request_internal.h"

namespace quintile::pipeline {

namespace {

using table::Reading;

customers::CustomerRoles request_roles(const plan::Input& input, const quality::ReviewSpec& review,
                                       const std::vector<std::string>& file_columns,
                                       RequestBuilder& columns) {
  customers::CustomerRoles roles;
  const plan::Columns& named = input.columns;
  roles.customer_id = columns.add(named.customer_id, Reading::Identifier);
  roles.first_purchase_date = columns.add(named.first_purchase_date, Reading::Day);
  roles.last_purchase_date = columns.add(named.last_purchase_date, Reading::Day);
  roles.recency_days = columns.add(named.recency_days, Reading::Count);
  roles.monetary = columns.add(named.monetary, Reading::Money);
  roles.average_order_value = columns.add(named.average_order_value, Reading::Money);
  roles.frequency = columns.add(named.frequency, Reading::Count);
  roles.overlay = columns.add(input.overlay, Reading::Flag);
  roles.consent = columns.add(input.consent, Reading::Flag);
  for (const std::string& name : input.attributes) {
    if (name != input.overlay && name != input.consent)
      roles.attributes.push_back(columns.add(name, Reading::Inferred));
  }
  for (const std::string& name : input.personal)
    roles.personal.push_back(columns.add(name, Reading::Personal));
  std::set<std::string> checked;
  for (const quality::Check& check : review.checks) {
    for (const std::string& field : expression::fields_of(check.expect)) checked.insert(field);
  }
  for (const std::string& name : input.personal) {
    if (checked.contains(name)) roles.personal_texts.push_back(columns.add(name, Reading::Views));
  }
  for (const std::string& name : file_columns) {
    if (!columns.has(name)) roles.unused.push_back(columns.add(name, Reading::Inferred));
  }
  return roles;
}

}  // namespace

Result<CleanInput> read_customers(const plan::Plan& plan, table::Source& source,
                                  const Executor& executor, const Options& options) {
  table::ReadRequest request;
  request.money_scale = plan.input.money_scale;
  request.date_format = plan.input.date_format;
  request.record_hash = true;
  RequestBuilder columns(request);
  const customers::CustomerRoles roles =
      request_roles(plan.input, plan.review, source.column_names(), columns);
  QUINTILE_TRY_STATUS(options.begin("reading"));
  QUINTILE_TRY(table::Table table, source.read(request));
  const table::Origin origin = table.origin;
  QUINTILE_TRY_STATUS(options.begin("reviewing"));
  customers::CustomerRows rows{
      .table = std::move(table),
      .roles = roles,
      .record_hashes = source.take_record_hashes(),
      .record = [&source](std::int64_t row) { return source.record(row); },
      .money_scale = source.facts().money_scale,
      .analysis_day =
          plan.analysis_date ? std::optional(to_day_number(*plan.analysis_date)) : std::nullopt,
      .review = plan.review,
      .executor = executor};
  QUINTILE_TRY(auto cleaned, customers::clean(std::move(rows)));
  return CleanInput{std::move(cleaned), origin, source.facts()};
}

}  // namespace quintile::pipeline

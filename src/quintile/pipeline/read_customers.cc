#include <algorithm>
#include <utility>
#include <vector>

#include "quintile/engine/columns.h"
#include "quintile/pipeline/read_customers_internal.h"
#include "quintile/quality/statistics.h"

namespace quintile::pipeline {

namespace {

/// For each column of the file, whether the table holds it as numbers. Personal ones are texts.
std::vector<bool> are_numbers(const table::Source& source, const table::Table& table,
                              const customers::CustomerRoles& roles) {
  std::vector<bool> numbers;
  for (const std::string& name : source.column_names()) {
    const auto read = std::ranges::find(table.columns, name,
                                        [](const table::ReadColumn& r) { return r.column.name; });
    const auto index = static_cast<int>(read - table.columns.begin());
    numbers.push_back(read != table.columns.end() && quality::is_numeric(read->column.view.type) &&
                      std::ranges::find(roles.personal, index) == roles.personal.end());
  }
  return numbers;
}

}  // namespace

Result<CleanInput> read_customers(const plan::Plan& plan, table::Source& source,
                                  const Executor& executor, const Options& options) {
  const auto [request, roles] = engine::customer_read(plan, source.column_names());
  QUINTILE_TRY_STATUS(options.begin("reading"));
  QUINTILE_TRY(table::Table table, source.read(request));
  const table::Origin origin = table.origin;
  std::vector<bool> is_number = are_numbers(source, table, roles);
  QUINTILE_TRY_STATUS(options.begin("reviewing"));
  customers::CustomerRows rows{
      .table = std::move(table),
      .roles = roles,
      .record_hashes = source.take_record_hashes(),
      .records = {.is_number = std::move(is_number),
                  .cells =
                      [&source](std::size_t column, std::span<const std::int64_t> wanted) {
                        return source.cells(column, wanted);
                      }},
      .money_scale = source.facts().money_scale,
      .analysis_day =
          plan.analysis_date ? std::optional(to_day_number(*plan.analysis_date)) : std::nullopt,
      .review = plan.review,
      .executor = executor};
  QUINTILE_TRY(auto cleaned, customers::clean(std::move(rows)));
  return CleanInput{std::move(cleaned), origin, source.facts()};
}

}  // namespace quintile::pipeline

#include <vector>

#include "quintile/engine/columns.h"
#include "quintile/pipeline/read_customers_internal.h"

namespace quintile::pipeline {

Result<CleanInput> read_customers(const plan::Plan& plan, table::Source& source,
                                  const Executor& executor, const Options& options) {
  const auto [request, roles] = engine::customer_read(plan, source.column_names());
  QUINTILE_TRY_STATUS(options.begin("reading"));
  QUINTILE_TRY(table::Table table, source.read(request));
  const table::Origin origin = table.origin;
  QUINTILE_TRY_STATUS(options.begin("reviewing"));
  customers::CustomerRows rows{
      .table = std::move(table),
      .roles = roles,
      .record_hashes = source.take_record_hashes(),
      .records = {.columns = source.column_names().size(),
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

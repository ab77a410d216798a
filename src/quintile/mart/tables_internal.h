#pragma once

#include <string>
#include <vector>

#include "quintile/mart/mart.h"
#include "quintile/mart/parquet_internal.h"

/// The tables of a mart as columns to be written. They borrow from what they are made of.
namespace quintile::mart {

/// A column with what it is there for.
struct CustomersColumn {
  ParquetColumn column;
  std::string role;
};

/// customer_segments.parquet, in the order of the contract.
/// Errors: Plan where an attribute has the name of another published column.
[[nodiscard]] Result<std::vector<CustomersColumn>> customers_columns(
    const segments::Segmentation& segmentation, const segments::RuleSet& rules);

/// crosswalk.parquet: source_file, source_row (1 = first data row), source_customer_id,
/// customer_id.
[[nodiscard]] std::vector<ParquetColumn> crosswalk_columns(const Contents& contents);

/// quarantine.parquet: source_file, source_row, check, reason.
[[nodiscard]] std::vector<ParquetColumn> quarantine_columns(const Contents& contents);

/// segment_summary.parquet: a row a segment, then the population; nested keys joined by "_", lists
/// as JSON text.
[[nodiscard]] std::vector<ParquetColumn> summary_columns(const summary::Summary& summary,
                                                         int money_scale);

/// The same as CSV.
[[nodiscard]] std::string summary_csv(const summary::Summary& summary, int money_scale);

/// "int64", "decimal(18, 2)", "string", ... as the documentation of the formats names types.
[[nodiscard]] std::string type_name(const arrow::DataType& type);

}  // namespace quintile::mart

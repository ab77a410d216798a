#include "quintile/mart/export.h"

#include <algorithm>
#include <span>

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include "quintile/mart/tables_internal.h"

namespace quintile::mart {
namespace {

using Rows = std::shared_ptr<const std::vector<std::uint32_t>>;

/// Of a column's rows so many are made at once, whichever of them are wanted.
constexpr std::uint32_t kSpanMax = 1 << 18;

std::shared_ptr<arrow::Array> good(arrow::Result<std::shared_ptr<arrow::Array>> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

/// The values of ascending rows that lie within a span.
std::shared_ptr<arrow::Array> picked_within(const ParquetColumn& column,
                                            std::span<const std::uint32_t> rows) {
  const std::uint32_t first = rows.front();
  const auto all = column.slice(first, std::int64_t{rows.back()} - first + 1);
  if (all->length() == static_cast<std::int64_t>(rows.size())) return all;
  arrow::UInt32Builder places;
  if (!places.Reserve(static_cast<std::int64_t>(rows.size())).ok()) throw std::bad_alloc();
  for (const std::uint32_t row : rows) places.UnsafeAppend(row - first);
  return good(arrow::compute::Take(*all, *good(places.Finish())));
}

std::shared_ptr<arrow::Array> picked(const ParquetColumn& column,
                                     std::span<const std::uint32_t> rows) {
  if (rows.empty()) return column.slice(0, 0);
  arrow::ArrayVector parts;
  while (!rows.empty()) {
    const auto end = std::ranges::lower_bound(rows, rows.front() + kSpanMax);
    const auto within = rows.first(static_cast<std::size_t>(end - rows.begin()));
    parts.push_back(picked_within(column, within));
    rows = rows.subspan(within.size());
  }
  return parts.size() == 1 ? parts.front() : good(arrow::Concatenate(parts));
}

/// The column with those rows alone, in their order.
ParquetColumn of_rows(ParquetColumn column, const Rows& rows) {
  ParquetColumn some = column;
  some.slice = [column = std::move(column), rows](std::int64_t begin, std::int64_t count) {
    return picked(column, std::span(*rows).subspan(static_cast<std::size_t>(begin),
                                                   static_cast<std::size_t>(count)));
  };
  return some;
}

}  // namespace

Status export_customers(const Mart& mart, std::span<const std::uint8_t> selected,
                        CustomersFormat format,
                        const std::vector<std::pair<std::string, std::string>>& metadata,
                        const std::function<Status(std::string_view bytes)>& out) {
  auto rows = std::make_shared<std::vector<std::uint32_t>>();
  for (std::size_t row = 0; row < selected.size(); ++row) {
    if (selected[row] != 0) rows->push_back(static_cast<std::uint32_t>(row));
  }
  QUINTILE_TRY(auto published, customers_columns(mart.segmentation, mart.rules));
  std::vector<ParquetColumn> columns;
  for (CustomersColumn& column : published) {
    columns.push_back(selected.empty() ? std::move(column.column)
                                       : of_rows(std::move(column.column), rows));
  }
  const std::int64_t count =
      selected.empty() ? mart.segmentation.size() : static_cast<std::int64_t>(rows->size());
  return format == CustomersFormat::Parquet ? write_parquet(out, columns, count, metadata)
                                            : write_arrow_stream(out, columns, count, metadata);
}

}  // namespace quintile::mart

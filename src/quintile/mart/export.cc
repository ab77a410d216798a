#include "quintile/mart/export.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include "quintile/mart/tables_internal.h"

namespace quintile::mart {
namespace {

using Rows = std::shared_ptr<const std::vector<std::uint32_t>>;

/// The values of `rows[begin]` to `rows[begin + count - 1]`.
std::shared_ptr<arrow::Array> picked(const ParquetColumn& column, const Rows& rows,
                                     std::int64_t begin, std::int64_t count) {
  if (count == 0) return column.slice(0, 0);
  const std::uint32_t* const wanted = rows->data() + begin;
  const std::uint32_t first = wanted[0], last = wanted[count - 1];
  const auto all = column.slice(first, std::int64_t{last} - first + 1);
  if (all->length() == count) return all;
  arrow::UInt32Builder places;
  auto status = places.Reserve(count);
  for (std::int64_t i = 0; status.ok() && i < count; ++i) places.UnsafeAppend(wanted[i] - first);
  if (!status.ok()) throw std::bad_alloc();
  auto some = arrow::compute::Take(*all, **places.Finish());
  if (!some.ok()) throw std::runtime_error(some.status().ToString());
  return *some;
}

/// The column with those rows alone, in their order.
ParquetColumn of_rows(ParquetColumn column, const Rows& rows) {
  ParquetColumn some = column;
  some.slice = [column = std::move(column), rows](std::int64_t begin, std::int64_t count) {
    return picked(column, rows, begin, count);
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

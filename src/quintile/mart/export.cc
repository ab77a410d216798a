#include "quintile/mart/export.h"

#include "quintile/mart/tables_internal.h"
#include "quintile/table/gather.h"

namespace quintile::mart {
namespace {

template <typename T>
table::Buffer<T> gathered(const table::Buffer<T>& values, std::span<const std::uint32_t> rows) {
  table::Buffer<T> some(static_cast<std::int64_t>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    some[static_cast<std::int64_t>(i)] = values[rows[i]];
  return some;
}

segments::Segmentation gathered(const segments::Segmentation& all,
                                std::span<const std::uint32_t> rows) {
  segments::Segmentation some;
  some.analysis_day = all.analysis_day;
  some.model = all.model;
  some.r_score = gathered(all.r_score, rows);
  some.f_score = gathered(all.f_score, rows);
  some.m_score = gathered(all.m_score, rows);
  some.segment = gathered(all.segment, rows);
  const customers::Customers& from = all.customers;
  customers::Customers& to = some.customers;
  to.size = static_cast<std::int64_t>(rows.size());
  to.money_scale = from.money_scale;
  const auto column = [rows](const table::Column& values) { return table::gather(values, rows); };
  const auto perhaps = [&](const std::optional<table::Column>& values) {
    return values ? std::optional(column(*values)) : std::nullopt;
  };
  to.source_customer_id = column(from.source_customer_id);
  for (const table::Column& attribute : from.attributes) to.attributes.push_back(column(attribute));
  to.overlay = perhaps(from.overlay);
  to.consent = perhaps(from.consent);
  to.first_purchase_date = perhaps(from.first_purchase_date);
  to.last_purchase_date = perhaps(from.last_purchase_date);
  to.recency_days = column(from.recency_days);
  to.frequency = column(from.frequency);
  to.monetary = column(from.monetary);
  to.average_order_value = column(from.average_order_value);
  return some;
}

}  // namespace

Status export_customers(const Mart& mart, std::span<const std::uint8_t> selected,
                        const std::vector<std::pair<std::string, std::string>>& metadata,
                        const std::filesystem::path& file) {
  std::vector<std::uint32_t> rows;
  std::vector<std::int64_t> ids;
  for (std::int64_t row = 0; row < mart.segmentation.size(); ++row) {
    if (!selected.empty() && selected[static_cast<std::size_t>(row)] == 0) continue;
    rows.push_back(static_cast<std::uint32_t>(row));
    ids.push_back(row + 1);
  }
  const segments::Segmentation some = gathered(mart.segmentation, rows);
  QUINTILE_TRY(auto published, customers_columns(some, mart.rules));
  std::vector<ParquetColumn> columns;
  for (CustomersColumn& column : published) {
    // A subset keeps the ids of the whole.
    if (column.column.name == "customer_id")
      column.column = parquet_integers("customer_id", ids.data());
    columns.push_back(std::move(column.column));
  }
  QUINTILE_TRY(StagedFile staged, StagedFile::create(file, file.filename().string()));
  QUINTILE_TRY_STATUS(write_parquet(staged, columns, some.size(), metadata, 1));
  QUINTILE_TRY_STATUS(staged.finish());
  return {};
}

}  // namespace quintile::mart

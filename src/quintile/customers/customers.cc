#include "quintile/customers/customers.h"

namespace quintile::customers {

const table::Column* Customers::find(std::string_view field) const {
  if (field == "recency_days") return &recency_days;
  if (field == "frequency") return &frequency;
  if (field == "monetary") return &monetary;
  if (field == "average_order_value") return &average_order_value;
  if (overlay && overlay->name == field) return &*overlay;
  for (const table::Column& attribute : attributes) {
    if (attribute.name == field) return &attribute;
  }
  if (consent && consent->name == field) return &*consent;
  return nullptr;
}

std::optional<table::Column> tenure_days(const Customers& customers, std::int32_t analysis_day) {
  if (!customers.first_purchase_date) return std::nullopt;
  const auto first = customers.first_purchase_date->view.values<std::int32_t>();
  table::Buffer<std::int32_t> tenure(customers.size);
  for (std::int64_t row = 0; row < customers.size; ++row)
    tenure[row] = analysis_day - first[static_cast<std::size_t>(row)];
  return table::Column::days("tenure_days", std::move(tenure));
}

void Crosswalk::count() {
  places.clear();
  std::int64_t before = 0;
  for (std::size_t entry = 0; entry < rows.size(); ++entry) {
    if (entry % kEntriesAPlace == 0) places.push_back(before);
    before += rows[entry];
  }
  places.push_back(before);
}

}  // namespace quintile::customers

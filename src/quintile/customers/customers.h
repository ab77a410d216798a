#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quintile/table/column.h"

namespace quintile::customers {

/// Cleaned customers, one row each, in `customer_id` order: row i is customer i + 1. Every column
/// has `size` rows.
///
/// Absent columns are those that the input cannot give. `recency_days`, `frequency` and `monetary`
/// are always there and have no missing value.
struct Customers {
  std::int64_t size = 0;
  int money_scale = 2;

  table::Column source_customer_id;       ///< Integer or Text: the file's text
  std::vector<table::Column> attributes;  ///< in plan order; without overlay and consent
  std::optional<table::Column> overlay;   ///< Boolean
  std::optional<table::Column> consent;   ///< Boolean; missing is no consent
  std::optional<table::Column> first_purchase_date;
  std::optional<table::Column> last_purchase_date;
  table::Column recency_days;         ///< Integer, Int32, days
  table::Column frequency;            ///< Integer, Int64, orders
  table::Column monetary;             ///< Decimal, Int64 minor units
  table::Column average_order_value;  ///< Decimal, Int64 minor units

  [[nodiscard]] std::span<const std::int32_t> recency() const {
    return recency_days.view.values<std::int32_t>();
  }
  [[nodiscard]] std::span<const std::int64_t> orders() const {
    return frequency.view.values<std::int64_t>();
  }
  [[nodiscard]] std::span<const std::int64_t> value() const {
    return monetary.view.values<std::int64_t>();
  }

  /// The column that an expression's field names: recency_days, frequency, monetary,
  /// average_order_value, tenure_days (needs first and last date; see `tenure_days`), overlay,
  /// consent, an attribute.
  [[nodiscard]] const table::Column* find(std::string_view field) const;
};

/// Days from the first purchase to `analysis_day`, as a column; missing where the first date is.
[[nodiscard]] std::optional<table::Column> tenure_days(const Customers& customers,
                                                       std::int32_t analysis_day);

/// Which source rows stand behind each customer: row r of the crosswalk is one published source
/// row. In 32 bits, since order lines come in tens of millions.
struct Crosswalk {
  table::UnsetVector<std::uint32_t> source_row;  ///< of the read table, from 0; ascending
  table::UnsetVector<std::uint32_t> customer_id;
};

}  // namespace quintile::customers

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
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

/// Which source rows stand behind each customer: an entry is a published source row, or a run of
/// them that belongs to one customer. In few bits, since order lines come in tens of millions.
struct Crosswalk {
  table::UnsetVector<std::uint32_t> source_row;  ///< of the read table, from 0; ascending
  table::UnsetVector<std::uint32_t> customer_id;
  table::UnsetVector<std::uint8_t> rows;  ///< of the entries, at least 1; empty: one each
  /// Where `rows` is not empty: how many source rows stand before entries 0, kEntriesAPlace, ...,
  /// and in all.
  std::vector<std::int64_t> places;
  static constexpr std::size_t kEntriesAPlace = 4096;

  /// Fills `places`.
  void count();
  /// Published source rows.
  [[nodiscard]] std::int64_t size() const {
    return rows.empty() ? static_cast<std::int64_t>(source_row.size()) : places.back();
  }

  /// Calls `take(source row, rows, customer id)` for the published rows from `begin` to
  /// `begin + count`, those of one entry at once.
  template <typename Take>
  void for_each(std::int64_t begin, std::int64_t count, const Take& take) const {
    const std::int64_t end = begin + count;
    std::size_t entry = static_cast<std::size_t>(begin);
    std::int64_t at = begin;  // published rows before `entry`
    if (!rows.empty()) {
      const auto place =
          std::prev(std::upper_bound(places.begin(), std::prev(places.end()), begin));
      entry = static_cast<std::size_t>(place - places.begin()) * kEntriesAPlace;
      at = *place;
    }
    for (; at < end; ++entry) {
      const std::int64_t size = rows.empty() ? 1 : rows[entry];
      const std::int64_t skipped = std::max<std::int64_t>(0, begin - at);
      const std::int64_t taken = std::min(end, at + size) - at - skipped;
      if (taken > 0) take(std::int64_t{source_row[entry]} + skipped, taken, customer_id[entry]);
      at += size;
    }
  }
};

}  // namespace quintile::customers

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quintile/engine/sql/temporary_tables.h"
#include "quintile/engine/sql/typed_rows.h"
#include "quintile/quality/review.h"

/// Customers at the engine: what both grains lead to, and all that follows starts from.
namespace quintile::engine::sql {

/// A table of the engine, one row a customer:
///
///     q_id         1, 2, ... by first-purchase chronology
///     q_source     the source id as text
///     q_first      day number of the first purchase; absent without `has_first`
///     q_recency, q_frequency, q_monetary, q_average
///     q_a0, ...    attributes, then overlay and consent, where the plan names them
struct CustomersTable {
  Sql name;
  std::int64_t customers = 0;
  int money_scale = 2;
  std::int32_t analysis_day = 0;
  bool has_first = false;
  bool ids_are_integers = false;  ///< the source ids stand in an integer column
  struct Attribute {
    std::string name;
    expression::FieldType type;
  };
  std::vector<Attribute> attributes;
  std::optional<std::size_t> overlay, consent;  ///< which of the attributes

  /// Sets the attributes to these columns of `rows`; -1: there is no overlay, no consent.
  void describe(const TypedRows& rows, const std::vector<int>& columns, int overlay_column,
                int consent_column) {
    for (std::size_t a = 0; a < columns.size(); ++a) {
      attributes.push_back({rows.name(columns[a]), rows.type(columns[a])});
      if (columns[a] == overlay_column) overlay = a;
      if (columns[a] == consent_column) consent = a;
    }
  }
};

[[nodiscard]] inline Sql attribute_column(std::size_t index) {
  return sql("q_a{}", Sql::number(static_cast<std::int64_t>(index)));
}

/// What the engine made of the input.
struct Prepared {
  CustomersTable customers;
  quality::Review review;
  int passes = 0;  ///< how often the input was read
};

}  // namespace quintile::engine::sql

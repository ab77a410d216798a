#pragma once

#include <vector>

#include "quintile/engine/sql/tally.h"
#include "quintile/expression/expression.h"

/// New customer ids at the engine: 1, 2, ... by the day of the first purchase, then by source id.
namespace quintile::engine::sql {

/// Source ids in the order that `customers::IdOrder` has: as integers of any length where all of
/// them are integers, then by bytes; else by bytes.
class SourceIds {
 public:
  /// `id` is a column, a whole number or a text.
  SourceIds(Sql id, const expression::FieldType& type) : id_(std::move(id)), type_(type.type) {}

  /// Adds to `tally` what the order depends on.
  void count(Tally& tally, const Dialect& dialect);
  [[nodiscard]] bool are_integers() const { return type_ == Type::Integer; }

  /// The keys that order by `id`, as this or another query names the same ids.
  [[nodiscard]] std::vector<Sql> order(const Sql& id, const Tally& tally,
                                       const Dialect& dialect) const;

 private:
  Sql id_;
  Type type_;
  int beyond_ = -1, words_ = -1;  ///< no integers of 18 digits or fewer; no integers
};

/// How many of `customers` (a table or a query with its name, one row a customer) come before each
/// day of the column `q_first`: columns `q_first` and `q_offset`.
[[nodiscard]] Sql customers_before(const Sql& customers, const Dialect& dialect);

}  // namespace quintile::engine::sql

#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "quintile/engine/sql/customers_table.h"
#include "quintile/engine/sql/tally.h"
#include "quintile/summary/figures.h"

namespace quintile::engine::sql {

/// A number at its scale: whole, and what it is to be divided by is 10^scale.
struct ScaledNumber {
  Sql value;
  int scale = 0;
};

/// An attribute whose mean may be tested: whether it is one, and as which whole numbers.
class AttributeNumber {
 public:
  /// Nothing for an attribute that holds no numbers. `place` is among the customers' attributes,
  /// `number` what the figures call it.
  [[nodiscard]] static std::optional<AttributeNumber> of(const CustomersTable& customers,
                                                         std::size_t place, std::size_t number,
                                                         const Dialect& dialect);

  /// Adds to `tally` what `judge` needs; `kpis` are the metrics, whose other names are no
  /// attributes.
  void measure(Tally& tally, const std::array<ScaledNumber, 4>& kpis, const Dialect& dialect);
  /// Settles what is left; a sentence where the number cannot be tested and why.
  [[nodiscard]] std::optional<std::string> judge(const Tally& tally, const Dialect& dialect);

  std::size_t number = 0;
  // After `judge`.
  bool is_tested = false;
  ScaledNumber as;  ///< in fewest digits
  std::int64_t low = 0, high = 0;

 private:
  std::string name_;
  Sql raw_;
  bool is_real_ = false;
  // Where the tally has: extremes, rows with values that `as.value` is not, rows that are no
  // multiple of 10, 100, ..., rows that differ from each metric.
  int least_ = 0, greatest_ = 0, strange_ = -1;
  std::vector<int> uneven_;
  std::array<int, 4> unlike_{};
};

}  // namespace quintile::engine::sql

#pragma once

#include <vector>

#include "quintile/engine/sql/tally.h"
#include "quintile/summary/moments.h"

namespace quintile::engine::sql {

/// The sums and sums of squares of a column of whole numbers, beyond what 64 bits hold: its
/// distances from a number below them all are added up by digits of sixteen bits, and put together
/// here. No sum leaves 64 bits with fewer than 2^31 rows.
class DigitSums {
 public:
  /// `x` is `low` to `high` wherever it is not missing; `is_always_there` says that it never is.
  struct Column {
    Sql x;
    std::int64_t low = 0, high = 0;
    bool is_always_there = true;
  };
  enum class Of : std::uint8_t { Values, Squares };  ///< squares: of both

  /// Adds to `tally` what it needs.
  DigitSums(Tally& tally, const Dialect& dialect, const Column& column, Of of);

  /// What the sums of a group are, as distances from `origin()`.
  [[nodiscard]] summary::ExactSums sums(const Tally::Group& group) const;
  [[nodiscard]] std::int64_t origin() const { return column_.low; }
  /// The sum of the numbers themselves.
  [[nodiscard]] Int128 total(const Tally::Group& group) const;

  /// The digits of a number that is not negative and at most `most`, the lowest first.
  [[nodiscard]] static std::vector<Sql> digits(const Dialect& dialect, const Sql& x,
                                               std::uint64_t most);
  static constexpr int kBits = 16;

 private:
  Column column_;
  int count_ = -1;           ///< of values; -1: that of the rows
  std::vector<int> values_;  ///< by digit
  struct Product {
    int shift = 0, number = 0;
    bool is_twice = false;
  };
  std::vector<Product> squares_;
};

}  // namespace quintile::engine::sql

#pragma once

#include <array>
#include <cstdint>

#include "quintile/base/result.h"
#include "quintile/synthetic/random_internal.h"

namespace quintile::synthetic {

/// How often identifiers repeat in a file.
struct Repetition {
  std::int64_t ids = 0;            ///< that occur more than once
  std::int64_t rows = 0;           ///< that carry one
  std::int64_t surplus_rows = 0;   ///< beyond the first of each
  std::int64_t largest_group = 0;  ///< rows of the most frequent one; 0 where none repeats
};

/// Gives each row an identifier so that exactly the number asked for occurs more than once, as if a
/// till had drawn numbers at random: the sizes of the groups follow the Poisson law that 100,000
/// draws among 90,000 numbers have, cut to two and more (27,490 groups then hold about 67,170
/// rows), and the rows of a group lie anywhere in the file. Needs no memory per row.
class Identifiers {
 public:
  /// Errors: Usage where more ids would have to repeat than half the rows, or a number is negative.
  [[nodiscard]] static Result<Identifiers> plan(std::int64_t rows, std::int64_t duplicated_ids,
                                                std::uint64_t seed);

  /// The identifier of a row, 0 <= row < rows.
  [[nodiscard]] std::int64_t at(std::int64_t row) const;

  /// True where another row carries the same identifier.
  [[nodiscard]] bool is_repeated(std::int64_t row) const;

  [[nodiscard]] const Repetition& repetition() const { return repetition_; }

  /// Digits of every identifier: five, or as many as the rows need.
  [[nodiscard]] int digits() const { return digits_; }

 private:
  static constexpr std::size_t kGroupSizeMax = 8;
  using SizeCounts = std::array<std::int64_t, kGroupSizeMax + 1>;  // groups of each size

  Identifiers(std::int64_t rows, const SizeCounts& groups, std::uint64_t seed);

  SizeCounts groups_;
  Repetition repetition_;
  int digits_ = 5;
  std::int64_t smallest_ = 10'000;
  Permutation row_order_;
  Permutation id_order_;
};

}  // namespace quintile::synthetic

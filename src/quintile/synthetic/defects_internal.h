#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/synthetic/customer_internal.h"

namespace quintile::synthetic {

/// A kind of defect and how many rows have it, named as the review names it.
struct PlantedDefect {
  std::string_view check;
  std::string_view column;  ///< empty for `exact_duplicate`, which is about whole rows
  std::int64_t rows = 0;
};

/// Which rows are spoiled and how. No row has two defects, so the counts are exactly what a review
/// with the ranges age 18-80 and credit score 300-850 and analysis date 2023-11-15 finds.
///
/// A copy takes the place of another customer's row: the file keeps its number of rows. Missing
/// ids, copies and their originals are rows whose id occurs once, so that every other id occurs as
/// often as planned.
class Defects {
 public:
  /// No defects.
  Defects() = default;

  /// About 33 rows in a thousand, in 22 kinds, each at least once.
  /// Errors: Usage where the file has too few rows (fewer than 100, or too few with an id of their
  /// own).
  [[nodiscard]] static Result<Defects> plan(const Population& population, std::int64_t rows);

  [[nodiscard]] std::span<const PlantedDefect> planted() const { return planted_; }

  /// A spoiled row; `kind` counts as in `planted()`.
  struct Edit {
    std::int64_t row = 0;
    std::int64_t source_row = 0;  ///< whose customer stands there
    std::size_t kind = 0;
  };

  /// The spoiled rows from `first` up to and without `end`, in order.
  [[nodiscard]] std::span<const Edit> edits(std::int64_t first, std::int64_t end) const;

  /// Appends the line that stands in place of the row's own.
  void append_line(const Population& population, const Edit& edit, std::string& out) const;

 private:
  std::vector<PlantedDefect> planted_;
  std::vector<Edit> edits_;
};

}  // namespace quintile::synthetic

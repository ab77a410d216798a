#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/quality/profile.h"
#include "quintile/quality/review.h"
#include "quintile/table/table.h"

/// The checks that look at one column alone. None of them changes which rows are published.
namespace quintile::quality {

/// Collects rows into a finding: the count, the share and the first examples. Rows may come in any
/// order, so what several threads collected and merged is the same whoever was first.
class RowCollector {
 public:
  void add(std::int64_t row) { add(row, 1); }
  /// Counts `rows` rows of which `row` is the first.
  void add(std::int64_t row, std::int64_t rows) {
    rows_ += rows;
    if (examples_.size() < kExamplesMax || row + 1 < examples_.back()) keep_example(row + 1);
  }
  void merge(const RowCollector& other) {
    rows_ += other.rows_;
    for (const std::int64_t example : other.examples_) {
      if (examples_.size() < kExamplesMax || example < examples_.back()) keep_example(example);
    }
  }
  [[nodiscard]] std::int64_t rows() const { return rows_; }

  /// A finding of these rows; `rows_read` is what the share refers to.
  [[nodiscard]] Finding finding(std::string check, std::string column, Severity severity,
                                Decision decision, std::string reason,
                                std::int64_t rows_read) const;

 private:
  void keep_example(std::int64_t example);

  std::int64_t rows_ = 0;
  std::vector<std::int64_t> examples_;  ///< the smallest row numbers, ascending
};

/// A finding and the column as it goes on after it.
struct Checked {
  std::optional<Finding> finding;
  table::Column column;
};

/// `category_variant`: texts that are alike but for case or blanks become their most frequent
/// spelling, trimmed (ties by bytes). Columns other than coded text, and those with more than
/// `kCategoriesMax` texts, pass unchanged.
[[nodiscard]] Checked unify_variants(const table::Column& column);

/// What all spellings of one category share: no case, no outer blanks, one blank where there are
/// several.
[[nodiscard]] std::string category_key(std::string_view text);

/// For each text, how all texts that are alike but for case or blanks are to be written: as the
/// most frequent of them, trimmed (ties by bytes). `rows` has one count a text; texts without rows
/// stay as they are.
[[nodiscard]] std::vector<std::string> chosen_spellings(std::span<const std::string_view> texts,
                                                        std::span<const std::int64_t> rows);

/// The index in `names` of the column that `range` is about. Errors: Plan, at the range's place,
/// where there is none.
[[nodiscard]] Result<int> column_of(const ReviewSpec::Range& range,
                                    std::span<const std::string_view> names);

/// Whether a number lies outside `range`, both ends belonging to it. Errors: Plan where a bound is
/// no number or the column is not numeric.
[[nodiscard]] Result<std::vector<std::uint8_t>> within(const ColumnView& column,
                                                       const ReviewSpec::Range& range);

/// `constant`, `high_cardinality`, `skewed` and `outlier` of one column, as far as they apply.
[[nodiscard]] std::vector<Finding> shape_findings(const table::Column& column,
                                                  const ProfiledColumn& profiled);

/// Why a cell of money could not be used.
[[nodiscard]] std::string unreadable_amount(int money_scale);

/// More texts than these are no categories.
inline constexpr std::size_t kCategoriesMax = 10'000;

/// From these on a column is called so.
inline constexpr std::int64_t kHighCardinalityLevels = 50;
inline constexpr double kHighCardinalityShare = 0.2;  ///< levels to rows
inline constexpr double kSkewnessMax = 5;
inline constexpr double kOutlierFence =
    3;  ///< interquartile ranges beyond the quartiles (Tukey's far out)

}  // namespace quintile::quality

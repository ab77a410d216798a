#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "quintile/mart/mart.h"

/// What figures draw beyond the mart's documents, counted from customer_segments.parquet.
namespace quintile::report {

/// Customers by recency and frequency score.
struct Cells {
  int r_bins = 0, f_bins = 0;
  std::vector<std::int64_t> customers;

  [[nodiscard]] std::int64_t at(int r, int f) const {
    return customers[static_cast<std::size_t>((r - 1) * f_bins + (f - 1))];
  }
};
[[nodiscard]] Cells count_cells(const segments::Segmentation& segmentation);

/// How many customers have a value from `low` to `low + width - 1`, bar after bar; the last bar of
/// an open histogram also holds everything above it.
struct Histogram {
  std::int64_t low = 0, width = 1;
  std::vector<std::int64_t> customers;
  bool open = false;
};
/// At most `bars_max` bars of equal width. Where the greatest hundredth would squeeze the rest, it
/// goes into the last bar.
[[nodiscard]] Histogram count_values(const ColumnView& values, int bars_max);

/// The days, orders or minor units that fall into bin `bin` (1 = smallest values) of a metric;
/// nothing where cut points coincide and the bin is empty.
struct BinRange {
  std::int64_t low = 0, high = 0;
};
[[nodiscard]] std::optional<BinRange> bin_range(const rfm::CutPoints& points, int bin);

/// The bin that a score stands for.
[[nodiscard]] int bin_of_score(const rfm::CutPoints& points, int score);

/// A number of an insight's evidence by its path ("cells/r5_f4/relative"); nothing where it is not
/// there.
[[nodiscard]] std::optional<double> evidence_number(const insights::Insight& insight,
                                                    std::string_view path);
[[nodiscard]] const std::vector<quality::Detail>* evidence_group(const insights::Insight& insight,
                                                                 std::string_view name);
[[nodiscard]] std::optional<double> detail_number(const std::vector<quality::Detail>& details,
                                                  std::string_view path);

/// The insight of an id, or null.
[[nodiscard]] const insights::Insight* find_insight(const mart::Mart& mart, std::string_view id);

}  // namespace quintile::report

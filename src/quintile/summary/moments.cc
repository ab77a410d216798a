#include "quintile/summary/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quintile/base/check.h"

namespace quintile::summary {

namespace {

// Calls `use(values)` with the column's integers as a span of their own width.
template <typename Use>
auto with_integers(const ColumnView& column, Use use) {
  switch (column.layout) {
    case Layout::Uint8: return use(column.values<std::uint8_t>());
    case Layout::Int8: return use(column.values<std::int8_t>());
    case Layout::Int32: return use(column.values<std::int32_t>());
    default: break;
  }
  QUINTILE_CHECK(column.layout == Layout::Int64);
  return use(column.values<std::int64_t>());
}

template <typename Each>
void for_each_valid(const ColumnView& column, Each each) {
  const std::uint8_t* valid = column.valid;
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (valid == nullptr || valid[row] != 0) each(static_cast<std::size_t>(row));
  }
}

struct Range {
  std::int64_t minimum = std::numeric_limits<std::int64_t>::max();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] bool empty() const { return minimum > maximum; }
  [[nodiscard]] std::uint64_t width() const {
    return static_cast<std::uint64_t>(maximum) - static_cast<std::uint64_t>(minimum);
  }
};

template <typename T>
Range range_of(const ColumnView& column, std::span<const T> values) {
  Range range;
  for_each_valid(column, [&](std::size_t row) {
    range.minimum = std::min<std::int64_t>(range.minimum, values[row]);
    range.maximum = std::max<std::int64_t>(range.maximum, values[row]);
  });
  return range;
}

// Sums of distances from a column's minimum, below 2^48 each: with fewer than 2^31 rows nothing
// overflows.
constexpr std::uint64_t kWidthMax = std::uint64_t{1} << 48;

struct ExactSums {
  std::int64_t count = 0;
  UInt128 sum = 0, squares = 0;

  void add(const ExactSums& other) {
    count += other.count;
    sum += other.sum;
    squares += other.squares;
  }
};

// With sum = n q + r the centred squares are squares - n q^2 - 2 q r - r^2 / n: whole but for the
// last term.
Moments moments_of(const ExactSums& sums, std::int64_t minimum, double unit) {
  if (sums.count == 0) return {};
  const auto n = static_cast<UInt128>(sums.count);
  const UInt128 q = sums.sum / n;
  const UInt128 r = sums.sum % n;
  const auto whole = static_cast<double>(sums.squares - n * q * q - 2 * q * r);
  const auto rest = static_cast<double>(r);
  const auto count = static_cast<double>(sums.count);
  const Int128 total = static_cast<Int128>(sums.sum) + static_cast<Int128>(minimum) * sums.count;
  return {sums.count, static_cast<double>(total) / (count * unit),
          std::max(0.0, whole - rest * rest / count) / (unit * unit)};
}

template <typename T>
GroupedMoments exact_moments(const ColumnView& column, std::span<const T> values,
                             std::span<const std::uint8_t> group, int groups, const Range& range) {
  std::vector<ExactSums> sums(static_cast<std::size_t>(groups));
  const auto minimum = static_cast<std::uint64_t>(range.minimum);
  for_each_valid(column, [&](std::size_t row) {
    const std::uint64_t distance = static_cast<std::uint64_t>(std::int64_t{values[row]}) - minimum;
    ExactSums& mine = sums[group[row]];
    ++mine.count;
    mine.sum += distance;
    mine.squares += static_cast<UInt128>(distance) * distance;
  });
  const auto unit = static_cast<double>(power_of_ten(column.scale));
  GroupedMoments result;
  ExactSums all;
  for (const ExactSums& mine : sums) {
    result.groups.push_back(moments_of(mine, range.minimum, unit));
    all.add(mine);
  }
  result.all = moments_of(all, range.minimum, unit);
  return result;
}

struct CompensatedSum {
  double sum = 0, error = 0;

  void add(double value) {
    const double next = sum + value;
    const double part = next - sum;
    error += (sum - (next - part)) + (value - part);
    sum = next;
  }
  [[nodiscard]] double value() const { return sum + error; }
};

// `number_at(row)`: the value in units. Sums run over distances from the mean of all, which keeps
// digits.
template <typename NumberAt>
GroupedMoments real_moments(const ColumnView& column, std::span<const std::uint8_t> group,
                            int groups, NumberAt number_at) {
  CompensatedSum total;
  std::int64_t count = 0;
  for_each_valid(column, [&](std::size_t row) {
    const double value = number_at(row);
    if (!std::isfinite(value)) return;
    total.add(value);
    ++count;
  });
  const double centre = count == 0 ? 0 : total.value() / static_cast<double>(count);
  struct Sums {
    std::int64_t count = 0;
    CompensatedSum sum, squares;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(groups));
  for_each_valid(column, [&](std::size_t row) {
    const double value = number_at(row);
    if (!std::isfinite(value)) return;
    Sums& mine = sums[group[row]];
    ++mine.count;
    mine.sum.add(value - centre);
    mine.squares.add((value - centre) * (value - centre));
  });
  GroupedMoments result;
  for (const Sums& mine : sums) {
    const double n = static_cast<double>(std::max<std::int64_t>(mine.count, 1));
    const double sum = mine.sum.value();
    result.groups.push_back({mine.count, mine.count == 0 ? 0 : centre + sum / n,
                             std::max(0.0, mine.squares.value() - sum * sum / n)});
    result.all = merge(result.all, result.groups.back());
  }
  if (count > 0) result.all.mean = centre;
  return result;
}

// Counting, where the values are few: one table of counts a group.
constexpr std::uint64_t kCountedMax = 1 << 16;

std::optional<Int128> doubled_median(std::span<const std::uint32_t> counts, std::int64_t minimum) {
  std::int64_t n = 0;
  for (const std::uint32_t count : counts) n += count;
  if (n == 0) return std::nullopt;
  const auto value_at = [&](std::int64_t place) {
    std::size_t value = 0;
    for (std::int64_t below = counts[0]; below <= place; below += counts[value]) ++value;
    return static_cast<Int128>(minimum) + static_cast<Int128>(value);
  };
  return value_at((n - 1) / 2) + value_at(n / 2);
}

std::optional<Int128> doubled_median(std::span<std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), upper, values.end());
  const std::int64_t lower =
      values.size() % 2 == 1 ? *upper : *std::max_element(values.begin(), upper);
  return static_cast<Int128>(lower) + *upper;
}

template <typename T>
DoubledMedians counted_medians(std::span<const T> values, std::span<const std::uint8_t> group,
                               int groups, const Range& range) {
  const std::size_t width = range.width() + 1;
  std::vector<std::uint32_t> counts(width * static_cast<std::size_t>(groups + 1));
  for (std::size_t row = 0; row < values.size(); ++row) {
    ++counts[group[row] * width + static_cast<std::size_t>(values[row] - range.minimum)];
  }
  const auto table = [&](int index) {
    return std::span(counts).subspan(static_cast<std::size_t>(index) * width, width);
  };
  DoubledMedians medians;
  for (int index = 0; index < groups; ++index) {
    medians.groups.push_back(doubled_median(table(index), range.minimum));
    for (std::size_t value = 0; value < width; ++value) table(groups)[value] += table(index)[value];
  }
  medians.all = doubled_median(table(groups), range.minimum);
  return medians;
}

template <typename T>
DoubledMedians selected_medians(std::span<const T> values, std::span<const std::uint8_t> group,
                                int groups) {
  std::vector<std::size_t> next(static_cast<std::size_t>(groups) + 1);
  for (const std::uint8_t index : group) ++next[index + std::size_t{1}];
  for (std::size_t index = 1; index < next.size(); ++index) next[index] += next[index - 1];
  std::vector<std::int64_t> sorted(values.size());
  for (std::size_t row = 0; row < values.size(); ++row) sorted[next[group[row]]++] = values[row];
  DoubledMedians medians;
  std::size_t begin = 0;
  for (int index = 0; index < groups; ++index) {
    const std::size_t end = next[static_cast<std::size_t>(index)];
    medians.groups.push_back(doubled_median(std::span(sorted).subspan(begin, end - begin)));
    begin = end;
  }
  medians.all = doubled_median(sorted);
  return medians;
}

}  // namespace

Moments merge(const Moments& a, const Moments& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const auto n = static_cast<double>(a.count + b.count);
  const double step = b.mean - a.mean;
  const double share = static_cast<double>(b.count) / n;
  return {a.count + b.count, a.mean + step * share,
          a.squares + b.squares + step * step * static_cast<double>(a.count) * share};
}

GroupedMoments moments_by_group(const ColumnView& column, std::span<const std::uint8_t> group,
                                int groups) {
  if (column.layout == Layout::Float64) {
    const auto values = column.values<double>();
    return real_moments(column, group, groups, [&](std::size_t row) { return values[row]; });
  }
  return with_integers(column, [&](auto values) {
    const Range range = range_of(column, values);
    if (range.empty() || range.width() < kWidthMax) {
      return exact_moments(column, values, group, groups, range);
    }
    const auto unit = static_cast<double>(power_of_ten(column.scale));
    return real_moments(column, group, groups,
                        [&](std::size_t row) { return static_cast<double>(values[row]) / unit; });
  });
}

std::vector<Int128> sums_by_group(const ColumnView& column, std::span<const std::uint8_t> group,
                                  int groups) {
  std::vector<Int128> sums(static_cast<std::size_t>(groups));
  with_integers(column, [&](auto values) {
    for (std::size_t row = 0; row < values.size(); ++row) sums[group[row]] += values[row];
  });
  return sums;
}

DoubledMedians medians_by_group(const ColumnView& column, std::span<const std::uint8_t> group,
                                int groups) {
  return with_integers(column, [&](auto values) {
    const Range range = range_of(column, values);
    if (range.empty())
      return DoubledMedians{std::vector<std::optional<Int128>>(static_cast<std::size_t>(groups)),
                            {}};
    if (range.width() < kCountedMax) return counted_medians(values, group, groups, range);
    return selected_medians(values, group, groups);
  });
}

}  // namespace quintile::summary

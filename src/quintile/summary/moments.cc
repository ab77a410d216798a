#include "quintile/summary/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quintile/base/check.h"

namespace quintile::summary {

namespace {

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

  void add(std::int64_t value) {
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
  }
  [[nodiscard]] bool empty() const { return minimum > maximum; }
  [[nodiscard]] std::uint64_t width() const {
    return static_cast<std::uint64_t>(maximum) - static_cast<std::uint64_t>(minimum);
  }
};

template <typename T>
Range range_of(const ColumnView& column, std::span<const T> values) {
  Range range;
  for_each_valid(column, [&](std::size_t row) { range.add(values[row]); });
  return range;
}

// Below this width the squares of fewer than 2^31 distances add up within 128 bits.
constexpr std::uint64_t kNarrow = std::uint64_t{1} << 48;

// `integer_at(row)`: a whole number of the range.
template <typename IntegerAt>
GroupedMoments exact_moments(const ColumnView& column, std::span<const std::uint8_t> group,
                             int groups, const Range& range, double unit, IntegerAt integer_at) {
  std::vector<ExactSums> sums(static_cast<std::size_t>(groups));
  const auto minimum = static_cast<std::uint64_t>(range.minimum);
  const auto take = [&](auto add_square) {
    for_each_valid(column, [&](std::size_t row) {
      const auto distance = static_cast<std::uint64_t>(std::int64_t{integer_at(row)}) - minimum;
      ExactSums& mine = sums[group[row]];
      ++mine.count;
      mine.sum += distance;
      add_square(mine, static_cast<UInt128>(distance) * distance);
    });
  };
  if (range.empty() || range.width() < kNarrow) {
    take([](ExactSums& mine, UInt128 square) { mine.squares += square; });
  } else {
    take([](ExactSums& mine, UInt128 square) { mine.add_square(square); });
  }
  GroupedMoments result;
  ExactSums all;
  for (const ExactSums& mine : sums) {
    result.groups.push_back(moments_of(mine, range.minimum, unit));
    all.add(mine);
  }
  result.all = moments_of(all, range.minimum, unit);
  return result;
}

// Reals as whole multiples of 10^-scale.
struct Decimals {
  int scale = 0;
  Range range;
};

// `value` times 10^scale, rounded to a whole number.
std::int64_t scaled(double value, double unit) {
  return static_cast<std::int64_t>(value * unit + (value < 0 ? -0.5 : 0.5));
}

// The fewest digits after the point that all numbers have; nothing where one needs more than
// kDecimalsMax or is none.
std::optional<Decimals> decimals_of(const ColumnView& column, std::span<const double> values) {
  constexpr double kWholeMax =
      0x1p53;  // up to here a multiple divided by its power of ten is that decimal
  Decimals decimals;
  double unit = 1;
  bool fits = true;
  for_each_valid(column, [&](std::size_t row) {
    const double value = values[row];
    for (; fits; ++decimals.scale, unit *= 10) {
      fits = std::abs(value) * unit < kWholeMax && decimals.scale <= kDecimalsMax;
      if (fits && static_cast<double>(scaled(value, unit)) / unit == value) break;
    }
  });
  if (!fits) return std::nullopt;
  for_each_valid(column, [&](std::size_t row) { decimals.range.add(scaled(values[row], unit)); });
  return decimals;
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

// Sums run over distances from the mean of all, which keeps digits.
GroupedMoments real_moments(const ColumnView& column, std::span<const double> values,
                            std::span<const std::uint8_t> group, int groups) {
  CompensatedSum total;
  std::int64_t count = 0;
  for_each_valid(column, [&](std::size_t row) {
    if (!std::isfinite(values[row])) return;
    total.add(values[row]);
    ++count;
  });
  const double centre = count == 0 ? 0 : total.value() / static_cast<double>(count);
  struct Sums {
    std::int64_t count = 0;
    CompensatedSum sum, squares;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(groups));
  for_each_valid(column, [&](std::size_t row) {
    if (!std::isfinite(values[row])) return;
    const double step = values[row] - centre;
    Sums& mine = sums[group[row]];
    ++mine.count;
    mine.sum.add(step);
    mine.squares.add(step * step);
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

// The sum of squared distances from q = floor(mean), squares - n q^2 - 2 q r where sum = n q + r,
// is whole; the centred one is less by r^2 / n.
Moments moments_of(const ExactSums& sums, std::int64_t origin, double unit) {
  if (sums.count == 0) return {};
  const auto n = static_cast<UInt128>(sums.count);
  const UInt128 q = sums.sum / n;
  const UInt128 r = sums.sum % n;
  UInt128 low = sums.squares;
  std::uint64_t high = sums.squares_high;
  const auto subtract = [&](UInt128 less) {
    if (low < less) --high;
    low -= less;
  };
  const UInt128 q_squared = q * q;  // q is a distance, below 2^64
  const UInt128 upper = (q_squared >> 64) * n;
  subtract(static_cast<std::uint64_t>(q_squared) * n);
  subtract(upper << 64);
  high -= static_cast<std::uint64_t>(upper >> 64);
  subtract(q * r);
  subtract(q * r);
  const double whole = std::ldexp(static_cast<double>(high), 128) + static_cast<double>(low);
  const auto rest = static_cast<double>(r);
  const auto count = static_cast<double>(sums.count);
  const Int128 total = static_cast<Int128>(sums.sum) + static_cast<Int128>(origin) * sums.count;
  return {sums.count, static_cast<double>(total) / (count * unit),
          std::max(0.0, whole - rest * rest / count) / (unit * unit)};
}

GroupedMoments moments_by_group(const ColumnView& column, std::span<const std::uint8_t> group,
                                int groups) {
  if (column.layout == Layout::Float64) {
    const auto values = column.values<double>();
    const auto decimals = decimals_of(column, values);
    if (!decimals) return real_moments(column, values, group, groups);
    const auto unit = static_cast<double>(power_of_ten(decimals->scale));
    return exact_moments(column, group, groups, decimals->range, unit,
                         [&](std::size_t row) { return scaled(values[row], unit); });
  }
  return with_integers(column, [&](auto values) {
    return exact_moments(column, group, groups, range_of(column, values),
                         static_cast<double>(power_of_ten(column.scale)),
                         [&](std::size_t row) { return values[row]; });
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

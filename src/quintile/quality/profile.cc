#include "quintile/quality/profile.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/date.h"

namespace quintile::quality {

namespace {

constexpr std::size_t kTopMax = 10;

/// Counts per text or truth value, most frequent first, ties by bytes.
void profile_levels(const ColumnView& column, ColumnProfile& profile) {
  const bool text = column.is_coded();
  std::vector<std::int64_t> counts(text ? column.dictionary.size() : 2);
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (column.is_valid(row)) ++counts[static_cast<std::size_t>(column.integer(row))];
  }
  for (std::size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] == 0) continue;
    profile.top.emplace_back(
        text ? std::string(column.dictionary[code]) : (code == 0 ? "false" : "true"), counts[code]);
  }
  const std::size_t shown = std::min(kTopMax, profile.top.size());
  std::ranges::partial_sort(profile.top, profile.top.begin() + static_cast<std::ptrdiff_t>(shown),
                            [](const auto& a, const auto& b) {
                              return a.second != b.second ? a.second > b.second : a.first < b.first;
                            });
  profile.top.resize(shown);
}

void profile_numbers(const std::optional<NumericStatistics>& statistics, ColumnProfile& profile) {
  if (!statistics) return;
  const auto number = [](double value) { return fmt::format("{}", value); };
  // Between two values, where the last binary digits say nothing: 72.1475, not 72.14750000000001.
  const auto between = [&](double value) {
    return value == std::floor(value) ? number(value) : fmt::format("{:.15g}", value);
  };
  profile.minimum = number(statistics->minimum);
  profile.maximum = number(statistics->maximum);
  profile.mean = statistics->mean;
  profile.standard_deviation = statistics->standard_deviation;
  profile.skewness = statistics->skewness;
  profile.quantile_05 = between(statistics->quantile_05);
  profile.quantile_25 = between(statistics->quantile_25);
  profile.median = between(statistics->median);
  profile.quantile_75 = between(statistics->quantile_75);
  profile.quantile_95 = between(statistics->quantile_95);
}

/// Dates and time stamps are described by their day numbers or microseconds, then written as dates.
void profile_days(const table::Column& column, ColumnProfile& profile) {
  ColumnView numbers = column.view;
  numbers.type = Type::Integer;
  const auto statistics = describe(numbers);
  if (!statistics) return;
  const double unit = column.view.type == Type::Timestamp ? 86'400'000'000.0 : 1.0;
  const auto day = [unit](double value) {
    return day_to_string(static_cast<std::int32_t>(std::floor(value / unit)));
  };
  profile.minimum = day(statistics->minimum);
  profile.maximum = day(statistics->maximum);
  profile.quantile_05 = day(statistics->quantile_05);
  profile.quantile_25 = day(statistics->quantile_25);
  profile.median = day(statistics->median);
  profile.quantile_75 = day(statistics->quantile_75);
  profile.quantile_95 = day(statistics->quantile_95);
}

}  // namespace

ProfiledColumn profile(const table::ReadColumn& read, const std::string& role, bool personal) {
  const table::Column& column = read.column;
  ProfiledColumn profiled;
  ColumnProfile& profile = profiled.profile;
  profile.column = column.name;
  profile.role = role;
  profile.type = personal ? "text" : std::string(to_string(column.view.type));
  profile.rows = column.size();
  profile.missing = read.missing;
  profile.invalid = static_cast<std::int64_t>(read.unreadable.size());
  profile.distinct = count_distinct(column.view);
  profile.distinct_is_lower_bound = *profile.distinct >= kDistinctMax;
  if (personal) return profiled;
  switch (column.view.type) {
    case Type::Boolean: profile_levels(column.view, profile); break;
    case Type::Text:
      if (column.view.is_coded()) profile_levels(column.view, profile);
      break;
    case Type::Integer:
    case Type::Decimal:
    case Type::Real:
      if (role == "customer_id") break;
      profiled.statistics = describe(column.view);
      profile_numbers(profiled.statistics, profile);
      break;
    case Type::Date:
    case Type::Timestamp: profile_days(column, profile); break;
  }
  return profiled;
}

}  // namespace quintile::quality

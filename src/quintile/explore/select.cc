#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/explore/explorer.h"

namespace quintile::explore {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

template <typename T>
struct Interval {
  T low, high;  ///< both ends in
};

using Rows = std::vector<std::uint8_t>;

/// Takes out the rows that do not match.
template <typename Match>
void keep(Rows& rows, const Match& match) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::uint8_t>(rows[i] & static_cast<std::uint8_t>(match(i)));
}

/// Without a branch, so that the compiler takes many rows at a time.
template <typename T, typename U>
void keep_range(Rows& rows, std::span<const T> values, const std::uint8_t* valid, Interval<U> range,
                bool missing) {
  if constexpr (std::is_integral_v<T>) {
    constexpr U kLeast = std::numeric_limits<T>::min(), kMost = std::numeric_limits<T>::max();
    // Nothing is from most to least.
    range = range.high < kLeast || range.low > kMost
                ? Interval<U>{kMost, kLeast}
                : Interval<U>{std::max(range.low, kLeast), std::min(range.high, kMost)};
  }
  const T low = static_cast<T>(range.low), high = static_cast<T>(range.high);
  std::uint8_t* const kept = rows.data();
  const T* const value = values.data();
  const auto is_in = [&](std::size_t i) {
    return static_cast<unsigned>(value[i] >= low) & static_cast<unsigned>(value[i] <= high);
  };
  const std::size_t size = rows.size();
  if (valid == nullptr) {
    for (std::size_t i = 0; i < size; ++i) kept[i] = static_cast<std::uint8_t>(kept[i] & is_in(i));
    return;
  }
  const auto if_missing = static_cast<unsigned>(missing);
  for (std::size_t i = 0; i < size; ++i) {
    const auto is_there = static_cast<unsigned>(valid[i] != 0);
    kept[i] = static_cast<std::uint8_t>(kept[i] &
                                        ((is_there & is_in(i)) | ((is_there ^ 1U) & if_missing)));
  }
}

template <typename T, typename U>
void keep_values(Rows& rows, std::span<const T> values, const std::uint8_t* valid,
                 const std::vector<Interval<U>>& intervals, bool missing) {
  if (intervals.size() == 1) return keep_range(rows, values, valid, intervals[0], missing);
  const auto is_in = [&](std::size_t i) {
    const auto value = static_cast<U>(values[i]);
    for (const Interval<U>& interval : intervals) {
      if (value >= interval.low && value <= interval.high) return true;
    }
    return false;
  };
  if (valid == nullptr)
    keep(rows, is_in);
  else
    keep(rows, [&](std::size_t i) { return valid[i] != 0 ? is_in(i) : missing; });
}

void keep_integers(Rows& rows, const ColumnView& view,
                   const std::vector<Interval<std::int64_t>>& intervals, bool missing) {
  with_integers(view,
                [&](auto values) { keep_values(rows, values, view.valid, intervals, missing); });
}

bool any_missing(std::span<const FilterItem> items) {
  return std::ranges::any_of(items, &FilterItem::missing);
}

/// The items as intervals; `read(text, is_low)` gives an end.
template <typename T, typename Read>
Result<std::vector<Interval<T>>> intervals_of(const Parameter& parameter,
                                              std::span<const FilterItem> items, Interval<T> all,
                                              const Read& read) {
  std::vector<Interval<T>> intervals;
  for (const FilterItem& item : items) {
    if (item.missing) continue;
    if (!item.is_range) {
      QUINTILE_TRY(const T low, read(item.text, true));
      QUINTILE_TRY(const T high, read(item.text, false));
      intervals.push_back({low, high});
      continue;
    }
    Interval<T> interval = all;
    if (item.from.empty() && item.to.empty())
      return bad_parameter(parameter.name,
                           fmt::format("'{}' has a range without ends", parameter.name));
    if (!item.from.empty()) {
      QUINTILE_TRY(interval.low, read(item.from, true));
    }
    if (!item.to.empty()) {
      QUINTILE_TRY(interval.high, read(item.to, false));
    }
    if (interval.low > interval.high && !item.from.empty() && !item.to.empty()) {
      QUINTILE_TRY(const T from, read(item.from, false));
      // 1.2..1.4 of a column of whole numbers is not crossed, only empty.
      if (from > interval.high || item.from == item.to) {
        return bad_parameter(parameter.name,
                             fmt::format("'{}' has a range that ends before it begins: {}",
                                         parameter.name, item.text),
                             "the smaller value stands first");
      }
    }
    intervals.push_back(interval);
  }
  return intervals;
}

/// True for digits with perhaps a sign and a fraction, however many.
bool is_long_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto is_digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  return is_digits(text.substr(0, point)) &&
         (point == text.size() || is_digits(text.substr(point + 1)));
}

/// The least whole number at `scale` not below `text`, or the greatest not above it.
Result<std::int64_t> read_number(const Parameter& parameter, std::string_view text, int scale,
                                 bool is_low) {
  const auto decimal = parse_decimal(text);
  // Too long for any value of a mart: beyond all of them.
  if (!decimal && is_long_number(text)) return text.starts_with('-') ? kLowest : kHighest;
  if (!decimal)
    return bad_parameter(parameter.name, fmt::format("'{}' is no number", text),
                         "write 25, 12.50 or a range such as 25..34");
  if (decimal->scale <= scale) {
    const Int128 value =
        static_cast<Int128>(decimal->unscaled) * power_of_ten(scale - decimal->scale);
    return value > kHighest ? kHighest
                            : (value < kLowest ? kLowest : static_cast<std::int64_t>(value));
  }
  const Int128 divisor = power_of_ten(decimal->scale - scale);
  const Int128 floor = divide_floor(decimal->unscaled, divisor);
  return static_cast<std::int64_t>(is_low && floor * divisor != decimal->unscaled ? floor + 1
                                                                                  : floor);
}

Result<double> read_real(const Parameter& parameter, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value == value) return value;
  return bad_parameter(parameter.name, fmt::format("'{}' is no number", text),
                       "write 0.25 or a range such as 0.25..0.5");
}

Result<std::int64_t> read_day(const Parameter& parameter, std::string_view text) {
  if (const auto date = parse_iso_date(text)) return to_day_number(*date);
  return bad_parameter(parameter.name, fmt::format("'{}' is no day", text),
                       "write 2023-11-15 or a range such as 2023-01-01..2023-03-31");
}

Status keep_booleans(Rows& rows, const ColumnView& view, const Parameter& parameter,
                     std::span<const FilterItem> items) {
  bool wanted[3] = {false, false, any_missing(items)};  // false, true, missing
  for (const FilterItem& item : items) {
    if (item.missing) continue;
    if (item.text != "true" && item.text != "false") {
      return bad_parameter(parameter.name, fmt::format("'{}' is neither true nor false", item.text),
                           "write true, false or ~ for missing");
    }
    wanted[item.text == "true" ? 1 : 0] = true;
  }
  const auto values = view.values<std::uint8_t>();
  keep(rows, [&](std::size_t i) {
    return wanted[view.valid != nullptr && view.valid[i] == 0 ? 2 : (values[i] != 0 ? 1 : 0)];
  });
  return {};
}

void keep_texts(Rows& rows, const ColumnView& view, std::span<const FilterItem> items) {
  std::vector<std::string_view> wanted;
  for (const FilterItem& item : items) {
    if (!item.missing) wanted.push_back(item.text);
  }
  std::ranges::sort(wanted);
  const bool missing = any_missing(items);
  const auto is_wanted = [&](std::string_view text) {
    return std::ranges::binary_search(wanted, text);
  };
  if (view.is_coded()) {
    std::vector<std::uint8_t> by_code(view.dictionary.size() + 1, 0);
    for (std::size_t code = 0; code < view.dictionary.size(); ++code)
      by_code[code] = is_wanted(view.dictionary[code]);
    with_integers(view, [&](auto codes) {
      keep(rows, [&](std::size_t i) {
        return view.valid != nullptr && view.valid[i] == 0
                   ? missing
                   : by_code[static_cast<std::size_t>(codes[i])] != 0;
      });
    });
    return;
  }
  const auto texts = view.values<std::string_view>();
  keep(rows, [&](std::size_t i) {
    return view.valid != nullptr && view.valid[i] == 0 ? missing : is_wanted(texts[i]);
  });
}

Status keep_stored(Rows& rows, const ColumnView& view, const Parameter& parameter,
                   std::span<const FilterItem> items) {
  const bool missing = any_missing(items);
  switch (view.type) {
    case Type::Boolean: return keep_booleans(rows, view, parameter, items);
    case Type::Text: keep_texts(rows, view, items); return {};
    case Type::Real: {
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      QUINTILE_TRY(const auto intervals,
                   intervals_of<double>(
                       parameter, items, {-kInfinity, kInfinity},
                       [&](std::string_view text, bool) { return read_real(parameter, text); }));
      keep_values(rows, view.values<double>(), view.valid, intervals, missing);
      return {};
    }
    case Type::Date:
    case Type::Timestamp: {
      QUINTILE_TRY(auto intervals,
                   intervals_of<std::int64_t>(
                       parameter, items, {kDayNumberMin, kDayNumberMax},
                       [&](std::string_view text, bool) { return read_day(parameter, text); }));
      if (view.type == Type::Timestamp) {
        for (auto& [low, high] : intervals)
          low *= kMicrosecondsADay, high = (high + 1) * kMicrosecondsADay - 1;
      }
      keep_integers(rows, view, intervals, missing);
      return {};
    }
    default: {
      const int scale = view.type == Type::Decimal ? view.scale : 0;
      QUINTILE_TRY(const auto intervals,
                   intervals_of<std::int64_t>(parameter, items, {kLowest, kHighest},
                                              [&](std::string_view text, bool is_low) {
                                                return read_number(parameter, text, scale, is_low);
                                              }));
      keep_integers(rows, view, intervals, missing);
      return {};
    }
  }
}

ColumnView bytes(const table::Buffer<rfm::Score>& scores) {
  return {
      .type = Type::Integer, .layout = Layout::Int8, .size = scores.size(), .data = scores.data()};
}

}  // namespace

Status Explorer::apply_column(const ColumnSource& column, const Parameter& parameter,
                              std::span<const FilterItem> items, Rows& rows) const {
  const segments::Segmentation& s = mart_.segmentation;
  switch (column.source) {
    case Source::Stored: return keep_stored(rows, column.column->view, parameter, items);
    case Source::RScore: return keep_stored(rows, bytes(s.r_score), parameter, items);
    case Source::FScore: return keep_stored(rows, bytes(s.f_score), parameter, items);
    case Source::MScore: return keep_stored(rows, bytes(s.m_score), parameter, items);
    case Source::CustomerId:
    case Source::RfmTotal: {
      QUINTILE_TRY(const auto intervals,
                   intervals_of<std::int64_t>(parameter, items, {kLowest, kHighest},
                                              [&](std::string_view text, bool is_low) {
                                                return read_number(parameter, text, 0, is_low);
                                              }));
      const bool is_id = column.source == Source::CustomerId;
      keep(rows, [&](std::size_t i) {
        const auto row = static_cast<std::int64_t>(i);
        const std::int64_t value =
            is_id ? row + 1 : s.r_score[row] + s.f_score[row] + s.m_score[row];
        return std::ranges::any_of(intervals, [value](const auto& interval) {
          return value >= interval.low && value <= interval.high;
        });
      });
      return {};
    }
    case Source::RfmCode: {
      const segments::Bins bins = this->bins();
      const int most = std::max({bins.r, bins.f, bins.m});
      std::vector<std::uint8_t> wanted(static_cast<std::size_t>(bins.r * bins.f * bins.m));
      const auto index = [&](int r, int f, int m) {
        return static_cast<std::size_t>(((r - 1) * bins.f + f - 1) * bins.m + m - 1);
      };
      for (int r = 1; r <= bins.r; ++r) {
        for (int f = 1; f <= bins.f; ++f) {
          for (int m = 1; m <= bins.m; ++m) {
            const std::string code = rfm::rfm_code(r, f, m, most);
            wanted[index(r, f, m)] = std::ranges::any_of(
                items, [&](const FilterItem& item) { return item.text == code; });
          }
        }
      }
      keep(rows, [&](std::size_t i) {
        const auto row = static_cast<std::int64_t>(i);
        return wanted[index(s.r_score[row], s.f_score[row], s.m_score[row])] != 0;
      });
      return {};
    }
    case Source::SegmentId: return apply_segments(parameter, items, rows);
    case Source::SegmentName: {
      std::array<bool, 256> wanted{};
      for (std::size_t i = 0; i < mart_.rules.rules.size(); ++i) {
        wanted[i] = std::ranges::any_of(
            items, [&](const FilterItem& item) { return item.text == mart_.rules.rules[i].name; });
      }
      keep(rows, [&](std::size_t i) { return wanted[s.segment[static_cast<std::int64_t>(i)]]; });
      return {};
    }
  }
  return {};
}

Status Explorer::apply_segments(const Parameter& parameter, std::span<const FilterItem> items,
                                Rows& rows) const {
  std::array<bool, 256> wanted{};
  std::vector<std::string_view> ids;
  for (const segments::Rule& rule : mart_.rules.rules) ids.push_back(rule.id);
  for (const FilterItem& item : items) {
    const auto at = std::ranges::find(ids, item.text);
    if (at == ids.end()) {
      const std::string_view near = nearest(item.text, ids);
      return bad_parameter(
          parameter.name,
          fmt::format("there is no segment '{}'{}", item.text,
                      near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    wanted[static_cast<std::size_t>(at - ids.begin())] = true;
  }
  const auto& segment = mart_.segmentation.segment;
  keep(rows, [&](std::size_t i) { return wanted[segment[static_cast<std::int64_t>(i)]]; });
  return {};
}

Status Explorer::apply_previous_segments(const Parameter& parameter,
                                         std::span<const FilterItem> items, Rows& rows) const {
  if (!previous_)
    return bad_parameter(parameter.name, "there is no older mart to look into",
                         "start the server with --previous");
  std::array<bool, 256> wanted{};
  for (const FilterItem& item : items) {
    const auto& rules = previous_->rules.rules;
    const auto at = std::ranges::find(rules, item.text, &segments::Rule::id);
    if (!item.missing && at == rules.end())
      return bad_parameter(parameter.name,
                           fmt::format("the older mart has no segment '{}'", item.text));
    wanted[item.missing ? segments::kNoSegment : static_cast<std::size_t>(at - rules.begin())] =
        true;
  }
  keep(rows, [&](std::size_t i) {
    const std::int64_t row = previous_rows_[i];
    return wanted[row < 0 ? segments::kNoSegment : previous_->segmentation.segment[row]];
  });
  return {};
}

Status Explorer::apply_cells(const Parameter& parameter, std::span<const FilterItem> items,
                             Rows& rows) const {
  const segments::Bins bins = this->bins();
  std::array<bool, 121> wanted{};
  for (const FilterItem& item : items) {
    QUINTILE_TRY(const GridCell cell, parse_cell(item, parameter.name));
    if (cell.r_score > bins.r || cell.f_score > bins.f) {
      return bad_parameter(parameter.name, fmt::format("the grid has no cell '{}'", item.text),
                           fmt::format("it has {} x {} cells", bins.r, bins.f));
    }
    wanted[static_cast<std::size_t>(cell.r_score * 11 + cell.f_score)] = true;
  }
  const segments::Segmentation& s = mart_.segmentation;
  keep(rows, [&](std::size_t i) {
    const auto row = static_cast<std::int64_t>(i);
    return wanted[static_cast<std::size_t>(s.r_score[row] * 11 + s.f_score[row])];
  });
  return {};
}

Status Explorer::apply(const Parameter& parameter, Rows& rows) const {
  QUINTILE_TRY(const auto items, parse_items(parameter));
  if (parameter.name == "cells") return apply_cells(parameter, items, rows);
  if (parameter.name == "segment" || parameter.name == "segment_id")
    return apply_segments(parameter, items, rows);
  if (parameter.name == "previous_segment") return apply_previous_segments(parameter, items, rows);
  constexpr std::string_view kPrefix = "column.";
  const bool has_prefix = parameter.name.starts_with(kPrefix);
  const std::string_view name =
      std::string_view(parameter.name).substr(has_prefix ? kPrefix.size() : 0);
  const bool is_reserved =
      std::ranges::find(kReservedParameters, name) != std::end(kReservedParameters);
  const auto column = std::ranges::find(columns_, name, &ColumnSource::name);
  if (column != columns_.end() && (has_prefix || !is_reserved))
    return apply_column(*column, parameter, items, rows);
  std::vector<std::string_view> names = {"segment", "cells", "previous_segment"};
  for (const ColumnSource& known : columns_) names.push_back(known.name);
  const std::string_view near = nearest(name, names);
  return bad_parameter(
      parameter.name,
      fmt::format("the mart has no column '{}'{}", name,
                  near.empty() || near == name ? "" : fmt::format("; did you mean '{}'?", near)));
}

Result<Selection> Explorer::select(std::span<const Parameter> parameters, Scope scope) const {
  Selection selection;
  selection.customers = customers();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    const bool is_segment = parameter.name == "segment" || parameter.name == "segment_id" ||
                            parameter.name == "segment_name";
    for (std::size_t j = 0; j < i; ++j) {
      if (parameters[j].name == parameter.name) {
        return bad_parameter(parameter.name, fmt::format("'{}' is given twice", parameter.name),
                             "join the items by commas");
      }
    }
    if (is_segment && scope == Scope::ButSegments) continue;
    if (selection.everyone) {
      selection.everyone = false;
      selection.rows.assign(static_cast<std::size_t>(customers()), 1);
    }
    QUINTILE_TRY_STATUS(apply(parameter, selection.rows));
    selection.text +=
        fmt::format("{}{}={}", selection.text.empty() ? "" : "&", parameter.name, parameter.value);
  }
  if (!selection.everyone) {
    selection.customers = 0;
    for (const std::uint8_t row : selection.rows) selection.customers += row;
  }
  return selection;
}

}  // namespace quintile::explore

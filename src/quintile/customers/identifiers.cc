#include "quintile/customers/identifiers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <limits>
#include <optional>
#include <string_view>

#include "quintile/base/check.h"
#include "quintile/base/money.h"
#include "quintile/customers/radix_sort_internal.h"
#include "quintile/customers/stretches_internal.h"

namespace quintile::customers {

namespace {

/// The integer that an id spells, "+7" and "007" included; nothing beyond 18 digits.
std::optional<std::int64_t> integer_id(std::string_view text) {
  const auto decimal = parse_decimal(text);
  if (!decimal || decimal->scale != 0 || text.find_first_of("eE.") != std::string_view::npos)
    return std::nullopt;
  return decimal->unscaled;
}

/// An integer of any length, as it is spelled.
struct SpelledInteger {
  bool negative = false;    ///< never of zero
  std::string_view digits;  ///< without leading zeros: empty for zero
};

std::optional<SpelledInteger> spelled_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  return SpelledInteger{negative && !text.empty(), text};
}

std::strong_ordering operator<=>(const SpelledInteger& a, const SpelledInteger& b) {
  if (a.negative != b.negative) return b.negative <=> a.negative;
  const auto magnitudes = a.digits.size() != b.digits.size() ? a.digits.size() <=> b.digits.size()
                                                             : a.digits <=> b.digits;
  return a.negative ? 0 <=> magnitudes : magnitudes;
}

/// Puts the rows of each tie in the order of one column's cells. What stays tied is left in `ties`.
Status settle_by_column(std::span<std::uint32_t> rows, std::vector<TiedRows>& ties,
                        std::size_t column, const Records& records) {
  std::vector<std::int64_t> wanted;
  for (const TiedRows& tie : ties)
    wanted.insert(wanted.end(), rows.begin() + tie.begin, rows.begin() + tie.end);
  QUINTILE_TRY(std::vector<std::string> cells, records.cells(column, wanted));
  QUINTILE_CHECK(cells.size() == wanted.size());
  std::vector<TiedRows> left;
  std::vector<std::pair<std::string, std::uint32_t>> sorted;
  auto cell = cells.begin();
  for (const TiedRows& tie : ties) {
    sorted.clear();
    for (std::size_t i = tie.begin; i < tie.end; ++i)
      sorted.emplace_back(std::move(*cell++), rows[i]);
    const auto cell_of = &std::pair<std::string, std::uint32_t>::first;
    if (records.is_number[column]) {
      std::ranges::stable_sort(sorted, number_less, cell_of);
    } else {
      std::ranges::stable_sort(sorted, {}, cell_of);
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      rows[tie.begin + i] = sorted[i].second;
      if (i + 1 < sorted.size() && sorted[i + 1].first == sorted[i].first) continue;
      if (i > begin) left.push_back({tie.begin + begin, tie.begin + i + 1});
      begin = i + 1;
    }
  }
  ties = std::move(left);
  return {};
}

}  // namespace

IdOrder::IdOrder(const ColumnView& ids) : ids_(ids) {
  if (ids.type != Type::Text) return;
  numbers_.resize(static_cast<std::size_t>(ids.size));
  for (std::int64_t row = 0; row < ids.size; ++row) {
    if (!ids.is_valid(row)) continue;
    const std::string_view id = ids.text(row);
    if (const auto number = integer_id(id)) {
      numbers_[static_cast<std::size_t>(row)] = *number;
    } else if (spelled_integer(id)) {
      order_ = Order::SpelledIntegers;
    } else {
      order_ = Order::Bytes;
      break;
    }
  }
  if (order_ != Order::Integers) numbers_ = {};
}

bool IdOrder::less(std::int64_t a, std::int64_t b) const {
  if (order_ == Order::Integers && number(a) != number(b)) return number(a) < number(b);
  if (order_ == Order::SpelledIntegers) {
    const auto order = *spelled_integer(ids_.text(a)) <=> *spelled_integer(ids_.text(b));
    if (order != 0) return order < 0;
  }
  return ids_.type == Type::Text && ids_.text(a) < ids_.text(b);
}

bool IdOrder::same(std::int64_t a, std::int64_t b) const {
  return ids_.type == Type::Text ? ids_.text(a) == ids_.text(b)
                                 : ids_.integer(a) == ids_.integer(b);
}

SortedIds IdOrder::sorted(const Executor& executor) const {
  SortedIds ids;
  ids.rows.reserve(static_cast<std::size_t>(ids_.size));
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t high = std::numeric_limits<std::int64_t>::min();
  for (std::int64_t row = 0; row < ids_.size; ++row) {
    if (!ids_.is_valid(row)) continue;
    ids.rows.push_back(static_cast<std::uint32_t>(row));
    if (order_ != Order::Integers) continue;
    low = std::min(low, number(row));
    high = std::max(high, number(row));
  }
  ids.begins.resize(ids.rows.size());
  if (ids.rows.empty()) return ids;
  if (order_ != Order::Integers) {
    sort_texts(ids);
    return ids;
  }
  const int bits = static_cast<int>(
      std::bit_width(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)));
  // Half the memory to move where 32 bits do, as they nearly always do.
  if (bits <= 32) {
    sort_numbers<std::uint32_t>(ids, low, bits, executor);
  } else {
    sort_numbers<std::uint64_t>(ids, low, bits, executor);
  }
  return ids;
}

template <typename Key>
void IdOrder::sort_numbers(SortedIds& ids, std::int64_t low, int bits,
                           const Executor& executor) const {
  const auto size = static_cast<std::int64_t>(ids.rows.size());
  table::Buffer<Sortable<Key>> entries(size);
  in_stretches(size, executor, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::uint32_t row = ids.rows[static_cast<std::size_t>(i)];
      entries[i] = {static_cast<Key>(static_cast<std::uint64_t>(number(row)) -
                                     static_cast<std::uint64_t>(low)),
                    row};
    }
  });
  radix_sort(entries, bits, executor);
  in_stretches(size, executor, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      ids.rows[static_cast<std::size_t>(i)] = entries[i].value;
      ids.begins[static_cast<std::size_t>(i)] = i == 0 || entries[i].key != entries[i - 1].key;
    }
  });
  if (ids_.type != Type::Text) return;
  // "7" and "007" are one number and two ids.
  for (std::size_t begin = 0; begin < ids.rows.size();) {
    std::size_t end = begin + 1;
    while (end < ids.rows.size() && ids.begins[end] == 0) ++end;
    const auto group = std::span(ids.rows).subspan(begin, end - begin);
    if (group.size() > 1) {
      std::ranges::stable_sort(
          group, [this](std::uint32_t a, std::uint32_t b) { return ids_.text(a) < ids_.text(b); });
      for (std::size_t i = 1; i < group.size(); ++i)
        ids.begins[begin + i] = same(group[i - 1], group[i]) ? 0 : 1;
    }
    begin = end;
  }
}

void IdOrder::sort_texts(SortedIds& ids) const {
  std::ranges::stable_sort(ids.rows,
                           [this](std::uint32_t a, std::uint32_t b) { return less(a, b); });
  ids.begins[0] = 1;
  for (std::size_t i = 1; i < ids.rows.size(); ++i)
    ids.begins[i] = same(ids.rows[i - 1], ids.rows[i]) ? 0 : 1;
}

bool number_less(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.empty() && !b.empty();
  const auto left = parse_decimal(a);
  const auto right = parse_decimal(b);
  if (left.has_value() != right.has_value()) return left.has_value();
  if (left && right) {
    const Int128 x = static_cast<Int128>(left->unscaled) * power_of_ten(18 - left->scale);
    const Int128 y = static_cast<Int128>(right->unscaled) * power_of_ten(18 - right->scale);
    if (x != y) return x < y;
  }
  return a < b;
}

Status settle_ties(std::span<std::uint32_t> rows, std::span<const TiedRows> ties,
                   const Records& records) {
  constexpr std::size_t kRowsAtOnce = std::size_t{1} << 20;  // bounds the texts held
  for (std::size_t next = 0; next < ties.size();) {
    std::vector<TiedRows> open;
    for (std::size_t size = 0; next < ties.size() && size < kRowsAtOnce; ++next) {
      open.push_back(ties[next]);
      size += ties[next].end - ties[next].begin;
    }
    for (std::size_t column = 0; column < records.is_number.size() && !open.empty(); ++column)
      QUINTILE_TRY_STATUS(settle_by_column(rows, open, column, records));
  }
  return {};
}

Result<std::vector<std::uint32_t>> by_first_purchase(SortedIds sorted,
                                                     std::span<const std::int32_t> days,
                                                     const Records& records,
                                                     const Executor& executor) {
  const auto size = static_cast<std::int64_t>(sorted.rows.size());
  if (size == 0) return std::vector<std::uint32_t>();
  // Places in the order of ids, not rows: neighbours of one day whose places lie further apart than
  // the largest group of one id cannot tie, so that hardly a row is looked at again.
  table::Buffer<Sortable<std::uint32_t>> entries(size);
  struct Days {
    std::int32_t low = std::numeric_limits<std::int32_t>::max();
    std::int32_t high = std::numeric_limits<std::int32_t>::min();
  };
  std::vector<Days> parts(static_cast<std::size_t>(stretches_of(size)));
  in_stretches(size, executor, [&](std::int64_t begin, std::int64_t end) {
    Days& part = parts[static_cast<std::size_t>(begin / kStretchRows)];
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int32_t day = days.empty() ? 0 : days[sorted.rows[static_cast<std::size_t>(i)]];
      entries[i] = {static_cast<std::uint32_t>(day), static_cast<std::uint32_t>(i)};
      part = {std::min(part.low, day), std::max(part.high, day)};
    }
  });
  Days all;
  for (const Days& part : parts) all = {std::min(all.low, part.low), std::max(all.high, part.high)};
  in_stretches(size, executor, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      entries[i].key -= static_cast<std::uint32_t>(all.low);
  });
  radix_sort(entries,
             static_cast<int>(std::bit_width(static_cast<std::uint32_t>(all.high) -
                                             static_cast<std::uint32_t>(all.low))),
             executor);
  std::size_t largest = 0;
  for (std::size_t begin = 0, i = 1; i <= sorted.begins.size(); ++i) {
    if (i < sorted.begins.size() && sorted.begins[i] == 0) continue;
    largest = std::max(largest, i - begin);
    begin = i;
  }
  const auto ties = [&](const auto& a, const auto& b) {
    if (a.key != b.key || b.value - a.value >= largest) return false;
    return std::none_of(sorted.begins.begin() + a.value + 1, sorted.begins.begin() + b.value + 1,
                        [](std::uint8_t begins) { return begins != 0; });
  };
  std::vector<std::uint32_t> rows(sorted.rows.size());
  std::vector<std::uint8_t> tied(rows.size());  // with the row before
  in_stretches(size, executor, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      rows[static_cast<std::size_t>(i)] = sorted.rows[entries[i].value];
      tied[static_cast<std::size_t>(i)] = i > 0 && ties(entries[i - 1], entries[i]);
    }
  });
  std::vector<TiedRows> tied_rows;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && tied[end] != 0) ++end;
    if (end - begin > 1) tied_rows.push_back({begin, end});
    begin = end;
  }
  QUINTILE_TRY_STATUS(settle_ties(rows, tied_rows, records));
  return rows;
}

Result<std::vector<std::uint32_t>> by_first_purchase(std::vector<std::uint32_t> rows,
                                                     std::span<const std::int32_t> days,
                                                     const IdOrder& ids, const Records& records) {
  SortedIds sorted{.rows = std::move(rows)};
  sorted.begins.resize(sorted.rows.size());
  for (std::size_t i = 0; i < sorted.rows.size(); ++i)
    sorted.begins[i] = i == 0 || !ids.same(sorted.rows[i - 1], sorted.rows[i]);
  return by_first_purchase(std::move(sorted), days, records);
}

}  // namespace quintile::customers

#include "quintile/customers/identifiers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <numeric>

#include "quintile/base/check.h"
#include "quintile/base/money.h"

namespace quintile::customers {

namespace {

/// The integer that an id spells, "+7" and "007" included; nothing beyond 18 digits.
std::optional<std::int64_t> integer_id(std::string_view text) {
  const auto decimal = parse_decimal(text);
  if (!decimal || decimal->scale != 0 || text.find_first_of("eE.") != std::string_view::npos)
    return std::nullopt;
  return decimal->unscaled;
}

/// Stable sort of rows by an integer key, digit by digit over the bits that differ.
std::vector<std::uint32_t> radix_sorted(std::vector<std::uint32_t> rows, const auto& key_of) {
  if (rows.size() < 2) return rows;
  struct Entry {
    std::uint64_t key;
    std::uint32_t row;
  };
  std::int64_t low = key_of(rows[0]);
  std::int64_t high = low;
  for (const std::uint32_t row : rows) {
    low = std::min(low, key_of(row));
    high = std::max(high, key_of(row));
  }
  const int bits = static_cast<int>(
      std::bit_width(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)));
  std::vector<Entry> from(rows.size());
  std::vector<Entry> to(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    from[i] = {static_cast<std::uint64_t>(key_of(rows[i])) - static_cast<std::uint64_t>(low),
               rows[i]};
  }
  constexpr int kDigitBits = 11;
  for (int shift = 0; shift < bits; shift += kDigitBits) {
    std::array<std::size_t, 1 << kDigitBits> offsets{};
    const auto digit = [shift](const Entry& entry) {
      return static_cast<std::size_t>(entry.key >> shift) & ((1U << kDigitBits) - 1);
    };
    for (const Entry& entry : from) ++offsets[digit(entry)];
    std::size_t next = 0;
    for (std::size_t& offset : offsets) next += std::exchange(offset, next);
    for (const Entry& entry : from) to[offsets[digit(entry)]++] = entry;
    from.swap(to);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = from[i].row;
  return rows;
}

}  // namespace

IdOrder::IdOrder(const ColumnView& ids) : ids_(ids) {
  if (ids.type != Type::Text) return;
  numbers_.resize(static_cast<std::size_t>(ids.size));
  for (std::int64_t row = 0; row < ids.size; ++row) {
    if (!ids.is_valid(row)) continue;
    const auto number = integer_id(ids.text(row));
    if (!number) {
      numeric_ = false;
      numbers_.clear();
      numbers_.shrink_to_fit();
      return;
    }
    numbers_[static_cast<std::size_t>(row)] = *number;
  }
}

bool IdOrder::less(std::int64_t a, std::int64_t b) const {
  if (numeric_ && number(a) != number(b)) return number(a) < number(b);
  return ids_.type == Type::Text && ids_.text(a) < ids_.text(b);
}

bool IdOrder::same(std::int64_t a, std::int64_t b) const {
  return ids_.type == Type::Text ? ids_.text(a) == ids_.text(b)
                                 : ids_.integer(a) == ids_.integer(b);
}

std::vector<std::uint32_t> IdOrder::sorted_rows() const {
  std::vector<std::uint32_t> rows;
  rows.reserve(static_cast<std::size_t>(ids_.size));
  for (std::int64_t row = 0; row < ids_.size; ++row) {
    if (ids_.is_valid(row)) rows.push_back(static_cast<std::uint32_t>(row));
  }
  if (ids_.type != Type::Text)
    return radix_sorted(std::move(rows), [this](std::uint32_t row) { return ids_.integer(row); });
  std::ranges::stable_sort(rows, [this](std::uint32_t a, std::uint32_t b) { return less(a, b); });
  return rows;
}

bool record_less(std::span<const std::string> a, std::span<const std::string> b) {
  QUINTILE_CHECK(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    const auto left = parse_decimal(a[i]);
    const auto right = parse_decimal(b[i]);
    if (left && right) {
      const Int128 x = static_cast<Int128>(left->unscaled) * power_of_ten(18 - left->scale);
      const Int128 y = static_cast<Int128>(right->unscaled) * power_of_ten(18 - right->scale);
      if (x != y) return x < y;
    }
    return a[i] < b[i];
  }
  return false;
}

Result<std::vector<std::uint32_t>> by_first_purchase(std::vector<std::uint32_t> rows,
                                                     std::span<const std::int32_t> days,
                                                     const IdOrder& ids, const RecordOf& record) {
  if (!days.empty()) {
    rows = radix_sorted(std::move(rows),
                        [days](std::uint32_t row) { return static_cast<std::int64_t>(days[row]); });
  }
  const auto tie = [&](std::uint32_t a, std::uint32_t b) {
    return (days.empty() || days[a] == days[b]) && ids.same(a, b);
  };
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && tie(rows[begin], rows[end])) ++end;
    if (end - begin > 1) {
      std::vector<std::pair<std::vector<std::string>, std::uint32_t>> records;
      for (std::size_t i = begin; i < end; ++i) {
        QUINTILE_TRY(auto cells, record(rows[i]));
        records.emplace_back(std::move(cells), rows[i]);
      }
      std::ranges::stable_sort(
          records, [](const auto& a, const auto& b) { return record_less(a.first, b.first); });
      for (std::size_t i = begin; i < end; ++i) rows[i] = records[i - begin].second;
    }
    begin = end;
  }
  return rows;
}

}  // namespace quintile::customers

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/table/buffer.h"

namespace quintile::customers {

template <typename Key>
struct Sortable {
  Key key;
  std::uint32_t value;
};

/// Stable sort by unsigned keys of which the lowest `bits` count, digit by digit, several blocks of
/// entries at once. Each block counts its digits; where all counts are known, each block knows the
/// places of its entries.
template <typename Key>
void radix_sort(table::Buffer<Sortable<Key>>& entries, int bits, const Executor& executor) {
  // 2,048 streams: more of them miss the cache at every write, fewer ask for more passes.
  constexpr int kDigitBitsMax = 11;
  constexpr std::int64_t kBlockMin = 1 << 15, kBlocksMax = 16;
  const std::int64_t size = entries.size();
  const int passes = (bits + kDigitBitsMax - 1) / kDigitBitsMax;
  if (passes == 0 || size < 2) return;
  const int digit_bits = (bits + passes - 1) / passes;
  const auto digits = std::size_t{1} << digit_bits;
  const std::int64_t blocks = std::clamp<std::int64_t>(size / kBlockMin, 1, kBlocksMax);
  const auto begin_of = [&](std::int64_t block) { return size * block / blocks; };
  table::Buffer<Sortable<Key>> sorted(size);
  std::vector<std::vector<std::uint32_t>> places(static_cast<std::size_t>(blocks));
  for (int shift = 0; shift < bits; shift += digit_bits) {
    const auto digit = [shift, digits](const Sortable<Key>& entry) {
      return static_cast<std::size_t>(entry.key >> shift) & (digits - 1);
    };
    executor(blocks, [&](std::int64_t block) {
      auto& counts = places[static_cast<std::size_t>(block)];
      counts.assign(digits, 0);
      for (std::int64_t i = begin_of(block); i < begin_of(block + 1); ++i)
        ++counts[digit(entries[i])];
    });
    std::uint32_t next = 0;
    for (std::size_t d = 0; d < digits; ++d) {
      for (auto& counts : places) next += std::exchange(counts[d], next);
    }
    executor(blocks, [&](std::int64_t block) {
      auto& place = places[static_cast<std::size_t>(block)];
      for (std::int64_t i = begin_of(block); i < begin_of(block + 1); ++i)
        sorted[place[digit(entries[i])]++] = entries[i];
    });
    std::swap(entries, sorted);
  }
}

}  // namespace quintile::customers

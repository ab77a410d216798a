#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

/// The integer encodings of Apache Parquet (Encodings.md): bit packing, the hybrid of runs and
/// packed groups, and deltas. What they write is appended to a string.
namespace quintile::mart {

inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

inline void put_zigzag(std::string& out, std::int64_t value) {
  put_varint(out,
             (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

/// Bits that `count` different codes need; at least one, as Arrow writes it.
[[nodiscard]] inline int code_width(std::size_t count) {
  return std::max(1, static_cast<int>(std::bit_width(count - (count > 0 ? 1U : 0U))));
}

/// Appends `values`, `width` (0 to 64) bits each, lowest bits first; the last byte is filled with
/// zeros. No value has more than `width` bits.
template <typename T>
void pack_bits(std::string& out, std::span<const T> values, int width) {
  static_assert(std::endian::native == std::endian::little);
  const std::size_t bytes = (values.size() * static_cast<std::size_t>(width) + 7) / 8;
  const std::size_t begin = out.size();
  out.resize(begin + bytes + 8);  // whole words are stored; what is too much is cut off below
  char* to = out.data() + begin;
  std::uint64_t word = 0;
  int filled = 0;
  for (const T value : values) {
    const std::uint64_t bits = value;
    word |= bits << filled;
    filled += width;
    if (filled < 64) continue;
    std::memcpy(to, &word, 8);
    to += 8;
    filled -= 64;
    // What did not fit; a shift by 64 is undefined, hence the two steps.
    word = filled == 0 ? 0 : bits >> (width - filled);
  }
  std::memcpy(to, &word, 8);
  out.resize(begin + bytes);
}

/// The hybrid of runs and bit-packed groups of eight (RLE) for codes of `width` bits.
template <typename T>
void put_runs(std::string& out, std::span<const T> codes, int width) {
  std::size_t packed = 0;  // codes before the current one that wait to be packed
  const auto flush = [&](std::size_t end) {
    if (packed == 0) return;
    put_varint(out, ((packed + 7) / 8 << 1) | 1);
    const std::size_t begin = out.size();
    pack_bits(out, codes.subspan(end - packed, packed), width);
    out.resize(begin + (packed + 7) / 8 * static_cast<std::size_t>(width));
    packed = 0;
  };
  std::size_t at = 0;
  while (at < codes.size()) {
    const std::size_t here = std::min<std::size_t>(8, codes.size() - at);
    const T first = codes[at];
    bool equal = here == 8;
    for (std::size_t i = 1; i < here; ++i) equal &= codes[at + i] == first;
    if (!equal) {
      packed += here;
      at += here;
      continue;
    }
    flush(at);
    std::size_t end = at + 8;
    while (end < codes.size() && codes[end] == first) ++end;
    put_varint(out, (end - at) << 1);
    for (int bits = 0; bits < width; bits += 8)
      out += static_cast<char>(static_cast<std::uint64_t>(first) >> bits);
    at = end;
  }
  flush(at);
}

/// DELTA_BINARY_PACKED: differences to the value before, packed in blocks of 128 and minor blocks
/// of 32 by the bits that each needs.
template <typename T>
void put_deltas(std::string& out, std::span<const T> values) {
  using Unsigned = std::make_unsigned_t<T>;  // differences wrap round
  constexpr std::size_t kBlock = 128, kMinors = 4, kMinor = kBlock / kMinors;
  put_varint(out, kBlock);
  put_varint(out, kMinors);
  put_varint(out, values.size());
  put_zigzag(out, values.empty() ? 0 : values[0]);
  std::array<Unsigned, kBlock> deltas;
  for (std::size_t at = 1; at < values.size(); at += kBlock) {
    const std::size_t count = std::min(kBlock, values.size() - at);
    T least = std::numeric_limits<T>::max();
    for (std::size_t i = 0; i < count; ++i) {
      deltas[i] = static_cast<Unsigned>(values[at + i]) - static_cast<Unsigned>(values[at + i - 1]);
      least = std::min(least, static_cast<T>(deltas[i]));
    }
    for (std::size_t i = 0; i < count; ++i) deltas[i] -= static_cast<Unsigned>(least);
    std::fill(deltas.begin() + static_cast<std::ptrdiff_t>(count), deltas.end(), Unsigned{0});
    std::array<int, kMinors> widths{};
    put_zigzag(out, least);
    for (std::size_t minor = 0; minor < kMinors; ++minor) {
      Unsigned any = 0;
      for (std::size_t i = 0; i < kMinor; ++i) any |= deltas[minor * kMinor + i];
      widths[minor] = static_cast<int>(std::bit_width(any));
      out += static_cast<char>(widths[minor]);
    }
    for (std::size_t minor = 0; minor * kMinor < count; ++minor) {
      pack_bits(out, std::span<const Unsigned>(deltas).subspan(minor * kMinor, kMinor),
                widths[minor]);
    }
  }
}

}  // namespace quintile::mart

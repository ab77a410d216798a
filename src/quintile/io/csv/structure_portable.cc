#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "quintile/io/csv/structure.h"
#include "quintile/io/csv/structure_variants_internal.h"

namespace quintile::io::csv {

namespace {

struct Masks {
  std::uint64_t delimiters, line_ends, quotes, high, zero;
};

constexpr std::uint64_t kLow = 0x0101010101010101U;
constexpr std::uint64_t kHigh = 0x8080808080808080U;

/// The top bit of each byte of `word` that is zero; exact, unlike the shorter formula, which
/// borrows between bytes.
std::uint64_t zero_bytes(std::uint64_t word) {
  return ~(((word & ~kHigh) + ~kHigh) | word | ~kHigh);
}

/// One bit a byte, from the top bits.
std::uint64_t gather(std::uint64_t top_bits) { return (top_bits >> 7) * 0x0102040810204080U >> 56; }

std::uint64_t equal(std::uint64_t word, char c) {
  return gather(zero_bytes(word ^ (kLow * static_cast<unsigned char>(c))));
}

Masks masks_of(const char* block, char delimiter, char quote) {
  Masks masks{};
  for (int i = 0; i < 8; ++i) {
    std::uint64_t word;
    std::memcpy(&word, block + 8 * i, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    const int at = 8 * i;
    masks.delimiters |= equal(word, delimiter) << at;
    masks.line_ends |= (equal(word, '\n') | equal(word, '\r')) << at;
    masks.quotes |= equal(word, quote) << at;
    masks.high |= gather(word & kHigh) << at;
    masks.zero |= equal(word, '\0') << at;
  }
  return masks;
}

/// Bit i is the parity of bits 0 to i.
std::uint64_t prefix_xor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

#include "quintile/io/csv/structure_kernels_internal.h"

}  // namespace

Kernels portable_kernels() { return {"portable", count_rows, index_cells}; }

}  // namespace quintile::io::csv

// Compiled for AVX2, BMI, BMI2, POPCNT and PCLMUL; called only where the processor has them.
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include "quintile/io/csv/structure.h"
#include "quintile/io/csv/structure_variants_internal.h"

namespace quintile::io::csv {

namespace {

struct Masks {
  std::uint64_t delimiters, line_ends, quotes, high, zero;
};

inline std::uint64_t join(__m256i low, __m256i high) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
         (std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(high))} << 32);
}

inline Masks masks_of(const char* block, char delimiter, char quote) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
  const auto equal = [&](char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    return join(_mm256_cmpeq_epi8(a, wanted), _mm256_cmpeq_epi8(b, wanted));
  };
  const __m256i feed = _mm256_set1_epi8('\n'), turn = _mm256_set1_epi8('\r');
  return {
      .delimiters = equal(delimiter),
      .line_ends = join(_mm256_or_si256(_mm256_cmpeq_epi8(a, feed), _mm256_cmpeq_epi8(a, turn)),
                        _mm256_or_si256(_mm256_cmpeq_epi8(b, feed), _mm256_cmpeq_epi8(b, turn))),
      .quotes = equal(quote),
      .high = join(a, b),
      .zero = equal('\0')};
}

/// Bit i is the parity of bits 0 to i: a carry-less product with all ones.
inline std::uint64_t prefix_xor(std::uint64_t bits) {
  const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<std::int64_t>(bits)),
                                               _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

#include "quintile/io/csv/structure_kernels_internal.h"

}  // namespace

Kernels avx2_kernels() { return {"avx2", count_rows, index_cells}; }

}  // namespace quintile::io::csv

#include <bit>

#include "quintile/base/check.h"
#include "quintile/synthetic/random_internal.h"

namespace quintile::synthetic {

Block philox(Block counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t second = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(second),
               static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(first)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

namespace {

// The finaliser of MurmurHash3 (A. Appleby, public domain), keyed.
std::uint64_t mix(std::uint64_t value, std::uint32_t key) {
  value = (value + key) * 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD;
  value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53;
  return value ^ (value >> 33);
}

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed, Stream stream)
    : size_(size),
      half_bits_((static_cast<unsigned>(std::bit_width(size - 1)) + 1) / 2),
      round_keys_(draw(seed, stream, 0)) {
  QUINTILE_CHECK(size >= 1 && size <= (std::uint64_t{1} << 62));
}

std::uint64_t Permutation::at(std::uint64_t index) const {
  QUINTILE_CHECK(index < size_);
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = index >> half_bits_;
    std::uint64_t right = index & mask;
    for (const std::uint32_t key : round_keys_) {
      const std::uint64_t swapped = left ^ (mix(right, key) & mask);
      left = right;
      right = swapped;
    }
    index = (left << half_bits_) | right;
  } while (index >= size_);
  return index;
}

}  // namespace quintile::synthetic

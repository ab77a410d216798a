#pragma once

#include <array>
#include <cstdint>

/// Random numbers that are a function of a seed and a place, not of what was drawn before: any row
/// can be made alone, in any order, on any thread. Integers throughout, so every machine draws
/// alike.
namespace quintile::synthetic {

using Block = std::array<std::uint32_t, 4>;

/// Philox 4x32 with 10 rounds: J. Salmon, M. Moraes, R. Dror and D. Shaw, "Parallel random numbers:
/// as easy as 1, 2, 3", SC11 (2011). Passes the authors' published known-answer vectors.
[[nodiscard]] Block philox(Block counter, std::array<std::uint32_t, 2> key);

/// What the numbers of a seed are drawn for. Streams never share a number.
enum class Stream : std::uint32_t {
  Customer = 1,
  GroupSize = 2,
  RowOrder = 3,
  IdOrder = 4,
  MailNumber = 5,
  DefectRow = 6,
  DefectValue = 7,
};

/// Four numbers for one place in a stream.
[[nodiscard]] inline Block draw(std::uint64_t seed, Stream stream, std::uint64_t index,
                                std::uint32_t block = 0) {
  return philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), block,
                 static_cast<std::uint32_t>(stream)},
                {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

/// A pseudo-random order of 0 .. size-1: `at(i)` takes every value exactly once. Needs no memory: a
/// four-round Feistel network on the next even number of bits, walked until it lands inside
/// (J. Black and P. Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).
class Permutation {
 public:
  /// `size` at least 1 and at most 2^62.
  Permutation(std::uint64_t size, std::uint64_t seed, Stream stream);

  /// `index` below the size.
  [[nodiscard]] std::uint64_t at(std::uint64_t index) const;

 private:
  std::uint64_t size_;
  unsigned half_bits_;
  Block round_keys_;
};

}  // namespace quintile::synthetic

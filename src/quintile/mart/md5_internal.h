#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

/// MD5 (RFC 1321) of many short texts at once. For telling tables apart, never for secrets.
namespace quintile::mart {

/// Eight 32-bit words side by side; the compiler maps them to whatever vectors the machine has.
using Lanes = std::uint32_t __attribute__((vector_size(32)));
inline constexpr int kLanes = 8;

/// A text of up to 55 bytes fits into one block, whose padding `Md5Block` adds.
inline constexpr std::size_t kMd5OneBlock = 55;

namespace md5 {

inline constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
inline constexpr int kShifts[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

/// Works one block of 16 words into `state`; `Word` is std::uint32_t or Lanes.
template <typename Word>
void mix(std::array<Word, 4>& state, const std::array<Word, 16>& words) {
  Word a = state[0], b = state[1], c = state[2], d = state[3];
#pragma GCC unroll 64
  for (int i = 0; i < 64; ++i) {
    const int round = i / 16;
    const int at = round == 0   ? i
                   : round == 1 ? (5 * i + 1) % 16
                   : round == 2 ? (3 * i + 5) % 16
                                : (7 * i) % 16;
    Word f;
    switch (round) {
      case 0: f = d ^ (b & (c ^ d)); break;
      case 1: f = c ^ (d & (b ^ c)); break;
      case 2: f = b ^ c ^ d; break;
      default: f = c ^ (b | ~d);
    }
    const Word sum =
        a + f + words[static_cast<std::size_t>(at)] + kSines[static_cast<std::size_t>(i)];
    const int shift = kShifts[round][i % 4];
    a = d;
    d = c;
    c = b;
    b += (sum << shift) | (sum >> (32 - shift));
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

template <typename Word>
std::array<Word, 4> start() {
  return {Word{} + 0x67452301U, Word{} + 0xefcdab89U, Word{} + 0x98badcfeU, Word{} + 0x10325476U};
}

}  // namespace md5

/// The first 8 bytes of an MD5 as two numbers: what SQL gets from the first 16 hexadecimal digits.
struct Md5Halves {
  std::uint32_t first = 0, second = 0;
  friend bool operator==(const Md5Halves&, const Md5Halves&) = default;
};

[[nodiscard]] inline Md5Halves md5_halves(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  auto state = md5::start<std::uint32_t>();
  std::array<std::uint32_t, 16> words{};
  const std::uint64_t bits = text.size() * 8;
  bool ended = false;
  for (bool last = false; !last;) {
    words.fill(0);
    const std::size_t count = text.size() < 64 ? text.size() : 64;
    std::memcpy(words.data(), text.data(), count);
    text.remove_prefix(count);
    if (count < 64 && !ended) {
      reinterpret_cast<unsigned char*>(words.data())[count] = 0x80;
      ended = true;
    }
    last = ended && count <= kMd5OneBlock;
    if (last) std::memcpy(&words[14], &bits, sizeof bits);
    md5::mix(state, words);
  }
  return {__builtin_bswap32(state[0]), __builtin_bswap32(state[1])};
}

/// Collects texts of up to 55 bytes and hashes eight at a time.
class Md5Batch {
 public:
  /// The place of the next text, kMd5OneBlock bytes, to be written before `add`.
  [[nodiscard]] char* next() {
    return reinterpret_cast<char*>(blocks_[static_cast<std::size_t>(count_)].data());
  }

  /// Takes the text at `next()`; when eight are there, hands each one's halves to `consume`.
  template <typename Consume>
  void add(std::size_t size, Consume consume) {
    auto& block = blocks_[static_cast<std::size_t>(count_)];
    auto* bytes = reinterpret_cast<unsigned char*>(block.data());
    bytes[size] = 0x80;
    std::memset(bytes + size + 1, 0, 63 - size);
    block[14] = static_cast<std::uint32_t>(size * 8);
    if (++count_ == kLanes) flush(consume);
  }

  /// Hashes what is left.
  template <typename Consume>
  void flush(Consume consume) {
    std::array<Lanes, 16> words{};
    for (int lane = 0; lane < count_; ++lane) {
      for (std::size_t i = 0; i < 16; ++i)
        words[i][lane] = blocks_[static_cast<std::size_t>(lane)][i];
    }
    auto state = md5::start<Lanes>();
    md5::mix(state, words);
    for (int lane = 0; lane < count_; ++lane) {
      consume(Md5Halves{__builtin_bswap32(state[0][lane]), __builtin_bswap32(state[1][lane])});
    }
    count_ = 0;
  }

 private:
  int count_ = 0;
  std::array<std::array<std::uint32_t, 16>, kLanes> blocks_{};
};

}  // namespace quintile::mart

#include <array>

#include "quintile/base/check.h"
#include "quintile/synthetic/distributions_internal.h"

namespace quintile::synthetic {

namespace {

// The normal quantile at 1/2 + k/256 in units of 2^-16; the last stands for the tail beyond 2.66.
constexpr std::array<std::int32_t, 129> kNormalQ16 = {
    0,      642,    1283,   1925,   2567,   3210,   3852,   4495,   5139,   5783,   6427,   7072,
    7718,   8365,   9012,   9660,   10310,  10960,  11611,  12263,  12917,  13572,  14228,  14886,
    15545,  16206,  16869,  17533,  18199,  18867,  19536,  20208,  20882,  21559,  22237,  22918,
    23601,  24287,  24976,  25668,  26362,  27059,  27759,  28463,  29170,  29880,  30594,  31311,
    32032,  32758,  33487,  34220,  34958,  35700,  36446,  37198,  37954,  38715,  39482,  40254,
    41032,  41816,  42605,  43401,  44203,  45012,  45828,  46651,  47482,  48320,  49166,  50021,
    50884,  51756,  52637,  53528,  54428,  55340,  56262,  57195,  58140,  59097,  60067,  61051,
    62048,  63060,  64087,  65131,  66191,  67268,  68364,  69480,  70616,  71774,  72954,  74159,
    75389,  76647,  77933,  79250,  80600,  81985,  83408,  84871,  86377,  87931,  89536,  91196,
    92917,  94704,  96565,  98507,  100540, 102675, 104924, 107304, 109834, 112540, 115453, 118613,
    122076, 125918, 130248, 135235, 141156, 148519, 158437, 174330, 209715};

// 2^(k/32) in units of 2^-30.
constexpr std::array<std::int64_t, 33> kPowersQ30 = {
    1073741824, 1097253708, 1121280436, 1145833280, 1170923762, 1196563654, 1222764986,
    1249540052, 1276901417, 1304861917, 1333434672, 1362633090, 1392470869, 1422962010,
    1454120821, 1485961921, 1518500250, 1551751076, 1585730000, 1620452965, 1655936265,
    1692196547, 1729250827, 1767116489, 1805811301, 1845353420, 1885761398, 1927054196,
    1969251188, 2012372174, 2056437387, 2101467502, 2147483648};

}  // namespace

std::int64_t from_quantiles(std::span<const std::int32_t> knots, std::uint32_t draw) {
  const std::uint64_t position = std::uint64_t{draw} * (knots.size() - 1);
  const auto below = static_cast<std::size_t>(position >> 32);
  const auto fraction = static_cast<std::int64_t>(position & 0xFFFFFFFF);
  const std::int64_t step = std::int64_t{knots[below + 1]} - knots[below];
  return knots[below] + ((step * fraction) >> 32);
}

std::size_t weighted(std::span<const std::uint16_t> weights, std::uint32_t draw) {
  std::uint64_t sum = 0;
  for (const std::uint16_t weight : weights) sum += weight;
  std::uint64_t place = (sum * draw) >> 32;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (place < weights[i]) return i;
    place -= weights[i];
  }
  QUINTILE_CHECK(!"the weights have no positive sum");
  return 0;
}

std::int64_t standard_normal_q16(std::uint32_t draw) {
  const bool positive = (draw >> 31) != 0;
  const std::uint32_t distance = (positive ? draw : ~draw) << 1;
  const std::int64_t size = from_quantiles(kNormalQ16, distance);
  return positive ? size : -size;
}

std::int64_t times_power_of_two(std::int64_t value, std::int64_t exponent_q16) {
  const std::int64_t whole = exponent_q16 >> 16;
  const std::int64_t fraction = exponent_q16 & 0xFFFF;
  const auto below = static_cast<std::size_t>(fraction >> 11);
  const std::int64_t step = kPowersQ30[below + 1] - kPowersQ30[below];
  const std::int64_t power_q30 = kPowersQ30[below] + ((step * (fraction & 0x7FF)) >> 11);
  return (value * power_q30) >> (30 - whole);
}

std::int64_t log_normal(std::int64_t median, std::int64_t spread_q16, std::uint32_t draw) {
  return times_power_of_two(median, (spread_q16 * standard_normal_q16(draw)) >> 16);
}

}  // namespace quintile::synthetic

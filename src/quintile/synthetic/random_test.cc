#include <vector>

#include <gmock/gmock.h>

#include "quintile/synthetic/random_internal.h"

namespace quintile::synthetic {
namespace {

using ::testing::ElementsAre;

// From the authors' Random123 distribution, tests/kat_vectors, "philox4x32 10".
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_THAT(philox({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(Draw, DependsOnEveryPartOfThePlace) {
  const Block here = draw(1, Stream::Customer, 7);
  EXPECT_EQ(here, draw(1, Stream::Customer, 7));
  EXPECT_NE(here, draw(2, Stream::Customer, 7));
  EXPECT_NE(here, draw(std::uint64_t{1} << 32, Stream::Customer, 7));
  EXPECT_NE(here, draw(1, Stream::GroupSize, 7));
  EXPECT_NE(here, draw(1, Stream::Customer, 7 + (std::uint64_t{1} << 32)));
  EXPECT_NE(here, draw(1, Stream::Customer, 7, 1));
}

TEST(Permutation, TakesEveryValueOnce) {
  for (const std::uint64_t size : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 65'536, 65'537}) {
    const Permutation permutation(size, 42, Stream::RowOrder);
    std::vector<bool> seen(size);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t value = permutation.at(i);
      ASSERT_LT(value, size);
      ASSERT_FALSE(seen[value]) << "size " << size << " gives " << value << " twice";
      seen[value] = true;
    }
  }
}

TEST(Permutation, MixesAndDependsOnTheSeed) {
  const Permutation one(1000, 1, Stream::RowOrder), two(1000, 2, Stream::RowOrder);
  int fixed = 0, alike = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    fixed += one.at(i) == i;
    alike += one.at(i) == two.at(i);
  }
  EXPECT_LT(fixed, 10);  // one on average
  EXPECT_LT(alike, 10);
}

}  // namespace
}  // namespace quintile::synthetic

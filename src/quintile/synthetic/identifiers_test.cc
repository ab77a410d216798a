#include <algorithm>
#include <unordered_map>

#include <gmock/gmock.h>

#include "quintile/synthetic/identifiers_internal.h"

namespace quintile::synthetic {
namespace {

Repetition count(const Identifiers& identifiers, std::int64_t rows) {
  std::unordered_map<std::int64_t, std::int64_t> seen;
  for (std::int64_t row = 0; row < rows; ++row) ++seen[identifiers.at(row)];
  Repetition counted;
  for (const auto& [id, times] : seen) {
    if (times == 1) continue;
    ++counted.ids;
    counted.rows += times;
    counted.largest_group = std::max(counted.largest_group, times);
  }
  counted.surplus_rows = counted.rows - counted.ids;
  return counted;
}

struct Case {
  std::int64_t rows, duplicated_ids;
  int digits;
};

class RepeatedIdentifiers : public ::testing::TestWithParam<Case> {};

TEST_P(RepeatedIdentifiers, AreExactlyAsManyAsAskedFor) {
  const auto [rows, duplicated_ids, digits] = GetParam();
  const auto identifiers = Identifiers::plan(rows, duplicated_ids, 7);
  ASSERT_TRUE(identifiers);
  EXPECT_EQ(identifiers->digits(), digits);
  const Repetition counted = count(*identifiers, rows);
  EXPECT_EQ(counted.ids, duplicated_ids);
  EXPECT_EQ(counted.ids, identifiers->repetition().ids);
  EXPECT_EQ(counted.rows, identifiers->repetition().rows);
  EXPECT_EQ(counted.surplus_rows, identifiers->repetition().surplus_rows);
  EXPECT_EQ(counted.largest_group, identifiers->repetition().largest_group);
}

INSTANTIATE_TEST_SUITE_P(Rows, RepeatedIdentifiers,
                         ::testing::Values(Case{1, 0, 5}, Case{2, 0, 5}, Case{2, 1, 5},
                                           Case{3, 1, 5}, Case{10, 3, 5}, Case{10, 5, 5},
                                           Case{100, 0, 5}, Case{100, 27, 5}, Case{100, 50, 5},
                                           Case{1000, 450, 5}, Case{90'000, 0, 5},
                                           Case{90'001, 0, 6}, Case{100'000, 27'490, 5},
                                           Case{100'000, 1, 6}, Case{1'000'000, 274'900, 6}));

TEST(Identifiers, RepeatLikeNumbersDrawnAtRandom) {
  for (const std::uint64_t seed : {1, 2, 3, 20231115}) {
    const auto identifiers = Identifiers::plan(100'000, 27'490, seed);
    ASSERT_TRUE(identifiers);
    EXPECT_NEAR(static_cast<double>(identifiers->repetition().rows), 67'170, 600);
    EXPECT_GE(identifiers->repetition().largest_group, 7);
    EXPECT_LE(identifiers->repetition().largest_group, 10);
  }
}

TEST(Identifiers, HaveTheirDigitsFromTheFirstToTheLast) {
  const auto identifiers = Identifiers::plan(5000, 1000, 7);
  ASSERT_TRUE(identifiers);
  for (std::int64_t row = 0; row < 5000; ++row) {
    EXPECT_GE(identifiers->at(row), 10'000);
    EXPECT_LE(identifiers->at(row), 99'999);
  }
}

TEST(Identifiers, KnowWhichRowsShareOne) {
  const auto identifiers = Identifiers::plan(1000, 200, 7);
  ASSERT_TRUE(identifiers);
  std::unordered_map<std::int64_t, int> seen;
  for (std::int64_t row = 0; row < 1000; ++row) ++seen[identifiers->at(row)];
  for (std::int64_t row = 0; row < 1000; ++row) {
    EXPECT_EQ(identifiers->is_repeated(row), seen[identifiers->at(row)] > 1);
  }
}

TEST(Identifiers, RefuseMoreRepeatedOnesThanHalfTheRows) {
  for (const auto& [rows, ids] : {std::pair{1, 1}, {10, 6}, {10, -1}}) {
    const auto identifiers = Identifiers::plan(rows, ids, 7);
    ASSERT_FALSE(identifiers);
    EXPECT_EQ(identifiers.error().code, ErrorCode::Usage);
  }
}

}  // namespace
}  // namespace quintile::synthetic

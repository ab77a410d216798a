#include "quintile/engine/sql/digit_sums.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/engine/sql/recording_session.h"

namespace quintile::engine::sql {
namespace {

using testing::RecordingSession;

/// What an engine sums of `x` (in the text of the statement "x") by digits of sixteen bits; it is
/// read back as this program reads an engine's answer.
summary::ExactSums summed(const std::vector<std::int64_t>& values, std::int64_t low,
                          std::int64_t high) {
  const Dialect dialect(Product::DuckDb);
  Tally tally;
  const DigitSums sums(tally, dialect, {sql("x"), low, high, true}, DigitSums::Of::Squares);
  RecordingSession session(Product::DuckDb, [&](const std::string&, std::size_t columns) {
    // Digits, then products in the order of the first digit and the second.
    std::size_t digits = 1;
    while (2 + digits + digits * (digits + 1) / 2 < columns) ++digits;
    std::vector<std::int64_t> totals(columns);
    totals[1] = std::ssize(values);
    for (const std::int64_t value : values) {
      const std::uint64_t distance =
          static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(low);
      const auto digit = [&](std::size_t i) {
        return static_cast<std::int64_t>(i + 1 == digits ? distance >> (16 * i)
                                                         : distance >> (16 * i) & 0xffff);
      };
      std::size_t column = 2;
      for (std::size_t i = 0; i < digits; ++i) totals[column++] += digit(i);
      for (std::size_t i = 0; i < digits; ++i) {
        for (std::size_t j = i; j < digits; ++j) totals[column++] += digit(i) * digit(j);
      }
    }
    return Result<testing::Table>(testing::Table{{totals.begin(), totals.end()}});
  });
  EXPECT_TRUE(tally.ask(session, dialect, sql("SELECT 1"), sql("q_all"), 9).has_value());
  EXPECT_EQ(sums.total(tally.groups()[0]), [&] {
    Int128 total = 0;
    for (const std::int64_t value : values) total += value;
    return total;
  }());
  return sums.sums(tally.groups()[0]);
}

summary::ExactSums expected(const std::vector<std::int64_t>& values, std::int64_t low) {
  summary::ExactSums sums;
  for (const std::int64_t value : values) {
    const std::uint64_t distance =
        static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(low);
    ++sums.count;
    sums.sum += distance;
    sums.add_square(static_cast<UInt128>(distance) * distance);
  }
  return sums;
}

void expect_equal(const std::vector<std::int64_t>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  const summary::ExactSums found = summed(values, low, high);
  const summary::ExactSums wanted = expected(values, low);
  EXPECT_EQ(found.count, wanted.count);
  EXPECT_EQ(found.sum, wanted.sum);
  EXPECT_EQ(found.squares, wanted.squares);
  EXPECT_EQ(found.squares_high, wanted.squares_high);
}

TEST(DigitSums, AreExactWhateverTheRange) {
  expect_equal({5});
  expect_equal({0, 65'535});
  expect_equal({-3, 65'533, 70'000});
  expect_equal({-1, 4'294'967'294, 77});
  std::vector<std::int64_t> wide;
  for (std::int64_t i = 0; i < 1000; ++i) wide.push_back((i % 2 == 0 ? 1 : -1) * (1LL << 60) + i);
  expect_equal(wide);  // squares of more than 128 bits together
}

TEST(DigitSums, AskForNoMoreDigitsThanThereAre) {
  const Dialect dialect(Product::DuckDb);
  EXPECT_EQ(DigitSums::digits(dialect, sql("x"), 65'535).size(), 1U);
  EXPECT_EQ(DigitSums::digits(dialect, sql("x"), 65'536)[0].text(), "MOD(x, 65536)");
  EXPECT_EQ(DigitSums::digits(dialect, sql("x"), 65'536)[1].text(), "CAST((x // 65536) AS BIGINT)");
}

}  // namespace
}  // namespace quintile::engine::sql

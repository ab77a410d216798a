#include "quintile/cli/large_memory.h"

#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/base/executor.h"
#include "quintile/engine/local/executor.h"

namespace quintile::cli {
namespace {

constexpr std::size_t kPage = LargeMemory::kPage;

TEST(LargeMemoryPieces, BeginAtHugePagesAndHoldWhatTheyAreAskedFor) {
  LargeMemory memory(64 * kPage);
  for (const std::size_t size : {std::size_t{1}, kPage, kPage + 1, 5 * kPage - 1}) {
    void* const piece = memory.take(size);
    ASSERT_NE(piece, nullptr);
    EXPECT_TRUE(memory.owns(piece));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece) % kPage, 0U);
    std::memset(piece, 0xAB, size);
    memory.give_back(piece);
  }
  const int outside = 0;
  EXPECT_FALSE(memory.owns(&outside));
}

TEST(LargeMemoryPieces, AreUsedAgainAsTheyWere) {
  LargeMemory memory(64 * kPage);
  auto* const first = static_cast<char*>(memory.take(3 * kPage));
  *first = 'x';
  memory.give_back(first);
  EXPECT_EQ(memory.kept(), 3 * kPage);
  auto* const again = static_cast<char*>(memory.take(2 * kPage));
  EXPECT_EQ(again, first);
  EXPECT_EQ(*again, 'x');
  EXPECT_EQ(memory.kept(), kPage);
}

TEST(LargeMemoryPieces, ThatTouchBecomeOne) {
  LargeMemory memory(16 * kPage);
  std::vector<void*> pieces;
  for (int i = 0; i < 4; ++i) pieces.push_back(memory.take(kPage));
  for (const int i : {1, 3, 0, 2}) memory.give_back(pieces[static_cast<std::size_t>(i)]);
  EXPECT_EQ(memory.take(4 * kPage), pieces[0]);
}

TEST(LargeMemoryPieces, DoNotMakeTheProcessGrowWhereSomeAreKept) {
  LargeMemory memory(64 * kPage);
  void* const low = memory.take(4 * kPage);
  void* const between = memory.take(kPage);
  memory.give_back(low);
  EXPECT_EQ(memory.kept(), 4 * kPage);
  void* const longer = memory.take(6 * kPage);  // fits nowhere: new memory, for which the kept goes
  EXPECT_GT(longer, between);
  EXPECT_EQ(memory.kept(), 0U);
  EXPECT_EQ(memory.take(4 * kPage), low) << "addresses without memory are used again too";
}

TEST(LargeMemoryPieces, AreKeptUpToAQuarterOfWhatIsInUse) {
  constexpr std::size_t kAlways = std::size_t{64} << 20;
  LargeMemory memory(512 * kPage);
  void* const used = memory.take(80 * kPage);
  void* const large = memory.take(100 * kPage);
  memory.give_back(large);
  EXPECT_EQ(memory.kept(), kAlways + 20 * kPage);
  memory.give_back(used);
  EXPECT_EQ(memory.kept(), kAlways);
}

TEST(LargeMemoryPieces, AreNoneWhereAddressesAreShort) {
  LargeMemory memory(4 * kPage);
  EXPECT_EQ(memory.take(5 * kPage), nullptr);
  EXPECT_NE(memory.take(4 * kPage), nullptr);
  EXPECT_EQ(memory.take(1), nullptr);
  LargeMemory impossible(std::size_t{1} << 62);
  EXPECT_EQ(impossible.take(1), nullptr);
  EXPECT_FALSE(impossible.owns(nullptr));
}

TEST(LargeMemoryPieces, OfSeveralThreadsNeverOverlap) {
  LargeMemory memory(1024 * kPage);
  engine::local::on_threads(4)(64, [&](std::int64_t i) {
    const std::size_t size = kPage * static_cast<std::size_t>(1 + i % 3);
    auto* const piece = static_cast<unsigned char*>(memory.take(size));
    const auto mark = static_cast<unsigned char>(i + 1);
    piece[0] = piece[size - 1] = mark;
    for (int round = 0; round < 100; ++round) memory.give_back(memory.take(2 * kPage));
    EXPECT_EQ(piece[0], mark);
    EXPECT_EQ(piece[size - 1], mark);
    memory.give_back(piece);
  });
}

}  // namespace
}  // namespace quintile::cli

#include "quintile/io/parallel.h"

#include <numeric>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

namespace quintile::io {
namespace {

TEST(OrderedChunks, ArriveInOrderWhateverTheThreads) {
  for (const int threads : {0, 1, 2, 7}) {
    for (const std::int64_t chunks : {0, 1, 2, 100}) {
      std::vector<std::int64_t> expected(static_cast<std::size_t>(chunks));
      std::iota(expected.begin(), expected.end(), 0);
      std::vector<std::int64_t> seen;
      const Status status = ordered_chunks(
          chunks, threads, [](std::int64_t chunk) { return std::to_string(chunk); },
          [&](const std::string& text) -> Status {
            seen.push_back(std::stoll(text));
            return {};
          });
      EXPECT_TRUE(status);
      EXPECT_EQ(seen, expected);
    }
  }
}

TEST(OrderedChunks, EndWithTheFirstErrorOfTheConsumer) {
  for (const int threads : {1, 4}) {
    int consumed = 0;
    const Status status = ordered_chunks(
        1000, threads, [](std::int64_t chunk) { return chunk; },
        [&](std::int64_t chunk) -> Status {
          ++consumed;
          if (chunk == 5) return fail(ErrorCode::Io, "full");
          return {};
        });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "full");
    EXPECT_EQ(consumed, 6);
  }
}

TEST(OrderedChunks, PassAnExceptionOnToTheCaller) {
  for (const int threads : {1, 4}) {
    EXPECT_THROW(
        {
          [[maybe_unused]] const Status status = ordered_chunks(
              100, threads,
              [](std::int64_t chunk) {
                if (chunk == 7) throw std::runtime_error("out of memory");
                return chunk;
              },
              [](std::int64_t) -> Status { return {}; });
        },
        std::runtime_error);
  }
}

}  // namespace
}  // namespace quintile::io

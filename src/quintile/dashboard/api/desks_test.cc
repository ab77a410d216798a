#include <future>
#include <latch>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/dashboard/api/desks_internal.h"

namespace quintile::dashboard {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kLong{10};

/// Holds a desk until it is released.
class Occupied {
 public:
  explicit Occupied(Desks& desks)
      : done_(std::async(std::launch::async, [this, &desks] {
          return desks.run(
              [this] {
                begun_.count_down();
                release_.wait();
              },
              kLong);
        })) {
    begun_.wait();
  }
  ~Occupied() { release_.count_down(); }
  Occupied(const Occupied&) = delete;
  Occupied& operator=(const Occupied&) = delete;

 private:
  std::latch begun_{1}, release_{1};
  std::future<bool> done_;
};

TEST(Desks, RunWhatTheyAreGiven) {
  Desks desks(2);
  int done = 0;
  EXPECT_TRUE(desks.run([&] { ++done; }, kLong));
  EXPECT_TRUE(desks.run([&] { ++done; }, kLong));
  EXPECT_EQ(done, 2);
}

TEST(Desks, GiveUpWorkWhoseTurnDoesNotCome) {
  Desks desks(1);
  bool has_run = false;
  {
    const Occupied occupied(desks);
    EXPECT_FALSE(desks.run([&] { has_run = true; }, milliseconds(1)));
  }
  EXPECT_TRUE(desks.run([] {}, kLong));
  EXPECT_FALSE(has_run);
}

TEST(Desks, HandOnWhatWorkThrowsAndGoOn) {
  Desks desks(1);
  EXPECT_THROW((void)desks.run([] { throw std::runtime_error("no"); }, kLong), std::runtime_error);
  EXPECT_TRUE(desks.run([] {}, kLong));
}

TEST(Desks, ServeManyAtOnceOneByOne) {
  Desks desks(1);
  int inside = 0, most = 0, done = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back([&] {
      const bool ran = desks.run(
          [&] {
            most = std::max(most, ++inside);
            ++done;
            --inside;
          },
          kLong);
      EXPECT_TRUE(ran);
    });
  }
  clients.clear();
  EXPECT_EQ(done, 50);
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace quintile::dashboard

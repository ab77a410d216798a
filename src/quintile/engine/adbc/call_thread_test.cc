#include "quintile/engine/adbc/call_thread.h"

#include <future>
#include <thread>

#include <gmock/gmock.h>

namespace quintile::engine::adbc {
namespace {

using End = CallThread::End;
using namespace std::chrono_literals;

TEST(CallThread, RunsOneCallAfterTheOtherOnOneThread) {
  CallThread calls;
  std::thread::id first;
  std::thread::id second;
  EXPECT_EQ(calls.run([&] { first = std::this_thread::get_id(); }, {}), End::Returned);
  EXPECT_EQ(calls.run([&] { second = std::this_thread::get_id(); }, {}), End::Returned);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

/// A call that waits until it is told to stop.
struct Stoppable {
  std::shared_ptr<std::promise<void>> told = std::make_shared<std::promise<void>>();
  [[nodiscard]] std::function<void()> call() const {
    return [told = told] { told->get_future().wait(); };
  }
  [[nodiscard]] std::function<void()> interrupt() const {
    return [told = told] { told->set_value(); };
  }
};

TEST(CallThread, InterruptsACallThatTakesTooLong) {
  CallThread calls;
  const Stoppable stoppable;
  EXPECT_EQ(calls.run(stoppable.call(), {.time = 1ms}, stoppable.interrupt()), End::TimedOut);
  EXPECT_FALSE(calls.is_stuck());
  EXPECT_EQ(calls.run([] {}, {}), End::Returned);
}

TEST(CallThread, InterruptsACallWhenTheUserDoes) {
  CallThread calls;
  const Stoppable stoppable;
  sql::Cancellation cancellation;
  cancellation.request();
  EXPECT_EQ(calls.run(stoppable.call(), {.cancellation = &cancellation}, stoppable.interrupt()),
            End::Cancelled);
  EXPECT_FALSE(calls.is_stuck());
}

TEST(CallThread, LeavesACallBehindThatDoesNotStop) {
  const Stoppable stoppable;
  {
    CallThread calls;
    EXPECT_EQ(calls.run(stoppable.call(), {.time = 1ms, .grace = 1ms}), End::TimedOut);
    EXPECT_TRUE(calls.is_stuck());
  }
  stoppable.interrupt()();  // the thread ends by itself
}

}  // namespace
}  // namespace quintile::engine::adbc

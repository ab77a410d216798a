#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/dashboard/http/clients_internal.h"

namespace quintile::dashboard {
namespace {

using std::chrono::milliseconds;

Limits a_few() {
  Limits limits;
  limits.connections = 3;
  limits.connections_a_client = 2;
  limits.requests_a_second = 10;
  limits.requests_saved = 4;
  return limits;
}

TEST(Clients, AskAsOftenAsTheySavedUpThenAtTheirRate) {
  Clients clients(a_few());
  const Clients::Clock::time_point start;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(clients.ask("a", start));
  EXPECT_EQ(clients.ask("a", start), milliseconds(100));
  EXPECT_FALSE(clients.ask("b", start));
  EXPECT_EQ(clients.ask("a", start + milliseconds(60)), milliseconds(40));
  EXPECT_FALSE(clients.ask("a", start + milliseconds(100)));
  EXPECT_TRUE(clients.ask("a", start + milliseconds(100)));
  // However long it was idle, it has no more than it may save.
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(clients.ask("a", start + std::chrono::hours(1)));
  EXPECT_TRUE(clients.ask("a", start + std::chrono::hours(1)));
}

TEST(Clients, AreForgottenOnlyWhenThatChangesNothing) {
  Clients clients(a_few());
  const Clients::Clock::time_point start;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(clients.ask("eager", start));
  for (int i = 0; i < 20'000; ++i)
    EXPECT_FALSE(clients.ask(std::to_string(i), start + milliseconds(1)));
  EXPECT_TRUE(clients.ask("eager", start + milliseconds(1)));
}

TEST(Clients, HaveAShareOfTheConnections) {
  Clients clients(a_few());
  const Clients::Visit first(clients, "a"), second(clients, "a");
  EXPECT_EQ(second.refusal(), Clients::Refusal::None);
  {
    const Clients::Visit third(clients, "a");
    EXPECT_EQ(third.refusal(), Clients::Refusal::TooManyOfThisClient);
    const Clients::Visit fourth(clients, "b");
    EXPECT_EQ(fourth.refusal(), Clients::Refusal::TooMany);
    EXPECT_EQ(clients.connections(), 4);
  }
  const Clients::Visit other(clients, "b");
  EXPECT_EQ(other.refusal(), Clients::Refusal::None);
}

}  // namespace
}  // namespace quintile::dashboard

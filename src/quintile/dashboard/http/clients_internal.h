#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "quintile/dashboard/http/limits.h"

namespace quintile::dashboard {

/// Who is connected, and who has asked how often lately. Any thread may call.
class Clients {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Clients(const Limits& limits) : limits_(limits) {}

  enum class Refusal : std::uint8_t { None, TooMany, TooManyOfThisClient };

  /// A connection for as long as it lives, refused or not.
  class Visit {
   public:
    Visit(Clients& clients, std::string client);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    [[nodiscard]] Refusal refusal() const { return refusal_; }

   private:
    Clients& clients_;
    std::string client_;
    Refusal refusal_;
  };

  /// Counts a request of `client`. Nothing where it is welcome; else how long to wait for the next.
  [[nodiscard]] std::optional<std::chrono::milliseconds> ask(const std::string& client,
                                                             Clock::time_point now);

  [[nodiscard]] int connections() const;
  [[nodiscard]] bool is_crowded() const { return connections() > limits_.connections / 2; }

 private:
  /// A bucket that fills with time: each request takes one.
  struct Allowance {
    double requests = 0;
    Clock::time_point at;
  };
  void forget_idle(Clock::time_point now);

  const Limits limits_;
  mutable std::mutex mutex_;
  int connections_ = 0;
  std::map<std::string, int> by_client_;
  std::map<std::string, Allowance> allowances_;
};

}  // namespace quintile::dashboard

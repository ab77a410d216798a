#include <algorithm>
#include <cmath>

#include "quintile/dashboard/http/clients_internal.h"

namespace quintile::dashboard {
namespace {

/// So many are remembered before those that may ask for everything again are forgotten.
constexpr std::size_t kClientsMax = 10'000;

}  // namespace

Clients::Visit::Visit(Clients& clients, std::string client)
    : clients_(clients), client_(std::move(client)), refusal_(Refusal::None) {
  const std::lock_guard lock(clients_.mutex_);
  int& of_client = clients_.by_client_[client_];
  if (clients_.connections_ >= clients_.limits_.connections)
    refusal_ = Refusal::TooMany;
  else if (of_client >= clients_.limits_.connections_a_client)
    refusal_ = Refusal::TooManyOfThisClient;
  ++clients_.connections_;
  ++of_client;
}

Clients::Visit::~Visit() {
  const std::lock_guard lock(clients_.mutex_);
  --clients_.connections_;
  const auto at = clients_.by_client_.find(client_);
  if (--at->second == 0) clients_.by_client_.erase(at);
}

int Clients::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::optional<std::chrono::milliseconds> Clients::ask(const std::string& client,
                                                      Clock::time_point now) {
  if (limits_.requests_a_second <= 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (allowances_.size() >= kClientsMax) forget_idle(now);
  const auto [at, is_new] = allowances_.try_emplace(client, limits_.requests_saved, now);
  Allowance& allowance = at->second;
  const double seconds = std::chrono::duration<double>(now - allowance.at).count();
  allowance.requests =
      std::min(limits_.requests_saved, allowance.requests + seconds * limits_.requests_a_second);
  allowance.at = now;
  if (allowance.requests >= 1) {
    allowance.requests -= 1;
    return std::nullopt;
  }
  const double wait = (1 - allowance.requests) / limits_.requests_a_second;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(wait * 1'000)));
}

void Clients::forget_idle(Clock::time_point now) {
  std::erase_if(allowances_, [&](const auto& entry) {
    const double seconds = std::chrono::duration<double>(now - entry.second.at).count();
    return entry.second.requests + seconds * limits_.requests_a_second >= limits_.requests_saved;
  });
}

}  // namespace quintile::dashboard

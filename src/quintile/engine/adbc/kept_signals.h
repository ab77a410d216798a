#pragma once

#include <array>
#include <csignal>

namespace quintile::engine::adbc {

/// Undoes, when it ends, what a library did meanwhile to signals that this process handles or
/// ignores. Drivers that are built in Go put handlers of their own in place when they are loaded.
/// Signals that were left to the system's default keep the library's handlers.
class KeptSignals {
 public:
  KeptSignals();
  KeptSignals(const KeptSignals&) = delete;
  KeptSignals& operator=(const KeptSignals&) = delete;
  ~KeptSignals();

 private:
  std::array<struct sigaction, 65> before_{};
};

}  // namespace quintile::engine::adbc

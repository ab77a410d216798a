#pragma once

#include <chrono>
#include <cstddef>

namespace quintile::dashboard {

/// What clients may ask of a server. A client is an address: all browsers behind one proxy share a
/// share. The defaults are for loopback, where everybody is one client.
struct Limits {
  int connections = 400;             ///< at once; the next is told to come back (503)
  int connections_a_client = 300;    ///< of one client (429)
  double requests_a_second = 5'000;  ///< of one client in the long run (429); 0: any number
  double requests_saved = 50'000;    ///< what a client that was idle may ask for at once
  /// From the first byte of a request to its last (408).
  std::chrono::milliseconds request_time{10'000};
  /// A connection without a request is closed after this; sooner where many are open.
  std::chrono::milliseconds idle_time{15'000};
  /// An answer is given up where the client takes it more slowly than `bytes_a_second` after this.
  std::chrono::milliseconds answer_patience{30'000};
  double bytes_a_second = 16 * 1024;

  /// For clients from elsewhere.
  [[nodiscard]] static Limits of_network() {
    Limits limits;
    limits.connections_a_client = 64;
    limits.requests_a_second = 100;
    limits.requests_saved = 1'000;
    return limits;
  }
};

inline constexpr std::size_t kBodyBytesMax = 256 * 1024;
/// Headers and body, and the rest of a body that is refused for its size.
inline constexpr std::size_t kRequestBytesMax = 1024 * 1024;

}  // namespace quintile::dashboard

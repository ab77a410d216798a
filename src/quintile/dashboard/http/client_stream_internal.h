#pragma once

#include <httplib.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>

#include "quintile/dashboard/http/limits.h"

namespace quintile::dashboard {

/// A client's connection as the library reads and writes it, within bounds: a request has a time
/// and a size, an answer must be taken at a pace. The library itself bounds neither a line, nor a
/// chunked body, nor the whole time of a request. Owns the socket.
class ClientStream : public httplib::Stream {
 public:
  /// `listening` turns INVALID_SOCKET when the server ends.
  ClientStream(socket_t socket, const Limits& limits, const std::atomic<socket_t>& listening);
  ~ClientStream() override;
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  /// True once the first byte of a request is there; false after `patience`, and where the client
  /// or the server ends. Starts the request's time.
  [[nodiscard]] bool await_request(std::chrono::milliseconds patience);

  /// Why the request under way was broken off.
  enum class Fault : std::uint8_t { None, Slow, TooLarge, Gone };
  [[nodiscard]] Fault fault() const { return fault_; }
  /// Whether any of the answer to the request under way is out.
  [[nodiscard]] bool has_answered() const { return written_ > 0; }
  /// The client's address without its port.
  [[nodiscard]] const std::string& client() const { return client_; }

  /// Writes even where the request was broken off, which `write` does not.
  void tell(const std::string& answer);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  using httplib::Stream::write;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_ending() const { return listening_.load() == INVALID_SOCKET; }
  /// Waits for `events` until `deadline`; false where they did not come.
  [[nodiscard]] bool await(short events, Clock::time_point deadline) const;
  [[nodiscard]] bool send_all(const char* from, std::size_t size);
  /// Fills the buffer; 0 at the end of the stream, -1 where it failed.
  ssize_t fill();
  ssize_t fail(Fault fault) {
    fault_ = fault;
    return -1;
  }

  const socket_t socket_;
  const Limits& limits_;
  const std::atomic<socket_t>& listening_;
  std::string client_;
  int port_ = 0;

  std::array<char, 8192> buffer_{};
  std::size_t begin_ = 0, end_ = 0;     ///< of what the buffer holds
  std::size_t read_ = 0, written_ = 0;  ///< bytes of the request under way and its answer
  Clock::time_point request_start_, answer_start_;
  Fault fault_ = Fault::None;
};

}  // namespace quintile::dashboard

#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "quintile/dashboard/http/client_stream_internal.h"

namespace quintile::dashboard {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{100};      ///< how often a wait looks whether the server ends
constexpr milliseconds kGrace{1'500};   ///< what an answer under way gets when the server ends
constexpr milliseconds kFarewell{200};  ///< for what a refused client still sends

void address_of(const sockaddr_storage& address, socklen_t size, std::string& ip, int& port) {
  char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, service,
                sizeof service, NI_NUMERICHOST | NI_NUMERICSERV);
  ip = host;
  port = std::atoi(service);
}

}  // namespace

ClientStream::ClientStream(socket_t socket, const Limits& limits,
                           const std::atomic<socket_t>& listening)
    : socket_(socket), limits_(limits), listening_(listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    address_of(address, size, client_, port_);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

ClientStream::~ClientStream() {
  // Closing while bytes wait unread would reset the connection and lose the answer.
  ::shutdown(socket_, SHUT_WR);
  const auto deadline = Clock::now() + kFarewell;
  while (!is_ending() && await(POLLIN, deadline)) {
    if (::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT) <= 0) break;
  }
  ::close(socket_);
}

bool ClientStream::await(short events, Clock::time_point deadline) const {
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() < 0) return false;
    pollfd wanted{socket_, events, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::min(left, kLook).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (is_ending() && events == POLLIN) return false;
    if (left.count() == 0) return false;
  }
}

bool ClientStream::await_request(milliseconds patience) {
  read_ = written_ = 0;
  fault_ = Fault::None;
  if (begin_ == end_ && !await(POLLIN, Clock::now() + patience)) return false;
  request_start_ = Clock::now();
  if (begin_ == end_ && fill() <= 0) return false;
  return !is_ending();
}

ssize_t ClientStream::fill() {
  while (true) {
    if (!await(POLLIN, request_start_ + limits_.request_time)) return fail(Fault::Slow);
    const ssize_t size = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return fail(Fault::Gone);
    begin_ = 0;
    end_ = static_cast<std::size_t>(size);
    return size;
  }
}

ssize_t ClientStream::read(char* to, std::size_t size) {
  if (fault_ != Fault::None) return -1;
  if (read_ >= kRequestBytesMax) return fail(Fault::TooLarge);
  if (begin_ == end_) {
    const ssize_t filled = fill();
    if (filled <= 0) return filled;
  }
  const std::size_t some = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, some);
  begin_ += some;
  read_ += some;
  return static_cast<ssize_t>(some);
}

bool ClientStream::send_all(const char* from, std::size_t size) {
  if (written_ == 0) answer_start_ = Clock::now();
  Clock::time_point end_of_grace = Clock::time_point::max();
  for (std::size_t done = 0; done < size;) {
    const auto at_pace = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(static_cast<double>(written_) / limits_.bytes_a_second));
    if (is_ending()) end_of_grace = std::min(end_of_grace, Clock::now() + kGrace);
    const auto deadline = std::min(answer_start_ + limits_.answer_patience + at_pace, end_of_grace);
    if (Clock::now() > deadline) return fail(Fault::Slow) >= 0;
    // Short waits, so that the end of the server is seen.
    if (!await(POLLOUT, std::min(deadline, Clock::now() + kLook))) continue;
    const ssize_t sent = ::send(socket_, from + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return fail(Fault::Gone) >= 0;
    done += static_cast<std::size_t>(sent);
    written_ += static_cast<std::size_t>(sent);
  }
  return true;
}

ssize_t ClientStream::write(const char* from, std::size_t size) {
  if (fault_ != Fault::None || !send_all(from, size)) return -1;
  return static_cast<ssize_t>(size);
}

void ClientStream::tell(const std::string& answer) {
  // Who does not take it gets no better chance.
  (void)send_all(answer.data(), answer.size());
}

bool ClientStream::is_readable() const { return begin_ < end_ || await(POLLIN, Clock::now()); }

bool ClientStream::is_writable() const { return fault_ == Fault::None; }

void ClientStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = client_;
  port = port_;
}

void ClientStream::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    address_of(address, size, ip, port);
}

}  // namespace quintile::dashboard

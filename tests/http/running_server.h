#pragma once

#include <httplib.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "quintile/dashboard/server.h"
#include "quintile/explore/sample_mart_test.h"

/// A server and clients for the tests of HTTP.
namespace quintile::dashboard {

/// A server on a port of its own; ends by the signal that would end the program.
class Running {
 public:
  explicit Running(ServeOptions options) {
    options.port = 0;
    std::promise<std::string> address;
    auto told = address.get_future();
    thread_ = std::thread([this, options, &address] {
      status_ = serve(options, [&](const std::string& url) { address.set_value(url); });
    });
    url_ = told.get();
    port_ = std::stoi(url_.substr(url_.rfind(':') + 1));
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port_);
    client_->set_keep_alive(true);
  }
  ~Running() { end(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Status end() {
    if (thread_.joinable()) {
      client_.reset();
      ::kill(::getpid(), SIGTERM);
      thread_.join();
    }
    return status_;
  }
  [[nodiscard]] httplib::Client& client() { return *client_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::thread thread_;
  Status status_;
  std::string url_;
  int port_ = 0;
  std::unique_ptr<httplib::Client> client_;
};

inline void expect_problem(const httplib::Result& result, int status, const std::string& code) {
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, status) << result->body;
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/problem+json");
  const auto body = nlohmann::json::parse(result->body, nullptr, false);
  ASSERT_TRUE(body.is_object()) << result->body;
  EXPECT_EQ(body["status"], status);
  EXPECT_EQ(body["code"], code);
  EXPECT_FALSE(body["trace_id"].get<std::string>().empty());
}

/// A connection whose bytes are the test's own.
class RawConnection {
 public:
  explicit RawConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawConnection() { ::close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void send(const std::string& bytes) const {
    if (is_open_) (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// What comes until the server closes, or until nothing came for `seconds`.
  [[nodiscard]] std::string read_all(int seconds) const {
    const timeval patience{seconds, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string answer;
    char buffer[4096];
    for (ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0); size > 0;
         size = ::recv(socket_, buffer, sizeof buffer, 0)) {
      answer.append(buffer, static_cast<std::size_t>(size));
    }
    return answer;
  }

 private:
  int socket_;
  bool is_open_ = false;
};

}  // namespace quintile::dashboard

#pragma once

#include <httplib.h>

#include <functional>
#include <string>

#include "quintile/dashboard/http/client_stream_internal.h"
#include "quintile/dashboard/http/clients_internal.h"
#include "quintile/dashboard/http/problem_internal.h"

namespace quintile::dashboard {

/// The library's server with bounds on its clients: how many connect, how slowly they may ask and
/// take, how much they may send. What breaks a bound gets a problem, then its connection is closed.
class HttpServer : public httplib::Server {
 public:
  /// `refusal` writes a whole answer, status line and all, for who is refused before the library
  /// has read a request.
  HttpServer(const Limits& limits, std::function<std::string(const Problem&)> refusal);

  /// Binds and starts to listen. `port` 0: any that is free. The port, or -1 where it is taken.
  [[nodiscard]] int bind(const std::string& host, int port);

  [[nodiscard]] Clients& clients() { return clients_; }

  /// For requests with a body the library looks up a route by regular expression, once for each
  /// route; all of ours go to this one, and the path stands in the header `kPathHeader`.
  static constexpr const char* kBodyRoute = "/body";
  static constexpr const char* kPathHeader = "Quintile-Path";
  [[nodiscard]] static bool has_body(const httplib::Request& request);
  /// Without a length a request has no body (RFC 9112, 6.3), though the library would wait for one.
  [[nodiscard]] static bool has_length(const httplib::Request& request);

 private:
  bool process_and_close_socket(socket_t socket) override;
  void converse(ClientStream& stream);
  static void prepare(httplib::Request& request);

  const Limits limits_;
  const std::function<std::string(const Problem&)> refusal_;
  Clients clients_;
};

}  // namespace quintile::dashboard

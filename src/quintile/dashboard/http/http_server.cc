#include <algorithm>

#include "quintile/dashboard/http/http_server_internal.h"
#include "quintile/dashboard/http/threads_internal.h"

namespace quintile::dashboard {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRequestsAConnection = 10'000;
/// Beyond the connections that are served: they tell others to come back.
constexpr std::size_t kThreadsToRefuse = 8;
/// The library lets five clients wait to be accepted and resets the next.
constexpr int kWaitingMax = 1'024;
constexpr milliseconds kIdleWhenCrowded{500};
constexpr milliseconds kRetry{1'000};

bool is_write(const httplib::Request& request) {
  constexpr std::string_view kMethods[] = {"POST", "PUT", "PATCH", "DELETE"};
  return std::ranges::find(kMethods, request.method) != std::end(kMethods);
}

Problem crowded(Clients::Refusal refusal) {
  Problem problem =
      refusal == Clients::Refusal::TooMany
          ? problem_of(503, "busy", "the server has as many connections as it takes")
          : problem_of(429, "too_many", "this client has as many connections as it may have");
  problem.retry_after = kRetry;
  return problem;
}

Problem broken_off(ClientStream::Fault fault) {
  if (fault == ClientStream::Fault::TooLarge)
    return problem_of(413, "too_large", "the request is larger than 1 MiB");
  return problem_of_status(408);
}

}  // namespace

HttpServer::HttpServer(const Limits& limits, std::function<std::string(const Problem&)> refusal)
    : limits_(limits), refusal_(std::move(refusal)), clients_(limits) {
  const auto threads = static_cast<std::size_t>(limits.connections) + kThreadsToRefuse;
  new_task_queue = [threads] { return new Threads(threads); };
  // The library's own options share a port between servers, which hides that it is taken.
  set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  set_payload_max_length(kBodyBytesMax);
  // For the header Keep-Alive; `converse` is what counts.
  set_keep_alive_max_count(kRequestsAConnection);
  set_keep_alive_timeout(
      std::chrono::duration_cast<std::chrono::seconds>(limits.idle_time).count());
}

int HttpServer::bind(const std::string& host, int port) {
  if (port == 0)
    port = bind_to_any_port(host);
  else if (!bind_to_port(host, port))
    port = -1;
  if (port >= 0) ::listen(svr_sock_, kWaitingMax);
  return port;
}

bool HttpServer::has_length(const httplib::Request& request) {
  return request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
}

bool HttpServer::has_body(const httplib::Request& request) {
  return is_write(request) && has_length(request);
}

/// Before the library looks at a request any closer.
void HttpServer::prepare(httplib::Request& request) {
  // Parts of files are not offered; the header may be ignored (RFC 9110, 14.2).
  request.ranges.clear();
  request.headers.erase("Range");
  // The library would unpack a body whatever its size is then. Packed, it is no JSON.
  request.headers.erase("Content-Encoding");
  request.headers.erase(kPathHeader);
  if (is_write(request) && !has_length(request)) {
    // A body that comes all the same must not be taken for the next request.
    request.headers.erase("Connection");
    request.headers.emplace("Connection", "close");
  }
  if (!has_body(request)) return;
  request.headers.emplace(kPathHeader, request.path);
  request.path = kBodyRoute;
}

void HttpServer::converse(ClientStream& stream) {
  for (std::size_t i = 0; i < kRequestsAConnection; ++i) {
    const milliseconds patience = clients_.is_crowded() ? kIdleWhenCrowded : limits_.idle_time;
    if (!stream.await_request(patience)) break;
    bool goes_on = false, is_last = false;
    const bool is_answered = process_request(
        stream, i + 1 == kRequestsAConnection, is_last, [&goes_on](httplib::Request& request) {
          prepare(request);
          goes_on = request.get_header_value("Connection") != "close";
        });
    const ClientStream::Fault fault = stream.fault();
    const bool is_told =
        fault == ClientStream::Fault::Slow || fault == ClientStream::Fault::TooLarge;
    if (is_told && !stream.has_answered()) stream.tell(refusal_(broken_off(fault)));
    // Behind what could not be read nobody knows where the next request begins.
    if (!is_answered || !goes_on || is_last || fault != ClientStream::Fault::None) break;
  }
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  ClientStream stream(socket, limits_, svr_sock_);
  const Clients::Visit visit(clients_, stream.client());
  try {
    if (visit.refusal() == Clients::Refusal::None)
      converse(stream);
    else if (stream.await_request(kIdleWhenCrowded))
      stream.tell(refusal_(crowded(visit.refusal())));
  } catch (const std::exception&) {
    // Out of memory, most likely: this client's connection is lost, the others' are not.
  }
  return true;
}

}  // namespace quintile::dashboard

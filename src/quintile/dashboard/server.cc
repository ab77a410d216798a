#include "quintile/dashboard/server.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "quintile/dashboard/api/api_internal.h"
#include "quintile/dashboard/assets_internal.h"
#include "quintile/dashboard/drafts_internal.h"
#include "quintile/dashboard/http/http_server_internal.h"
#include "quintile/dashboard/http/metrics_internal.h"
#include "quintile/dashboard/http/policy_internal.h"
#include "quintile/dashboard/http/sender_internal.h"
#include "quintile/dashboard/live_mart_internal.h"

namespace quintile::dashboard {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::string_view kApi = "/api/v1";
constexpr auto kWatchInterval = std::chrono::milliseconds(200);
constexpr int kWatchesALook = 5;  ///< the mart's manifest is looked at once a second

/// SIGINT and SIGTERM while a server runs.
volatile std::sig_atomic_t stop_was_asked = 0;
class StopSignals {
 public:
  StopSignals() {
    stop_was_asked = 0;
    struct sigaction action{};
    action.sa_handler = [](int) { stop_was_asked = 1; };
    ::sigaction(SIGINT, &action, &before_[0]);
    ::sigaction(SIGTERM, &action, &before_[1]);
  }
  ~StopSignals() {
    ::sigaction(SIGINT, &before_[0], nullptr);
    ::sigaction(SIGTERM, &before_[1], nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  struct sigaction before_[2]{};
};

/// The query part of a request's target.
std::string_view query_of(const httplib::Request& request) {
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view()
                                        : target.substr(mark + 1, target.find('#') - mark - 1);
}

/// Page and API on one port.
class Dashboard {
 public:
  Dashboard(const ServeOptions& options, const Limits& limits, LiveMart& mart)
      : options_(options),
        mart_(mart),
        sender_(options.log),
        server_(limits, [this](const Problem& problem) { return refused(problem); }),
        assets_(options.web_dir.empty() ? Assets::built_in() : Assets::of_folder(options.web_dir)),
        page_policy_(Policy::of_page(assets_.script_hashes())),
        drafts_(options.drafts.empty()
                    ? fs::absolute(options.mart).lexically_normal().parent_path() / "drafts"
                    : options.drafts),
        api_(mart, drafts_, [this] { return metrics_text(); }) {}

  Status run(const std::function<void(const std::string&)>& ready);

 private:
  void set_up();
  void watch(const std::stop_token& stop);

  /// Answers what has no body: true. Else the library is to read the body first, so that what is
  /// refused leaves no rest on the connection, and then calls `answer_with_body`.
  bool answer_before_body(const httplib::Request& request, httplib::Response& response);
  void answer(const httplib::Request& request, httplib::Response& response,
              const std::string& path);
  void answer_page(const httplib::Request& request, httplib::Response& response,
                   const std::string& path);
  void refuse(const httplib::Request& request, httplib::Response& response, const Problem& problem);
  [[nodiscard]] std::optional<Problem> refusal(const httplib::Request& request);
  [[nodiscard]] std::string refused(const Problem& problem);
  [[nodiscard]] std::string metrics_text();

  const ServeOptions& options_;
  LiveMart& mart_;
  Sender sender_;
  Metrics metrics_;
  HttpServer server_;
  const Assets assets_;
  const std::string page_policy_;
  const Drafts drafts_;
  Api api_;
  std::optional<Policy> policy_;
};

std::string Dashboard::metrics_text() {
  return metrics_.text({{"customers", mart_.now()->explorer.customers()},
                        {"connections", server_.clients().connections()},
                        {"mart_is_current", mart_.notice().empty() ? 1 : 0}});
}

std::string Dashboard::refused(const Problem& problem) {
  metrics_.count("refused", problem.status, {});
  return sender_.raw(problem);
}

void Dashboard::refuse(const httplib::Request& request, httplib::Response& response,
                       const Problem& problem) {
  metrics_.count("refused", problem.status, {});
  sender_.send(request, response, problem);
}

std::optional<Problem> Dashboard::refusal(const httplib::Request& request) {
  if (const auto wait = server_.clients().ask(request.remote_addr, Clock::now())) {
    Problem problem = problem_of(429, "too_many", "this client asks too often");
    problem.retry_after = wait;
    return problem;
  }
  return policy_->refusal(request);
}

void Dashboard::answer_page(const httplib::Request& request, httplib::Response& response,
                            const std::string& path) {
  if (const auto cookie = policy_->sign_in(request)) {
    response.set_header("Set-Cookie", *cookie);
    response.set_redirect("/", 303);
    return;
  }
  const Asset* asset = assets_.find(path);
  if (asset == nullptr) {
    return refuse(request, response,
                  problem_of(404, "not_found", "there is nothing under this address"));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    Problem problem =
        problem_of(405, "method_not_allowed", "this address does not take that method");
    problem.allow = "GET, HEAD";
    return refuse(request, response, problem);
  }
  sender_.send(request, response, *asset, page_policy_);
}

void Dashboard::answer(const httplib::Request& request, httplib::Response& response,
                       const std::string& path) {
  response.set_header("Content-Security-Policy", Policy::kNothing);
  if (const auto problem = refusal(request)) return refuse(request, response, *problem);
  const bool is_api = path.starts_with(std::string(kApi) + "/") || path == "/healthz";
  if (!is_api) return answer_page(request, response, path);
  const auto start = Clock::now();
  const std::string_view below =
      path == "/healthz" ? std::string_view(path) : std::string_view(path).substr(kApi.size());
  const RouteMatch match = route_of(below);
  const std::shared_ptr<Served> served = mart_.now();
  const std::string content_type = request.get_header_value("Content-Type");
  Answer answer = api_.answer({request.method, below, query_of(request), content_type,
                               HttpServer::has_length(request), request.body},
                              match, served);
  if (answer && answer->stream) sender_.log(fmt::format("export {}", answer->file_name));
  if (answer)
    sender_.send(request, response, served->explorer.snapshot_id(), *std::move(answer));
  else
    sender_.send(request, response, answer.error());
  metrics_.count(match.route == nullptr ? "other" : match.route->path,
                 response.status < 0 ? 200 : response.status, Clock::now() - start);
}

bool Dashboard::answer_before_body(const httplib::Request& request, httplib::Response& response) {
  if (HttpServer::has_body(request)) return false;
  answer(request, response, request.path);
  return true;
}

void Dashboard::set_up() {
  server_.set_default_headers(Policy::headers());
  server_.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        return answer_before_body(request, response) ? httplib::Server::HandlerResponse::Handled
                                                     : httplib::Server::HandlerResponse::Unhandled;
      });
  const auto with_body = [this](const httplib::Request& request, httplib::Response& response) {
    answer(request, response, request.get_header_value(HttpServer::kPathHeader));
  };
  server_.Post(HttpServer::kBodyRoute, with_body);
  server_.Put(HttpServer::kBodyRoute, with_body);
  server_.Patch(HttpServer::kBodyRoute, with_body);
  server_.Delete(HttpServer::kBodyRoute, with_body);
  server_.set_exception_handler(
      [this](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
        refuse(request, response, problem_of_status(500));
      });
  // What the library refuses before we see it.
  const httplib::Server::HandlerWithResponse on_error = [this](const httplib::Request& request,
                                                               httplib::Response& response) {
    if (!response.body.empty()) return httplib::Server::HandlerResponse::Unhandled;
    response.headers.erase("Content-Security-Policy");
    response.set_header("Content-Security-Policy", Policy::kNothing);
    response.set_header("Connection", "close");
    refuse(request, response, problem_of_status(response.status));
    return httplib::Server::HandlerResponse::Handled;
  };
  server_.set_error_handler(on_error);
}

void Dashboard::watch(const std::stop_token& stop) {
  for (int tick = 1; !stop.stop_requested() && stop_was_asked == 0; ++tick) {
    std::this_thread::sleep_for(kWatchInterval);
    if (tick % kWatchesALook == 0) mart_.look(options_.log);
  }
  server_.stop();
}

Status Dashboard::run(const std::function<void(const std::string&)>& ready) {
  set_up();
  const int port = server_.bind(options_.host, options_.port);
  if (port < 0) {
    return fail(ErrorCode::Io, fmt::format("cannot listen on {}:{}", options_.host, options_.port),
                "the port may be taken: choose another with --port");
  }
  policy_.emplace(options_.host, port, options_.names, options_.token);
  const StopSignals signals;
  std::jthread watcher([this](const std::stop_token& stop) { watch(stop); });
  if (ready) ready(policy_->url());
  const bool ended_well = server_.listen_after_bind();
  watcher.request_stop();
  watcher.join();
  if (!ended_well && stop_was_asked == 0)
    return fail(ErrorCode::Io, "the server stopped: its socket failed");
  return {};
}

}  // namespace

Status serve(const ServeOptions& options,
             const std::function<void(const std::string& url)>& ready) {
  QUINTILE_TRY(const auto mart, LiveMart::open(options.mart, options.previous));
  const Limits limits =
      options.limits.value_or(is_loopback(options.host) ? Limits{} : Limits::of_network());
  Dashboard dashboard(options, limits, *mart);
  return dashboard.run(ready);
}

}  // namespace quintile::dashboard

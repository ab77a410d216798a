#include <algorithm>
#include <chrono>
#include <thread>

#include "quintile/base/text.h"
#include "quintile/dashboard/api/api_internal.h"
#include "quintile/dashboard/query.h"

namespace quintile::dashboard {
namespace {

constexpr std::chrono::seconds kTurnComesWithin{20};
constexpr std::chrono::milliseconds kRetry{2'000};

Problem busy() {
  Problem problem = problem_of(503, "busy", "the server has more to work out than it can now");
  problem.retry_after = kRetry;
  return problem;
}

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Api::Api(const LiveMart& mart, const Drafts& drafts, std::function<std::string()> metrics)
    : mart_(mart),
      drafts_(drafts),
      metrics_(std::move(metrics)),
      desks_(std::max(2, static_cast<int>(std::thread::hardware_concurrency()))) {}

Answer Api::work_out(Endpoint endpoint, Call& call) {
  Answer answer = std::unexpected(busy());
  (void)desks_.run([&] { answer = endpoint(call); }, kTurnComesWithin);
  return answer;
}

Answer Api::remembered_or_new(Endpoint endpoint, Call& call, const std::string& question) {
  if (auto body = call.served->remembered(question)) return Reply{.body = *std::move(body)};
  Answer answer = std::unexpected(busy());
  const auto ask = [&] {
    // Who waited for a turn may find that another has asked the same.
    if (auto body = call.served->remembered(question)) {
      answer = Reply{.body = *std::move(body)};
      return;
    }
    answer = endpoint(call);
    if (answer) call.served->remember(question, answer->body);
  };
  (void)desks_.run(ask, kTurnComesWithin);
  return answer;
}

Answer Api::answer(const Request& request, const RouteMatch& match,
                   const std::shared_ptr<Served>& served) {
  if (match.route == nullptr)
    return refuse(404, "not_found", "there is nothing under this address");
  const Route& route = *match.route;
  const Endpoint endpoint = is_read(request.method)
                                ? route.read
                                : (request.method == route.write_method ? route.write : nullptr);
  if (endpoint == nullptr) {
    Problem problem =
        problem_of(405, "method_not_allowed", "this address does not take that method");
    problem.allow = route.allow();
    return std::unexpected(std::move(problem));
  }
  if (!is_read(request.method)) {
    if (!request.has_length)
      return refuse(411, "length_required", "send the body with its Content-Length");
    if (trim(request.content_type.substr(0, request.content_type.find(';'))) != "application/json")
      return refuse(415, "not_json", "send the body as Content-Type: application/json");
  }
  auto parameters = parse_query(request.query);
  if (!parameters) return refuse(parameters.error(), "bad_filter");
  Call call{served, mart_, drafts_, metrics_, match.item, *std::move(parameters), request.body};
  switch (route.work) {
    case Route::Work::Ready: return endpoint(call);
    case Route::Work::Computed: return work_out(endpoint, call);
    case Route::Work::Remembered:
      return remembered_or_new(endpoint, call,
                               std::string(request.path) + "?" + std::string(request.query));
  }
  return refuse(500, "internal", "a fault of ours; the server goes on");
}

}  // namespace quintile::dashboard

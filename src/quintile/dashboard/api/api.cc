#include <algorithm>
#include <chrono>
#include <thread>

#include "quintile/dashboard/api/api_internal.h"
#include "quintile/dashboard/query.h"

namespace quintile::dashboard {
namespace {

constexpr std::chrono::seconds kTurnComesWithin{20};
constexpr std::chrono::milliseconds kRetry{2'000};

/// A place at one of the desks for as long as it lives.
class Turn {
 public:
  explicit Turn(std::counting_semaphore<>& desks)
      : desks_(desks), has_come_(desks.try_acquire_for(kTurnComesWithin)) {}
  ~Turn() {
    if (has_come_) desks_.release();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool has_come() const { return has_come_; }

 private:
  std::counting_semaphore<>& desks_;
  bool has_come_;
};

std::unexpected<Problem> busy() {
  Problem problem = problem_of(503, "busy", "the server has more to work out than it can now");
  problem.retry_after = kRetry;
  return std::unexpected(std::move(problem));
}

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Api::Api(const LiveMart& mart, const Drafts& drafts, std::function<std::string()> metrics)
    : mart_(mart),
      drafts_(drafts),
      metrics_(std::move(metrics)),
      desks_(std::max<std::ptrdiff_t>(2, std::thread::hardware_concurrency())) {}

Answer Api::work_out(Endpoint endpoint, Call& call) {
  const Turn turn(desks_);
  return turn.has_come() ? endpoint(call) : busy();
}

Answer Api::remembered_or_new(Endpoint endpoint, Call& call, const std::string& question) {
  if (auto body = call.served->remembered(question)) return Reply{.body = *std::move(body)};
  const Turn turn(desks_);
  if (!turn.has_come()) return busy();
  // Who waited for a turn may find that another has asked the same.
  if (auto body = call.served->remembered(question)) return Reply{.body = *std::move(body)};
  Answer answer = endpoint(call);
  if (answer) call.served->remember(question, answer->body);
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

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "quintile/dashboard/api/desks_internal.h"
#include "quintile/dashboard/api/routes_internal.h"

namespace quintile::dashboard {

/// The API without HTTP: a call in, an answer out. Any thread may ask.
class Api {
 public:
  /// `metrics` gives the text of /metrics. All are borrowed.
  Api(const LiveMart& mart, const Drafts& drafts, std::function<std::string()> metrics);

  struct Request {
    std::string_view method, path, query;
    std::string_view content_type;
    bool has_length;  ///< of its body; without, none was read
    const std::string& body;
  };
  /// `path` without /api/v1. 404 for a path that is not there, 405 for a method that the path does
  /// not take, 411 and 415 for a write without a length or that is no JSON, 503 where the server
  /// has too much to work out.
  [[nodiscard]] Answer answer(const Request& request, const RouteMatch& match,
                              const std::shared_ptr<Served>& served);

 private:
  [[nodiscard]] Answer work_out(Endpoint endpoint, Call& call);
  [[nodiscard]] Answer remembered_or_new(Endpoint endpoint, Call& call,
                                         const std::string& question);

  const LiveMart& mart_;
  const Drafts& drafts_;
  const std::function<std::string()> metrics_;
  Desks desks_;
};

}  // namespace quintile::dashboard

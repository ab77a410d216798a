#include "quintile/dashboard/api/endpoints_internal.h"

namespace quintile::dashboard {

Answer health(Call& /*call*/) { return Reply{.body = "{\"status\":\"ok\"}"}; }

Answer metrics(Call& call) {
  return Reply{.type = "text/plain; version=0.0.4; charset=utf-8", .body = call.metrics()};
}

}  // namespace quintile::dashboard

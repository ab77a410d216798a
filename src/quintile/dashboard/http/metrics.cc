#include <fmt/format.h>

#include "quintile/dashboard/http/metrics_internal.h"

namespace quintile::dashboard {

void Metrics::count(std::string_view route, int status, std::chrono::duration<double> time) {
  const std::lock_guard lock(mutex_);
  Sum& sum = sums_[{std::string(route), status}];
  ++sum.requests;
  sum.seconds += time.count();
}

std::string Metrics::text(
    const std::vector<std::pair<std::string_view, std::int64_t>>& gauges) const {
  std::string text;
  for (const auto& [name, value] : gauges)
    text += fmt::format("# TYPE quintile_{0} gauge\nquintile_{0} {1}\n", name, value);
  const std::lock_guard lock(mutex_);
  const auto by_route = [&](std::string_view name, const auto& value_of) {
    text += fmt::format("# TYPE quintile_{} counter\n", name);
    for (const auto& [key, sum] : sums_) {
      text += fmt::format("quintile_{}{{route=\"{}\",status=\"{}\"}} {}\n", name, key.first,
                          key.second, value_of(sum));
    }
  };
  by_route("requests_total", [](const Sum& sum) { return std::to_string(sum.requests); });
  by_route("request_seconds_total",
           [](const Sum& sum) { return fmt::format("{:.6f}", sum.seconds); });
  return text;
}

}  // namespace quintile::dashboard

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quintile::dashboard {

/// What was asked, how it ended and how long it took. Any thread may call.
class Metrics {
 public:
  /// `route` is a route's pattern, never a path that a client made up.
  void count(std::string_view route, int status, std::chrono::duration<double> time);

  /// As Prometheus reads it; `gauges` are names with their values now.
  [[nodiscard]] std::string text(
      const std::vector<std::pair<std::string_view, std::int64_t>>& gauges) const;

 private:
  struct Sum {
    std::int64_t requests = 0;
    double seconds = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, Sum> sums_;
};

}  // namespace quintile::dashboard

#pragma once

#include <httplib.h>

#include <atomic>
#include <functional>
#include <string>

#include "quintile/dashboard/assets_internal.h"
#include "quintile/dashboard/http/reply_internal.h"

namespace quintile::dashboard {

/// Puts answers into the library's responses: conditional requests, compression, streams, problems.
class Sender {
 public:
  explicit Sender(std::function<void(const std::string& line)> log);

  /// `snapshot`: which mart answers.
  void send(const httplib::Request& request, httplib::Response& response,
            const std::string& snapshot, Reply reply) const;
  void send(const httplib::Request& request, httplib::Response& response,
            const Problem& problem) const;
  /// A file of the page; `policy` is its Content-Security-Policy.
  void send(const httplib::Request& request, httplib::Response& response, const Asset& asset,
            const std::string& policy) const;

  /// A whole answer, status line and all.
  [[nodiscard]] std::string raw(const Problem& problem) const;

  void log(const std::string& line) const {
    if (log_) log_(line);
  }

 private:
  [[nodiscard]] std::string problem_body(const Problem& problem, std::string_view method) const;

  std::function<void(const std::string& line)> log_;
  mutable std::atomic<std::uint64_t> trace_;
};

/// Not for secrets.
[[nodiscard]] std::uint64_t hash_of(std::string_view text);

}  // namespace quintile::dashboard

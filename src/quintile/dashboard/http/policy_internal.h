#pragma once

#include <httplib.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/dashboard/http/problem_internal.h"

namespace quintile::dashboard {

[[nodiscard]] bool is_loopback(std::string_view host);

/// Whom the server answers, and what it tells browsers about its answers.
class Policy {
 public:
  /// `names`: of this server beside its own, as in "quintile.example:8080". `token`: asked of
  /// everyone; empty: of nobody on loopback, while elsewhere one is made up.
  Policy(const std::string& host, int port, const std::vector<std::string>& names,
         std::string token);

  /// Nothing where the request may be answered. In this order: another Host than ours, no token, an
  /// API call by another site's page.
  [[nodiscard]] std::optional<Problem> refusal(const httplib::Request& request) const;

  /// For `/?token=...`: the cookie that keeps the door open. Nothing for any other request.
  [[nodiscard]] std::optional<std::string> sign_in(const httplib::Request& request) const;

  /// Where a browser finds the page, with the token in it.
  [[nodiscard]] std::string url() const;

  /// On every answer.
  [[nodiscard]] static httplib::Headers headers();
  /// Content-Security-Policy of what is no page, and of the page, whose inline scripts have these
  /// hashes.
  static constexpr const char* kNothing = "default-src 'none'; frame-ancestors 'none'";
  [[nodiscard]] static std::string of_page(const std::string& script_hashes);

 private:
  [[nodiscard]] bool is_own_name(const std::string& host) const;
  [[nodiscard]] bool is_token(std::string_view given) const;
  [[nodiscard]] bool has_token(const httplib::Request& request) const;

  std::vector<std::string> names_;  ///< as they stand in Host
  std::string shown_;               ///< in the address
  int port_;
  bool takes_any_address_;
  std::string token_;
};

}  // namespace quintile::dashboard

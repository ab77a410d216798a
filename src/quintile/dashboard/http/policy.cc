#include <unistd.h>

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/dashboard/http/policy_internal.h"

namespace quintile::dashboard {
namespace {

constexpr std::string_view kCookie = "quintile_token=";

std::string random_token() {
  std::array<unsigned char, 16> random{};
  QUINTILE_CHECK(::RAND_bytes(random.data(), random.size()) == 1);
  std::string token;
  for (const unsigned char byte : random) token += fmt::format("{:02x}", byte);
  return token;
}

/// True for 192.0.2.7 and [2001:db8::1]: no name that somebody else's DNS could point at us.
bool is_address(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return ::inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

/// `/?token=...`
bool is_sign_in(const httplib::Request& request) {
  return request.path == "/" && request.has_param("token");
}

/// A browser says whose page asks; older ones tell the origin alone, and that not always.
bool is_foreign(const httplib::Request& request) {
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string host = request.get_header_value("Host");
  const std::string origin = request.get_header_value("Origin");
  return !origin.empty() && origin != "http://" + host && origin != "https://" + host;
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

Policy::Policy(const std::string& host, int port, const std::vector<std::string>& names,
               std::string token)
    : names_(names),
      port_(port),
      takes_any_address_(host == "0.0.0.0" || host == "::"),
      token_(std::move(token)) {
  shown_ = host.find(':') != std::string::npos && !host.starts_with('[') ? "[" + host + "]" : host;
  std::vector<std::string> own = {shown_};
  if (is_loopback(host) || takes_any_address_) {
    own.insert(own.end(), {"localhost", "127.0.0.1", "[::1]"});
  }
  if (takes_any_address_) {
    shown_ = "localhost";
    if (std::string name = machine_name(); !name.empty()) own.push_back(std::move(name));
  }
  for (const std::string& name : own) {
    names_.push_back(fmt::format("{}:{}", name, port));
    if (port == 80) names_.push_back(name);
  }
  if (token_.empty() && !is_loopback(host)) token_ = random_token();
}

std::string Policy::url() const {
  const std::string query = token_.empty() ? "" : "?token=" + token_;
  return fmt::format("http://{}:{}/{}", shown_, port_, query);
}

bool Policy::is_own_name(const std::string& host) const {
  if (std::ranges::find(names_, host) != names_.end()) return true;
  const std::string port = fmt::format(":{}", port_);
  return takes_any_address_ && host.ends_with(port) &&
         is_address(host.substr(0, host.size() - port.size()));
}

bool Policy::is_token(std::string_view given) const {
  return given.size() == token_.size() &&
         ::CRYPTO_memcmp(given.data(), token_.data(), token_.size()) == 0;
}

bool Policy::has_token(const httplib::Request& request) const {
  const std::string authorization = request.get_header_value("Authorization");
  if (authorization.starts_with("Bearer ") && is_token(std::string_view(authorization).substr(7)))
    return true;
  const std::string cookies = request.get_header_value("Cookie");
  for (std::size_t at = 0; at < cookies.size();) {
    const std::size_t end = std::min(cookies.find(';', at), cookies.size());
    const std::string_view cookie = trim(std::string_view(cookies).substr(at, end - at));
    if (cookie.starts_with(kCookie) && is_token(cookie.substr(kCookie.size()))) return true;
    at = end + 1;
  }
  return false;
}

std::optional<std::string> Policy::sign_in(const httplib::Request& request) const {
  if (token_.empty() || !is_sign_in(request) || !is_token(request.get_param_value("token")))
    return std::nullopt;
  return fmt::format("{}{}; Path=/; HttpOnly; SameSite=Strict", kCookie, token_);
}

std::optional<Problem> Policy::refusal(const httplib::Request& request) const {
  if (!is_own_name(request.get_header_value("Host"))) {
    return problem_of(421, "wrong_host",
                      "this server answers to its own address only; open the address that it "
                      "printed, or start it with --allow-host");
  }
  const std::string& target = request.target;
  const bool is_health = target == "/healthz" || target == "/api/v1/healthz";
  const bool signs_in = is_sign_in(request) && is_token(request.get_param_value("token"));
  if (!token_.empty() && !is_health && !signs_in && !has_token(request)) {
    return problem_of(401, "token_required",
                      "open the address with the token that the server printed, or send it as "
                      "Authorization: Bearer");
  }
  // Links from elsewhere lead to the page, never into the API.
  if (is_foreign(request) && target.starts_with("/api/"))
    return problem_of(403, "cross_site", "other sites may not ask the API");
  return std::nullopt;
}

httplib::Headers Policy::headers() {
  return {{"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
          {"X-Frame-Options", "DENY"}};
}

std::string Policy::of_page(const std::string& script_hashes) {
  return fmt::format(
      "default-src 'none'; script-src 'self'{}; style-src 'self'; style-src-attr "
      "'unsafe-inline'; font-src 'self'; img-src 'self' data: blob:; "
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      script_hashes);
}

}  // namespace quintile::dashboard

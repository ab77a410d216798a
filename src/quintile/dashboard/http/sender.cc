#include <chrono>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/dashboard/http/policy_internal.h"
#include "quintile/dashboard/http/sender_internal.h"

namespace quintile::dashboard {
namespace {

constexpr int kAnswerQuality = 4;  ///< of brotli: a few milliseconds for the largest answer
constexpr std::size_t kCompressedFrom = 1'024;
constexpr const char* kProblemType = "application/problem+json";

/// Whether a list of tokens in a header has this one; `;q=0` takes it out (RFC 9110, 12.5.3).
bool has_token(const std::string& list, std::string_view wanted) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view item = trim(std::string_view(list).substr(at, end - at));
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view weight = trim(item.substr(std::min(semicolon + 1, item.size())));
    const bool is_off = weight == "q=0" || weight.starts_with("q=0.0") || weight == "q=0.";
    if (trim(item.substr(0, semicolon)) == wanted) return !is_off;
    at = end + 1;
  }
  return false;
}

/// The library would compress once more, or a stream whose client may be this very machine.
void leave_uncompressed(const httplib::Request& request) {
  const_cast<httplib::Request&>(request).headers.erase("Accept-Encoding");
}

void set(httplib::Response& response, const char* name, const std::string& value) {
  response.headers.erase(name);
  response.set_header(name, value);
}

bool is_as_client_has_it(const httplib::Request& request, const std::string& etag) {
  const std::string known = request.get_header_value("If-None-Match");
  return trim(known) == "*" || has_token(known, etag) || has_token(known, "W/" + etag);
}

bool takes_brotli(const httplib::Request& request) {
  return has_token(request.get_header_value("Accept-Encoding"), "br");
}

void set_body(const httplib::Request& request, httplib::Response& response,
              std::string compressed) {
  leave_uncompressed(request);
  set(response, "Content-Encoding", "br");
  response.body = std::move(compressed);
}

}  // namespace

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  return hash;
}

Sender::Sender(std::function<void(const std::string& line)> log)
    : log_(std::move(log)),
      trace_(
          hash_of(fmt::format("{}", std::chrono::steady_clock::now().time_since_epoch().count()))) {
}

void Sender::send(const httplib::Request& request, httplib::Response& response,
                  const std::string& snapshot, Reply reply) const {
  set(response, "Quintile-Snapshot", snapshot);
  set(response, "Cache-Control", "no-cache");
  if (!reply.file_name.empty()) {
    set(response, "Content-Disposition",
        fmt::format("attachment; filename=\"{}\"", reply.file_name));
  }
  if (reply.status != 200) response.status = reply.status;
  if (reply.stream) {
    leave_uncompressed(request);
    response.set_chunked_content_provider(
        reply.type, [this, stream = std::move(reply.stream), what = reply.file_name](
                        std::size_t, httplib::DataSink& sink) {
          const Status done = stream([&sink](std::string_view piece) {
            return piece.empty() || sink.write(piece.data(), piece.size());
          });
          if (done)
            sink.done();
          else
            log(fmt::format("export {} broke off: {}", what, done.error().message));
          return done.has_value();
        });
    return;
  }
  set(response, "Content-Type", reply.type);
  if (request.method == "GET" || request.method == "HEAD") {
    const std::string etag = fmt::format("\"{}-{:016x}\"", snapshot, hash_of(reply.body));
    set(response, "ETag", etag);
    set(response, "Vary", "Accept-Encoding");
    if (is_as_client_has_it(request, etag)) {
      response.status = 304;
      response.headers.erase("Content-Type");
      return;
    }
  }
  if (reply.body.size() >= kCompressedFrom && takes_brotli(request)) {
    if (std::string compressed = brotli(reply.body, kAnswerQuality); !compressed.empty())
      return set_body(request, response, std::move(compressed));
  }
  response.body = std::move(reply.body);
}

void Sender::send(const httplib::Request& request, httplib::Response& response, const Asset& asset,
                  const std::string& policy) const {
  set(response, "Content-Security-Policy", policy);
  set(response, "ETag", asset.etag);
  set(response, "Vary", "Accept-Encoding");
  const bool is_hashed = request.path.starts_with("/assets/");
  set(response, "Cache-Control", is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (is_as_client_has_it(request, asset.etag)) {
    response.status = 304;
    return;
  }
  set(response, "Content-Type", asset.type);
  if (!asset.brotli.empty() && takes_brotli(request))
    return set_body(request, response, asset.brotli);
  response.body = asset.bytes;
}

std::string Sender::problem_body(const Problem& problem, std::string_view method) const {
  const std::string trace = fmt::format("{:016x}", trace_.fetch_add(0x9e3779b97f4a7c15ULL));
  log(fmt::format("{} {} {} {}", trace, problem.status, problem.code, method));
  return problem_json(problem, trace);
}

void Sender::send(const httplib::Request& request, httplib::Response& response,
                  const Problem& problem) const {
  response.status = problem.status;
  set(response, "Cache-Control", "no-store");
  set(response, "Content-Type", kProblemType);
  if (!problem.allow.empty()) set(response, "Allow", problem.allow);
  if (problem.status == 401) set(response, "WWW-Authenticate", "Bearer");
  if (problem.retry_after) set(response, "Retry-After", retry_after_text(*problem.retry_after));
  response.body = problem_body(problem, request.method);
}

std::string Sender::raw(const Problem& problem) const {
  const std::string body = problem_body(problem, "-");
  std::string answer = fmt::format("HTTP/1.1 {} {}\r\n", problem.status, problem.code);
  for (const auto& [name, value] : Policy::headers())
    answer += fmt::format("{}: {}\r\n", name, value);
  if (problem.retry_after)
    answer += fmt::format("Retry-After: {}\r\n", retry_after_text(*problem.retry_after));
  answer += fmt::format(
      "Content-Security-Policy: {}\r\nCache-Control: no-store\r\nContent-Type: {}\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n",
      Policy::kNothing, kProblemType, body.size());
  return answer + body;
}

}  // namespace quintile::dashboard

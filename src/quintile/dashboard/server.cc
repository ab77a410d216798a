#include "quintile/dashboard/server.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "quintile/base/text.h"
#include "quintile/config/config.h"
#include "quintile/dashboard/assets_internal.h"
#include "quintile/dashboard/drafts_internal.h"
#include "quintile/dashboard/query.h"
#include "quintile/dashboard/views_internal.h"
#include "quintile/explore/export.h"
#include "quintile/mart/export.h"
#include "quintile/mart/json_writer.h"

namespace quintile::dashboard {
namespace {

using explore::Explorer;
using explore::Parameter;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::string_view kApi = "/api/v1";
constexpr std::size_t kBodyBytesMax = 256 * 1024;
constexpr std::size_t kThreads = 256;  ///< a connection that is kept alive holds one
constexpr std::size_t kCachedAnswersMax = 200;
constexpr int kAnswerQuality = 4;  ///< of brotli: a few milliseconds for the largest answer
constexpr std::size_t kCompressedFrom = 1'024;
/// Requests with a body all go to one route of the library, which matches by regular expressions;
/// the path is kept here.
constexpr const char* kBodyRoute = "/body";
constexpr const char* kPathHeader = "Quintile-Path";
constexpr auto kWatchInterval = std::chrono::milliseconds(200);
constexpr int kWatchesALook = 5;  ///< the mart's manifest is looked at once a second

/// What went wrong, as RFC 9457 has it.
struct Problem {
  int status = 500;
  std::string code, detail, parameter, allow;
  std::optional<Error> rule_error;
};

/// An answer: a whole body, or rows that are written as they are made.
struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string file_name;  ///< of a download
  std::shared_ptr<explore::CsvRows> rows;
  std::shared_ptr<const void> rows_owner;
};

using Answer = std::expected<Reply, Problem>;

std::unexpected<Problem> refuse(int status, std::string code, std::string detail,
                                std::string parameter = {}) {
  return std::unexpected(
      Problem{status, std::move(code), std::move(detail), std::move(parameter), {}, {}});
}

std::unexpected<Problem> refuse(const Error& error, std::string code) {
  std::string detail = error.message;
  if (!error.advice.empty()) detail += ": " + error.advice;
  return refuse(400, std::move(code), std::move(detail), error.place.file);
}

/// The mart in memory and the answers that were asked of it lately. A new mart gets a new one of
/// these.
struct Served {
  Served(mart::Mart mart, std::shared_ptr<const mart::Mart> previous)
      : explorer(std::move(mart), std::move(previous)) {}

  const Explorer explorer;
  std::mutex mutex;
  std::map<std::string, std::string> answers;
};

/// What a file looked like, to see that it was replaced.
struct FileState {
  fs::file_time_type time;
  std::uintmax_t size = 0;
  friend bool operator==(const FileState&, const FileState&) = default;

  [[nodiscard]] static FileState of(const fs::path& file) {
    std::error_code error;
    FileState state{fs::last_write_time(file, error), 0};
    if (!error) state.size = fs::file_size(file, error);
    return error ? FileState{} : state;
  }
};

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  return hash;
}

/// The parameter's value, taken out of the list.
std::optional<std::string> take(std::vector<Parameter>& parameters, std::string_view name) {
  const auto at = std::ranges::find(parameters, name, &Parameter::name);
  if (at == parameters.end()) return std::nullopt;
  std::string value = std::move(at->value);
  parameters.erase(at);
  return value;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// One task after the other on as many threads as there are processors, the caller's among them.
void run_on_all_processors(std::int64_t count, const std::function<void(std::int64_t)>& task) {
  std::atomic<std::int64_t> next = 0;
  const auto work = [&] {
    for (std::int64_t i = next++; i < count; i = next++) task(i);
  };
  std::vector<std::jthread> others;
  const std::int64_t threads = std::min<std::int64_t>(count, std::thread::hardware_concurrency());
  for (std::int64_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
}

/// SIGINT and SIGTERM while a server runs.
volatile std::sig_atomic_t stop_was_asked = 0;
class StopSignals {
 public:
  StopSignals() {
    stop_was_asked = 0;
    struct sigaction action{};
    action.sa_handler = [](int) { stop_was_asked = 1; };
    ::sigaction(SIGINT, &action, &before_[0]);
    ::sigaction(SIGTERM, &action, &before_[1]);
  }
  ~StopSignals() {
    ::sigaction(SIGINT, &before_[0], nullptr);
    ::sigaction(SIGTERM, &before_[1], nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  struct sigaction before_[2]{};
};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

/// The library lets five clients wait for a connection, and resets the next.
class HttpServer : public httplib::Server {
 public:
  void lengthen_queue() {
    constexpr int kWaitingMax = 1'024;
    ::listen(svr_sock_, kWaitingMax);
  }
};

class Dashboard {
 public:
  Dashboard(const ServeOptions& options, std::shared_ptr<Served> served,
            std::shared_ptr<const mart::Mart> previous, FileState mart_state)
      : options_(options),
        assets_(options.web_dir.empty() ? Assets::built_in() : Assets::of_folder(options.web_dir)),
        drafts_(options.drafts.empty()
                    ? fs::absolute(options.mart).lexically_normal().parent_path() / "drafts"
                    : options.drafts),
        served_(std::move(served)),
        previous_(std::move(previous)),
        mart_state_(mart_state),
        token_(options.token) {
    policy_ = fmt::format(
        "default-src 'none'; script-src 'self'{}; style-src 'self'; style-src-attr "
        "'unsafe-inline'; font-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        assets_.script_hashes());
    if (token_.empty() && !is_loopback(options.host)) {
      std::array<unsigned char, 16> random{};
      ::RAND_bytes(random.data(), random.size());
      for (const unsigned char byte : random) token_ += fmt::format("{:02x}", byte);
    }
  }

  Status run(const std::function<void(const std::string&)>& ready);

 private:
  std::shared_ptr<Served> served() const {
    const std::lock_guard lock(mutex_);
    return served_;
  }

  void watch(const std::stop_token& stop);
  void reload();
  void set_up();

  /// Answers what has no body: true. Else the library is to read the body first, so that what is
  /// refused leaves no rest on the connection, and then calls `answer_with_body`.
  bool answer_before_body(const httplib::Request& request, httplib::Response& response);
  void answer_with_body(const httplib::Request& request, httplib::Response& response);
  void refuse_method(const httplib::Request& request, httplib::Response& response,
                     std::string_view path);
  std::optional<Problem> check_request(const httplib::Request& request) const;
  bool has_token(const httplib::Request& request) const;
  bool serve_page(const httplib::Request& request, httplib::Response& response);

  /// Sends what `make` gives and counts it.
  template <typename Make>
  void respond(const httplib::Request& request, httplib::Response& response, std::string_view route,
               const Make& make);
  void send(const httplib::Request& request, httplib::Response& response, Served& served,
            Reply reply);
  void send(const httplib::Request& request, httplib::Response& response, const Problem& problem);
  void count(std::string_view route, int status, Clock::duration time);

  Answer get(std::string_view path, std::vector<Parameter> parameters,
             const std::shared_ptr<Served>& served);
  Answer customers(const Explorer& explorer, std::vector<Parameter> parameters) const;
  Answer dimension_values(const Explorer& explorer, std::string_view dimension,
                          std::vector<Parameter> parameters) const;
  Answer draft(std::string_view path) const;
  Answer export_file(std::string_view name, std::vector<Parameter> parameters,
                     const std::shared_ptr<Served>& served);
  Answer export_parquet(const std::vector<Parameter>& parameters, const Explorer& explorer) const;
  Answer preview(const httplib::Request& request, const Explorer& explorer) const;
  Answer save_draft(const httplib::Request& request, std::string_view id) const;
  std::string metrics() const;
  void log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  ServeOptions options_;
  Assets assets_;
  Drafts drafts_;
  std::string policy_;
  HttpServer server_;
  mutable std::mutex mutex_;
  std::shared_ptr<Served> served_;
  std::shared_ptr<const mart::Mart> previous_;
  FileState mart_state_;
  std::string token_;
  std::vector<std::string> hosts_;
  std::atomic<std::uint64_t> trace_ =
      hash_of(fmt::format("{}", Clock::now().time_since_epoch().count()));
  struct Count {
    std::int64_t requests = 0;
    double seconds = 0;
  };
  mutable std::mutex counts_mutex_;
  std::map<std::pair<std::string, int>, Count> counts_;
};

/// The routes that take a body, for GET's 405 and back.
bool takes_preview(std::string_view path) { return path == "/api/v1/rules/preview"; }
std::optional<std::string_view> draft_id_of(std::string_view path) {
  constexpr std::string_view kPrefix = "/api/v1/rules/drafts/";
  if (!path.starts_with(kPrefix) || path.ends_with(".yaml")) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  return Drafts::is_id(path) ? std::optional(path) : std::nullopt;
}

bool Dashboard::has_token(const httplib::Request& request) const {
  const auto is_token = [this](std::string_view given) {
    return given.size() == token_.size() &&
           ::CRYPTO_memcmp(given.data(), token_.data(), token_.size()) == 0;
  };
  const std::string authorization = request.get_header_value("Authorization");
  if (authorization.starts_with("Bearer ") && is_token(std::string_view(authorization).substr(7)))
    return true;
  const std::string cookies = request.get_header_value("Cookie");
  constexpr std::string_view kName = "quintile_token=";
  for (std::size_t at = 0; at < cookies.size();) {
    const std::size_t end = std::min(cookies.find(';', at), cookies.size());
    const std::string_view cookie = trim(std::string_view(cookies).substr(at, end - at));
    if (cookie.starts_with(kName) && is_token(cookie.substr(kName.size()))) return true;
    at = end + 1;
  }
  return false;
}

std::optional<Problem> Dashboard::check_request(const httplib::Request& request) const {
  const auto problem = [](int status, std::string code, std::string detail) {
    return Problem{status, std::move(code), std::move(detail), {}, {}, {}};
  };
  const std::string host = request.get_header_value("Host");
  if (!hosts_.empty() && std::ranges::find(hosts_, host) == hosts_.end()) {
    return problem(421, "wrong_host",
                   "this server answers to its own address only; open the address that it printed");
  }
  const bool is_health = request.path == "/healthz" || request.path == "/api/v1/healthz";
  const bool is_sign_in = request.path == "/" && request.has_param("token");
  if (!token_.empty() && !is_health && !is_sign_in && !has_token(request)) {
    return problem(401, "token_required",
                   "open the address with the token that the server printed, or send it as "
                   "Authorization: Bearer");
  }
  if (request.method != "POST" && request.method != "PUT") return std::nullopt;
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return problem(403, "cross_site", "other sites may not write here");
  const std::string type = request.get_header_value("Content-Type");
  if (trim(std::string_view(type).substr(0, type.find(';'))) != "application/json") {
    return problem(415, "not_json", "send the body as Content-Type: application/json");
  }
  return std::nullopt;
}

bool Dashboard::serve_page(const httplib::Request& request, httplib::Response& response) {
  if (request.path == "/" && !token_.empty() && request.has_param("token")) {
    const std::string given = request.get_param_value("token");
    if (given.size() == token_.size() &&
        ::CRYPTO_memcmp(given.data(), token_.data(), token_.size()) == 0) {
      response.set_header(
          "Set-Cookie",
          fmt::format("quintile_token={}; Path=/; HttpOnly; SameSite=Strict", token_));
      response.set_redirect("/", 303);
    } else {
      send(request, response,
           Problem{
               401, "token_required", "this is not the token that the server printed", {}, {}, {}});
    }
    return true;
  }
  const Asset* asset = assets_.find(request.path);
  if (asset == nullptr) return false;
  const bool is_page = request.path == "/";
  response.set_header("ETag", asset->etag);
  response.set_header("Vary", "Accept-Encoding");
  response.set_header("Cache-Control",
                      is_page ? "no-cache" : "public, max-age=31536000, immutable");
  if (is_page) response.headers.erase("Content-Security-Policy");
  if (is_page) response.set_header("Content-Security-Policy", policy_);
  if (request.get_header_value("If-None-Match").find(asset->etag) != std::string::npos) {
    response.status = 304;
    return true;
  }
  response.set_header("Content-Type", asset->type);
  auto& headers = const_cast<httplib::Request&>(request).headers;
  if (!asset->brotli.empty() &&
      request.get_header_value("Accept-Encoding").find("br") != std::string::npos) {
    response.set_header("Content-Encoding", "br");
    headers.erase("Accept-Encoding");  // it is compressed already
    response.body = asset->brotli;
  } else {
    response.body = asset->bytes;
  }
  return true;
}

template <typename Make>
void Dashboard::respond(const httplib::Request& request, httplib::Response& response,
                        std::string_view route, const Make& make) {
  const auto start = Clock::now();
  const std::shared_ptr<Served> served = this->served();
  Answer answer = make(served);
  if (answer)
    send(request, response, *served, *std::move(answer));
  else
    send(request, response, answer.error());
  count(route, response.status < 0 ? 200 : response.status, Clock::now() - start);
}

void Dashboard::send(const httplib::Request& request, httplib::Response& response, Served& served,
                     Reply reply) {
  response.set_header("Quintile-Snapshot", served.explorer.snapshot_id());
  response.set_header("Content-Type", reply.type);
  response.set_header("Cache-Control", "no-cache");
  if (!reply.file_name.empty())
    response.set_header("Content-Disposition",
                        fmt::format("attachment; filename=\"{}\"", reply.file_name));
  if (reply.status != 200) response.status = reply.status;
  if (reply.rows) {
    log(fmt::format("export {} {}", request.path, reply.file_name));
    const auto rows = reply.rows;
    const auto owner = reply.rows_owner;
    response.headers.erase("Content-Type");
    // Compression on the way would cost more than it saves on a machine's own network.
    const_cast<httplib::Request&>(request).headers.erase("Accept-Encoding");
    response.set_chunked_content_provider(reply.type,
                                          [rows, owner](std::size_t, httplib::DataSink& sink) {
                                            const std::string piece = rows->next();
                                            if (piece.empty())
                                              sink.done();
                                            else if (!sink.write(piece.data(), piece.size()))
                                              return false;
                                            return true;
                                          });
    return;
  }
  if (request.method == "GET" || request.method == "HEAD") {
    const std::string etag =
        fmt::format("\"{}-{:016x}\"", served.explorer.snapshot_id(), hash_of(reply.body));
    response.set_header("ETag", etag);
    response.set_header("Vary", "Accept-Encoding");
    if (request.get_header_value("If-None-Match").find(etag) != std::string::npos) {
      response.status = 304;
      response.headers.erase("Content-Type");
      return;
    }
  }
  const bool is_text = !reply.type.ends_with("parquet");
  if (is_text && reply.body.size() >= kCompressedFrom &&
      request.get_header_value("Accept-Encoding").find("br") != std::string::npos) {
    if (std::string compressed = brotli(reply.body, kAnswerQuality); !compressed.empty()) {
      const_cast<httplib::Request&>(request).headers.erase("Accept-Encoding");
      response.set_header("Content-Encoding", "br");
      reply.body = std::move(compressed);
    }
  }
  response.body = std::move(reply.body);
}

void Dashboard::send(const httplib::Request& request, httplib::Response& response,
                     const Problem& problem) {
  const std::string trace = fmt::format("{:016x}", trace_.fetch_add(0x9e3779b97f4a7c15ULL));
  mart::JsonWriter json(false);
  const auto text = [&json](std::string_view key, std::string_view value) {
    json.key(key), json.text(value);
  };
  json.begin_object();
  text("type", "about:blank");
  text("title", problem.code);
  json.key("status"), json.integer(problem.status);
  text("code", problem.code);
  text("detail", problem.detail);
  text("trace_id", trace);
  if (!problem.parameter.empty()) text("parameter", problem.parameter);
  if (problem.rule_error) {
    const Error& error = *problem.rule_error;
    json.key("errors"), json.begin_array(true);
    json.begin_object();
    text("message", error.message);
    json.key("segment_id");
    error.place.file.empty() ? json.null() : json.text(error.place.file);
    json.key("line");
    error.place.line > 0 ? json.integer(error.place.line) : json.null();
    json.key("column");
    error.place.column > 0 ? json.integer(error.place.column) : json.null();
    json.end_object();
    json.end_array();
  }
  json.end_object();
  response.status = problem.status;
  response.headers.erase("Content-Type");
  response.headers.erase("Cache-Control");
  response.set_header("Cache-Control", "no-store");
  if (!problem.allow.empty()) response.set_header("Allow", problem.allow);
  if (problem.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  response.set_header("Content-Type", "application/problem+json");
  response.body = json.take();
  log(fmt::format("{} {} {} {}", trace, problem.status, problem.code, request.method));
}

void Dashboard::count(std::string_view route, int status, Clock::duration time) {
  const std::lock_guard lock(counts_mutex_);
  Count& count = counts_[{std::string(route), status}];
  ++count.requests;
  count.seconds += std::chrono::duration<double>(time).count();
}

std::string Dashboard::metrics() const {
  std::string text = fmt::format("# TYPE quintile_customers gauge\nquintile_customers {}\n",
                                 served()->explorer.customers());
  const std::lock_guard lock(counts_mutex_);
  text += "# TYPE quintile_requests_total counter\n";
  for (const auto& [key, count] : counts_) {
    text += fmt::format("quintile_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first,
                        key.second, count.requests);
  }
  text += "# TYPE quintile_request_seconds_total counter\n";
  for (const auto& [key, count] : counts_) {
    text += fmt::format("quintile_request_seconds_total{{route=\"{}\",status=\"{}\"}} {:.6f}\n",
                        key.first, key.second, count.seconds);
  }
  return text;
}

/// The query part of a request's target.
std::string_view query_of(const httplib::Request& request) {
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view()
                                        : target.substr(mark + 1, target.find('#') - mark - 1);
}

Answer Dashboard::customers(const Explorer& explorer, std::vector<Parameter> parameters) const {
  static constexpr std::pair<std::string_view, explore::SortKey> kKeys[] = {
      {"customer_id", explore::SortKey::CustomerId},
      {"source_customer_id", explore::SortKey::SourceCustomerId},
      {"recency_days", explore::SortKey::RecencyDays},
      {"frequency", explore::SortKey::Frequency},
      {"monetary", explore::SortKey::Monetary},
      {"average_order_value", explore::SortKey::AverageOrderValue},
      {"rfm_total", explore::SortKey::RfmTotal}};
  explore::PageQuery query;
  const std::string sort = take(parameters, "sort").value_or("-monetary");
  const std::string_view key = std::string_view(sort).substr(sort.starts_with('-') ? 1 : 0);
  const auto known =
      std::ranges::find(kKeys, key, &std::pair<std::string_view, explore::SortKey>::first);
  if (known == std::end(kKeys))
    return refuse(400, "bad_parameter",
                  "customers are not sorted by that; take monetary, recency_days, frequency, "
                  "average_order_value, rfm_total, customer_id or source_customer_id",
                  "sort");
  query.sort = known->second;
  query.descending = sort.starts_with('-');
  query.search = take(parameters, "q").value_or("");
  if (query.search.size() > 100)
    return refuse(400, "bad_parameter", "the search is longer than 100 bytes", "q");
  if (const auto limit = take(parameters, "limit")) {
    const auto number = whole_number(*limit);
    if (!number || *number < 1 || *number > 500)
      return refuse(400, "bad_parameter", "limit is a whole number from 1 to 500", "limit");
    query.limit = *number;
  }
  const std::string after = take(parameters, "after").value_or("");
  const auto selection = explorer.select(parameters);
  if (!selection) return refuse(selection.error(), "bad_filter");
  const std::string stamp =
      fmt::format("{:016x}", hash_of(fmt::format("{}\n{}\n{}\n{}", explorer.snapshot_id(), sort,
                                                 query.search, selection->text)));
  if (!after.empty()) {
    const std::size_t dash = after.find('-');
    const auto row =
        whole_number(dash == std::string::npos ? "" : std::string_view(after).substr(dash + 1));
    if (!row || after.substr(0, dash) != stamp || *row < 0 || *row >= explorer.customers()) {
      return refuse(400, "bad_cursor",
                    "the cursor is not of this query and snapshot; begin at the first page",
                    "after");
    }
    query.after_row = *row;
  }
  const explore::Page page = explorer.page(*selection, query);
  const auto cursor = [&](const std::optional<std::int64_t>& row) {
    return row ? fmt::format("{}-{}", stamp, *row) : std::string();
  };
  const std::string next = cursor(page.next_after);
  const std::string previous = cursor(page.previous_after);
  return Reply{.body = page_json(explorer, page, page.next_after ? &next : nullptr,
                                 page.has_previous ? &previous : nullptr)};
}

Answer Dashboard::dimension_values(const Explorer& explorer, std::string_view dimension,
                                   std::vector<Parameter> parameters) const {
  const std::string part = take(parameters, "q").value_or("");
  const auto limit = whole_number(take(parameters, "limit").value_or("50"));
  if (!limit || *limit < 1 || *limit > 200)
    return refuse(400, "bad_parameter", "limit is a whole number from 1 to 200", "limit");
  if (part.size() > 100)
    return refuse(400, "bad_parameter", "the search is longer than 100 bytes", "q");
  const auto values = explorer.values(dimension, part, static_cast<std::size_t>(*limit));
  if (!values) return refuse(404, "not_found", "there is no text dimension of that name");
  return Reply{.body = values_json(values->first, values->second)};
}

void write_entry(mart::JsonWriter& json, const DraftEntry& entry) {
  json.key("draft_id"), json.text(entry.draft_id);
  json.key("file"), json.text(entry.file);
  json.key("rules_digest"), json.text(entry.rules_digest);
  json.key("base_digest");
  entry.base_digest.empty() ? json.null() : json.text(entry.base_digest);
}

Answer Dashboard::draft(std::string_view path) const {
  mart::JsonWriter json(false);
  if (path.empty()) {
    json.begin_object();
    json.key("drafts"), json.begin_array(true);
    for (const DraftEntry& entry : drafts_.list()) {
      json.begin_object();
      write_entry(json, entry);
      json.end_object();
    }
    json.end_array();
    json.end_object();
    return Reply{.body = json.take()};
  }
  const bool as_yaml = path.ends_with(".yaml");
  const std::string_view id = path.substr(0, path.size() - (as_yaml ? 5 : 0));
  const auto yaml = Drafts::is_id(id) ? drafts_.read(id) : std::nullopt;
  if (!yaml) return refuse(404, "not_found", "there is no draft of that name");
  if (as_yaml)
    return Reply{
        .type = "application/yaml", .body = *yaml, .file_name = fmt::format("{}.yaml", id)};
  const auto rules = config::parse_rules(*yaml, std::string(id));
  json.begin_object();
  write_entry(json, Drafts::describe(id, *yaml));
  json.key("rules"), json.number(rule_set_json(*rules));
  json.end_object();
  return Reply{.body = json.take()};
}

Answer Dashboard::export_file(std::string_view name, std::vector<Parameter> parameters,
                              const std::shared_ptr<Served>& served) {
  const Explorer& explorer = served->explorer;
  const std::string separator_name = take(parameters, "separator").value_or("comma");
  if (separator_name != "comma" && separator_name != "semicolon")
    return refuse(400, "bad_parameter", "separator is comma or semicolon", "separator");
  const char separator = separator_name == "comma" ? ',' : ';';
  auto selection = explorer.select(parameters);
  if (!selection) return refuse(selection.error(), "bad_filter");
  Reply reply{.type = "text/csv; charset=utf-8"};
  const std::string_view stem = name.substr(0, name.find('.'));
  reply.file_name = fmt::format("{}-{}.csv", stem, explorer.mart().manifest.analysis_date);
  if (name == "segments.csv") {
    reply.body = explore::segments_csv(explorer, *selection, separator);
    return reply;
  }
  const explore::Table table =
      name == "audience.csv" ? explore::Table::Audience : explore::Table::Customers;
  reply.rows =
      std::make_shared<explore::CsvRows>(explorer, *std::move(selection), table, separator);
  reply.rows_owner = served;
  return reply;
}

/// A file of ours in the system's folder for such, gone when nobody holds it.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string name = (fs::temp_directory_path() / "quintile-export-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder_ = name;
  }
  ~TemporaryFile() {
    std::error_code error;
    if (!folder_.empty()) fs::remove_all(folder_, error);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] fs::path path() const { return folder_ / "customers.parquet"; }

 private:
  fs::path folder_;
};

Answer Dashboard::export_parquet(const std::vector<Parameter>& parameters,
                                 const Explorer& explorer) const {
  const auto selection = explorer.select(parameters);
  if (!selection) return refuse(selection.error(), "bad_filter");
  const mart::Manifest& manifest = explorer.mart().manifest;
  const TemporaryFile file;
  const auto written = mart::export_customers(explorer.mart(), selection->rows,
                                              {{"analysis_date", manifest.analysis_date},
                                               {"rules_digest", manifest.rules_digest},
                                               {"filters", selection->text}},
                                              file.path());
  if (!written)
    return refuse(500, "internal", "the file could not be written: " + written.error().message);
  std::ifstream stream(file.path(), std::ios::binary);
  log("export customers.parquet");
  return Reply{.type = "application/vnd.apache.parquet",
               .body = std::string(std::istreambuf_iterator<char>(stream), {}),
               .file_name = fmt::format("customers-{}.parquet", manifest.analysis_date)};
}

Answer Dashboard::get(std::string_view path, std::vector<Parameter> parameters,
                      const std::shared_ptr<Served>& served) {
  const Explorer& explorer = served->explorer;
  if (path == "/healthz") return Reply{.body = "{\"status\":\"ok\"}"};
  if (path == "/metrics")
    return Reply{.type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics()};
  if (path == "/meta")
    return Reply{.body = meta_json(explorer, true, explorer.mart().manifest.version)};
  if (path == "/snapshot") return Reply{.body = snapshot_json(explorer)};
  if (path == "/quality") return Reply{.body = quality_json(explorer)};
  if (path == "/rules") return Reply{.body = rules_json(explorer)};
  if (path == "/rules.yaml")
    return Reply{.type = "application/yaml", .body = config::rules_yaml(explorer.mart().rules)};
  if (path == "/customers") return customers(explorer, std::move(parameters));
  if (path.starts_with("/customers/")) {
    const auto id = whole_number(path.substr(std::string_view("/customers/").size()));
    if (!id || *id < 1 || *id > explorer.customers())
      return refuse(404, "not_found", "there is no customer of that number");
    auto json = customer_json(explorer, *id - 1);
    if (!json) return refuse(500, "internal", json.error().message);
    return Reply{.body = *std::move(json)};
  }
  if (path.starts_with("/dimensions/") && path.ends_with("/values") && path.size() > 19) {
    return dimension_values(explorer, path.substr(12, path.size() - 19), std::move(parameters));
  }
  if (path == "/rules/drafts") return draft("");
  if (path.starts_with("/rules/drafts/"))
    return draft(path.substr(std::string_view("/rules/drafts/").size()));
  if (path == "/export/customers.parquet") return export_parquet(parameters, explorer);
  if (path == "/export/segments.csv" || path == "/export/customers.csv" ||
      path == "/export/audience.csv") {
    return export_file(path.substr(std::string_view("/export/").size()), std::move(parameters),
                       served);
  }
  const bool takes_by = path == "/cube";
  const std::string by = takes_by ? take(parameters, "by").value_or("") : "";
  if (!by.empty() && by != "segment")
    return refuse(400, "bad_parameter", "the cube is split by segment or not at all", "by");
  constexpr std::string_view kFiltered[] = {"/segments", "/cube",      "/distributions",
                                            "/insights", "/migration", "/audience"};
  if (std::ranges::find(kFiltered, path) == std::end(kFiltered))
    return refuse(404, "not_found", "there is nothing under this address");
  if (path == "/migration" && explorer.previous() == nullptr) {
    return refuse(404, "no_previous_mart",
                  "there is no older mart to compare with; start the server with --previous");
  }
  const auto selection = explorer.select(parameters);
  if (!selection) return refuse(selection.error(), "bad_filter");
  if (path == "/segments")
    return Reply{.body = segments_json(explorer, *selection,
                                       *explorer.select(parameters, explore::Scope::ButSegments),
                                       run_on_all_processors)};
  if (path == "/cube") return Reply{.body = cube_json(explorer, *selection, by == "segment")};
  if (path == "/distributions") return Reply{.body = distributions_json(explorer, *selection)};
  if (path == "/insights") return Reply{.body = insights_json(explorer, *selection)};
  if (path == "/migration")
    return Reply{.body = migration_json(explorer, *explorer.migration(*selection))};
  const explore::AudienceCount audience = explore::count_audience(explorer, *selection);
  const std::string& consent = explorer.mart().consent_name;
  return Reply{
      .body = fmt::format("{{\"customers\":{},\"contactable\":{},\"withheld\":{},\"consent\":{}}}",
                          audience.customers, audience.contactable, audience.withheld,
                          consent.empty() ? "null" : mart::json_quoted(consent))};
}

/// The part of a path that metrics count by: no ids in it.
std::string_view route_of(std::string_view path) {
  for (const std::string_view prefix : {"/customers/", "/dimensions/", "/rules/drafts/"}) {
    if (path.starts_with(prefix)) return prefix;
  }
  constexpr std::string_view kRoutes[] = {"/healthz",
                                          "/metrics",
                                          "/meta",
                                          "/snapshot",
                                          "/quality",
                                          "/rules",
                                          "/rules.yaml",
                                          "/customers",
                                          "/segments",
                                          "/cube",
                                          "/distributions",
                                          "/insights",
                                          "/migration",
                                          "/audience",
                                          "/rules/preview",
                                          "/rules/drafts",
                                          "/export/segments.csv",
                                          "/export/customers.csv",
                                          "/export/customers.parquet",
                                          "/export/audience.csv"};
  const auto at = std::ranges::find(kRoutes, path);
  return at == std::end(kRoutes) ? "other" : *at;
}

bool Dashboard::answer_before_body(const httplib::Request& request, httplib::Response& response) {
  // Parts of files are not offered; the header may be ignored (RFC 9110, 14.2).
  const_cast<httplib::Request&>(request).ranges.clear();
  response.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  constexpr std::string_view kWithBody[] = {"POST", "PUT", "PATCH", "DELETE"};
  if (std::ranges::find(kWithBody, request.method) != std::end(kWithBody)) {
    auto& mutable_request = const_cast<httplib::Request&>(request);
    mutable_request.headers.erase(kPathHeader);
    mutable_request.headers.emplace(kPathHeader, request.path);
    mutable_request.path = kBodyRoute;
    return false;
  }
  if (const auto problem = check_request(request)) {
    send(request, response, *problem);
    return true;
  }
  if ((request.method != "GET" && request.method != "HEAD") || takes_preview(request.path)) {
    refuse_method(request, response, request.path);
    return true;
  }
  const bool is_api = request.path.starts_with(kApi) || request.path == "/healthz";
  if (!is_api) {
    if (!serve_page(request, response))
      send(request, response,
           Problem{404, "not_found", "there is nothing under this address", {}, {}, {}});
    return true;
  }
  const std::string path =
      request.path == "/healthz" ? request.path : request.path.substr(kApi.size());
  respond(request, response, route_of(path), [&](const std::shared_ptr<Served>& served) -> Answer {
    auto parameters = parse_query(query_of(request));
    if (!parameters) return refuse(parameters.error(), "bad_filter");
    const bool is_cached = route_of(path) != "/metrics" && !path.starts_with("/export/") &&
                           !path.starts_with("/rules/drafts") && !path.starts_with("/customers");
    const std::string key = path + "?" + std::string(query_of(request));
    if (is_cached) {
      const std::lock_guard lock(served->mutex);
      const auto at = served->answers.find(key);
      if (at != served->answers.end())
        return Reply{.type = path == "/rules.yaml" ? "application/yaml" : "application/json",
                     .body = at->second};
    }
    Answer answer = get(path, *std::move(parameters), served);
    if (answer && is_cached) {
      const std::lock_guard lock(served->mutex);
      if (served->answers.size() >= kCachedAnswersMax) served->answers.clear();
      served->answers.emplace(key, answer->body);
    }
    return answer;
  });
  return true;
}

Answer Dashboard::preview(const httplib::Request& request, const Explorer& explorer) const {
  const auto parameters = parse_query(query_of(request));
  if (!parameters) return refuse(parameters.error(), "bad_filter");
  const auto selection = explorer.select(*parameters);
  if (!selection) return refuse(selection.error(), "bad_filter");
  const auto draft = parse_draft(request.body);
  const auto bad_rules = [](const Error& error) {
    Problem problem{422, "bad_rules", error.message, {}, {}, error};
    return std::unexpected(std::move(problem));
  };
  if (!draft && draft.error().code == ErrorCode::Rules) return bad_rules(draft.error());
  if (!draft) return refuse(draft.error(), "bad_request");
  const auto preview = explorer.preview(draft->rules, *selection);
  if (!preview) return bad_rules(preview.error());
  return Reply{.body = preview_json(explorer, draft->rules, *preview, draft->yaml)};
}

Answer Dashboard::save_draft(const httplib::Request& request, std::string_view id) const {
  const auto draft = parse_draft(request.body);
  if (!draft && draft.error().code == ErrorCode::Rules)
    return std::unexpected(Problem{422, "bad_rules", draft.error().message, {}, {}, draft.error()});
  if (!draft) return refuse(draft.error(), "bad_request");
  std::string yaml;
  const auto replaced = drafts_.save(id, *draft, yaml);
  if (!replaced)
    return refuse(403, "drafts_off", replaced.error().message + ": " + replaced.error().advice);
  mart::JsonWriter json(false);
  json.begin_object();
  write_entry(json, Drafts::describe(id, yaml));
  json.end_object();
  return Reply{.status = *replaced ? 200 : 201, .body = json.take()};
}

void Dashboard::refuse_method(const httplib::Request& request, httplib::Response& response,
                              std::string_view path) {
  const std::string allow =
      takes_preview(path) ? "POST" : (draft_id_of(path) ? "GET, HEAD, PUT" : "GET, HEAD");
  send(request, response,
       Problem{405, "method_not_allowed", "this address does not take that method", {}, allow, {}});
}

void Dashboard::answer_with_body(const httplib::Request& request, httplib::Response& response) {
  const std::string path = request.get_header_value(kPathHeader);
  const bool is_preview = takes_preview(path);
  if (const auto problem = check_request(request)) return send(request, response, *problem);
  if (!(request.method == "POST" && is_preview) && !(request.method == "PUT" && draft_id_of(path)))
    return refuse_method(request, response, path);
  respond(request, response, is_preview ? "/rules/preview" : "/rules/drafts/",
          [&](const std::shared_ptr<Served>& served) -> Answer {
            if (is_preview) return preview(request, served->explorer);
            return save_draft(request, *draft_id_of(path));
          });
}

void Dashboard::set_up() {
  server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library's own options share a port between servers, which hides that it is taken.
  server_.set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  server_.set_payload_max_length(kBodyBytesMax);
  server_.set_read_timeout(5);
  server_.set_write_timeout(30);
  // An idle connection delays the end of the server by this long.
  server_.set_keep_alive_timeout(2);
  server_.set_keep_alive_max_count(10'000);
  server_.set_tcp_nodelay(true);
  server_.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                               {"Referrer-Policy", "no-referrer"},
                               {"Cross-Origin-Opener-Policy", "same-origin"},
                               {"Cross-Origin-Resource-Policy", "same-origin"},
                               {"X-Frame-Options", "DENY"}});
  server_.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        return answer_before_body(request, response) ? httplib::Server::HandlerResponse::Handled
                                                     : httplib::Server::HandlerResponse::Unhandled;
      });
  const auto with_body = [this](const httplib::Request& request, httplib::Response& response) {
    answer_with_body(request, response);
  };
  server_.Post(kBodyRoute, with_body);
  server_.Put(kBodyRoute, with_body);
  server_.Patch(kBodyRoute, with_body);
  server_.Delete(kBodyRoute, with_body);
  server_.set_exception_handler(
      [this](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
        send(request, response,
             Problem{500, "internal", "a fault of ours; the server goes on", {}, {}, {}});
      });
  // What the library refuses before we see it.
  const httplib::Server::HandlerWithResponse on_error = [this](const httplib::Request& request,
                                                               httplib::Response& response) {
    if (!response.body.empty()) return httplib::Server::HandlerResponse::Unhandled;
    static constexpr std::tuple<int, std::string_view, std::string_view> kReasons[] = {
        {413, "too_large", "the body is larger than 256 KiB"},
        {414, "url_too_long", "the address is longer than 8 KiB"}};
    Problem problem{
        response.status, "bad_request", "the request is not HTTP as it should be", {}, {}, {}};
    for (const auto& [status, code, detail] : kReasons) {
      if (response.status == status) problem.code = code, problem.detail = detail;
    }
    if (response.status >= 500)
      problem.code = "internal", problem.detail = "a fault of ours; the server goes on";
    send(request, response, problem);
    return httplib::Server::HandlerResponse::Handled;
  };
  server_.set_error_handler(on_error);
}

void Dashboard::reload() {
  const FileState now = FileState::of(options_.mart / "run.json");
  if (now == mart_state_ || now == FileState{}) return;
  auto mart = mart::open(options_.mart);
  if (!mart) {
    log("a new mart cannot be opened yet: " + mart.error().message);
    return;
  }
  mart_state_ = now;
  auto fresh = std::make_shared<Served>(*std::move(mart), previous_);
  log("a new mart is served: " + fresh->explorer.snapshot_id());
  const std::lock_guard lock(mutex_);
  served_ = std::move(fresh);
}

void Dashboard::watch(const std::stop_token& stop) {
  for (int tick = 1; !stop.stop_requested() && stop_was_asked == 0; ++tick) {
    std::this_thread::sleep_for(kWatchInterval);
    if (tick % kWatchesALook == 0) reload();
  }
  server_.stop();
}

Status Dashboard::run(const std::function<void(const std::string&)>& ready) {
  set_up();
  int port = options_.port;
  if (port == 0)
    port = server_.bind_to_any_port(options_.host);
  else if (!server_.bind_to_port(options_.host, port))
    port = -1;
  if (port < 0) {
    return fail(ErrorCode::Io, fmt::format("cannot listen on {}:{}", options_.host, options_.port),
                "the port may be taken: choose another with --port");
  }
  server_.lengthen_queue();
  const bool is_wildcard = options_.host == "0.0.0.0" || options_.host == "::";
  const std::string shown =
      options_.host.find(':') != std::string::npos && !options_.host.starts_with('[')
          ? "[" + options_.host + "]"
          : options_.host;
  if (!is_wildcard) {
    std::vector<std::string> names = {shown};
    if (is_loopback(options_.host)) names.insert(names.end(), {"localhost", "127.0.0.1", "[::1]"});
    for (const std::string& name : names) {
      hosts_.push_back(fmt::format("{}:{}", name, port));
      if (port == 80) hosts_.push_back(name);
    }
  }
  const StopSignals signals;
  std::jthread watcher([this](const std::stop_token& stop) { watch(stop); });
  const std::string query = token_.empty() ? "" : "?token=" + token_;
  if (ready) ready(fmt::format("http://{}:{}/{}", is_wildcard ? "localhost" : shown, port, query));
  const bool ended_well = server_.listen_after_bind();
  watcher.request_stop();
  watcher.join();
  if (!ended_well && stop_was_asked == 0)
    return fail(ErrorCode::Io, "the server stopped: its socket failed");
  return {};
}

}  // namespace

Status serve(const ServeOptions& options,
             const std::function<void(const std::string& url)>& ready) {
  const FileState state = FileState::of(options.mart / "run.json");
  QUINTILE_TRY(mart::Mart mart, mart::open(options.mart));
  std::shared_ptr<const mart::Mart> previous;
  if (!options.previous.empty()) {
    QUINTILE_TRY(mart::Mart older, mart::open(options.previous));
    previous = std::make_shared<const mart::Mart>(std::move(older));
  }
  auto served = std::make_shared<Served>(std::move(mart), previous);
  Dashboard dashboard(options, std::move(served), std::move(previous), state);
  return dashboard.run(ready);
}

}  // namespace quintile::dashboard

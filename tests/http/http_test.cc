#include <httplib.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "quintile/dashboard/server.h"
#include "quintile/explore/sample_mart_test.h"

/// The server as a client meets it: safety, limits, states, a new mart, a clean end.
namespace quintile::dashboard {
namespace {

using explore::testing::SampleMart;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A server on a port of its own; ends by the signal that would end the program.
class Running {
 public:
  explicit Running(ServeOptions options) {
    options.port = 0;
    std::promise<std::string> address;
    auto told = address.get_future();
    thread_ = std::thread([this, options, &address] {
      status_ = serve(options, [&](const std::string& url) { address.set_value(url); });
    });
    url_ = told.get();
    port_ = std::stoi(url_.substr(url_.rfind(':') + 1));
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port_);
    client_->set_keep_alive(true);
  }
  ~Running() { end(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Status end() {
    if (thread_.joinable()) {
      client_.reset();
      ::kill(::getpid(), SIGTERM);
      thread_.join();
    }
    return status_;
  }
  [[nodiscard]] httplib::Client& client() { return *client_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::thread thread_;
  Status status_;
  std::string url_;
  int port_ = 0;
  std::unique_ptr<httplib::Client> client_;
};

void expect_problem(const httplib::Result& result, int status, const std::string& code) {
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, status) << result->body;
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/problem+json");
  const json body = json::parse(result->body, nullptr, false);
  ASSERT_TRUE(body.is_object()) << result->body;
  EXPECT_EQ(body["status"], status);
  EXPECT_EQ(body["code"], code);
  EXPECT_FALSE(body["trace_id"].get<std::string>().empty());
}

/// Sends bytes as they are and reads what comes back until the server closes or a second has
/// passed.
std::string raw(int port, const std::string& bytes) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    char buffer[4096];
    for (ssize_t size = ::recv(socket, buffer, sizeof buffer, 0); size > 0;
         size = ::recv(socket, buffer, sizeof buffer, 0)) {
      answer.append(buffer, static_cast<std::size_t>(size));
    }
  }
  ::close(socket);
  return answer;
}

TEST(Http, EveryAnswerCarriesSafetyHeadersAndTheSnapshot) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  for (const char* path : {"/", "/api/v1/meta", "/api/v1/nothing"}) {
    const auto answer = server.client().Get(path);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->get_header_value("Referrer-Policy"), "no-referrer");
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(answer->get_header_value_count("Content-Security-Policy"), 1U);
  }
  EXPECT_EQ(server.client().Get("/api/v1/meta")->get_header_value("Quintile-Snapshot").size(), 16U);
  EXPECT_EQ(server.client().Head("/api/v1/meta")->status, 200);
}

TEST(Http, AskedOnlyByItsOwnName) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  expect_problem(server.client().Get("/api/v1/meta", {{"Host", "evil.example"}}), 421,
                 "wrong_host");
  EXPECT_EQ(server.client()
                .Get("/api/v1/meta", {{"Host", "localhost:" + std::to_string(server.port())}})
                ->status,
            200);
}

TEST(Http, ATokenOpensTheDoorAndACookieKeepsItOpen) {
  const SampleMart mart;
  Running server({.mart = mart.folder(), .token = "secret"});
  expect_problem(server.client().Get("/api/v1/meta"), 401, "token_required");
  expect_problem(server.client().Get("/"), 401, "token_required");
  expect_problem(server.client().Get("/?token=wrong"), 401, "token_required");
  EXPECT_EQ(server.client().Get("/api/v1/meta", {{"Authorization", "Bearer secret"}})->status, 200);
  expect_problem(server.client().Get("/api/v1/meta", {{"Authorization", "Bearer secrets"}}), 401,
                 "token_required");
  const auto sign_in = server.client().Get("/?token=secret");
  EXPECT_EQ(sign_in->status, 303);
  const std::string cookie = sign_in->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Strict"));
  EXPECT_EQ(server.client()
                .Get("/api/v1/meta", {{"Cookie", "a=b; " + cookie.substr(0, cookie.find(';'))}})
                ->status,
            200);
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
}

TEST(Http, WritesComeFromThePageAndAreJson) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const std::string path = "/api/v1/rules/drafts/mine";
  const std::string draft =
      R"({"rules":{"version":1,"name":"x","segments":[{"id":"all","name":"All","family":"core","otherwise":true}]}})";
  expect_problem(server.client().Put(path, draft, "text/plain"), 415, "not_json");
  expect_problem(
      server.client().Put(path, {{"Sec-Fetch-Site", "cross-site"}}, draft, "application/json"), 403,
      "cross_site");
  expect_problem(server.client().Put(path, "{}", "application/json"), 400, "bad_request");
  EXPECT_EQ(server.client().Put(path, draft, "application/json")->status, 201);
  EXPECT_EQ(server.client().Put(path, draft, "application/json; charset=utf-8")->status, 200);
  EXPECT_THAT(server.client().Get(path + ".yaml")->body, HasSubstr("otherwise: true"));
  EXPECT_EQ(json::parse(server.client().Get(path)->body)["rules"]["segments"].size(), 1U);
  EXPECT_EQ(json::parse(server.client().Get("/api/v1/rules/drafts")->body)["drafts"].size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(mart.folder().parent_path() / "drafts/mine.yaml"));
}

TEST(Http, WhatIsTooLargeMalformedOrNotThereIsAProblem) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  httplib::Client& client = server.client();
  expect_problem(
      client.Post("/api/v1/rules/preview", std::string(300'000, 'x'), "application/json"), 413,
      "too_large");
  expect_problem(client.Get(("/api/v1/cube?city=" + std::string(9'000, 'x')).c_str()), 414,
                 "url_too_long");
  expect_problem(client.Delete("/api/v1/meta"), 405, "method_not_allowed");
  EXPECT_EQ(client.Delete("/api/v1/rules/preview")->get_header_value("Allow"), "POST");
  for (const char* path : {"/api/v1/cube?x=%", "/api/v1/cube?age=9..1", "/api/v1/cube?%00=1"})
    expect_problem(client.Get(path), 400, "bad_filter");
  for (const char* path :
       {"/../../etc/passwd", "/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/rules/drafts/..%2fx.yaml", "/api/v1/customers/0", "/api/v1/customers/401",
        "/api/v1/customers/9999999999999999999999"}) {
    expect_problem(client.Get(path), 404, "not_found");
  }
}

TEST(Http, SurvivesWhatIsNoHttp) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  for (const std::string& bytes :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string(20'000, 'A'),
        std::string("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00", 7),
        "POST /api/v1/rules/preview HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
            "\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
            "\r\nRange: bytes=5-2,-,9999999-\r\nConnection: close\r\n\r\n"}) {
    raw(server.port(), bytes);
  }
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
}

TEST(Http, TwoHundredClientsAtOnce) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back([&, i] {
      httplib::Client client("127.0.0.1", server.port());
      client.set_keep_alive(true);
      for (const std::string& path :
           {"/api/v1/cube?recency_days=" + std::to_string(i) + "..",
            std::string("/api/v1/segments?city=Oslo"), std::string("/")}) {
        const auto answer = client.Get(path.c_str());
        good += answer && answer->status == 200;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 600);
}

TEST(Http, AnswersAreRememberedAndCompressed) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const auto first = server.client().Get("/api/v1/segments");
  const std::string tag = first->get_header_value("ETag");
  EXPECT_EQ(server.client().Get("/api/v1/segments", {{"If-None-Match", tag}})->status, 304);
  EXPECT_NE(server.client().Get("/api/v1/segments?city=Oslo")->get_header_value("ETag"), tag);
  server.client().set_decompress(false);
  const auto packed = server.client().Get("/api/v1/segments", {{"Accept-Encoding", "br"}});
  EXPECT_EQ(packed->get_header_value("Content-Encoding"), "br");
  EXPECT_LT(packed->body.size(), first->body.size() / 2);
}

TEST(Http, ExportsAreWholeAndNeutral) {
  const SampleMart mart({.customers = 3'000, .level = "=HYPERLINK(\"x\")"});
  Running server({.mart = mart.folder()});
  const auto answer =
      server.client().Get("/api/v1/export/customers.csv?city=%3DHYPERLINK(%22x%22)");
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->get_header_value("Content-Disposition"),
              StartsWith("attachment; filename=\"customers-2023-11-15.csv\""));
  const auto count =
      json::parse(server.client().Get("/api/v1/audience?city=%3DHYPERLINK(%22x%22)")->body);
  EXPECT_EQ(std::ranges::count(answer->body, '\n'), count["customers"].get<std::int64_t>() + 1);
  EXPECT_THAT(answer->body, HasSubstr("\"'=HYPERLINK(\"\"x\"\")\""));
  EXPECT_THAT(answer->body, ::testing::Not(HasSubstr(",=")));
}

TEST(Http, TheParquetExportHoldsTheSameCustomers) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const auto answer = server.client().Get("/api/v1/export/customers.parquet?customer_id=3..5");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "application/vnd.apache.parquet");
  EXPECT_THAT(answer->body, StartsWith("PAR1"));
  EXPECT_THAT(answer->body, ::testing::EndsWith("PAR1"));
  EXPECT_THAT(answer->body, HasSubstr("customer_id=3..5"));
  expect_problem(server.client().Get("/api/v1/export/customers.parquet?age=x"), 400, "bad_filter");
}

TEST(Http, ANewMartIsServedWithoutARestart) {
  const SampleMart mart({.customers = 500});
  Running server({.mart = mart.folder()});
  EXPECT_EQ(json::parse(server.client().Get("/api/v1/meta")->body)["customers"], 500);
  const std::string before =
      server.client().Get("/api/v1/snapshot")->get_header_value("Quintile-Snapshot");
  mart.publish({.customers = 700});
  std::string now = before;
  for (int i = 0; i < 100 && now == before; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    now = server.client().Get("/api/v1/snapshot")->get_header_value("Quintile-Snapshot");
  }
  EXPECT_NE(now, before);
  EXPECT_EQ(json::parse(server.client().Get("/api/v1/meta")->body)["customers"], 700);
}

TEST(Http, EndsCleanlyOnASignal) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
  EXPECT_TRUE(server.end());
}

TEST(Http, SaysWhyItCannotStart) {
  EXPECT_EQ(serve({.mart = "/nowhere/at/all"}, {}).error().code, ErrorCode::NotFound);
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const auto taken = serve({.mart = mart.folder(), .port = server.port()}, {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace quintile::dashboard

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "running_server.h"

/// What a client may do to the server: little.
namespace quintile::dashboard {
namespace {

using explore::testing::SampleMart;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ServeOptions with_limits(const SampleMart& mart, const Limits& limits) {
  return {.mart = mart.folder(), .limits = limits};
}

std::string host_line(const Running& server) {
  return "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n";
}

TEST(Limits, AClientThatAsksTooOftenIsToldWhenToComeBack) {
  const SampleMart mart;
  Limits limits;
  limits.requests_a_second = 0.001;
  limits.requests_saved = 3;
  Running server(with_limits(mart, limits));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.client().Get("/api/v1/snapshot")->status, 200);
  const auto answer = server.client().Get("/api/v1/snapshot");
  expect_problem(answer, 429, "too_many");
  EXPECT_GT(std::stoi(answer->get_header_value("Retry-After")), 0);
  // The page and writes count as well.
  expect_problem(server.client().Get("/"), 429, "too_many");
  expect_problem(server.client().Post("/api/v1/rules/preview", "{}", "application/json"), 429,
                 "too_many");
}

TEST(Limits, ARequestThatDripsInIsBrokenOff) {
  const SampleMart mart;
  Limits limits;
  limits.request_time = std::chrono::milliseconds(300);
  Running server(with_limits(mart, limits));
  for (const std::string& begun :
       {std::string("GET /api/v1/meta HT"), "GET / HTTP/1.1\r\n" + host_line(server) + "X-Slow: ",
        "POST /api/v1/rules/preview HTTP/1.1\r\n" + host_line(server) +
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"}) {
    const RawConnection client(server.port());
    client.send(begun);
    EXPECT_THAT(client.read_all(30),
                AllOf(StartsWith("HTTP/1.1 408 "), HasSubstr("application/problem+json"),
                      HasSubstr("\"code\":\"too_slow\""), HasSubstr("trace_id")))
        << begun;
  }
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
}

TEST(Limits, AnIdleConnectionIsClosed) {
  const SampleMart mart;
  Limits limits;
  limits.idle_time = std::chrono::milliseconds(100);
  Running server(with_limits(mart, limits));
  const RawConnection client(server.port());
  EXPECT_EQ(client.read_all(30), "");
}

TEST(Limits, EndlessRequestsAreBrokenOff) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const std::string megabytes(3'000'000, 'A');
  const std::string chunk = "10000\r\n" + std::string(0x10000, '{') + "\r\n";
  std::string chunks;
  for (int i = 0; i < 40; ++i) chunks += chunk;
  const std::string post = "POST /api/v1/rules/preview HTTP/1.1\r\n" + host_line(server) +
                           "Content-Type: application/json\r\n";
  for (const std::string& bytes :
       {megabytes, "GET / HTTP/1.1\r\n" + host_line(server) + "X: " + megabytes,
        post + "Transfer-Encoding: chunked\r\n\r\n" + chunks,
        post + "Content-Length: 3000000\r\n\r\n" + megabytes}) {
    const RawConnection client(server.port());
    client.send(bytes);
    const std::string answer = client.read_all(30);
    if (!answer.empty()) {
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 4")) << bytes.substr(0, 60);
    }
  }
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
}

TEST(Limits, AWriteWithoutALengthIsRefusedAtOnceAndWhatFollowsIsNotRead) {
  const SampleMart mart;
  Limits limits;
  limits.request_time = std::chrono::minutes(5);  // nobody waits for a body
  Running server(with_limits(mart, limits));
  for (const auto& [path, status] : {std::pair("/api/v1/rules/preview", "411"),
                                     std::pair("/api/v1/meta", "405"), std::pair("/", "405")}) {
    const RawConnection client(server.port());
    client.send(std::string("POST ") + path + " HTTP/1.1\r\n" + host_line(server) +
                "Content-Type: application/json\r\n\r\nGET /healthz HTTP/1.1\r\n" +
                host_line(server) + "\r\n");
    const std::string answer = client.read_all(30);
    EXPECT_THAT(answer, AllOf(StartsWith(std::string("HTTP/1.1 ") + status),
                              HasSubstr("Connection: close\r\n"), HasSubstr("trace_id"),
                              ::testing::Not(HasSubstr("HTTP/1.1 200"))))
        << path;
  }
}

TEST(Limits, APackedBodyIsNotUnpacked) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const auto answer = server.client().Post("/api/v1/rules/preview", {{"Content-Encoding", "gzip"}},
                                           "\x1f\x8b\x08", "application/json");
  expect_problem(answer, 400, "bad_request");
}

TEST(Limits, MoreConnectionsThanAreTakenAreToldToComeBack) {
  const SampleMart mart;
  for (const bool is_client_limit : {false, true}) {
    Limits limits;
    limits.request_time = std::chrono::minutes(5);
    (is_client_limit ? limits.connections_a_client : limits.connections) = 3;
    Running server(with_limits(mart, limits));
    // They hold their connections by requests that never end.
    std::vector<std::unique_ptr<RawConnection>> holders;
    for (int i = 0; i < 3; ++i) {
      holders.push_back(std::make_unique<RawConnection>(server.port()));
      holders.back()->send("GET / HT");
    }
    std::string answer;
    for (int i = 0;
         i < 500 && !answer.starts_with(is_client_limit ? "HTTP/1.1 429" : "HTTP/1.1 503"); ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const RawConnection one_more(server.port());
      one_more.send("GET /healthz HTTP/1.1\r\n" + host_line(server) + "Connection: close\r\n\r\n");
      answer = one_more.read_all(30);
    }
    EXPECT_THAT(answer, AllOf(StartsWith(is_client_limit ? "HTTP/1.1 429" : "HTTP/1.1 503"),
                              HasSubstr("Retry-After: 1\r\n"), HasSubstr("trace_id")));
    holders.clear();
    int status = 0;
    for (int i = 0; i < 100 && status != 200; ++i) {
      const auto result = server.client().Get("/healthz");
      status = result ? result->status : 0;
      if (status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(status, 200);
  }
}

TEST(Limits, SurvivesWhatIsNoHttp) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  for (const std::string& bytes :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string(20'000, 'A') + "\r\n\r\n",
        "GET / HTTP/1.1\r\n" + host_line(server) + "Content-Length: -5\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00", 7) + "\r\n\r\n",
        "POST /api/v1/rules/preview HTTP/1.1\r\n" + host_line(server) +
            "Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{",
        "GET / HTTP/1.1\r\n" + host_line(server) +
            "Range: bytes=5-2,-,9999999-\r\nConnection: close\r\n\r\n"}) {
    const RawConnection client(server.port());
    client.send(bytes);
    (void)client.read_all(1);
  }
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
}

}  // namespace
}  // namespace quintile::dashboard

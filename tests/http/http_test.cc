#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "running_server.h"

/// The server as a client meets it: safety, states, a new mart, a clean end.
namespace quintile::dashboard {
namespace {

using explore::testing::SampleMart;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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
  for (const httplib::Headers& foreign : {httplib::Headers{{"Sec-Fetch-Site", "cross-site"}},
                                          httplib::Headers{{"Sec-Fetch-Site", "same-site"}},
                                          httplib::Headers{{"Origin", "http://evil.example"}},
                                          httplib::Headers{{"Origin", "null"}}}) {
    expect_problem(server.client().Put(path, foreign, draft, "application/json"), 403,
                   "cross_site");
  }
  expect_problem(server.client().Put(path, "{}", "application/json"), 400, "bad_request");
  EXPECT_EQ(server.client().Put(path, draft, "application/json")->status, 201);
  EXPECT_EQ(server.client().Put(path, draft, "application/json; charset=utf-8")->status, 200);
  EXPECT_THAT(server.client().Get(path + ".yaml")->body, HasSubstr("otherwise: true"));
  EXPECT_EQ(json::parse(server.client().Get(path)->body)["rules"]["segments"].size(), 1U);
  EXPECT_EQ(json::parse(server.client().Get("/api/v1/rules/drafts")->body)["drafts"].size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(mart.folder().parent_path() / "drafts/mine.yaml"));
}

TEST(Http, OtherSitesMayLinkToThePageAndNothingElse) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const httplib::Headers foreign = {{"Sec-Fetch-Site", "cross-site"},
                                    {"Sec-Fetch-Mode", "navigate"}};
  EXPECT_EQ(server.client().Get("/?page=overview", foreign)->status, 200);
  expect_problem(server.client().Get("/api/v1/export/customers.csv", foreign), 403, "cross_site");
  expect_problem(server.client().Get("/api/v1/segments", foreign), 403, "cross_site");
  const httplib::Headers older = {{"Origin", "http://evil.example"}};
  EXPECT_EQ(server.client().Get("/?page=overview", older)->status, 200);
  expect_problem(server.client().Get("/api/v1/segments", older), 403, "cross_site");
  const std::string own = "http://127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(server.client().Get("/api/v1/segments", {{"Origin", own}})->status, 200);
}

TEST(Http, AServerForAnyAddressIsAskedByAddressOrByItsNames) {
  const SampleMart mart;
  Running server(
      {.mart = mart.folder(), .host = "0.0.0.0", .token = "secret", .names = {"quintile.example"}});
  const auto ask = [&](const std::string& host) {
    return server.client()
        .Get("/api/v1/meta", {{"Host", host}, {"Authorization", "Bearer secret"}})
        ->status;
  };
  const std::string port = ":" + std::to_string(server.port());
  EXPECT_EQ(ask("192.0.2.7" + port), 200);
  EXPECT_EQ(ask("[2001:db8::7]" + port), 200);
  EXPECT_EQ(ask("quintile.example"), 200);
  EXPECT_EQ(ask("rebound.example" + port), 421);
  EXPECT_EQ(ask("192.0.2.7:1"), 421);
}

TEST(Http, WithoutAKnownTokenAServerForOthersMakesOneUp) {
  const SampleMart mart;
  Running server({.mart = mart.folder(), .host = "0.0.0.0"});
  EXPECT_THAT(server.url(), ::testing::MatchesRegex("http://localhost:[0-9]+/[?]token=[0-9a-f]+"));
  expect_problem(server.client().Get("/api/v1/meta"), 401, "token_required");
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
  expect_problem(client.Options("/api/v1/meta"), 405, "method_not_allowed");
  expect_problem(client.Get("/api/v1/rules/preview"), 405, "method_not_allowed");
  expect_problem(client.Post("/api/v1/meta", "x", "text/plain"), 405, "method_not_allowed");
  EXPECT_EQ(client.Delete("/api/v1/rules/preview")->get_header_value("Allow"), "POST");
  EXPECT_EQ(client.Delete("/api/v1/rules/drafts/a")->get_header_value("Allow"), "GET, HEAD, PUT");
  EXPECT_EQ(client.Put("/", "{}", "application/json")->get_header_value("Allow"), "GET, HEAD");
  expect_problem(client.Put("/api/v1/nothing", "{}", "application/json"), 404, "not_found");
  expect_problem(client.Put("/api/v1/rules/drafts/Bad!", "{}", "application/json"), 400,
                 "bad_parameter");
  for (const char* path : {"/api/v1/cube?x=%", "/api/v1/cube?age=9..1", "/api/v1/cube?%00=1"})
    expect_problem(client.Get(path), 400, "bad_filter");
  for (const char* path :
       {"/../../etc/passwd", "/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/rules/drafts/..%2fx.yaml", "/api/v1/customers/0", "/api/v1/customers/401",
        "/api/v1/customers/9999999999999999999999"}) {
    expect_problem(client.Get(path), 404, "not_found");
  }
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

TEST(Http, AnExportIsWrittenAsTheClientAsks) {
  const SampleMart mart;
  Running server({.mart = mart.folder()});
  const auto first_line = [&](const std::string& query) {
    const std::string body = server.client().Get("/api/v1/export/audience.csv?" + query)->body;
    return body.substr(0, body.find('\n'));
  };
  EXPECT_THAT(first_line("separator=semicolon"), StartsWith("\xEF\xBB\xBF"
                                                            "customer_id;"));
  EXPECT_THAT(first_line("separator=tab&bom=false"), StartsWith("customer_id\tsource_customer_id"));
  expect_problem(server.client().Get("/api/v1/export/audience.csv?separator=pipe"), 400,
                 "bad_parameter");
  EXPECT_EQ(server.client().Head("/api/v1/export/customers.csv")->status, 200);
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

TEST(Http, ABrokenNewMartIsNotServedAndTheNoticeSaysSo) {
  const SampleMart mart({.customers = 500});
  Running server({.mart = mart.folder()});
  const auto ask = [&] { return json::parse(server.client().Get("/api/v1/snapshot")->body); };
  const json before = ask();
  EXPECT_TRUE(before["notice"].is_null());
  mart.publish({.customers = 600});
  std::filesystem::resize_file(mart.folder() / "customer_segments.parquet", 100);
  json now = ask();
  for (int i = 0;
       i < 300 && (now["notice"].is_null() && now["snapshot_id"] == before["snapshot_id"]); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    now = ask();
  }
  EXPECT_EQ(now["snapshot_id"], before["snapshot_id"]);
  EXPECT_THAT(now["notice"].get<std::string>(), HasSubstr("cannot be opened"));
  EXPECT_EQ(json::parse(server.client().Get("/api/v1/meta")->body)["customers"], 500);
  // A sound one after it is served as ever.
  mart.publish({.customers = 700});
  for (int i = 0; i < 300 && now["snapshot_id"] == before["snapshot_id"]; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    now = ask();
  }
  EXPECT_TRUE(now["notice"].is_null());
  EXPECT_EQ(json::parse(server.client().Get("/api/v1/meta")->body)["customers"], 700);
}

TEST(Http, NoAnswerMixesTwoMarts) {
  const SampleMart mart({.customers = 400});
  Running server({.mart = mart.folder()});
  std::map<std::string, std::int64_t> customers_of;
  std::mutex mutex;
  std::atomic<bool> is_over = false;
  std::atomic<int> mixed = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      httplib::Client client("127.0.0.1", server.port());
      client.set_keep_alive(true);
      while (!is_over) {
        const auto answer = client.Get("/api/v1/export/customers.csv?bom=false");
        if (!answer || answer->status != 200) {
          ++mixed;
          continue;
        }
        const std::int64_t rows = std::ranges::count(answer->body, '\n') - 1;
        const std::lock_guard lock(mutex);
        const auto [at, is_new] =
            customers_of.emplace(answer->get_header_value("Quintile-Snapshot"), rows);
        mixed += at->second != rows;
      }
    });
  }
  for (const std::int64_t customers : {500, 600}) {
    mart.publish({.customers = customers});
    const auto is_served = [&] {
      return json::parse(server.client().Get("/api/v1/meta")->body)["customers"] == customers;
    };
    for (int i = 0; i < 300 && !is_served(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(is_served());
  }
  is_over = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(mixed, 0);
  EXPECT_GE(customers_of.size(), 2U);
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

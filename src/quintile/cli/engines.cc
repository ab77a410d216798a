#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "quintile/cli/commands.h"
#include "quintile/cli/interrupts.h"
#include "quintile/cli/terminal.h"
#include "quintile/engine/adbc/adbc_session.h"
#include "quintile/engine/sql/conformance.h"
#include "quintile/mart/json_writer.h"

namespace quintile::cli {

namespace {

using engine::sql::ConformanceCheck;

std::string check_json(const engine::sql::Server& server,
                       const std::vector<ConformanceCheck>& checks, bool ok) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("engine"), json.text(engine::sql::to_string(server.product));
  json.key("version"), json.text(server.version);
  json.key("driver"), json.text(server.driver);
  json.key("verdict"), json.text(ok ? "ok" : "faulty");
  json.key("checks");
  json.begin_array(true);
  for (const ConformanceCheck& check : checks) {
    json.begin_object();
    json.key("check"), json.text(check.name);
    json.key("ok"), json.boolean(check.ok());
    json.key("expected"), json.text(check.expected);
    json.key("got"), json.text(check.got);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

void print_checks(const engine::sql::Server& server, const std::vector<ConformanceCheck>& checks) {
  const Terminal terminal(stdout);
  fmt::print("{} {} by {}\n", terminal.paint(Style::Bold, engine::sql::to_string(server.product)),
             server.version, server.driver);
  for (const ConformanceCheck& check : checks) {
    fmt::print("{} {}\n",
               terminal.paint(check.ok() ? Style::Good : Style::Bad, check.ok() ? "ok  " : "FAIL"),
               check.ok() ? check.name
                          : terminal.wrapped(fmt::format("{}: expected {}, got {}", check.name,
                                                         check.expected, check.got),
                                             7));
  }
}

}  // namespace

Result<int> engines_check(const EngineArguments& arguments, const Common& common) {
  QUINTILE_TRY(const engine::sql::Location location, engine::sql::parse_server(arguments.uri));
  QUINTILE_TRY(engine::adbc::Settings settings,
               engine::adbc::read_settings(arguments.access.options));
  if (!arguments.access.driver.empty()) settings.driver = arguments.access.driver;
  const Interrupts interrupts;
  QUINTILE_TRY(const auto session,
               engine::adbc::connect(location, settings, &Interrupts::cancellation()));
  QUINTILE_TRY(auto checks, engine::sql::check_answers(*session));
  QUINTILE_TRY(checks.emplace_back(), engine::sql::check_tables(*session));
  const auto first = std::ranges::find(checks, false, &ConformanceCheck::ok);
  const bool ok = first == checks.end();
  if (common.format == Format::Json) {
    std::fputs(check_json(session->server(), checks, ok).c_str(), stdout);
  } else if (!common.quiet) {
    print_checks(session->server(), checks);
  }
  if (ok) return 0;
  return fail(ErrorCode::CheckFailed,
              fmt::format("this engine does not answer as Quintile needs: {}: expected {}, got {}",
                          first->name, first->expected, first->got));
}

}  // namespace quintile::cli

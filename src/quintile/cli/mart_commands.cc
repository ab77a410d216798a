#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "quintile/cli/commands.h"
#include "quintile/cli/interrupts.h"
#include "quintile/cli/progress.h"
#include "quintile/cli/show.h"
#include "quintile/mart/json_writer.h"
#include "quintile/pipeline/reproduce.h"
#include "quintile/report/report.h"

namespace quintile::cli {

namespace {

/// The published fingerprint against that of the inputs read again: every customer, id, score and
/// segment.
Result<mart::Verification> recomputed(const mart::Mart& published, const MartArguments& arguments,
                                      const Common& common) {
  const pipeline::Options options = {.threads = common.threads,
                                     .memory_max = common.memory_max,
                                     .engine = arguments.engine,
                                     .cancellation = &Interrupts::cancellation(),
                                     .progress = {}};
  std::optional<Interrupts> interrupts;
  if (!arguments.engine_uri.empty()) interrupts.emplace();
  QUINTILE_TRY(const pipeline::Reproduction again,
               arguments.engine_uri.empty()
                   ? pipeline::reproduce(published, options)
                   : pipeline::reproduce_at_engine(published, arguments.engine_uri, options));
  mart::Verification verification{.check = "recomputed", .ok = true, .detail = again.explanation};
  if (again.at_hand && again.fingerprint != published.manifest.fingerprint) {
    verification.ok = false;
    verification.detail = fmt::format("the inputs now give fingerprint {}, the mart has {}",
                                      again.fingerprint, published.manifest.fingerprint);
  }
  return verification;
}

}  // namespace

Result<int> report(const MartArguments& arguments, const Common& common) {
  QUINTILE_TRY(const mart::Mart mart, mart::open(arguments.mart, mart::Rows::Optional));
  const std::filesystem::path folder = arguments.out.empty()
                                           ? std::filesystem::path(arguments.mart) / "report"
                                           : std::filesystem::path(arguments.out);
  QUINTILE_TRY_STATUS(report::write(mart, folder));
  if (common.format == Format::Json) {
    mart::JsonWriter json;
    json.begin_object();
    json.key("report");
    json.text((folder / "report.html").string());
    json.end_object();
    std::fputs(json.take().c_str(), stdout);
  } else if (!common.quiet) {
    fmt::print("report  {}\nfigures {}\n", (folder / "report.html").string(),
               (folder / "figures").string());
  }
  return 0;
}

Result<int> verify(const MartArguments& arguments, const Common& common) {
  QUINTILE_TRY(std::vector<mart::Verification> checks, mart::verify(arguments.mart));
  // What is published is checked first: nothing is worked out from a mart whose files do not belong
  // together.
  if (std::ranges::all_of(checks, &mart::Verification::ok)) {
    QUINTILE_TRY(const mart::Mart published, mart::open(arguments.mart, mart::Rows::Optional));
    QUINTILE_TRY(checks.emplace_back(), recomputed(published, arguments, common));
  }
  const bool ok = std::ranges::all_of(checks, &mart::Verification::ok);
  if (common.format == Format::Json) {
    mart::JsonWriter json;
    json.begin_object();
    json.key("verdict");
    json.text(ok ? "ok" : "mismatch");
    json.key("checks");
    json.begin_array(true);
    for (const mart::Verification& check : checks) {
      json.begin_object();
      json.key("check");
      json.text(check.check);
      json.key("ok");
      json.boolean(check.ok);
      json.key("detail");
      json.text(check.detail);
      json.end_object();
    }
    json.end_array();
    json.end_object();
    std::fputs(json.take().c_str(), stdout);
  } else if (!common.quiet) {
    const Terminal terminal(stdout);
    for (const mart::Verification& check : checks) {
      fmt::print("{} {}\n",
                 terminal.paint(check.ok ? Style::Good : Style::Bad, check.ok ? "ok  " : "FAIL"),
                 terminal.wrapped(fmt::format("{}: {}", check.check, check.detail), 7));
    }
  }
  if (ok) return 0;
  const auto first = std::ranges::find(checks, false, &mart::Verification::ok);
  return fail(ErrorCode::CheckFailed,
              fmt::format("the mart does not verify: {}: {}", first->check, first->detail));
}

}  // namespace quintile::cli

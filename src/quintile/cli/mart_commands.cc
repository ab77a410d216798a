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

using mart::Verdict;
using mart::Verification;

/// What is published against what the inputs give now.
Result<Verification> recomputed(const mart::Mart& published, const MartArguments& arguments,
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
  if (!again.at_hand) return Verification{"recomputed", Verdict::NotDone, again.explanation};
  if (again.difference.empty()) return Verification{"recomputed", Verdict::Ok, again.explanation};
  return Verification{"recomputed", Verdict::Mismatch, again.difference};
}

std::string verification_json(const std::vector<Verification>& checks, bool ok) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("verdict");
  json.text(ok ? "ok" : "mismatch");
  json.key("checks");
  json.begin_array(true);
  for (const Verification& check : checks) {
    json.begin_object();
    json.key("check");
    json.text(check.check);
    json.key("ok");
    if (check.verdict == Verdict::NotDone) {
      json.null();
    } else {
      json.boolean(check.verdict == Verdict::Ok);
    }
    json.key("detail");
    json.text(check.detail);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

std::string verdict_word(Verdict verdict, const Terminal& terminal) {
  switch (verdict) {
    case Verdict::Ok: return terminal.paint(Style::Good, "ok  ");
    case Verdict::Mismatch: return terminal.paint(Style::Bad, "FAIL");
    case Verdict::NotDone: break;
  }
  return terminal.paint(Style::Dim, "--  ");
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
  QUINTILE_TRY(std::vector<Verification> checks, mart::verify(arguments.mart));
  const auto first_mismatch = [&checks] {
    return std::ranges::find(checks, Verdict::Mismatch, &Verification::verdict);
  };
  // What is published is checked first: nothing is worked out from a mart whose files do not belong
  // together.
  if (first_mismatch() == checks.end()) {
    QUINTILE_TRY(const mart::Mart published, mart::open(arguments.mart, mart::Rows::Optional));
    QUINTILE_TRY(checks.emplace_back(), recomputed(published, arguments, common));
  }
  const auto mismatch = first_mismatch();
  const bool ok = mismatch == checks.end();
  if (common.format == Format::Json) {
    std::fputs(verification_json(checks, ok).c_str(), stdout);
  } else if (!common.quiet) {
    const Terminal terminal(stdout);
    for (const Verification& check : checks) {
      fmt::print("{}\n",
                 terminal.wrapped(fmt::format("{} {}: {}", verdict_word(check.verdict, terminal),
                                              check.check, check.detail),
                                  7));
    }
  }
  if (ok) return 0;
  return fail(ErrorCode::CheckFailed,
              fmt::format("the mart does not verify: {}: {}", mismatch->check, mismatch->detail));
}

}  // namespace quintile::cli

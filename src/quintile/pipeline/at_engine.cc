#include <algorithm>

#include <fmt/format.h>

#include "quintile/config/config.h"
#include "quintile/engine/adbc/adbc_session.h"
#include "quintile/engine/sql/conformance.h"
#include "quintile/engine/sql/run.h"
#include "quintile/pipeline/at_engine_internal.h"
#include "quintile/pipeline/contents_internal.h"

namespace quintile::pipeline {

namespace {

namespace adbc = engine::adbc;
namespace sql = engine::sql;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

/// "Parquet segments" of a path, its last part.
std::string parquet_name(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return "Parquet " + path.substr(path.find_last_of('/') + 1);
}

/// What the customers are kept as; empty where they are not.
std::string kept_name(const sql::Location& location) {
  if (location.write_to.empty()) return {};
  return location.write_to.find('/') == std::string::npos ? "table " + location.write_to
                                                          : parquet_name(location.write_to);
}

/// What was read and by whom; neither host nor user, and of a path its last part.
table::Detection described(const sql::Location& location, const sql::Server& server,
                           int input_passes, int customer_passes) {
  const std::string what =
      location.table.empty() ? parquet_name(location.parquet) : "table " + joined(location.table);
  return {
      "input at an engine", what,
      fmt::format("run there by {} {}, through {}; {} passes over the input, {} over its customers",
                  sql::to_string(server.product), server.version, server.driver, input_passes,
                  customer_passes)};
}

mart::Contents contents_of(const plan::Plan& plan, quality::Review review) {
  mart::Contents contents;
  describe_plan(plan, contents);
  contents.manifest.rows_read = review.rows;
  if (!review.waterfall.empty())
    contents.manifest.rows_quarantined = review.rows - review.waterfall.back().rows;
  contents.review = std::move(review);
  return contents;
}

Result<sql::Location> location_of(const plan::Plan& plan) {
  if (plan.input.path.size() != 1)
    return fail(ErrorCode::Plan, "an input at an engine is one table or one Parquet path",
                "join several in a view at the engine, and name the view");
  return sql::parse_location(plan.input.path.front());
}

/// A session with an engine that has shown that it means by our SQL what we mean.
Result<std::unique_ptr<sql::Session>> connect(const sql::Location& location,
                                              const Options& options) {
  QUINTILE_TRY(adbc::Settings settings, adbc::read_settings(options.engine.options));
  if (!options.engine.driver.empty()) settings.driver = options.engine.driver;
  QUINTILE_TRY_STATUS(options.begin("connecting"));
  QUINTILE_TRY(auto session, adbc::connect(location, settings, options.cancellation));
  QUINTILE_TRY(const auto checks, sql::check_answers(*session));
  const auto wrong = std::ranges::find(checks, false, &sql::ConformanceCheck::ok);
  if (wrong == checks.end()) return session;
  return fail(
      ErrorCode::Engine,
      fmt::format("{} does not answer as this plan needs: {}: expected {}, got {}",
                  sql::to_string(location.product), wrong->name, wrong->expected, wrong->got),
      "quintile engines check shows every answer");
}

Result<sql::Remote> score(sql::Session& session, sql::TemporaryTables& tables,
                          const plan::Plan& plan, const sql::Location& location,
                          const Options& options, quality::Review* failed) {
  std::optional<rfm::Model> frozen;
  // The money scale of cut points is the input's, which the engine has to tell first.
  if (!plan.scoring.cut_points.empty()) {
    if (!plan.input.money_scale)
      return fail(ErrorCode::Unsupported, "frozen cut points at an engine need input.money_scale",
                  "state it in the plan: the scale of cut_points.yaml");
    QUINTILE_TRY(frozen, config::read_cut_points(plan.resolve(plan.scoring.cut_points),
                                                 *plan.input.money_scale));
  }
  QUINTILE_TRY_STATUS(options.begin("scoring at the engine"));
  return sql::run(session, tables, plan, location, frozen, failed);
}

Status arrived_whole(const segments::Segmentation& segmentation, const plan::Plan& plan,
                     const sql::Remote& remote, const Options& options) {
  const std::string ours = mart::fingerprint(segmentation, plan.segments, options.threads);
  if (ours == remote.fingerprint) return {};
  return fail(ErrorCode::Engine,
              fmt::format("the engine's customers have fingerprint {}, those that arrived {}",
                          remote.fingerprint, ours),
              "nothing was published; run `quintile engines check` on this engine");
}

}  // namespace

bool lies_at_engine(const plan::Plan& plan) {
  return !plan.input.path.empty() && sql::is_engine_uri(plan.input.path.front());
}

Result<std::string> fingerprint_at_engine(const plan::Plan& plan, const Options& options) {
  QUINTILE_TRY(const sql::Location location, location_of(plan));
  QUINTILE_TRY(const auto session, connect(location, options));
  const sql::Dialect dialect(session->server().product);
  sql::TemporaryTables tables(*session, dialect);
  QUINTILE_TRY(const sql::Remote remote, score(*session, tables, plan, location, options, nullptr));
  return remote.fingerprint;
}

Result<AtEngine> segment_at_engine(const plan::Plan& plan, const Options& options,
                                   mart::Contents* failed_review) {
  QUINTILE_TRY(const sql::Location location, location_of(plan));
  QUINTILE_TRY(const auto session, connect(location, options));
  const sql::Dialect dialect(session->server().product);
  if (!location.write_to.empty()) QUINTILE_TRY_STATUS(sql::check_target(*session, location));
  sql::TemporaryTables tables(*session, dialect);
  quality::Review failed;
  auto remote = score(*session, tables, plan, location, options, &failed);
  if (!remote) {
    if (failed_review != nullptr && remote.error().code == ErrorCode::CheckFailed)
      *failed_review = contents_of(plan, std::move(failed));
    return std::unexpected(std::move(remote).error());
  }
  AtEngine result;
  segments::Segmentation segmentation;
  const bool stays = plan.output.rows == plan::OutputRows::Stay;
  if (stays) {
    QUINTILE_TRY_STATUS(options.begin("counting at the engine"));
    QUINTILE_TRY(result.figures, sql::count_figures(*session, plan, *remote));
    segmentation = sql::without_rows(*session, plan, *remote);
  } else {
    QUINTILE_TRY_STATUS(options.begin("fetching customers"));
    QUINTILE_TRY(segmentation, sql::fetch(*session, plan, *remote));
    QUINTILE_TRY_STATUS(arrived_whole(segmentation, plan, *remote, options));
  }
  if (!location.write_to.empty()) {
    QUINTILE_TRY_STATUS(options.begin("writing at the engine"));
    QUINTILE_TRY_STATUS(sql::write(*session, plan, location, *remote));
  }
  mart::Contents& contents = result.contents;
  contents = contents_of(plan, std::move(remote->review));
  mart::Manifest& manifest = contents.manifest;
  manifest.analysis_date = day_to_string(segmentation.analysis_day);
  manifest.money_scale = segmentation.customers.money_scale;
  manifest.customers = remote->customers.customers;
  const int of_figures = stays ? result.figures->passes : 1;
  manifest.detections.push_back(described(location, session->server(), remote->input_passes,
                                          remote->customer_passes + of_figures));
  manifest.ties = std::move(remote->scored.ties);
  if (stays) {
    manifest.customers_at = {std::string(sql::to_string(session->server().product)),
                             kept_name(location)};
    manifest.fingerprint = remote->fingerprint;
  }
  contents.segmentation = std::move(segmentation);
  return result;
}

}  // namespace quintile::pipeline

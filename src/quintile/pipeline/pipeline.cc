#include "quintile/pipeline/pipeline.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "quintile/config/config.h"
#include "quintile/engine/local/executor.h"
#include "quintile/engine/local/segment.h"
#include "quintile/io/open.h"
#include "quintile/pipeline/at_engine_internal.h"
#include "quintile/pipeline/contents_internal.h"
#include "quintile/pipeline/read_customers_internal.h"
#include "quintile/pipeline/read_transactions_internal.h"
#include "quintile/pipeline/version.h"
#include "quintile/report/report.h"
#include "quintile/segments/assign.h"
#include "quintile/segments/linter.h"

namespace quintile::pipeline {

namespace {

io::Encoding encoding_of(plan::Encoding encoding) {
  switch (encoding) {
    case plan::Encoding::Auto: return io::Encoding::Auto;
    case plan::Encoding::Utf8: return io::Encoding::Utf8;
    case plan::Encoding::Windows1252: return io::Encoding::Windows1252;
    case plan::Encoding::Macintosh: return io::Encoding::Macintosh;
  }
  return io::Encoding::Auto;
}

Result<std::unique_ptr<table::Source>> open_files(const plan::Plan& plan,
                                                  const io::OpenOptions& how) {
  const std::filesystem::path folder = std::filesystem::path(plan.file).parent_path();
  QUINTILE_TRY(const auto files, io::expand(plan.input.path, folder.string()));
  return io::open_source(files, how);
}

Result<CleanInput> read_input(const plan::Plan& plan, const Executor& executor,
                              const Options& options) {
  const io::OpenOptions how{.delimiter = plan.input.csv.delimiter,
                            .decimal = plan.input.csv.decimal,
                            .quote = plan.input.csv.quote,
                            .encoding = encoding_of(plan.input.encoding),
                            .threads = options.threads,
                            .memory_max = options.memory_max,
                            .cancelled = options.cancelled,
                            .scanned = [&options](double done) {
                              if (options.progress) options.progress("reading lines", done);
                            }};
  QUINTILE_TRY(const auto source, options.open ? options.open(how) : open_files(plan, how));
  auto input = plan.input.grain == plan::Grain::Transaction
                   ? read_transactions(plan, *source, executor, options)
                   : read_customers(plan, *source, executor, options);
  // What is said of the rows as a whole is said of the file.
  if (!input && input.error().code == ErrorCode::Input && input.error().place == Place{} &&
      plan.input.path.size() == 1)
    input.error().place.file = plan.input.path.front();
  return input;
}

/// Moves what was found out about the input into the contents of a mart.
mart::Contents contents_of(CleanInput&& input, const plan::Plan& plan) {
  mart::Contents contents;
  describe_plan(plan, contents);
  customers::CleanedCustomers& cleaned = input.cleaned;
  mart::Manifest& manifest = contents.manifest;
  manifest.analysis_date = day_to_string(cleaned.analysis_day);
  manifest.money_scale = input.facts.money_scale;
  for (std::size_t i = 0; i < input.origin.files.size(); ++i) {
    const table::Origin::File& file = input.origin.files[i];
    manifest.inputs.push_back({file.name, input.facts.sha256[i], input.facts.bytes[i], file.rows});
  }
  manifest.detections = std::move(input.facts.detections);
  manifest.rows_read = cleaned.review.rows;
  manifest.rows_quarantined = static_cast<std::int64_t>(cleaned.quarantine.size());
  manifest.customers = cleaned.customers.size;
  contents.review = std::move(cleaned.review);
  contents.quarantine = std::move(cleaned.quarantine);
  contents.crosswalk = std::move(cleaned.crosswalk);
  contents.crosswalk_source_ids = std::move(cleaned.crosswalk_source_ids);
  contents.origin = std::move(input.origin);
  contents.segmentation.analysis_day = cleaned.analysis_day;
  contents.segmentation.customers = std::move(cleaned.customers);
  return contents;
}

/// What a reader of the result must know before trusting it.
std::vector<std::string> warnings_of(const mart::Contents& contents) {
  std::vector<std::string> warnings;
  const segments::LintReport lint =
      segments::lint(contents.rules, segments::bins_of(contents.segmentation.model));
  for (const segments::RuleVerdict& rule : lint.segments) {
    if (!rule.dead) continue;
    warnings.push_back(
        rule.cells == 0
            ? fmt::format("the condition of segment '{}' can never hold", rule.segment_id)
            : fmt::format("the rule of segment '{}' can never be the first to match: earlier rules "
                          "take all of its cells",
                          rule.segment_id));
  }
  for (const rfm::TieReport& ties : contents.manifest.ties) {
    if (ties.bins_used == ties.bins_asked) continue;
    warnings.push_back(fmt::format("{}: equal values fill {} of {} bins",
                                   rfm::to_string(ties.metric), ties.bins_used, ties.bins_asked));
  }
  for (const segments::Rule& rule : contents.rules.rules) {
    if (rule.actions.empty())
      warnings.push_back(fmt::format("segment '{}' has no actions in the rule file", rule.id));
  }
  for (const std::string& name : summary::unknown_placeholders(contents.rules)) {
    warnings.push_back(
        fmt::format("the rule file's texts name '{{{}}}', which is no field of the summary", name));
  }
  return warnings;
}

/// Reads, cleans, scores and segments files in this process.
Result<mart::Contents> segment_files(const plan::Plan& plan, const Options& options,
                                     mart::Contents* failed_review) {
  const Executor executor = engine::local::on_threads(options.threads);
  QUINTILE_TRY(CleanInput input, read_input(plan, executor, options));
  mart::Contents contents = contents_of(std::move(input), plan);
  if (const quality::Finding* failure = contents.review.failure()) {
    const Error error{ErrorCode::CheckFailed,
                      fmt::format("the review stops the run: {} in {} of {} rows", failure->check,
                                  failure->rows, contents.review.rows),
                      failure->reason,
                      {}};
    if (failed_review != nullptr) *failed_review = std::move(contents);
    return std::unexpected(error);
  }
  QUINTILE_TRY_STATUS(options.begin("scoring"));
  std::optional<rfm::Model> frozen;
  if (!plan.scoring.cut_points.empty()) {
    QUINTILE_TRY(frozen, config::read_cut_points(plan.resolve(plan.scoring.cut_points),
                                                 contents.manifest.money_scale));
  }
  QUINTILE_TRY(engine::local::Segmented segmented,
               engine::local::segment(std::move(contents.segmentation.customers),
                                      contents.segmentation.analysis_day, plan, frozen, executor));
  contents.segmentation = std::move(segmented.segmentation);
  contents.manifest.ties = std::move(segmented.ties);
  return contents;
}

/// Summary, claims and recommendations, from what was counted at an engine or from the customers.
void describe_customers(mart::Contents& contents,
                        const std::optional<engine::sql::RemoteFigures>& remote,
                        const std::string& currency, const Executor& executor) {
  const segments::Segmentation& customers = contents.segmentation;
  const segments::RuleSet& rules = contents.rules;
  const rfm::CutPoints& recency =
      customers.model.metrics[static_cast<std::size_t>(rfm::Metric::Recency)];
  if (remote) {
    contents.summary =
        summary::summarise(remote->summary, customers.model, rules, currency, {}, executor);
    contents.insights = insights::test_insights(remote->claims, rules);
    contents.recommendations = insights::recommend(remote->audiences, recency, rules,
                                                   contents.summary, contents.insights, currency);
    return;
  }
  contents.summary = summary::summarise(customers, rules, currency, {}, {}, executor);
  contents.insights = insights::test_insights(customers, rules, {}, executor);
  contents.recommendations = insights::recommend(customers, rules, contents.summary,
                                                 contents.insights, currency, executor);
}

}  // namespace

Status Options::begin(const char* stage) const {
  if (cancelled && cancelled()) return fail(ErrorCode::Cancelled, "the run was cancelled");
  if (progress) progress(stage, -1);
  return {};
}

void describe_plan(const plan::Plan& plan, mart::Contents& contents) {
  mart::Manifest& manifest = contents.manifest;
  manifest.version = version();
  manifest.currency = plan.input.currency;
  manifest.plan_file = std::filesystem::path(plan.file).filename().string();
  manifest.plan_json = mart::plan_json(plan);
  manifest.rules_digest = plan.segments.digest;
  contents.rules = plan.segments;
}

Result<mart::Contents> review(const plan::Plan& plan, const Options& options) {
  if (lies_at_engine(plan)) {
    return fail(ErrorCode::Unsupported, "the review alone reads files, not an engine",
                "`quintile run` reviews the input at the engine, and publishes what it found");
  }
  const Executor executor = engine::local::on_threads(options.threads);
  QUINTILE_TRY(CleanInput input, read_input(plan, executor, options));
  return contents_of(std::move(input), plan);
}

Result<mart::Contents> compute(const plan::Plan& plan, const Options& options,
                               mart::Contents* failed_review) {
  const Executor executor = engine::local::on_threads(options.threads);
  const bool is_at_engine = lies_at_engine(plan) && !options.open;
  if (plan.output.rows == plan::OutputRows::Stay && !is_at_engine) {
    return fail(ErrorCode::Plan, "output.rows: stay is for an input at a SQL engine",
                "leave it out: customers of files are published here", Place{plan.file, 0, 0});
  }
  AtEngine run;
  if (is_at_engine) {
    QUINTILE_TRY(run, segment_at_engine(plan, options, failed_review));
  } else {
    QUINTILE_TRY(run.contents, segment_files(plan, options, failed_review));
  }
  mart::Contents& contents = run.contents;
  QUINTILE_TRY_STATUS(options.begin("summarising"));
  describe_customers(contents, run.figures, plan.input.currency, executor);
  contents.manifest.warnings = warnings_of(contents);
  if (run.figures)
    std::ranges::copy(run.figures->not_tested, std::back_inserter(contents.manifest.warnings));
  return std::move(run.contents);
}

Status publish(mart::Contents& contents, const std::filesystem::path& folder,
               const std::filesystem::path& report_folder, const Options& options) {
  QUINTILE_TRY_STATUS(options.begin("publishing"));
  // The report is finished before the mart changes, so that one that cannot be written leaves both
  // as they were.
  QUINTILE_TRY(mart::StagedFolder staged, mart::stage(contents, folder, options.threads));
  mart::Mart mart = mart::to_mart(std::move(contents), folder);
  Status status = report::publish(std::move(staged), mart, folder, report_folder);
  mart::give_back(std::move(mart), contents);
  if (status) mart::remove_review_beside(folder);
  return status;
}

Result<mart::Mart> run(const plan::Plan& plan, const Options& options,
                       mart::Contents* failed_review) {
  QUINTILE_TRY(mart::Contents contents, compute(plan, options, failed_review));
  const std::filesystem::path folder = plan.resolve(plan.output.mart);
  QUINTILE_TRY_STATUS(publish(contents, folder, plan.resolve(plan.output.report), options));
  return mart::to_mart(std::move(contents), folder);
}

}  // namespace quintile::pipeline

#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/cli/commands.h"
#include "quintile/cli/interrupts.h"
#include "quintile/cli/progress.h"
#include "quintile/cli/show.h"
#include "quintile/config/config.h"
#include "quintile/mart/json_writer.h"
#include "quintile/pipeline/compare_preset.h"
#include "quintile/pipeline/pipeline.h"

namespace quintile::cli {

namespace {

pipeline::Options options_of(const PlanArguments& arguments, const Common& common,
                             Progress& progress) {
  return {.threads = common.threads,
          .memory_max = common.memory_max,
          .engine = arguments.engine,
          .cancellation = &Interrupts::cancellation(),
          .progress = [&progress](const std::string& stage,
                                  double done) { progress.show(stage, done); },
          .cancelled = [] { return Interrupts::cancellation().requested(); }};
}

/// `path` of the plan's output as people would write it: "data/mart", not "configs/../data/mart".
std::string shown(const plan::Plan& plan, const std::string& path) {
  return std::filesystem::path(plan.resolve(path)).lexically_normal().string();
}

void counts_json(mart::JsonWriter& json, std::string_view key,
                 const std::vector<std::int64_t>& counts) {
  json.key(key);
  json.begin_array(false);
  for (const std::int64_t count : counts) json.integer(count);
  json.end_array();
}

void comparison_json(mart::JsonWriter& json, const rfm::PresetComparison& comparison) {
  json.begin_object();
  json.key("preset"), json.text(rfm::to_string(comparison.preset));
  json.key("customers"), json.integer(comparison.customers);
  json.key("different"), json.integer(comparison.different);
  json.key("metrics");
  json.begin_array(true);
  for (const rfm::MetricDifference& metric : comparison.metrics) {
    json.begin_object();
    json.key("metric"), json.text(rfm::to_string(metric.metric));
    json.key("bins_asked"), json.integer(metric.bins_asked);
    json.key("bins_used"), json.integer(metric.bins_used);
    counts_json(json, "customers", metric.customers);
    counts_json(json, "customers_safe", metric.customers_safe);
    json.key("different"), json.integer(metric.different);
    json.key("shifts");
    json.begin_array(true);
    for (const auto& shift : metric.shifts) {
      json.begin_object();
      json.key("by"), json.integer(shift.by);
      json.key("customers"), json.integer(shift.customers);
      json.end_object();
    }
    json.end_array();
    json.key("reasons");
    json.begin_array(true);
    for (const auto& reason : metric.reasons) {
      json.begin_object();
      json.key("reason"), json.text(reason.id);
      json.key("customers"), json.integer(reason.customers);
      json.key("text"), json.text(reason.text);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

/// What the run made, as JSON: where it lies, and the tables that people ask for first.
std::string run_json(const mart::Mart& mart, const plan::Plan& plan,
                     const std::optional<rfm::PresetComparison>& comparison) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("mart"), json.text(shown(plan, plan.output.mart));
  json.key("report"), json.text(shown(plan, plan.output.report) + "/report.html");
  json.key("analysis_date"), json.text(mart.manifest.analysis_date);
  json.key("rows_read"), json.integer(mart.manifest.rows_read);
  json.key("rows_quarantined"), json.integer(mart.manifest.rows_quarantined);
  json.key("customers"), json.integer(mart.manifest.customers);
  json.key("fingerprint"), json.text(mart.manifest.fingerprint);
  json.key("segments");
  json.begin_array(true);
  for (const summary::SegmentSummary& segment : mart.summary.segments) {
    json.begin_object();
    json.key("segment_id"), json.text(segment.segment_id);
    json.key("segment_name"), json.text(segment.segment_name);
    json.key("customers"), json.integer(segment.customers);
    json.key("customer_share"), json.real(segment.customer_share);
    json.key("monetary"), json.money(segment.monetary, mart.manifest.money_scale);
    json.key("monetary_share"), json.real(segment.monetary_share);
    json.end_object();
  }
  json.end_array();
  json.key("warnings");
  json.begin_array(true);
  for (const std::string& warning : mart.manifest.warnings) json.text(warning);
  json.end_array();
  if (comparison) {
    json.key("compare_preset");
    comparison_json(json, *comparison);
  }
  json.end_object();
  return json.take();
}

void print_run(const mart::Mart& mart, const plan::Plan& plan, const Progress& progress) {
  const Terminal terminal(stdout);
  std::string text = terminal.wrapped(fmt::format("{} {}  {}  rules: {}  analysis date: {}",
                                                  terminal.paint(Style::Bold, "Quintile"),
                                                  mart.manifest.version, mart.manifest.plan_file,
                                                  mart.rules.name, mart.manifest.analysis_date),
                                      2) +
                     "\n";
  text += show_input(mart.manifest, terminal);
  text += show_review(mart.review, mart.manifest, terminal);
  text += show_scores(mart, terminal);
  text += show_segments(mart, terminal);
  text += show_insights(mart, terminal);
  if (!mart.manifest.warnings.empty()) {
    text += "\n" + terminal.paint(Style::Bold, "Warnings") + "\n";
    for (const std::string& warning : mart.manifest.warnings)
      text += terminal.wrapped("! " + warning, 2) + "\n";
  }
  text += "\n" + terminal.paint(Style::Bold, "Published") + "\n";
  text += fmt::format("mart    {}\nreport  {}/report.html\n", shown(plan, plan.output.mart),
                      shown(plan, plan.output.report));
  if (const auto& at = mart.manifest.customers_at) {
    text += fmt::format("customers stayed at {}: {}\n", at->engine,
                        at->kept.empty() ? "not kept" : at->kept);
  }
  std::fputs(text.c_str(), stdout);
  // The time stands on stderr: what stdout says of a run is the same every time.
  fmt::print(stderr, "{}\n",
             terminal.wrapped(fmt::format("{} in {:.2f} s; next: quintile verify --mart {}",
                                          counted(mart.manifest.customers, "customer"),
                                          progress.seconds(), shown(plan, plan.output.mart))));
}

void print_comparison(const rfm::PresetComparison& comparison) {
  const Terminal terminal(stdout);
  std::string text =
      "\n" +
      terminal.paint(Style::Bold,
                     "Compared with " + std::string(rfm::to_string(comparison.preset))) +
      "\n";
  for (const std::string& line : rfm::describe(comparison)) text += line + "\n";
  std::fputs(text.c_str(), stdout);
}

}  // namespace

Result<int> review(const PlanArguments& arguments, const Common& common) {
  Progress progress(common.quiet);
  QUINTILE_TRY(const plan::Plan plan, config::read_plan(arguments.plan, arguments.overrides));
  QUINTILE_TRY(const mart::Contents contents,
               pipeline::review(plan, options_of(arguments, common, progress)));
  const std::filesystem::path mart_folder = shown(plan, plan.output.mart);
  QUINTILE_TRY(const std::filesystem::path folder, mart::publish_review(contents, mart_folder));
  progress.finish();
  const std::string note =
      folder == mart_folder
          ? ""
          : fmt::format(
                "The mart in {} is of another input or plan and stays as it was; the review "
                "lies in {}.",
                mart_folder.string(), folder.string());
  if (common.format == Format::Json) {
    std::fputs(mart::review_json(contents.review, contents.manifest.money_scale).c_str(), stdout);
    if (!note.empty() && !common.quiet) fmt::print(stderr, "{}\n", Terminal(stderr).wrapped(note));
  } else if (!common.quiet) {
    const Terminal terminal(stdout);
    std::fputs((show_input(contents.manifest, terminal) +
                show_review(contents.review, contents.manifest, terminal))
                   .c_str(),
               stdout);
    fmt::print("\nreview      {0}/review.json\nquarantine  {0}/quarantine.parquet\n",
               folder.string());
    if (!note.empty()) fmt::print("{}\n", terminal.wrapped(note));
  }
  const quality::Finding* failure = contents.review.failure();
  if (failure == nullptr) return 0;
  return fail(ErrorCode::CheckFailed,
              fmt::format("the review says no: {} in {} of {} rows", failure->check, failure->rows,
                          contents.review.rows),
              failure->reason);
}

Result<int> run(const PlanArguments& arguments, const Common& common) {
  Progress progress(common.quiet);
  std::optional<rfm::Preset> preset;
  if (!arguments.compare_preset.empty()) {
    QUINTILE_TRY(preset, pipeline::preset_named(arguments.compare_preset));
  }
  QUINTILE_TRY(const plan::Plan plan, config::read_plan(arguments.plan, arguments.overrides));
  mart::Contents failed;
  std::optional<Interrupts> interrupts;
  if (engine::sql::is_engine_uri(plan.input.path.front())) interrupts.emplace();
  auto mart = pipeline::run(plan, options_of(arguments, common, progress), &failed);
  progress.finish();
  if (!mart) {
    if (mart.error().code == ErrorCode::CheckFailed && common.format == Format::Text &&
        !common.quiet) {
      std::fputs(show_review(failed.review, failed.manifest, Terminal(stderr)).c_str(), stderr);
    }
    return std::unexpected(mart.error());
  }
  std::optional<rfm::PresetComparison> comparison;
  if (preset) {
    QUINTILE_TRY_STATUS(mart::customers_are_here(mart->manifest));
    QUINTILE_TRY(comparison,
                 pipeline::compare_preset(mart->segmentation.customers, *preset, common.threads));
  }
  if (common.format == Format::Json) {
    std::fputs(run_json(*mart, plan, comparison).c_str(), stdout);
  } else if (!common.quiet) {
    print_run(*mart, plan, progress);
    if (comparison) print_comparison(*comparison);
  }
  return 0;
}

}  // namespace quintile::cli

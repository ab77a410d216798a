#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/engine/sql/session.h"
#include "quintile/io/open.h"
#include "quintile/mart/mart.h"
#include "quintile/plan/plan.h"

/// One run from input to report. Knows no terminal and no clock: progress goes through `Progress`.
namespace quintile::pipeline {

/// How an engine is reached, beside its URI in the plan.
struct EngineAccess {
  std::string driver;   ///< a driver library; empty: looked for
  std::string options;  ///< a file with secrets and settings; empty: the environment's
};

struct Options {
  int threads = 0;              ///< 0: as many as there are processors; never changes a result
  std::int64_t memory_max = 0;  ///< bytes; 0: no limit; never changes a result
  EngineAccess engine;
  const engine::sql::Cancellation* cancellation = nullptr;  ///< ends what runs at an engine
  /// Called now and then, from any thread: what is done, and how far in 0 to 1 (negative: not
  /// known).
  std::function<void(const std::string& stage, double done)> progress;
  /// Asked now and then, from any thread: true ends the run early with Cancelled, and nothing is
  /// published.
  std::function<bool()> cancelled;
  /// Opens what is read instead of the files that the plan names; empty: the files.
  std::function<Result<std::unique_ptr<table::Source>>(const io::OpenOptions& how)> open;

  /// Tells that a stage begins. Errors: Cancelled.
  [[nodiscard]] Status begin(const char* stage) const;
};

/// Reads, reviews, cleans, scores, segments, summarises and tests; publishes nothing.
/// Errors: CheckFailed when the review decided `fail` (the contents found so far are in
/// `failed_review`).
[[nodiscard]] Result<mart::Contents> compute(const plan::Plan& plan, const Options& options,
                                             mart::Contents* failed_review = nullptr);

/// The review alone.
[[nodiscard]] Result<mart::Contents> review(const plan::Plan& plan, const Options& options);

/// Publishes the mart and its report together. `contents` stays as it was, but for its manifest,
/// which then says what was published. Errors: as `mart::stage` and `report::publish`.
[[nodiscard]] Status publish(mart::Contents& contents, const std::filesystem::path& folder,
                             const std::filesystem::path& report_folder, const Options& options);

/// `compute`, then publishes the mart and the report, and returns the mart as published.
[[nodiscard]] Result<mart::Mart> run(const plan::Plan& plan, const Options& options,
                                     mart::Contents* failed_review = nullptr);

}  // namespace quintile::pipeline

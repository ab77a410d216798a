#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"
#include "quintile/plan/plan.h"

/// One run from input to report. Knows no terminal and no clock: progress goes through `Progress`.
namespace quintile::pipeline {

struct Options {
  int threads = 0;              ///< 0: as many as there are processors; never changes a result
  std::int64_t memory_max = 0;  ///< bytes; 0: no limit; never changes a result
  /// Called now and then, from any thread: what is done, and how far in 0 to 1 (negative: not
  /// known).
  std::function<void(const std::string& stage, double done)> progress;
};

/// Reads, reviews, cleans, scores, segments, summarises and tests; publishes nothing.
/// Errors: CheckFailed when the review decided `fail` (the contents found so far are in
/// `failed_review`).
[[nodiscard]] Result<mart::Contents> compute(const plan::Plan& plan, const Options& options,
                                             mart::Contents* failed_review = nullptr);

/// The review alone.
[[nodiscard]] Result<mart::Contents> review(const plan::Plan& plan, const Options& options);

/// `compute`, then publishes the mart and the report, and returns the mart as published.
[[nodiscard]] Result<mart::Mart> run(const plan::Plan& plan, const Options& options,
                                     mart::Contents* failed_review = nullptr);

}  // namespace quintile::pipeline

#pragma once

#include <optional>

#include "quintile/engine/sql/figures.h"
#include "quintile/pipeline/pipeline.h"

namespace quintile::pipeline {

/// Does the input lie at a SQL engine? Its path is then a URI.
[[nodiscard]] bool lies_at_engine(const plan::Plan& plan);

/// What an engine made of a plan.
struct AtEngine {
  mart::Contents contents;
  /// What summary and claims are made of, where the customers stayed there: `contents` then has
  /// their columns without rows.
  std::optional<engine::sql::RemoteFigures> figures;
};

/// The plan run where its data are: review, ids, scores and segments come from the engine. With
/// `output.rows: fetch` one row a customer is fetched, and the fingerprint of what came is compared
/// with the engine's own; with `stay` none is. Contents without quarantine and crosswalk: rows have
/// no numbers there. Errors: those of `engine::adbc::connect` and `engine::sql::run`; CheckFailed
/// as `compute`.
[[nodiscard]] Result<AtEngine> segment_at_engine(const plan::Plan& plan, const Options& options,
                                                 mart::Contents* failed_review);

/// The same as far as the fingerprint, which the engine adds up; no customer travels.
[[nodiscard]] Result<std::string> fingerprint_at_engine(const plan::Plan& plan,
                                                        const Options& options);

}  // namespace quintile::pipeline

#pragma once

#include <string>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"
#include "quintile/pipeline/pipeline.h"

namespace quintile::pipeline {

/// A published mart worked out again from its own plan, rules and inputs.
struct Reproduction {
  bool at_hand =
      false;  ///< the inputs lie where they can be found, with the digests of the manifest
  std::string explanation;  ///< what was worked out; or which input is not at hand, and why
  std::string difference;   ///< what came out otherwise than it is published; empty: nothing
};

/// A mart knows its inputs by the paths that the plan spelled, never by absolute ones. They are
/// looked for from the mart's folder upwards and from the current folder, and taken only if their
/// SHA-256 is that of the manifest. Every byte of every file is compared; what another version of
/// the program published may be written otherwise, so of that the customers alone are.
/// Errors: those of `compute`.
[[nodiscard]] Result<Reproduction> reproduce(const mart::Mart& mart, const Options& options);

/// The same of what lies at an engine now, which works it out and adds up the fingerprint: no
/// customer travels. `uri` names engine and table as a plan's `input.path` does.
/// Errors: those of the engine.
[[nodiscard]] Result<Reproduction> reproduce_at_engine(const mart::Mart& mart,
                                                       const std::string& uri,
                                                       const Options& options);

}  // namespace quintile::pipeline

#pragma once

#include <string_view>
#include <vector>

#include "quintile/mart/mart.h"

namespace quintile::mart {

/// What run.json holds.
struct ManifestFile {
  Manifest manifest;
  segments::RuleSet rules;
  rfm::Model model;
  std::vector<insights::Recommendation> recommendations;
};

/// Reads the text of run.json. Errors: CheckFailed for another format, or a key that is not as
/// written.
[[nodiscard]] Result<ManifestFile> read_manifest(std::string_view text);

}  // namespace quintile::mart

#pragma once

#include <string>

#include "quintile/synthetic/generator.h"

namespace quintile::synthetic {

/// The metadata file: what each field means and is meant for, and the planted truth.
[[nodiscard]] std::string metadata_json(const GeneratorOptions& options,
                                        const GeneratorReport& report);

}  // namespace quintile::synthetic

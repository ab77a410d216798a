#pragma once

#include <filesystem>
#include <string>

#include "quintile/base/result.h"

namespace quintile::mart {

/// All bytes of a file. Errors: NotFound; Io.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file);

}  // namespace quintile::mart

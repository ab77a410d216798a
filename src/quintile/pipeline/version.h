#pragma once

#include <string_view>

namespace quintile::pipeline {

/// The program's version, as CMake's project() states it: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace quintile::pipeline

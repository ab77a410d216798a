#pragma once

#include <string>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

/// `stage` without a folder: every file is made and hashed, and none is kept. The result is the
/// text of run.json, which has the digests of the others. Errors: as `complete`.
[[nodiscard]] Result<std::string> rehearse(Contents& contents, int threads);

}  // namespace quintile::mart

#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "quintile/base/result.h"

namespace quintile::io::columnar {

/// Time stamps with a zone as the clocks of that zone showed them, without a zone; any other array
/// as it is. Errors: Input for a zone that this system does not know.
[[nodiscard]] Result<std::shared_ptr<arrow::Array>> by_local_clock(
    const std::shared_ptr<arrow::Array>& array);

}  // namespace quintile::io::columnar

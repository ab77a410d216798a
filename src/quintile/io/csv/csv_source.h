#pragma once

#include <memory>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/io/bytes.h"
#include "quintile/io/open.h"
#include "quintile/table/source.h"

namespace quintile::io::csv {

/// Opens delimited text files as one table. `files` are open and not empty. Errors: as
/// `table::Source` says.
[[nodiscard]] Result<std::unique_ptr<table::Source>> open_csv(
    std::vector<std::unique_ptr<File>> files, const OpenOptions& options);

}  // namespace quintile::io::csv

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/io/bytes.h"
#include "quintile/io/open.h"
#include "quintile/table/source.h"

namespace quintile::io::parquet {

/// True when `head`, the first bytes of a file, are those of a Parquet file.
[[nodiscard]] bool is_parquet(std::string_view head);

/// Opens Parquet files as one table, read as the CSV file of the same data would be: times as they
/// are stored, zones passed over; a double by its shortest decimal text; a decimal with all digits
/// of its scale. Columns that hold lists, maps or structures are refused when they are asked for.
[[nodiscard]] Result<std::unique_ptr<table::Source>> open_parquet(
    std::vector<std::unique_ptr<File>> files, const OpenOptions& options);

}  // namespace quintile::io::parquet

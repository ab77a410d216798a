#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include <arrow/type_fwd.h>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"

/// The published tables in Arrow's memory format, for programs that take them from memory.
namespace quintile::mart {

enum class TableName : std::uint8_t { Customers, Summary, Quarantine, Crosswalk };

/// A table of a run, published or not: the columns and types that an Arrow reader sees in the
/// published file, in the same order of rows. Values are not copied where the layouts agree;
/// `owner` keeps the memory of `contents` alive and is held by every array. Rows come in chunks of
/// at most a million. Errors: Plan where two columns have one name; Memory.
[[nodiscard]] Result<std::shared_ptr<arrow::Table>> arrow_table(
    const Contents& contents, TableName name, const std::shared_ptr<const void>& owner);

/// The same of a published mart, from its file. Errors: as `open`.
[[nodiscard]] Result<std::shared_ptr<arrow::Table>> read_arrow_table(
    const std::filesystem::path& folder, TableName name);

}  // namespace quintile::mart

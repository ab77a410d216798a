#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/engine/adbc/abi.h"
#include "quintile/engine/sql/session.h"

namespace quintile::engine::adbc {

/// Reads record batches of the Arrow C data interface as `sql::Rows`, whatever Arrow made them.
///
/// Integer columns may come as Arrow's integers of any width or as decimals without digits after
/// the point (DuckDB's HUGEINT, Snowflake's NUMBER); Text as strings with offsets of 32 or 64 bits
/// or as string views. 64-bit integers and all text stay where they are. Columns without a type
/// hold nothing but missing values.
class BatchReader {
 public:
  /// `schema` is that of the stream. Errors: Engine for another number of columns or a column that
  /// is not of its type.
  [[nodiscard]] static Result<BatchReader> of(const abi::ArrowSchema& schema,
                                              std::span<const Type> types);

  /// The rows point into `batch` and into this reader, until the next call.
  /// Errors: Engine for a number past 64 bits, for text that is no UTF-8.
  [[nodiscard]] Result<sql::Rows> read(const abi::ArrowArray& batch);

 private:
  struct Column {
    std::string format;
    Type type = Type::Integer;
    std::vector<std::int64_t> integers;
    std::vector<std::string_view> texts;
    std::vector<std::uint8_t> valid;
  };
  [[nodiscard]] static Status read_column(const abi::ArrowArray& array, std::int64_t begin,
                                          std::int64_t size, Column& column, ColumnView& view);
  std::vector<Column> columns_;
};

/// The names that a driver and a server give themselves.
struct Names {
  std::string vendor_version;
  std::string driver_name;
  std::string driver_version;
};

/// Adds to `names` what a batch of `connection_get_info` says; ignores what it does not know.
void read_names(const abi::ArrowArray& batch, Names& names);

}  // namespace quintile::engine::adbc

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/mart/staged_file_internal.h"
#include "quintile/segments/segmentation.h"
#include "quintile/table/column.h"

#include "arrow/type_fwd.h"

/// Columns as Parquet files and back.
namespace quintile::mart {

/// A column of a file to be written.
struct ParquetColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;      ///< of the arrays that `slice` gives
  std::shared_ptr<arrow::DataType> declared;  ///< the type that an Arrow reader is to see
  bool nullable = false;
  /// Rows `begin` to `begin + count` as an array of `type`. Pure: called from several threads.
  std::function<std::shared_ptr<arrow::Array>(std::int64_t begin, std::int64_t count)> slice;
};

/// A table column as it is published: Integer as int64, Decimal as decimal(18, scale), Date as
/// date32, Timestamp as microseconds without zone, Real as double, Text as string. Borrows
/// `column`, whose memory is used as it is wherever the layouts agree.
[[nodiscard]] ParquetColumn parquet_column(const table::Column& column);

/// An Integer in 32 bits as int32.
[[nodiscard]] ParquetColumn parquet_int32_column(const table::Column& column);

/// The same as text, whatever its type: "0001" stays "0001", 17 is "17".
[[nodiscard]] ParquetColumn parquet_text_column(const table::Column& column);

/// The row number plus one: 1, 2, ...
[[nodiscard]] ParquetColumn parquet_row_ids(std::string name);

/// Codes into `texts`; `codes_of(begin, codes)` sets those of the rows from `begin` on.
/// `declared_dictionary` says whether an Arrow reader sees a dictionary.
using CodesOf = std::function<void(std::int64_t begin, std::span<std::int32_t> codes)>;
[[nodiscard]] ParquetColumn parquet_codes(std::string name, CodesOf codes_of,
                                          std::vector<std::string> texts, bool declared_dictionary);

/// Writes a Parquet file; the same columns give the same bytes whatever `threads` is. How values
/// are stored follows from the values (parquet_encoding_internal.h). Errors: Io.
[[nodiscard]] Status write_parquet(StagedFile& file, const std::vector<ParquetColumn>& columns,
                                   std::int64_t rows,
                                   const std::vector<std::pair<std::string, std::string>>& metadata,
                                   int threads);

/// Takes bytes in order as they come; an error ends the writing.
using Output = std::function<Status(std::string_view bytes)>;

/// The same into `out` while it is made, on the caller's thread: a column of a row group after the
/// other. Errors: those of `out`; Io.
[[nodiscard]] Status write_parquet(
    const Output& out, const std::vector<ParquetColumn>& columns, std::int64_t rows,
    const std::vector<std::pair<std::string, std::string>>& metadata);

/// As a stream of Arrow record batches (IPC), `metadata` in its schema.
[[nodiscard]] Status write_arrow_stream(
    const Output& out, const std::vector<ParquetColumn>& columns, std::int64_t rows,
    const std::vector<std::pair<std::string, std::string>>& metadata);

/// Columns of a Parquet file that `write_parquet` wrote, in the order of `names`. Text comes back
/// as codes into a sorted dictionary, or as views where `text_views` names it; columns without a
/// missing value have no validity. Errors: CheckFailed where it is not there, is no sound Parquet
/// file or lacks a column; `shown` is for messages.
[[nodiscard]] Result<std::vector<table::Column>> read_parquet(
    const std::filesystem::path& file, const std::string& shown,
    const std::vector<std::string>& names, const std::vector<std::string>& text_views, int threads);

/// The whole file as an Arrow reader sees it. Errors: as `read_parquet`.
[[nodiscard]] Result<std::shared_ptr<arrow::Table>> read_parquet_table(
    const std::filesystem::path& file, const std::string& shown);

/// Name and type of each column as `type_name` spells it, and the key-value metadata.
struct ParquetHeader {
  std::int64_t rows = 0;
  std::vector<std::pair<std::string, std::string>> columns;
  std::vector<std::pair<std::string, std::string>> metadata;
};
[[nodiscard]] Result<ParquetHeader> read_parquet_header(const std::filesystem::path& file,
                                                        const std::string& shown);

}  // namespace quintile::mart

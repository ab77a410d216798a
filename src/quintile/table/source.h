#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/date.h"
#include "quintile/base/result.h"
#include "quintile/table/table.h"

namespace quintile::table {

/// How the cells of a column are to be read.
enum class Reading : std::uint8_t {
  Inferred,    ///< type of the readable majority: Boolean (true/false), Integer, Real, Date,
               ///< Timestamp, Text
  Identifier,  ///< Integer (Int64) when every cell is a whole number in its plain form ("12", not
               ///< "012" or
               ///< "+12"), else Text as views; a Parquet double 12346.0 is "12346"
  Money,       ///< Decimal at the request's scale; cells with more digits are `unreadable`
  Count,       ///< Integer; cells with a fraction other than zero are `unreadable`
  Quantity,    ///< Decimal at the scale that the column needs, at most 6
  Day,         ///< Date; a time of day is cut off; by the request's date format
  Moment,      ///< Timestamp; by the request's date format; a bare date is its midnight
  Flag,        ///< Boolean: true/false, t/f, yes/no, y/n, 1/0 in any case
  Text,        ///< Text as codes
  Views,       ///< Text as views, for texts that hardly repeat
  Personal,  ///< nothing is kept but a hash of the trimmed, case-folded text: Int64, missing where
             ///< blank
};

struct ColumnRequest {
  std::string name;
  Reading reading = Reading::Inferred;
};

/// What to read, and how.
struct ReadRequest {
  std::vector<ColumnRequest> columns;
  std::optional<int>
      money_scale;  ///< 0 to 4; none: the most digits that a money cell has, at most 4
  std::string date_format = "auto";  ///< auto or a strptime pattern
  bool record_hash =
      false;  ///< also a 64-bit hash of each record's cells, for finding exact copies
};

/// What was found out about a file and why, for people: {"delimiter", "semicolon", "8 in every
/// line"}.
struct Detection {
  std::string what, chosen, reason;
};

/// What one reading found, beside the values.
struct ReadFacts {
  int money_scale = 2;
  std::vector<Detection> detections;
  std::vector<std::string>
      sha256;  ///< of each file's bytes as they lie on disk, in file order; lower case hex
  std::vector<std::int64_t> bytes;  ///< of each file as it lies on disk
  Origin origin;                    ///< files with their first rows and rows, also after a scan
};

/// A run of consecutive rows of one source: columns in the order requested.
/// `first_row` counts from 0 over all files. Text lives as long as its column (`Column::data_owner`
/// keeps it).
struct Batch {
  std::int64_t index = 0;  ///< of the batch: 0, 1, 2, ... in row order
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::vector<ReadColumn> columns;  ///< row numbers in `unreadable` count from the batch's start
  std::vector<std::uint64_t> record_hash;
};

/// Rows out of one or more files that are one table. Opened by `io::open_source`; not thread-safe,
/// but works with several threads inside.
class Source {
 public:
  virtual ~Source() = default;

  /// Column names in file order.
  [[nodiscard]] virtual const std::vector<std::string>& column_names() const = 0;

  /// Reads all rows into one table.
  /// Errors: Input with file, line and column for what cannot be used (ragged rows, broken quotes,
  /// bytes of no encoding, an ambiguous day/month, a column that is not there); Io; Memory.
  [[nodiscard]] virtual Result<Table> read(const ReadRequest& request) = 0;

  /// Reads in batches. `consume(batch, worker)` is called from `workers()` threads at once, each
  /// with its own worker number from 0, in no order; it returns an error to stop. Types of
  /// `Inferred` columns are those of `types` when that is given; after the scan `decided_types`
  /// says which the majority has, and a caller whose guess was wrong scans again.
  using Consumer = std::function<Status(Batch&& batch, int worker)>;
  [[nodiscard]] virtual Status scan(const ReadRequest& request, const Consumer& consume) = 0;
  [[nodiscard]] virtual int workers() const = 0;

  /// True when the last scan met a column whose majority type is not the one it was read with. The
  /// next scan reads it with the right one.
  [[nodiscard]] virtual bool types_changed() const = 0;

  /// Facts of the last `read` or `scan`, complete after it succeeded.
  [[nodiscard]] virtual const ReadFacts& facts() const = 0;

  /// The records' hashes of the last `read` with `record_hash`: one a row.
  [[nodiscard]] virtual std::vector<std::uint64_t> take_record_hashes() = 0;

  /// The cells of one column, counted as in `column_names`, at `rows` as text, for what few rows
  /// need (breaking ties). Holds personal values: never to be shown. A missing value is an empty
  /// text.
  [[nodiscard]] virtual Result<std::vector<std::string>> cells(
      std::size_t column, std::span<const std::int64_t> rows) = 0;
};

}  // namespace quintile::table

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/table/source.h"

namespace quintile::io {

enum class Encoding : std::uint8_t { Auto, Utf8, Windows1252, Macintosh };

/// How input files are to be read.
struct OpenOptions {
  std::optional<char> delimiter;  ///< none: found out; ' ' stands for runs of blanks
  std::optional<char> decimal;    ///< none: found out; '.' or ','
  char quote = '"';
  Encoding encoding = Encoding::Auto;
  int threads = 0;              ///< 0: as many as there are processors
  std::int64_t memory_max = 0;  ///< bytes; 0: no limit
  std::int64_t spool_max = 0;  ///< bytes of decompressed input that stay in memory; 0: an eighth of
                               ///< `memory_max`, at most 256 MiB
  std::string
      spool_folder;  ///< where decompressed input may lie while it is read; empty: the system's
  std::int64_t chunk_bytes =
      256 * 1024;  ///< how much of a CSV file one thread takes at a time; never changes a result
  std::function<bool()> cancelled;  ///< asked now and then, from any thread: true ends the reading
                                    ///< with Cancelled; empty: never
  std::function<void(double done)> scanned;  ///< told from any thread, at each hundredth of the
                                             ///< rows that a scan has handed over; empty: nobody

  /// Cancelled once the reading is to end.
  [[nodiscard]] Status go_on() const {
    if (!cancelled || !cancelled()) return {};
    return fail(ErrorCode::Cancelled, "the run was cancelled");
  }
};

/// A file to read: `name` as the plan spells it (for messages, review and mart), `path` to open.
struct InputPath {
  std::string name;
  std::string path;
};

/// Expands globs (sorted by bytes) against `folder`. Errors: Input where a path matches nothing or
/// is a directory, and where two paths lead to one file.
[[nodiscard]] Result<std::vector<InputPath>> expand(const std::vector<std::string>& paths,
                                                    const std::string& folder);

/// Opens CSV (plain, .gz, .zst, .xz, told by content) or Parquet files as one table. Files of one
/// table must have the same columns, CSV files in the same order. Errors: Input, Io as
/// `table::Source` says.
[[nodiscard]] Result<std::unique_ptr<table::Source>> open_source(
    const std::vector<InputPath>& files, const OpenOptions& options);

}  // namespace quintile::io

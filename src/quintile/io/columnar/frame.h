#pragma once

#include <memory>
#include <string>

#include "quintile/base/result.h"
#include "quintile/io/open.h"
#include "quintile/table/source.h"

struct ArrowArrayStream;

namespace quintile::io::columnar {

/// A data frame of another library as a table, by Arrow's C stream interface: read as a Parquet
/// file of the same values would be, without copying them. Time stamps with a zone are read by its
/// clocks; columns of durations and nested columns are refused when they are asked for; a pandas
/// index without a name is left out.
///
/// Takes over `stream`, whose memory must live until the source is gone. `name` stands for the file
/// in messages, review and mart. In place of a file's digest stands that of the values (`sha256`):
/// SHA-256 over the columns' names and one hash a row, equal for equal values however the frame
/// holds them (a number is a number whatever its width, text is text, a day is its midnight).
/// Errors: Input where the stream fails or two columns have one name.
[[nodiscard]] Result<std::unique_ptr<table::Source>> open_frame(ArrowArrayStream* stream,
                                                                const std::string& name,
                                                                const OpenOptions& options);

}  // namespace quintile::io::columnar

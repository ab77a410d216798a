#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "quintile/base/result.h"
#include "quintile/io/bytes.h"
#include "quintile/io/open.h"

namespace quintile::io {

enum class Compression : std::uint8_t { None, Gzip, Zstandard, Xz };

/// By the first bytes of a file, whatever its name.
[[nodiscard]] Compression compression_of(std::string_view head);
[[nodiscard]] std::string_view to_string(Compression compression);

/// How many bytes of a spool stay in memory.
[[nodiscard]] std::int64_t spool_memory(const OpenOptions& options);

/// All of `file` decompressed; concatenated streams are one. Errors: Input where the data are
/// damaged or cut off, Io.
[[nodiscard]] Result<std::unique_ptr<Bytes>> decompress(const File& file, Compression compression,
                                                        const OpenOptions& options);

}  // namespace quintile::io

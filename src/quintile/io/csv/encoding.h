#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "quintile/base/result.h"
#include "quintile/io/bytes.h"

namespace quintile::io::csv {

/// What text a file holds.
enum class TextEncoding : std::uint8_t { Utf8, Utf16Little, Utf16Big, Windows1252, Macintosh };
[[nodiscard]] std::string_view to_string(TextEncoding encoding);

/// UTF-16 by its mark or by zero bytes at every other place of `head`; else UTF-8 as far as this
/// can tell.
struct HeadLook {
  TextEncoding encoding = TextEncoding::Utf8;
  std::int64_t mark_bytes = 0;
  std::string reason;
};
[[nodiscard]] HeadLook look_at_head(std::string_view head);

/// The offset of the first byte of `text` that is not well-formed UTF-8, or -1. Where `is_cut` a
/// sequence cut off by the end is well-formed.
[[nodiscard]] std::int64_t first_invalid_utf8(std::string_view text, bool is_cut);

/// What the bytes of 0x80 and more in a file that is not UTF-8 speak for.
struct EightBitLook {
  std::int64_t utf8_sequences = 0;  ///< well-formed ones of two bytes and more
  std::int64_t stray_bytes = 0;     ///< others
  std::int64_t windows_letters =
      0;  ///< bytes that beside a letter are a letter in Windows-1252 alone
  std::int64_t macintosh_letters = 0;
  std::int64_t undefined = 0;     ///< bytes that Windows-1252 does not have
  std::int64_t first_stray = -1;  ///< offset
};
[[nodiscard]] Result<EightBitLook> look_at_bytes(const Bytes& bytes);

/// A spooled copy of `bytes` from `begin` on, as UTF-8, line ends kept.
/// Errors: Input with line and column for bytes that the encoding does not have; Io.
[[nodiscard]] Result<std::unique_ptr<Bytes>> convert_to_utf8(const Bytes& bytes, std::int64_t begin,
                                                             TextEncoding encoding,
                                                             std::unique_ptr<Spool> spool,
                                                             const std::string& name);

/// A spooled copy with one tab in place of each run of blanks and tabs outside quotes, and none at
/// the ends of lines.
[[nodiscard]] Result<std::unique_ptr<Bytes>> blanks_to_tabs(const Bytes& bytes, std::int64_t begin,
                                                            char quote,
                                                            std::unique_ptr<Spool> spool);

}  // namespace quintile::io::csv

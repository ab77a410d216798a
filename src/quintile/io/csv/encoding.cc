#include "quintile/io/csv/encoding.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace quintile::io::csv {

namespace {

constexpr std::int64_t kStep = 256 * 1024;

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}
bool is_letter(unsigned c) { return (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z'; }

/// Length of the well-formed sequence at `i`; 0 when there is none, -1 when the text ends within
/// it.
int sequence_length(std::string_view text, std::size_t i) {
  const unsigned lead = byte_at(text, i);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (int k = 1; k < length; ++k) {
    if (i + static_cast<std::size_t>(k) >= text.size()) return -1;
    const unsigned next = byte_at(text, i + static_cast<std::size_t>(k));
    unsigned low = 0x80, high = 0xBF;
    if (k == 1 && lead == 0xE0) low = 0xA0;   // overlong
    if (k == 1 && lead == 0xED) high = 0x9F;  // surrogates
    if (k == 1 && lead == 0xF0) low = 0x90;   // overlong
    if (k == 1 && lead == 0xF4) high = 0x8F;  // beyond U+10FFFF
    if (next < low || next > high) return 0;
  }
  return length;
}

/// Where the next byte of 0x80 and more stands, or the end.
std::size_t skip_ascii(std::string_view text, std::size_t i) {
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  while (i < text.size() && byte_at(text, i) < 0x80) ++i;
  return i;
}

// Code points of 0x80 to 0x9F in Windows-1252 (0: not defined; from 0xA0 on it is Latin-1) and of
// 0x80 to 0xFF in Mac OS Roman. Source: unicode.org, MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT and
// APPLE/ROMAN.TXT.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
constexpr std::array<char16_t, 128> kMacintosh = {
    0x00C4, 0x00C5, 0x00C7, 0x00C9, 0x00D1, 0x00D6, 0x00DC, 0x00E1, 0x00E0, 0x00E2, 0x00E4, 0x00E3,
    0x00E5, 0x00E7, 0x00E9, 0x00E8, 0x00EA, 0x00EB, 0x00ED, 0x00EC, 0x00EE, 0x00EF, 0x00F1, 0x00F3,
    0x00F2, 0x00F4, 0x00F6, 0x00F5, 0x00FA, 0x00F9, 0x00FB, 0x00FC, 0x2020, 0x00B0, 0x00A2, 0x00A3,
    0x00A7, 0x2022, 0x00B6, 0x00DF, 0x00AE, 0x00A9, 0x2122, 0x00B4, 0x00A8, 0x2260, 0x00C6, 0x00D8,
    0x221E, 0x00B1, 0x2264, 0x2265, 0x00A5, 0x00B5, 0x2202, 0x2211, 0x220F, 0x03C0, 0x222B, 0x00AA,
    0x00BA, 0x03A9, 0x00E6, 0x00F8, 0x00BF, 0x00A1, 0x00AC, 0x221A, 0x0192, 0x2248, 0x2206, 0x00AB,
    0x00BB, 0x2026, 0x00A0, 0x00C0, 0x00C3, 0x00D5, 0x0152, 0x0153, 0x2013, 0x2014, 0x201C, 0x201D,
    0x2018, 0x2019, 0x00F7, 0x25CA, 0x00FF, 0x0178, 0x2044, 0x20AC, 0x2039, 0x203A, 0xFB01, 0xFB02,
    0x2021, 0x00B7, 0x201A, 0x201E, 0x2030, 0x00C2, 0x00CA, 0x00C1, 0x00CB, 0x00C8, 0x00CD, 0x00CE,
    0x00CF, 0x00CC, 0x00D3, 0x00D4, 0xF8FF, 0x00D2, 0x00DA, 0x00DB, 0x00D9, 0x0131, 0x02C6, 0x02DC,
    0x00AF, 0x02D8, 0x02D9, 0x02DA, 0x00B8, 0x02DD, 0x02DB, 0x02C7};

std::uint32_t code_point(unsigned byte, TextEncoding encoding) {
  if (byte < 0x80) return byte;
  if (encoding == TextEncoding::Macintosh) return kMacintosh[byte - 0x80];
  return byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
}

void append_utf8(std::string& text, std::uint32_t c) {
  const auto put = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0U | (c >> 6));
  } else {
    if (c < 0x10000) {
      put(0xE0U | (c >> 12));
    } else {
      put(0xF0U | (c >> 18));
      put(0x80U | ((c >> 12) & 0x3FU));
    }
    put(0x80U | ((c >> 6) & 0x3FU));
  }
  put(0x80U | (c & 0x3FU));
}

/// Converts text that comes in pieces, and knows the place of what it cannot convert.
class Converter {
 public:
  Converter(TextEncoding encoding, const std::string& name) : encoding_(encoding), name_(name) {}

  Status convert(std::string_view text, std::string& output) {
    if (encoding_ == TextEncoding::Windows1252 || encoding_ == TextEncoding::Macintosh)
      return convert_bytes(text, output);
    for (const char c : text) {
      if (!half_) {
        half_ = static_cast<unsigned char>(c);
        continue;
      }
      const unsigned second = static_cast<unsigned char>(c);
      const std::uint32_t unit =
          encoding_ == TextEncoding::Utf16Little ? (second << 8) | *half_ : (*half_ << 8) | second;
      half_.reset();
      QUINTILE_TRY_STATUS(take_unit(unit, output));
    }
    return {};
  }
  Status finish() const {
    if (half_ || surrogate_ != 0) return failure("the text stops within a character");
    return {};
  }

 private:
  Status convert_bytes(std::string_view text, std::string& output) {
    for (const char c : text) {
      const std::uint32_t code = code_point(static_cast<unsigned char>(c), encoding_);
      if (code == 0) {
        if (c == '\0') return failure("a zero byte");
        return failure(fmt::format("the byte 0x{:02X} means nothing in Windows-1252",
                                   static_cast<unsigned char>(c)));
      }
      put(code, output);
    }
    return {};
  }
  Status take_unit(std::uint32_t unit, std::string& output) {
    const bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    if (low != (surrogate_ != 0)) return failure("a character that is only half there (UTF-16)");
    if (unit == 0) return failure("a zero character");
    if (high) {
      surrogate_ = unit;
      return {};
    }
    put(low ? 0x10000 + ((surrogate_ - 0xD800) << 10) + (unit - 0xDC00) : unit, output);
    surrogate_ = 0;
    return {};
  }
  void put(std::uint32_t code, std::string& output) {
    append_utf8(output, code);
    const bool after_turn = turn_ && code == '\n';
    turn_ = code == '\r';
    column_ = code == '\n' || code == '\r' ? 1 : column_ + 1;
    if ((code == '\n' && !after_turn) || code == '\r') ++line_;
  }
  std::unexpected<Error> failure(std::string message) const {
    return fail(ErrorCode::Input, std::move(message),
                "state input.encoding, or write the file as UTF-8",
                {.file = name_, .line = line_, .column = column_});
  }

  TextEncoding encoding_;
  const std::string& name_;
  std::optional<unsigned> half_;
  std::uint32_t surrogate_ = 0;
  std::int64_t line_ = 1, column_ = 1;
  bool turn_ = false;
};

}  // namespace

std::string_view to_string(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::Utf8: return "utf-8";
    case TextEncoding::Utf16Little: return "utf-16le";
    case TextEncoding::Utf16Big: return "utf-16be";
    case TextEncoding::Windows1252: return "windows-1252";
    case TextEncoding::Macintosh: return "macintosh";
  }
  return "";
}

HeadLook look_at_head(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) return {.mark_bytes = 3, .reason = "byte order mark"};
  if (head.starts_with("\xFF\xFE")) return {TextEncoding::Utf16Little, 2, "byte order mark"};
  if (head.starts_with("\xFE\xFF")) return {TextEncoding::Utf16Big, 2, "byte order mark"};
  std::array<std::size_t, 2> zeros{};
  const std::size_t looked = std::min<std::size_t>(head.size(), 4096);
  for (std::size_t i = 0; i < looked; ++i) zeros[i % 2] += head[i] == '\0' ? 1 : 0;
  // Most characters of any table, its digits and marks at least, have a zero as their upper byte.
  if (looked >= 4 && zeros[1] * 4 > looked && zeros[0] == 0)
    return {TextEncoding::Utf16Little, 0, "every other byte is zero"};
  if (looked >= 4 && zeros[0] * 4 > looked && zeros[1] == 0)
    return {TextEncoding::Utf16Big, 0, "every other byte is zero"};
  return {};
}

std::int64_t first_invalid_utf8(std::string_view text, bool is_cut) {
  for (std::size_t i = skip_ascii(text, 0); i < text.size(); i = skip_ascii(text, i)) {
    const int length = sequence_length(text, i);
    if (length == -1 && is_cut) return -1;
    if (length <= 0) return static_cast<std::int64_t>(i);
    i += static_cast<std::size_t>(length);
  }
  return -1;
}

Result<EightBitLook> look_at_bytes(const Bytes& bytes) {
  EightBitLook look;
  Block block;
  // Stretches overlap by a few bytes, so that each byte is seen with its neighbours.
  constexpr std::int64_t kOverlap = 4;
  for (std::int64_t at = 0; at < bytes.size(); at += kStep) {
    const std::int64_t before = at == 0 ? 0 : kOverlap;
    const std::int64_t size = std::min(kStep + kOverlap, bytes.size() - at) + before;
    QUINTILE_TRY(const std::string_view text, bytes.read(at - before, size, block));
    const auto end = static_cast<std::size_t>(std::min(kStep, bytes.size() - at) + before);
    for (auto i = skip_ascii(text, static_cast<std::size_t>(before)); i < end;
         i = skip_ascii(text, i)) {
      const int length = sequence_length(text, i);
      if (length > 1) {
        ++look.utf8_sequences;
        i += static_cast<std::size_t>(length);
        continue;
      }
      // The rest of a sequence that began before this stretch was counted with it.
      bool rest = false;
      for (std::size_t back = 1; back <= 3 && back <= i && i < static_cast<std::size_t>(before) + 3;
           ++back) {
        rest = rest || sequence_length(text, i - back) > static_cast<int>(back);
      }
      if (rest) {
        ++i;
        continue;
      }
      const unsigned byte = byte_at(text, i);
      if (look.first_stray < 0) look.first_stray = at - before + static_cast<std::int64_t>(i);
      ++look.stray_bytes;
      if (byte < 0xA0 && kWindows1252[byte - 0x80] == 0) ++look.undefined;
      const bool beside_letter = (i > 0 && is_letter(byte_at(text, i - 1))) ||
                                 (i + 1 < text.size() && is_letter(byte_at(text, i + 1)));
      // 0x92 and 0xD5 are the apostrophe of one of the two.
      if (beside_letter && byte != 0x92 && byte < 0xA0) ++look.macintosh_letters;
      if (beside_letter && byte != 0xD5 && byte != 0xD7 && byte != 0xF7 && byte >= 0xC0)
        ++look.windows_letters;
      ++i;
    }
  }
  return look;
}

Result<std::unique_ptr<Bytes>> convert_to_utf8(const Bytes& bytes, std::int64_t begin,
                                               TextEncoding encoding, std::unique_ptr<Spool> spool,
                                               const std::string& name) {
  Converter converter(encoding, name);
  Block block;
  std::string output;
  for (std::int64_t at = begin; at < bytes.size(); at += kStep) {
    QUINTILE_TRY(const std::string_view text,
                 bytes.read(at, std::min(kStep, bytes.size() - at), block));
    output.clear();
    QUINTILE_TRY_STATUS(converter.convert(text, output));
    QUINTILE_TRY_STATUS(spool->append(output));
  }
  QUINTILE_TRY_STATUS(converter.finish());
  return spool;
}

Result<std::unique_ptr<Bytes>> blanks_to_tabs(const Bytes& bytes, std::int64_t begin, char quote,
                                              std::unique_ptr<Spool> spool) {
  Block block;
  std::string output;
  bool at_line_begin = true, pending = false, quoted = false, cell_begin = true;
  for (std::int64_t at = begin; at < bytes.size(); at += kStep) {
    QUINTILE_TRY(const std::string_view text,
                 bytes.read(at, std::min(kStep, bytes.size() - at), block));
    output.clear();
    for (const char c : text) {
      const bool line_end = c == '\n' || c == '\r';
      if (!quoted && (c == ' ' || c == '\t')) {
        pending = true;
        cell_begin = true;
        continue;
      }
      if (pending && !at_line_begin && !line_end) output += '\t';
      pending = false;
      if (quoted ? c == quote : c == quote && cell_begin) quoted = !quoted;
      cell_begin = line_end;
      at_line_begin = line_end && !quoted;
      output += c;
    }
    QUINTILE_TRY_STATUS(spool->append(output));
  }
  return spool;
}

}  // namespace quintile::io::csv

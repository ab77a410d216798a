#include "quintile/base/text.h"

#include <algorithm>
#include <cstdint>

namespace quintile {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

bool is_continuation(std::string_view text, std::size_t i) {
  return i < text.size() && (byte_at(text, i) & 0xC0U) == 0x80U;
}

/// Length of the well-formed UTF-8 sequence at `i` and its code point, or length 0.
struct Decoded {
  std::size_t length = 0;
  std::uint32_t code_point = 0;
};
Decoded decode(std::string_view text, std::size_t i) {
  const unsigned lead = byte_at(text, i);
  if (lead < 0x80) return {1, lead};
  if (lead >= 0xC2 && lead < 0xE0 && is_continuation(text, i + 1)) {
    return {2, ((lead & 0x1FU) << 6) | (byte_at(text, i + 1) & 0x3FU)};
  }
  if (lead >= 0xE0 && lead < 0xF0 && is_continuation(text, i + 1) && is_continuation(text, i + 2)) {
    const std::uint32_t code = ((lead & 0x0FU) << 12) | ((byte_at(text, i + 1) & 0x3FU) << 6) |
                               (byte_at(text, i + 2) & 0x3FU);
    if (code >= 0x800 && (code < 0xD800 || code > 0xDFFF)) return {3, code};
  }
  if (lead >= 0xF0 && lead < 0xF5 && is_continuation(text, i + 1) && is_continuation(text, i + 2) &&
      is_continuation(text, i + 3)) {
    const std::uint32_t code = ((lead & 0x07U) << 18) | ((byte_at(text, i + 1) & 0x3FU) << 12) |
                               ((byte_at(text, i + 2) & 0x3FU) << 6) |
                               (byte_at(text, i + 3) & 0x3FU);
    if (code >= 0x10000 && code <= 0x10FFFF) return {4, code};
  }
  return {};
}

/// Unicode simple case folding of the letters that names are written in; source: CaseFolding.txt,
/// status C.
std::uint32_t fold(std::uint32_t c) {
  if (c < 0x80) return (c >= 'A' && c <= 'Z') ? c + 32 : c;
  if (c == 0xB5) return 0x3BC;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c == 0x178) return 0xFF;
  const bool odd_pairs = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (odd_pairs) return (c % 2 == 1) ? c + 1 : c;
  if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149) {
    return (c % 2 == 0) ? c + 1 : c;
  }
  if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
  if (c == 0x3C2) return 0x3C3;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if ((c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) ||
      (c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF)) {
    return (c % 2 == 0) ? c + 1 : c;
  }
  return c;
}

void append_utf8(std::string& text, std::uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0U | (c >> 6));
    text += static_cast<char>(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0U | (c >> 12));
    text += static_cast<char>(0x80U | ((c >> 6) & 0x3FU));
    text += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | (c >> 18));
    text += static_cast<char>(0x80U | ((c >> 12) & 0x3FU));
    text += static_cast<char>(0x80U | ((c >> 6) & 0x3FU));
    text += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

}  // namespace

std::string_view trim(std::string_view text) {
  std::size_t begin = 0;
  std::size_t end = text.size();
  while (begin < end && is_blank(text[begin])) ++begin;
  while (end > begin && is_blank(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

std::string fold_case(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Decoded decoded = decode(text, i);
    if (decoded.length == 0) {
      folded += text[i++];
      continue;
    }
    append_utf8(folded, fold(decoded.code_point));
    i += decoded.length;
  }
  return folded;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = decode(text, i).length;
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string with_thousands(long long number) {
  const bool negative = number < 0;
  std::string digits = std::to_string(number);
  if (negative) digits.erase(0, 1);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return negative ? "-" + digits : digits;
}

std::string join_words(const std::vector<std::string>& words) {
  std::string joined;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) joined += i + 1 == words.size() ? " and " : ", ";
    joined += words[i];
  }
  return joined;
}

}  // namespace quintile

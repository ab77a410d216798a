#include "quintile/dashboard/query.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/text.h"

namespace quintile::dashboard {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] == '%') {
      const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
      if (!high || !low) return std::nullopt;
      decoded += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  const bool has_control = std::ranges::any_of(
      decoded, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!is_utf8(decoded) || has_control) return std::nullopt;
  return decoded;
}

}  // namespace

Result<std::vector<explore::Parameter>> parse_query(std::string_view query) {
  std::vector<explore::Parameter> parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decode(pair.substr(0, equals));
    const auto value = decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value || name->empty()) {
      return explore::bad_parameter(name.value_or(""),
                                    "the query is not percent-encoded UTF-8 text",
                                    "encode names and values as a form does");
    }
    if (parameters.size() == kParametersMax) {
      return explore::bad_parameter(*name, fmt::format("more than {} parameters", kParametersMax));
    }
    parameters.push_back({*name, *value});
  }
  return parameters;
}

}  // namespace quintile::dashboard

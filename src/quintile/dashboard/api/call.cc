#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "quintile/dashboard/api/call_internal.h"

namespace quintile::dashboard {

using explore::Parameter;

std::optional<std::string> take(Call& call, std::string_view name) {
  const auto at = std::ranges::find(call.parameters, name, &Parameter::name);
  if (at == call.parameters.end()) return std::nullopt;
  std::string value = std::move(at->value);
  call.parameters.erase(at);
  return value;
}

std::expected<std::string, Problem> take_choice(Call& call, const std::string& name,
                                                std::initializer_list<std::string_view> choices) {
  const auto value = take(call, name);
  if (!value) return std::string(*choices.begin());
  if (std::ranges::find(choices, *value) != choices.end()) return *value;
  return refuse(400, "bad_parameter",
                fmt::format("{} is one of: {}", name, fmt::join(choices, ", ")), name);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::expected<std::int64_t, Problem> take_limit(Call& call, std::int64_t usual, std::int64_t most) {
  const auto text = take(call, "limit");
  if (!text) return usual;
  const auto number = whole_number(*text);
  if (number && *number >= 1 && *number <= most) return *number;
  return refuse(400, "bad_parameter", fmt::format("limit is a whole number from 1 to {}", most),
                "limit");
}

std::expected<std::string, Problem> take_search(Call& call) {
  constexpr std::size_t kBytesMax = 100;
  std::string text = take(call, "q").value_or("");
  if (text.size() > kBytesMax)
    return refuse(400, "bad_parameter", "the search is longer than 100 bytes", "q");
  return text;
}

std::expected<explore::Selection, Problem> select(const Call& call, explore::Scope scope) {
  auto selection = call.explorer().select(call.parameters, scope);
  if (!selection) return refuse(selection.error(), "bad_filter");
  return *std::move(selection);
}

}  // namespace quintile::dashboard

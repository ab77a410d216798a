#include "quintile/explore/filter.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace quintile::explore {
namespace {

constexpr std::string_view kEscapable = ",\\~.";

std::optional<int> small_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 2 || number < 1)
    return std::nullopt;
  return number;
}

/// One item, from `at` to the next comma or the end, which `at` is left behind.
FilterItem next_item(std::string_view value, std::size_t& at) {
  FilterItem item;
  bool has_escape = false;
  std::size_t dots =
      std::string::npos;  // where the first unescaped ".." begins in the resolved text
  const std::size_t begin = at;
  for (; at < value.size() && value[at] != ','; ++at) {
    if (value[at] == '\\' && at + 1 < value.size() &&
        kEscapable.find(value[at + 1]) != std::string_view::npos) {
      item.text += value[++at];
      has_escape = true;
      continue;
    }
    if (value[at] == '.' && at + 1 < value.size() && value[at + 1] == '.' &&
        dots == std::string::npos) {
      dots = item.text.size();
      item.text += "..";
      ++at;
      continue;
    }
    item.text += value[at];
  }
  item.missing = !has_escape && value.substr(begin, at - begin) == "~";
  item.is_range = dots != std::string::npos;
  if (item.is_range) {
    item.from = item.text.substr(0, dots);
    item.to = item.text.substr(dots + 2);
  }
  return item;
}

}  // namespace

std::unexpected<Error> bad_parameter(std::string_view name, std::string message,
                                     std::string advice) {
  return fail(ErrorCode::Usage, std::move(message), std::move(advice), {std::string(name)});
}

Result<std::vector<FilterItem>> parse_items(const Parameter& parameter) {
  if (parameter.value.empty()) {
    return bad_parameter(parameter.name, fmt::format("'{}' has no value", parameter.name),
                         "leave the parameter out, or use ~ for missing values");
  }
  std::vector<FilterItem> items;
  for (std::size_t at = 0; at <= parameter.value.size(); ++at) {
    items.push_back(next_item(parameter.value, at));
    if (items.size() > kFilterItemsMax) {
      return bad_parameter(parameter.name, fmt::format("'{}' has more than {} items",
                                                       parameter.name, kFilterItemsMax));
    }
    if (items.back().text.empty()) {
      return bad_parameter(parameter.name, fmt::format("'{}' has an empty item", parameter.name),
                           "remove the comma too many");
    }
  }
  return items;
}

Result<GridCell> parse_cell(const FilterItem& item, std::string_view parameter) {
  const std::string_view text = item.text;
  const std::size_t dash = text.find('-');
  const auto r =
      small_number(dash == std::string_view::npos ? text.substr(0, 1) : text.substr(0, dash));
  const auto f = small_number(dash == std::string_view::npos
                                  ? text.substr(std::min<std::size_t>(1, text.size()))
                                  : text.substr(dash + 1));
  if (r && f && (dash != std::string_view::npos || text.size() == 2)) return GridCell{*r, *f};
  return bad_parameter(parameter, fmt::format("'{}' is no cell of the grid", text),
                       "write recency score and frequency score, as in 54 or 10-5");
}

std::string escaped_item(std::string_view text) {
  std::string item;
  for (const char c : text) {
    if (c == ',' || c == '\\' || (c == '~' && text.size() == 1)) item += '\\';
    if (c == '.' && item.ends_with('.')) item += '\\';
    item += c;
  }
  return item;
}

}  // namespace quintile::explore

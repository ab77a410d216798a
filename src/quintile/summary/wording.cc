#include "quintile/summary/wording.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/text.h"

namespace quintile::summary {

namespace {

// With commas, and without the sign of a number that shows as zero.
std::string fixed(double number, int decimals) {
  std::string text = fmt::format("{:.{}f}", number, decimals);
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  if (text[0] == '-' && zero) text.erase(0, 1);
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (std::size_t i = std::min(text.find('.'), text.size()); i > first + 3; i -= 3)
    text.insert(i - 3, 1, ',');
  return text;
}

// The name in the braces that open at `begin`; empty where there is none.
std::string_view placeholder_at(std::string_view text, std::size_t begin) {
  const std::string_view rest = text.substr(begin + 1);
  const std::size_t length = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  if (length == std::string_view::npos || rest[length] != '}') return {};
  return rest.substr(0, length);
}

}  // namespace

std::string count_text(std::int64_t count) { return with_thousands(count); }

std::string share_text(double share) {
  if (share != 0 && std::abs(share) < 0.0005) return "under 0.1 %";
  return fixed(share * 100, 1) + " %";
}

std::string number_text(double number) {
  return fixed(number, number == std::floor(number) ? 0 : 1);
}

std::string money_text(double amount, const std::string& currency, int scale) {
  const std::string digits = fixed(std::abs(amount), std::abs(amount) < 1000 ? scale : 0);
  const bool negative = amount < 0 && digits.find_first_of("123456789") != std::string::npos;
  return fmt::format("{}{}{}{}", negative ? "-" : "", currency, currency.empty() ? "" : " ",
                     digits);
}

std::string money_text(Int128 minor_units, const std::string& currency, int scale) {
  return money_text(static_cast<double>(minor_units) / static_cast<double>(power_of_ten(scale)),
                    currency, scale);
}

std::string fill_text(std::string_view text, const Placeholders& placeholders) {
  std::string filled;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view name = text[i] == '{' ? placeholder_at(text, i) : std::string_view{};
    const auto value = name.empty() ? std::nullopt : placeholders(name);
    if (!value) {
      filled += text[i];
      continue;
    }
    filled += *value;
    i += name.size() + 1;
  }
  return filled;
}

std::vector<std::string> placeholders_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = text.find('{'); i != std::string_view::npos; i = text.find('{', i + 1)) {
    const std::string_view name = placeholder_at(text, i);
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

}  // namespace quintile::summary

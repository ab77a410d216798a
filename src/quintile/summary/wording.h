#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/money.h"

/// Numbers as people read them: thousands separated by commas, a point before the decimals.
namespace quintile::summary {

/// "1,234".
[[nodiscard]] std::string count_text(std::int64_t count);

/// "12.3 %"; "under 0.1 %" for a small share that is not zero.
[[nodiscard]] std::string share_text(double share);

/// "3.4", "1,234.6"; whole numbers without decimals.
[[nodiscard]] std::string number_text(double number);

/// "USD 45.67", "USD 1,235" from 1,000 on, with `scale` decimals below; "-USD 5.00".
[[nodiscard]] std::string money_text(double amount, const std::string& currency, int scale);
[[nodiscard]] std::string money_text(Int128 minor_units, const std::string& currency, int scale);

/// How a number that is not there is written.
inline constexpr std::string_view kAbsent = "n/a";

/// The text for a placeholder's name, or nothing for a name that stands for no number.
using Placeholders = std::function<std::optional<std::string>(std::string_view)>;

/// `text` with each `{name}` (lower-case letters and underscores) replaced; unknown ones stay as
/// they are.
[[nodiscard]] std::string fill_text(std::string_view text, const Placeholders& placeholders);

/// The names in braces in `text`, in order, repeated ones too.
[[nodiscard]] std::vector<std::string> placeholders_in(std::string_view text);

/// What a name in braces may stand for in actions and watch-outs: a key of the summary, and those
/// that `unknown_placeholders` names.
[[nodiscard]] std::span<const std::string_view> placeholder_names();

}  // namespace quintile::summary

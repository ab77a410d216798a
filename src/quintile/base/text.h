#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quintile {

/// Without ASCII blanks, tabs and line ends at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Simple case folding of UTF-8 text by Unicode's common rules for Latin, Greek and Cyrillic
/// letters; other characters and invalid bytes stay as they are. For comparing, never for showing.
[[nodiscard]] std::string fold_case(std::string_view text);

/// True when `text` is well-formed UTF-8 (no overlong forms, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view text);

/// "1,234,567": digits in groups of three, for terminal text.
[[nodiscard]] std::string with_thousands(long long number);

/// Names joined as "a, b and c".
[[nodiscard]] std::string join_words(const std::vector<std::string>& words);

}  // namespace quintile

#pragma once

#include <string>

#include "quintile/cli/terminal.h"
#include "quintile/mart/mart.h"
#include "quintile/segments/explain.h"

/// Results as text for people. Each function gives whole paragraphs that end with a line end.
namespace quintile::cli {

/// "1,234.50 USD" from minor units; without cents: "1,235 USD", rounded half up.
[[nodiscard]] std::string money_text(Int128 minor_units, int scale, const std::string& currency,
                                     bool with_cents = true);

/// "12.3 %".
[[nodiscard]] std::string percent_text(double share);

[[nodiscard]] std::string show_input(const mart::Manifest& manifest, const Terminal& terminal);
[[nodiscard]] std::string show_review(const quality::Review& review, const mart::Manifest& manifest,
                                      const Terminal& terminal);
[[nodiscard]] std::string show_scores(const mart::Mart& mart, const Terminal& terminal);
[[nodiscard]] std::string show_segments(const mart::Mart& mart, const Terminal& terminal);
[[nodiscard]] std::string show_insights(const mart::Mart& mart, const Terminal& terminal);
/// Why a customer of `mart` is in its segment.
[[nodiscard]] std::string explanation_text(const segments::Explanation& explanation,
                                           const mart::Mart& mart, const Terminal& terminal);

}  // namespace quintile::cli

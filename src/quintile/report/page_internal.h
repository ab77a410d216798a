#pragma once

#include <string>
#include <vector>

#include "quintile/report/drawing_internal.h"
#include "quintile/report/facts_internal.h"

/// The parts of the page, each as HTML.
namespace quintile::report {

/// What every part needs.
struct Page {
  const mart::Mart& mart;
  Numbers say;
  std::vector<Drawing> drawings;

  explicit Page(const mart::Mart& of);
  /// The figure of that name with its caption, or nothing.
  [[nodiscard]] std::string figure(std::string_view name, std::string_view caption = {}) const;
};

[[nodiscard]] std::string cover(const Page& page);
[[nodiscard]] std::string overview(const Page& page);
[[nodiscard]] std::string recommendations(const Page& page);
[[nodiscard]] std::string supported_insights(const Page& page);
[[nodiscard]] std::string unsupported_insights(const Page& page);
[[nodiscard]] std::string segment_blocks(const Page& page);
[[nodiscard]] std::string scoring(const Page& page);
[[nodiscard]] std::string review(const Page& page);
[[nodiscard]] std::string method(const Page& page);

/// The page's style sheet.
[[nodiscard]] std::string page_style();

/// "recency score is at least 4, and frequency score is at least 4": a condition for people, not
/// escaped.
[[nodiscard]] std::string in_words(const expression::Node& node);

/// A heading with an anchor, and what stands under it.
[[nodiscard]] std::string section(std::string_view id, std::string_view title,
                                  const std::string& content);

}  // namespace quintile::report

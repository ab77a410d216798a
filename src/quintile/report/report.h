#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"

/// The report: one self-contained HTML page and its figures, from a published mart alone.
namespace quintile::report {

/// A figure by file name ("treemap_customers.svg") and its SVG text.
struct Figure {
  std::string name;
  std::string title;
  std::string svg;
};

/// All figures, in the order of the report.
[[nodiscard]] std::vector<Figure> figures(const mart::Mart& mart);

/// The page. No script is needed to read it and nothing is fetched.
[[nodiscard]] std::string html(const mart::Mart& mart);

/// Writes report.html and figures/*.svg into `folder`, replacing those of an earlier run and nothing else, never half.
[[nodiscard]] Status write(const mart::Mart& mart, const std::filesystem::path& folder);

}  // namespace quintile::report

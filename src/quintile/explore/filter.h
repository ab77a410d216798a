#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"

/// The language of filters: what a query parameter may hold. Decoded text in, ranges and words out;
/// nothing here knows a column.
namespace quintile::explore {

/// A query parameter, percent-decoded.
struct Parameter {
  std::string name, value;
};

/// Names that are no columns in a query; a column called so is written `column.<name>`.
inline constexpr std::string_view kReservedParameters[] = {
    "page",  "segment", "segment_id", "previous_segment", "cells", "sort", "q",         "limit",
    "after", "metric",  "table",      "customer",         "draft", "by",   "separator", "bom",
    "rules", "movers",  "token"};

/// One item between commas: "missing" (`~` alone), a text, or a range where the text holds `..`.
struct FilterItem {
  bool missing = false;
  std::string text;       ///< escapes resolved
  bool is_range = false;  ///< the text held `..` without an escape
  std::string from, to;   ///< of a range; empty: no end
  friend bool operator==(const FilterItem&, const FilterItem&) = default;
};

/// At most so many items in one parameter.
inline constexpr std::size_t kFilterItemsMax = 1'000;

/// Splits at commas; `\,`, `\\`, `\~` and `\.` stand for the plain character. Errors: Usage for an
/// empty value and too many items; their place's file is the parameter's name.
[[nodiscard]] Result<std::vector<FilterItem>> parse_items(const Parameter& parameter);

/// A grid cell "54" or "10-5": recency score, then frequency score. Errors: Usage.
struct GridCell {
  int r_score = 0, f_score = 0;
  friend bool operator==(const GridCell&, const GridCell&) = default;
};
[[nodiscard]] Result<GridCell> parse_cell(const FilterItem& item, std::string_view parameter);

/// An error about a parameter.
[[nodiscard]] std::unexpected<Error> bad_parameter(std::string_view name, std::string message,
                                                   std::string advice = {});

/// `text` as an item that reads back as itself.
[[nodiscard]] std::string escaped_item(std::string_view text);

}  // namespace quintile::explore

#pragma once

#include <optional>
#include <string_view>

namespace quintile::io::csv {

/// A kind of file that is no text, and what to do about it.
struct Foreign {
  std::string_view what;    ///< "an Excel workbook"
  std::string_view advice;  ///< one line
};

/// What a file is that begins with `head`, by the signatures of formats that people take for
/// tables; nothing where it may be text.
[[nodiscard]] std::optional<Foreign> foreign_format(std::string_view head);

}  // namespace quintile::io::csv

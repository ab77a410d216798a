#include "quintile/base/date_pattern.h"

#include <fmt/format.h>

namespace quintile {

Status check_date_pattern(std::string_view pattern) {
  constexpr std::string_view kKnown = "YymdejbBhHIMSfpFTRD%";
  bool year = false, month = false, day = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    const char c = ++i < pattern.size() ? pattern[i] : '\0';
    if (c == '\0' || kKnown.find(c) == std::string_view::npos) {
      return fail(
          ErrorCode::Plan,
          fmt::format("date_format has a conversion that is not known: %{}", c == '\0' ? ' ' : c),
          "known are %Y %y %m %d %e %b %B %j %H %I %M %S %f %p %F %T %R %D");
    }
    const bool whole = c == 'F' || c == 'D';
    year = year || whole || c == 'Y' || c == 'y';
    month = month || whole || c == 'm' || c == 'b' || c == 'B' || c == 'h' || c == 'j';
    day = day || whole || c == 'd' || c == 'e' || c == 'j';
  }
  if (!year || !month || !day) {
    return fail(ErrorCode::Plan, fmt::format("date_format names no full date: {}", pattern),
                "write for example %d/%m/%Y, or auto");
  }
  return {};
}

}  // namespace quintile

#pragma once

#include <string_view>

#include "quintile/base/result.h"

namespace quintile {

/// Whether `pattern` is one of strptime that names a full date: "%d/%m/%Y %H:%M". Errors: Plan, for
/// a conversion that is not known and for a date without day, month or year.
[[nodiscard]] Status check_date_pattern(std::string_view pattern);

}  // namespace quintile

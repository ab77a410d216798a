#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/engine/sql/dialect.h"
#include "quintile/expression/expression.h"

/// The expression language (product contract, section 6) as SQL conditions of the same truth.
namespace quintile::engine::sql {

/// A field as SQL: Boolean as 0 or 1, Integer and Date (days since 1970) as BIGINT, Decimal as
/// BIGINT at its scale, Text as text, Timestamp as the engine has it with its day beside it.
struct Field {
  expression::FieldType type;
  Sql value;
  Sql day;  ///< of a Timestamp
};

/// The field of a name; nothing for an unknown one.
using Fields = std::function<std::optional<Field>(std::string_view)>;

/// A condition that is true, false or NULL in SQL where the expression is true, false or unknown:
/// Kleene's logic is SQL's. Numbers are compared exactly, text by its bytes.
/// Errors: those of `check_types` (with `known_names` for "did you mean"); Unsupported, with its
/// place, for what has no exact form in SQL: reals, and decimals of unlike scales side by side.
[[nodiscard]] Result<Sql> translate(const expression::Expression& expression, const Fields& fields,
                                    const std::vector<std::string>& known_names,
                                    const Dialect& dialect, ErrorCode code = ErrorCode::Plan);

}  // namespace quintile::engine::sql

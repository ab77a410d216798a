#pragma once

#include <expected>
#include <utility>

#include "quintile/base/error.h"

namespace quintile {

/// A value or the reason why there is none.
template <typename T>
using Result = std::expected<T, Error>;

/// Success without a value, or the reason for failure.
using Status = std::expected<void, Error>;

/// Shorthand for returning a failure: `return fail(ErrorCode::Input, "the file is empty", ...)`.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message,
                                                 std::string advice = {}, Place place = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(advice), std::move(place)});
}

}  // namespace quintile

#define QUINTILE_CONCAT_INNER(a, b) a##b
#define QUINTILE_CONCAT(a, b) QUINTILE_CONCAT_INNER(a, b)

/// `QUINTILE_TRY(const auto x, f());` declares `x` as the value of the `Result` that `f()` returns,
/// or returns its error from the enclosing function.
#define QUINTILE_TRY(declaration, expression)                                          \
  auto QUINTILE_CONCAT(try_result_, __LINE__) = (expression);                          \
  if (!QUINTILE_CONCAT(try_result_, __LINE__)) {                                       \
    return std::unexpected(std::move(QUINTILE_CONCAT(try_result_, __LINE__)).error()); \
  }                                                                                    \
  declaration = std::move(*QUINTILE_CONCAT(try_result_, __LINE__))

/// `QUINTILE_TRY_STATUS(f());` returns the error of a `Status` from the enclosing function.
#define QUINTILE_TRY_STATUS(expression)                      \
  do {                                                       \
    if (auto try_status = (expression); !try_status) {       \
      return std::unexpected(std::move(try_status).error()); \
    }                                                        \
  } while (false)

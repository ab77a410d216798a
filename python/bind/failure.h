#pragma once

#include <string>
#include <utility>

#include "quintile/base/result.h"

/// Errors of the library as exceptions of Python: `quintile.QuintileError` and its kinds.
namespace quintile::bind {

/// Thrown where Python is to see an exception.
struct Failure {
  Error error;
  std::string review = {};  ///< review.json, where the review stopped the run
};

/// Makes the translator known. Called once, when the module is imported.
void register_failures();

/// The value, or the error as an exception.
template <typename T>
T value_or_throw(Result<T>&& result) {
  if (!result) throw Failure{.error = std::move(result).error()};
  return *std::move(result);
}
inline void throw_on_error(Status&& status) {
  if (!status) throw Failure{.error = std::move(status).error()};
}

}  // namespace quintile::bind

#pragma once

namespace quintile {

/// Reports a broken promise of our own code on stderr and ends the process with status 70.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace quintile

/// Stops the program, in release builds too, when an invariant of ours does not hold. For bugs,
/// never for data or for anything a user can cause.
#define QUINTILE_CHECK(condition) \
  ((condition) ? void() : ::quintile::check_failed(#condition, __FILE__, __LINE__))

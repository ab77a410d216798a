#include "quintile/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace quintile {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "quintile: a bug of ours: '%s' does not hold (%s:%d)\n", condition, file,
               line);
  std::fflush(stderr);
  std::_Exit(70);
}

}  // namespace quintile

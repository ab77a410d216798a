#include "quintile/base/counted.h"

#include "quintile/base/text.h"

namespace quintile {

std::string counted(std::int64_t number, std::string_view noun) {
  return with_thousands(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace quintile

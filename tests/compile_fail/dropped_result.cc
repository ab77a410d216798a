#include "quintile/base/money.h"

void parse() {
#ifdef FORBIDDEN
  quintile::parse_decimal("1.00");
#else
  static_cast<void>(quintile::parse_decimal("1.00"));
#endif
}

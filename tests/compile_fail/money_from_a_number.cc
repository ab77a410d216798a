#include "quintile/base/money.h"

using quintile::Money;

Money price() {
#ifdef FORBIDDEN
  return 1999;
#else
  return Money{1999};
#endif
}

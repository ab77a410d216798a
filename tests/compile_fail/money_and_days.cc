#include "quintile/base/date.h"
#include "quintile/base/money.h"

using quintile::add;
using quintile::Days;
using quintile::Money;

auto total() {
#ifdef FORBIDDEN
  return add(Money{1}, Days{1});
#else
  return add(Money{1}, Money{1});
#endif
}

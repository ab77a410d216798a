#include "quintile/base/identifier.h"

using quintile::CustomerId;

void greet(CustomerId) {}

void call() {
#ifdef FORBIDDEN
  greet(42);
#else
  greet(CustomerId{42});
#endif
}

#include <utility>

#include "quintile/table/buffer.h"

using Buffer = quintile::table::Buffer<int>;

Buffer hand_over(Buffer buffer) {
#ifdef FORBIDDEN
  Buffer copy = buffer;
#else
  Buffer copy = std::move(buffer);
#endif
  return copy;
}

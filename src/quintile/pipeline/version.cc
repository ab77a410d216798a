#include "quintile/pipeline/version.h"

namespace quintile::pipeline {

std::string_view version() { return QUINTILE_VERSION; }

}  // namespace quintile::pipeline

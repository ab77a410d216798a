#include "quintile/plan/plan.h"

namespace quintile::plan {

std::string Plan::resolve(std::string_view path) const {
  const std::size_t slash = file.rfind('/');
  const bool is_absolute = path.starts_with('/') || path.find("://") != std::string_view::npos;
  if (is_absolute || slash == std::string::npos) return std::string(path);
  return file.substr(0, slash + 1) + std::string(path);
}

}  // namespace quintile::plan

#include "quintile/config/schema.h"

#include <cstdio>

#include "quintile/cli/commands.h"

namespace quintile::cli {

Result<int> schema(const SchemaArguments& arguments, const Common&) {
  const std::string_view text =
      arguments.kind == "rules" ? config::rules_schema() : config::plan_schema();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace quintile::cli

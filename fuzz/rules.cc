#include <cstddef>
#include <cstdint>
#include <string>

#include "quintile/config/config.h"

/// What is read is written and read again the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rules = quintile::config::parse_rules(
      std::string(reinterpret_cast<const char*>(data), size), "rules.yaml");
  if (!rules) return 0;
  const auto again =
      quintile::config::parse_rules(quintile::config::rules_yaml(*rules), "again.yaml");
  if (!again || again->digest != rules->digest) __builtin_trap();
  return 0;
}

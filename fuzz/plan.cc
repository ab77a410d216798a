#include <cstddef>
#include <cstdint>
#include <string>

#include "quintile/config/config.h"

/// A plan, and perhaps overrides: lines behind the last "\n%%\n".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> overrides;
  if (const std::size_t at = text.rfind("\n%%\n"); at != std::string::npos) {
    std::string lines = text.substr(at + 4);
    text.resize(at + 1);
    for (std::size_t end = lines.find('\n'); end != std::string::npos; end = lines.find('\n')) {
      overrides.push_back(lines.substr(0, end));
      lines.erase(0, end + 1);
    }
  }
  const auto plan = quintile::config::parse_plan(text, "configs/fuzzed.yaml", overrides);
  if (!plan && plan.error().message.empty()) __builtin_trap();
  return 0;
}

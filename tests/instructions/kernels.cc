// Runs one kernel of the hot path, named by the only argument; without an argument says which there
// are.

#include "kernels.h"

#include <cstdio>

namespace quintile::instructions {

extern "C" [[gnu::noinline]] void measured(const std::function<void()>& kernel) {
  kernel();
  asm volatile("" ::: "memory");
}

std::vector<std::int64_t> numbers(std::int64_t below, std::uint64_t seed) {
  std::vector<std::int64_t> values;
  std::uint64_t state = seed;
  for (std::int64_t i = 0; i < kRows; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    values.push_back(static_cast<std::int64_t>(state % static_cast<std::uint64_t>(below)));
  }
  return values;
}

ColumnView view_of(const std::vector<std::int64_t>& values, Type type, int scale) {
  return {.type = type,
          .layout = Layout::Int64,
          .scale = scale,
          .size = std::ssize(values),
          .data = values.data()};
}

}  // namespace quintile::instructions

int main(int argc, char** argv) {
  using namespace quintile::instructions;
  Kernels kernels;
  add_reading(kernels);
  add_customers(kernels);
  add_results(kernels);
  if (argc < 2) {
    for (const auto& [name, run] : kernels) std::puts(name.c_str());
    return 0;
  }
  const auto found = kernels.find(argv[1]);
  if (found == kernels.end()) {
    std::fprintf(stderr, "no kernel is called %s\n", argv[1]);
    return 2;
  }
  found->second();
  return 0;
}

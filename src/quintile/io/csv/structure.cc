#include "quintile/io/csv/structure.h"

#include "quintile/io/csv/structure_variants_internal.h"

namespace quintile::io::csv {

std::vector<Kernels> all_kernels() {
  std::vector<Kernels> all = {portable_kernels()};
#ifdef QUINTILE_X86_64_KERNELS
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
      __builtin_cpu_supports("pclmul")) {
    all.push_back(avx2_kernels());
  }
#endif
  return all;
}

const Kernels& kernels() {
  static const Kernels best = all_kernels().back();
  return best;
}

}  // namespace quintile::io::csv

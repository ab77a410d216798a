#pragma once

#include "quintile/io/csv/structure.h"

namespace quintile::io::csv {

[[nodiscard]] Kernels portable_kernels();
[[nodiscard]] Kernels avx2_kernels();  ///< for processors with AVX2, BMI, BMI2, POPCNT and PCLMUL

}  // namespace quintile::io::csv

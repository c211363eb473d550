#pragma once

#include "core/base/random.h"

#include <ATen/core/Tensor.h>

namespace lathe {

/// Starting values on the CPU in fp32, the same on every machine for the same generator.

/// Kaiming uniform with a = sqrt(5), He et al. 2015 (arXiv:1502.01852): U(-1/sqrt(columns), 1/sqrt(columns)).
[[nodiscard]] at::Tensor kaimingUniform(std::int64_t rows, std::int64_t columns, Rng& rng);
/// N(0, deviation²).
[[nodiscard]] at::Tensor normalValues(std::int64_t rows, std::int64_t columns, double deviation, Rng& rng);

} // namespace lathe

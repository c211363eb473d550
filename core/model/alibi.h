#pragma once

#include "core/model/transformer_spec.h"

#include <ATen/core/Tensor.h>

namespace lathe {

/// Slope of each head: the powers of 2^(-8/n), n the largest power of two in `heads`; further heads take the
/// odd powers of 2^(-4/n).
[[nodiscard]] std::vector<double> alibiSlopes(std::int64_t heads);

/// Slope × position of each key, [B or 1, H, 1, S]; positions count the real tokens of `mask` [B, S], which
/// may be undefined.
[[nodiscard]] at::Tensor alibiBias(const AlibiSpec& spec, std::int64_t heads, const at::Tensor& mask,
                                   std::int64_t length, const at::TensorOptions& options);

} // namespace lathe

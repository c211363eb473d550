#include "core/model/alibi.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <bit>
#include <cmath>

namespace lathe {

std::vector<double> alibiSlopes(std::int64_t heads) {
    const auto power = static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(heads)));
    const double step = -8.0 / static_cast<double>(power);
    std::vector<double> slopes;
    for (std::int64_t i = 1; i <= power; ++i)
        slopes.push_back(std::exp2(step * static_cast<double>(i)));
    for (std::int64_t i = 1; static_cast<std::int64_t>(slopes.size()) < heads; i += 2)
        slopes.push_back(std::exp2(step / 2 * static_cast<double>(i)));
    return slopes;
}

at::Tensor alibiBias(const AlibiSpec& spec, std::int64_t heads, const at::Tensor& mask, std::int64_t length,
                     const at::TensorOptions& options) {
    const auto whole = options.dtype(at::kLong);
    at::Tensor positions = at::arange(length, whole).unsqueeze(0); // [1, S]
    if (mask.defined())
        positions = (mask.to(at::kLong).cumsum(1) - 1) * mask.to(at::kLong); // [B, S]
    const at::ScalarType wide = options.dtype() == at::kDouble ? at::kDouble : at::kFloat;
    at::Tensor slopes = at::tensor(alibiSlopes(heads), at::kDouble).to(options.device(), wide);
    at::Tensor distances = positions.to(wide);
    if (spec.isRounded) {
        slopes = slopes.to(at::kBFloat16);
        distances = distances.to(at::kBFloat16);
    }
    const at::Tensor bias = slopes.view({1, heads, 1, 1}) * distances.unsqueeze(1).unsqueeze(1);
    return (bias.to(wide) * spec.scale).to(options.dtype());
}

} // namespace lathe

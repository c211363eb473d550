#include "core/adapter/low_rank_path.h"

#include "core/kernels/lora_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>

namespace lathe {

at::Tensor inputMask(const AdapterContext& context, double dropout, std::uint32_t number, const at::Tensor& x,
                     at::ScalarType dtype) {
    if (!context.clock.isTraining || dropout <= 0)
        return {};
    return rowDropoutMask(x.sizes(), dropout, context.clock, number, x.device()).to(dtype);
}

at::Tensor withLowRank(const at::Tensor& x, const LinearBase& base, const at::Tensor& a, const at::Tensor& b,
                       double scale, const at::Tensor& mask) {
    const at::ScalarType dtype = a.scalar_type();
    if (base.isPlain() && x.scalar_type() == dtype && base.weight().scalar_type() == dtype)
        return loraLinear(x, base.weight(), base.bias(), a, b, scale, mask);
    at::Tensor input = x.to(dtype);
    if (mask.defined())
        input = input * mask;
    const at::Tensor change = at::linear(at::linear(input, a), b) * scale;
    return base.forward(x) + change.to(base.weight().scalar_type());
}

} // namespace lathe

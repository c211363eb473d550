#include "core/adapter/simplex_head.h"

#include "core/adapter/simplex.h"
#include "core/base/contract.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/tensordot.h>

namespace lathe {

/// x: [B, in], or with dimensions between. Returns [B, …, out].
at::Tensor SimplexHead::apply(const at::Tensor& x, const LinearBase& base) {
    const at::Tensor read = m_isFirst ? m_adapter.headInput(x) : x;
    if (!m_weight.defined())
        return base.forward(read);
    const std::int64_t vertices = m_weight.size(0);
    const at::Tensor bias = m_bias.defined() ? m_bias.flatten() : m_bias;
    const at::Tensor each = at::linear(read.to(m_weight.scalar_type()), m_weight.flatten(0, 1), bias)
                                .unflatten(-1, {vertices, -1}); // [B, …, M, out]
    const at::Tensor& alpha = m_adapter.headCoefficients();     // [B or 1, M]
    LATHE_EXPECT(alpha.size(0) == 1 || alpha.size(0) == x.size(0));
    std::vector<std::int64_t> shape(static_cast<std::size_t>(each.dim()), 1);
    shape.front() = alpha.size(0);
    shape[shape.size() - 2] = vertices;
    return (each * alpha.view(shape)).sum(-2).to(base.weight().scalar_type());
}

std::optional<MergedLinear> SimplexHead::merged(const at::Tensor& weight, const at::Tensor& bias) const {
    if (!m_weight.defined())
        return MergedLinear{weight, bias};
    const at::Tensor& alpha = m_adapter.headCoefficients();
    if (alpha.size(0) != 1)
        return std::nullopt;
    const auto mixed = [&alpha](const at::Tensor& each) { return at::tensordot(alpha[0], each, {0}, {0}); };
    return MergedLinear{mixed(m_weight), m_bias.defined() ? mixed(m_bias) : bias};
}

} // namespace lathe

#include "core/model/parts.h"

#include "core/kernels/fused_ops.h"
#include "core/kernels/packed_weight.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

namespace lathe {

Projection::Projection(const LinearSpec& spec, const LanguageModel& model)
    : m_weight(model.weight(spec.name + ".weight")),
      m_bias(spec.hasBias ? model.weight(spec.name + ".bias") : at::Tensor()),
      m_isTransposed(spec.isTransposed) {}

at::Tensor Projection::forward(const at::Tensor& x) const {
    // Transposed here and not once: a view made before the weight is trained would get no gradient.
    const at::Tensor weight = m_isTransposed ? transposedWeight(m_weight) : m_weight;
    return adaptedLinear(x, weight, m_bias, m_adapters);
}

Norm::Norm(const NormSpec& spec, const LanguageModel& model)
    : m_kind(spec.kind),
      m_size(spec.size),
      m_eps(spec.eps),
      m_weight(spec.hasWeight ? model.weight(spec.name + ".weight") : at::Tensor()),
      m_bias(spec.hasWeight && spec.kind == NormSpec::Kind::Layer ? model.weight(spec.name + ".bias")
                                                                  : at::Tensor()) {}

at::Tensor Norm::forward(const at::Tensor& x) const {
    if (m_kind == NormSpec::Kind::Layer)
        return at::layer_norm(x, {m_size}, m_weight, m_bias, m_eps);
    if (m_kind == NormSpec::Kind::Rms)
        return rmsNorm(x, m_weight, m_eps);
    // 1 + w would round in a narrow dtype: such a norm is computed in fp32 to its end.
    const at::ScalarType wide = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    return rmsNorm(x.to(wide), m_weight.to(wide) + 1, m_eps).to(x.scalar_type());
}

at::Tensor activate(Activation activation, const at::Tensor& x) {
    switch (activation) {
    case Activation::Relu:
        return at::relu(x);
    case Activation::Gelu:
        return at::gelu(x);
    case Activation::GeluTanh:
        return at::gelu(x, "tanh");
    case Activation::QuickGelu:
        return x * at::sigmoid(1.702 * x);
    case Activation::Silu:
        return at::silu(x);
    case Activation::Tanh:
        return at::tanh(x);
    }
    return x;
}

Mlp::Mlp(const MlpSpec& spec, const LanguageModel& model)
    : m_isGated(spec.isGated), m_activation(spec.activation), m_output(spec.output, model) {
    for (const LinearSpec& input : spec.inputs)
        m_inputs.emplace_back(input, model);
}

at::Tensor Mlp::gated(const at::Tensor& x) const {
    at::Tensor gate = m_inputs.front().forward(x);
    at::Tensor up;
    if (m_inputs.size() == 2) {
        up = m_inputs[1].forward(x);
    } else {
        up = gate.narrow(-1, gate.size(-1) / 2, gate.size(-1) / 2);
        gate = gate.narrow(-1, 0, gate.size(-1) / 2);
    }
    return m_activation == Activation::Silu ? swiglu(gate, up) : activate(m_activation, gate) * up;
}

at::Tensor Mlp::forward(const at::Tensor& x) const {
    return m_output.forward(m_isGated ? gated(x) : activate(m_activation, m_inputs.front().forward(x)));
}

} // namespace lathe

#include "core/model/parts.h"

#include "core/kernels/fused_ops.h"
#include "core/kernels/packed_weight.h"
#include "core/kernels/work_scope.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <algorithm>
#include <map>

namespace lathe {

namespace {

bool arePaths(const std::vector<LowRankSlot>& slots, at::ScalarType dtype) {
    return std::ranges::all_of(slots, [dtype](const LowRankSlot& slot) {
        return !slot.a.defined() || (slot.a.scalar_type() == dtype && slot.b.scalar_type() == dtype &&
                                     slot.a.is_contiguous() && slot.b.is_contiguous());
    });
}

/// Whether it can stand in a node that computes in `dtype`: narrower in bf16 alone, and beside fp32.
bool isFrozen(const at::Tensor& x, at::ScalarType dtype) {
    return x.defined() && !x.requires_grad() &&
           (x.scalar_type() == dtype || (dtype == at::kFloat && x.scalar_type() == at::kBFloat16));
}

at::Tensor widened(const at::Tensor& x, at::ScalarType dtype) { return x.defined() ? x.to(dtype) : x; }

} // namespace

Projection::Projection(const LinearSpec& spec, const LanguageModel& model)
    : m_weight(model.weight(spec.name + ".weight")),
      m_bias(spec.hasBias ? model.weight(spec.name + ".bias") : at::Tensor()),
      m_isTransposed(spec.isTransposed) {}

at::Tensor Projection::weight() const {
    // Transposed here and not once: a view made before the weight is trained would get no gradient.
    return m_isTransposed ? transposedWeight(m_weight) : m_weight;
}

at::Tensor Projection::forward(const at::Tensor& x) const {
    return adaptedLinear(x, weight(), m_bias, m_adapters);
}

std::optional<AdaptedProjection> frozenProjection(const at::Tensor& weight, const at::Tensor& bias,
                                                  const AdapterStack<SiteAdapter>& adapters,
                                                  const FrozenMatrixCache& cache, std::int64_t rows,
                                                  at::ScalarType dtype) {
    if (!isFrozen(weight, dtype) || (bias.defined() && !isFrozen(bias, dtype)) || adapters.parts().size() > 1)
        return std::nullopt;
    AdaptedProjection result;
    result.bias = widened(bias, dtype);
    if (!adapters.isEmpty()) {
        auto paths = adapters.parts().front()->lowRankPaths(rows, weight.size(1));
        if (!paths || !arePaths(*paths, dtype))
            return std::nullopt;
        result.slots = std::move(*paths);
    }
    result.matrix = cache.of(weight);
    return result;
}

std::optional<AdaptedProjection> Projection::atOnce(std::int64_t rows, at::ScalarType dtype) const {
    return frozenProjection(weight(), m_bias, m_adapters, m_frozen, rows, dtype);
}

Norm::Norm(const NormSpec& spec, const LanguageModel& model)
    : m_kind(spec.kind),
      m_size(spec.size),
      m_eps(spec.eps),
      m_weight(spec.hasWeight ? model.weight(spec.name + ".weight") : at::Tensor()),
      m_bias(spec.hasWeight && spec.kind == NormSpec::Kind::Layer ? model.weight(spec.name + ".bias")
                                                                  : at::Tensor()) {}

at::Tensor Norm::forward(const at::Tensor& x) const {
    const WorkScope scope("lathe::norm");
    // Beside a bf16 model's fp32 sums the norm is one of fp32.
    const bool isWider =
        x.scalar_type() == at::kFloat && m_weight.defined() && m_weight.scalar_type() != at::kFloat;
    const at::Tensor weight = isWider ? m_weight.to(at::kFloat) : m_weight;
    if (m_kind == NormSpec::Kind::Layer)
        return at::layer_norm(x, {m_size}, weight, isWider ? widened(m_bias, at::kFloat) : m_bias, m_eps);
    if (m_kind == NormSpec::Kind::Rms)
        return rmsNorm(x, weight, m_eps);
    // 1 + w would round in a narrow dtype: such a norm is computed in fp32 to its end.
    const at::ScalarType wide = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    return rmsNorm(x.to(wide), m_weight.to(wide) + 1, m_eps).to(x.scalar_type());
}

std::optional<RowNorm> Norm::atOnce(at::ScalarType dtype) const {
    const bool isLayer = m_kind == NormSpec::Kind::Layer;
    if (m_kind == NormSpec::Kind::RmsPlusOne || !isFrozen(m_weight, dtype) ||
        (isLayer && !isFrozen(m_bias, dtype)))
        return std::nullopt;
    return RowNorm{isLayer ? RowNorm::Kind::Layer : RowNorm::Kind::Rms, widened(m_weight, dtype),
                   widened(m_bias, dtype), m_eps};
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
    const WorkScope scope("lathe::activation");
    return m_activation == Activation::Silu ? swiglu(gate, up) : activate(m_activation, gate) * up;
}

bool Mlp::addTo(BlockTail& tail, std::int64_t rows, at::ScalarType dtype) const {
    static const std::map<Activation, BlockActivation> plain{
        {Activation::Gelu, BlockActivation::Gelu},
        {Activation::GeluTanh, BlockActivation::GeluTanh},
        {Activation::Relu, BlockActivation::Relu}};
    const auto known = plain.find(m_activation);
    if (m_isGated ? m_inputs.size() != 2 || m_activation != Activation::Silu : known == plain.end())
        return false;
    tail.activation = m_isGated ? BlockActivation::Swiglu : known->second;
    for (const Projection& input : m_inputs) {
        auto projection = input.atOnce(rows, dtype);
        if (!projection)
            return false;
        tail.inputs.push_back(std::move(*projection));
    }
    auto down = m_output.atOnce(rows, dtype);
    if (down)
        tail.down = std::move(*down);
    return down.has_value();
}

at::Tensor Mlp::forward(const at::Tensor& x) const {
    return m_output.forward(m_isGated ? gated(x) : activate(m_activation, m_inputs.front().forward(x)));
}

} // namespace lathe

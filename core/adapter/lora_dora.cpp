#include "core/adapter/lora_site.h"
#include "core/adapter/low_rank_path.h"
#include "core/kernels/lora_linear.h"
#include "core/kernels/packed_weight.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <algorithm>

namespace lathe {

namespace {

/// W Aᵀ in the dtype of A; a narrower W is widened some rows at a time.
at::Tensor productWith(const at::Tensor& weight, const at::Tensor& a) {
    if (weight.scalar_type() == a.scalar_type())
        return at::mm(weight, a.t());
    constexpr std::int64_t kRows = 512;
    std::vector<at::Tensor> parts;
    for (std::int64_t row = 0; row < weight.size(0); row += kRows) {
        const at::Tensor some = weight.narrow(0, row, std::min(kRows, weight.size(0) - row));
        parts.push_back(at::mm(some.to(a.scalar_type()), a.t()));
    }
    return at::cat(parts);
}

} // namespace

/// ‖w + s b A‖² = ‖w‖² + 2 s b · (w Aᵀ) + s² b (A Aᵀ) bᵀ for a row w of W and a row b of B.
at::Tensor doraNorm(const at::Tensor& weight, const LoraTensors& tensors) {
    const at::NoGradGuard noGrad;
    at::Tensor a = tensors.a.detach();
    at::Tensor b = tensors.b.detach();
    if (tensors.fixedA.defined()) {
        a = at::cat({a, tensors.fixedA});
        b = at::cat({b, -tensors.fixedB}, 1);
    }
    b = b * tensors.scale;
    const at::Tensor own =
        at::linalg_vector_norm(weight.detach(), 2, at::IntArrayRef{1}, false, a.scalar_type());
    const at::Tensor mixed = (b * productWith(weight.detach(), a)).sum(1);
    const at::Tensor added = (at::mm(b, at::mm(a, a.t())) * b).sum(1);
    return (own.square() + 2 * mixed + added).clamp_min(0).sqrt();
}

DoraSite::DoraSite(LoraTensors tensors, const AdapterContext& context, std::uint32_t number)
    : m_tensors(std::move(tensors)), m_context(context), m_number(number) {
    LATHE_EXPECT(m_tensors.magnitude.defined() && !m_tensors.bias.defined());
}

at::Tensor DoraSite::change(const at::Tensor& x, const at::Tensor& seen, const at::Tensor& product,
                            const at::Tensor& factor) const {
    const auto& t = m_tensors;
    at::Tensor change = (factor - 1) * product + (factor * t.scale) * at::linear(at::linear(seen, t.a), t.b);
    if (t.fixedA.defined()) {
        const auto fixed = [&t](const at::Tensor& input) {
            return at::linear(at::linear(input, t.fixedA), t.fixedB) * t.scale;
        };
        change = change - fixed(x) - (factor - 1) * fixed(seen);
    }
    return change;
}

at::Tensor DoraSite::apply(const at::Tensor& x, const LinearBase& base) {
    const auto& t = m_tensors;
    const at::ScalarType wide = t.a.scalar_type();
    const at::ScalarType narrow = base.weight().scalar_type();
    const at::Tensor factor = t.magnitude / doraNorm(DenseWeight(base.weight()).tensor(), t);
    const bool isDropping = m_context.clock.isTraining && t.dropout > 0;
    if (base.isPlain() && narrow == wide && m_context.strength == 1 && !isDropping) {
        const at::Tensor y =
            factor * loraLinear(x, base.weight(), {}, t.a, t.b, t.scale, {}, t.fixedA, t.fixedB);
        return base.bias().defined() ? y + base.bias() : y;
    }
    const at::Tensor input = x.to(wide);
    at::Tensor seen = input;
    if (isDropping)
        seen = input * inputMask(m_context, t.dropout, m_number, x, wide);
    const at::Tensor product = frozenLinear(seen.to(narrow), base.weight(), {}).to(wide);
    at::Tensor y;
    if (base.isPlain() && !isDropping)
        y = base.bias().defined() ? product + base.bias() : product;
    else
        y = base.forward(x).to(wide);
    return (y + change(input, seen, product, factor) * m_context.strength).to(narrow);
}

std::optional<MergedLinear> DoraSite::merged(const at::Tensor& weight, const at::Tensor& bias) const {
    const at::Tensor factor = (m_tensors.magnitude / doraNorm(weight, m_tensors)).unsqueeze(1);
    const at::Tensor whole = factor * (weight + loraChange(m_tensors));
    return MergedLinear{weight + (whole - weight) * m_context.strength, bias};
}

} // namespace lathe

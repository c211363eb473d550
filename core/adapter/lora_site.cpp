#include "core/adapter/lora_site.h"

#include "core/adapter/low_rank_path.h"
#include "core/kernels/lora_linear.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>

namespace lathe {

at::Tensor loraChange(const LoraTensors& tensors) {
    at::Tensor change = at::mm(tensors.b, tensors.a);
    if (tensors.fixedA.defined())
        change = change - at::mm(tensors.fixedB, tensors.fixedA);
    return change * tensors.scale;
}

LoraSite::LoraSite(LoraTensors tensors, const AdapterContext& context, std::uint32_t number)
    : m_tensors(std::move(tensors)), m_context(context), m_number(number) {
    LATHE_EXPECT(!m_tensors.magnitude.defined());
}

at::Tensor LoraSite::apply(const at::Tensor& x, const LinearBase& base) {
    const auto& [a, b, bias, magnitude, fixedA, fixedB, siteScale, dropout] = m_tensors;
    const double scale = siteScale * m_context.strength;
    const at::ScalarType wide = a.scalar_type();
    const at::ScalarType narrow = base.weight().scalar_type();
    const at::Tensor mask = inputMask(m_context, dropout, m_number, x, wide);
    at::Tensor y;
    if (base.isPlain() && x.scalar_type() == narrow) {
        y = loraLinear(x, base.weight(), base.bias(), a, b, scale, mask, fixedA, fixedB);
    } else {
        const at::Tensor input = x.to(wide);
        at::Tensor change = at::linear(at::linear(mask.defined() ? input * mask : input, a), b);
        if (fixedA.defined())
            change = change - at::linear(at::linear(input, fixedA), fixedB);
        y = (base.forward(x).to(wide) + change * scale).to(narrow);
    }
    return bias.defined() ? y + (bias * scale).to(narrow) : y;
}

std::optional<std::vector<LowRankSlot>> LoraSite::lowRankPaths(std::int64_t rows, std::int64_t width) {
    const auto& [a, b, bias, magnitude, fixedA, fixedB, scale, dropout] = m_tensors;
    if (bias.defined() || fixedA.defined())
        return std::nullopt;
    LowRankSlot slot{rows, a, b, scale * m_context.strength};
    if (m_context.clock.isTraining && dropout > 0)
        slot.kept = rowDropoutBits(rows, width, dropout, m_context.clock, m_number);
    return std::vector<LowRankSlot>{slot};
}

std::optional<MergedLinear> LoraSite::merged(const at::Tensor& weight, const at::Tensor& bias) const {
    at::Tensor mergedBias = bias;
    if (m_tensors.bias.defined()) {
        const at::Tensor added = m_tensors.bias * (m_tensors.scale * m_context.strength);
        mergedBias = bias.defined() ? bias + added : added;
    }
    return MergedLinear{weight + loraChange(m_tensors) * m_context.strength, mergedBias};
}

LoraTable::LoraTable(LoraTensors tensors, at::Tensor table, const AdapterContext& context)
    : m_tensors(std::move(tensors)), m_table(std::move(table)), m_context(context) {
    LATHE_EXPECT(!m_tensors.fixedA.defined() && !m_tensors.bias.defined());
}

at::Tensor LoraTable::apply(const at::Tensor& ids, const at::Tensor& looked) {
    const auto& a = m_tensors.a;
    at::Tensor change = at::linear(at::embedding(a.t(), ids), m_tensors.b) * m_tensors.scale;
    const at::Tensor rows = looked.to(a.scalar_type());
    if (m_tensors.magnitude.defined()) {
        const at::Tensor factor = m_tensors.magnitude / doraNorm(m_table.t(), m_tensors);
        change = (factor - 1) * rows + factor * change;
    }
    return (rows + change * m_context.strength).to(looked.scalar_type());
}

at::Tensor LoraTable::change() const {
    at::Tensor change = loraChange(m_tensors).t();
    if (m_tensors.magnitude.defined()) {
        const at::Tensor factor = m_tensors.magnitude / doraNorm(m_table.t(), m_tensors);
        change = (factor - 1) * m_table.to(change.scalar_type()) + factor * change;
    }
    return change * m_context.strength;
}

} // namespace lathe

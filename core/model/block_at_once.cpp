#include "core/kernels/block_nodes.h"
#include "core/model/transformer.h"

namespace lathe {

namespace {

bool isPlainCpu(const at::Tensor& x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

} // namespace

std::optional<at::Tensor> Block::atOnce(const at::Tensor& given, PassContext& pass) const {
    const bool isPostNorm = m_order == BlockSpec::Order::PostNorm;
    const bool isKnown = isPostNorm || (m_order == BlockSpec::Order::PreNorm && !m_hasNormedResidual);
    if (!isKnown || !isPlainCpu(given) || pass.isEager || pass.cache != nullptr ||
        !m_attentionResidual.isEmpty() || !m_mlpResidual.isEmpty())
        return std::nullopt;
    const std::int64_t width = given.size(-1);
    const std::int64_t rows = given.numel() / width;
    const at::ScalarType dtype = given.scalar_type();
    const auto attentionNorm = m_attentionNorm.atOnce(dtype);
    const auto secondNorm = mlpNorm().atOnce(dtype);
    auto inputs = std::make_shared<AttentionInputs>();
    auto tail = std::make_shared<BlockTail>();
    for (const Projection& each : m_attention.projections()) {
        auto projection = each.atOnce(rows, dtype);
        if (!projection)
            return std::nullopt;
        inputs->projections.push_back(std::move(*projection));
    }
    auto output = m_attention.output().atOnce(rows, dtype);
    if (!attentionNorm || !secondNorm || !output || !m_mlp.addTo(*tail, rows, dtype))
        return std::nullopt;
    tail->isPostNorm = isPostNorm;
    tail->output = std::move(*output);
    (isPostNorm ? tail->first : inputs->norm) = *attentionNorm;
    (isPostNorm ? tail->second : tail->first) = *secondNorm;

    inputs->turn = m_attention.turnOf(given, pass);
    const bool isTurned = inputs->turn.cos.defined();
    const at::Tensor x = given.contiguous().view({rows, width});
    std::vector<at::Tensor> projected = attentionInputs(x, std::move(inputs));
    std::vector<std::int64_t> shape = given.sizes().vec();
    for (at::Tensor& each : projected) {
        shape.back() = each.size(1);
        each = each.view(shape);
    }
    const at::Tensor mixed = m_attention.mix(projected, pass, isTurned);
    const at::Tensor read = mixed.reshape({rows, mixed.size(-1)}).contiguous();
    return blockTail(x, read, std::move(tail)).view(given.sizes());
}

std::optional<AdaptedProjection> TransformerModel::plainHead(std::int64_t rows) const {
    const HeadSpec& head = m_spec.head;
    if (!m_headWeight.defined() || !isPlainCpu(m_headWeight) || m_dense || m_headNorm || head.activation ||
        head.scale != 1 || head.softcap > 0)
        return std::nullopt;
    auto projection = frozenProjection(m_headWeight, m_headBias, m_headAdapters, m_headFrozen, rows,
                                       m_headWeight.scalar_type());
    if (projection)
        for (const LowRankSlot& slot : projection->slots)
            if (slot.rows > 0 && slot.a.defined())
                return std::nullopt;
    return projection;
}

} // namespace lathe

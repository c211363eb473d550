#include "core/kernels/block_nodes.h"
#include "core/model/transformer.h"

namespace lathe {

namespace {

bool isPlainCpu(const at::Tensor& x) {
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

} // namespace

std::optional<BlockNodes> Block::nodesFor(std::int64_t rows, at::ScalarType dtype) const {
    const bool isPostNorm = m_order == BlockSpec::Order::PostNorm;
    const bool isKnown = isPostNorm || (m_order == BlockSpec::Order::PreNorm && !m_hasNormedResidual);
    if (!isKnown || !m_attentionResidual.isEmpty() || !m_mlpResidual.isEmpty())
        return std::nullopt;
    const auto attentionNorm = m_attentionNorm.atOnce(dtype);
    const auto secondNorm = mlpNorm().atOnce(dtype);
    BlockNodes nodes{std::make_shared<AttentionInputs>(), std::make_shared<BlockTail>()};
    for (const Projection& each : m_attention.projections()) {
        auto projection = each.atOnce(rows, dtype);
        if (!projection)
            return std::nullopt;
        nodes.inputs->projections.push_back(std::move(*projection));
    }
    auto output = m_attention.output().atOnce(rows, dtype);
    if (!attentionNorm || !secondNorm || !output || !m_mlp.addTo(*nodes.tail, rows, dtype))
        return std::nullopt;
    nodes.tail->isPostNorm = isPostNorm;
    nodes.tail->output = std::move(*output);
    (isPostNorm ? nodes.tail->first : nodes.inputs->norm) = *attentionNorm;
    (isPostNorm ? nodes.tail->second : nodes.tail->first) = *secondNorm;
    return nodes;
}

std::optional<at::Tensor> Block::atOnce(const at::Tensor& given, PassContext& pass) const {
    if (!isPlainCpu(given) || pass.isEager || pass.cache != nullptr)
        return std::nullopt;
    const std::int64_t width = given.size(-1);
    const std::int64_t rows = given.numel() / width;
    const auto nodes = nodesFor(rows, given.scalar_type());
    if (!nodes)
        return std::nullopt;
    nodes->inputs->turn = m_attention.turnOf(given, pass);
    const bool isTurned = nodes->inputs->turn.cos.defined();
    const at::Tensor x = given.contiguous().view({rows, width});
    std::vector<at::Tensor> projected = attentionInputs(x, nodes->inputs);
    std::vector<std::int64_t> shape = given.sizes().vec();
    for (at::Tensor& each : projected) {
        shape.back() = each.size(1);
        each = each.view(shape);
    }
    const at::Tensor mixed = m_attention.mix(projected, pass, isTurned);
    const at::Tensor read = mixed.reshape({rows, mixed.size(-1)}).contiguous();
    return blockTail(x, read, nodes->tail).view(given.sizes());
}

std::optional<AdaptedProjection> TransformerModel::plainHead(const at::Tensor& rows) const {
    const HeadSpec& head = m_spec.head;
    if (!m_headWeight.defined() || !isPlainCpu(rows) || m_dense || m_headNorm || head.activation ||
        head.scale != 1 || head.softcap > 0)
        return std::nullopt;
    auto projection = frozenProjection(m_headWeight, m_headBias, m_headAdapters, m_headFrozen, rows.size(0),
                                       rows.scalar_type());
    if (projection)
        for (const LowRankSlot& slot : projection->slots)
            if (slot.rows > 0 && slot.a.defined())
                return std::nullopt;
    return projection;
}

std::string TransformerModel::mixedObstacle() const {
    if (!device().is_cpu())
        return "it is for the CPU";
    if (virtualTokens() != nullptr)
        return "trained tokens stand in front of each text";
    if (m_finalProjection)
        return "the model has a projection behind its last layer";
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer)
        if (!m_blocks[layer].nodesFor(0, at::kFloat))
            return "layer " + std::to_string(layer) +
                   " is not built of plain norms and frozen projections, or its adapter is not plain LoRA";
    return {};
}

} // namespace lathe

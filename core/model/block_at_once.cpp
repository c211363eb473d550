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

std::optional<BlockNodes> Block::nodesOf(const at::Tensor& given, const PassContext& pass) const {
    if (!isPlainCpu(given) || pass.isEager || pass.cache != nullptr)
        return std::nullopt;
    auto nodes = nodesFor(given.numel() / given.size(-1), given.scalar_type());
    if (nodes)
        nodes->inputs->turn = m_attention.turnOf(given, pass);
    return nodes;
}

at::Tensor Block::mixed(const at::Tensor& given, const BlockNodes& nodes, PassContext& pass) const {
    const std::int64_t width = given.size(-1);
    std::vector<at::Tensor> projected = attentionInputs(given.contiguous().view({-1, width}), nodes.inputs);
    std::vector<std::int64_t> shape = given.sizes().vec();
    for (at::Tensor& each : projected) {
        shape.back() = each.size(1);
        each = each.view(shape);
    }
    const at::Tensor mixed = m_attention.mix(projected, pass, nodes.inputs->turn.cos.defined());
    return mixed.reshape({-1, mixed.size(-1)}).contiguous();
}

std::optional<at::Tensor> Block::atOnce(const at::Tensor& given, PassContext& pass) const {
    const auto nodes = nodesOf(given, pass);
    if (!nodes)
        return std::nullopt;
    const at::Tensor read = mixed(given, *nodes, pass);
    return blockTail(given.contiguous().view({-1, given.size(-1)}), read, nodes->tail).view(given.sizes());
}

at::Tensor Block::forwardAt(const at::Tensor& given, const at::Tensor& places, PassContext& pass) const {
    const std::int64_t width = given.size(-1);
    const auto nodes = 4 * places.size(0) <= 3 * given.numel() / width ? nodesOf(given, pass) : std::nullopt;
    if (!nodes)
        return forward(given, pass).reshape({-1, width}).index_select(0, places);
    const at::Tensor x = given.contiguous().view({-1, width});
    at::Tensor read;
    if (const auto shape = m_attention.queriesAt(given, places, pass)) {
        AttentionInputs& inputs = *nodes->inputs;
        inputs.queryPlaces = places;
        inputs.projections.front() = atPlaces(std::move(inputs.projections.front()), places);
        std::vector<at::Tensor> projected = attentionInputs(x, nodes->inputs);
        for (std::size_t i = 1; i < projected.size(); ++i)
            projected[i] = projected[i].view({given.size(0), given.size(1), projected[i].size(1)});
        read = m_attention.mixAt(projected, *shape, pass);
    } else {
        read = mixed(given, *nodes, pass).index_select(0, places);
    }
    const auto tail = std::make_shared<BlockTail>(atPlaces(std::move(*nodes->tail), places));
    return blockTail(x.index_select(0, places), read, tail);
}

std::optional<AdaptedProjection> TransformerModel::plainHead(const at::Tensor& rows) const {
    const HeadSpec& head = m_spec.head;
    if (!m_headWeight.defined() || !isPlainCpu(rows) || m_dense || m_headNorm || head.activation ||
        head.scale != 1 || head.softcap > 0)
        return std::nullopt;
    auto projection = frozenProjection(m_headWeight, m_headBias, m_headAdapters, m_headFrozen, rows.size(0),
                                       rows.scalar_type());
    if (projection && std::ranges::any_of(projection->slots, &LowRankSlot::hasPath))
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

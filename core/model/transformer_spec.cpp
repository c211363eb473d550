#include "core/model/transformer_spec.h"

namespace lathe {

namespace {

using Init = TensorSpec::Init;

class Collector {
public:
    explicit Collector(ModelSummary& summary) : m_summary(summary) {}

    void table(const std::string& name, std::int64_t rows, std::int64_t width) {
        if (!name.empty())
            add({name + ".weight", {rows, width}, Init::Normal});
    }

    void norm(const std::optional<NormSpec>& spec) {
        if (!spec || !spec->hasWeight)
            return;
        add({spec->name + ".weight",
             {spec->size},
             spec->kind == NormSpec::Kind::RmsPlusOne ? Init::Zero : Init::One});
        if (spec->kind == NormSpec::Kind::Layer)
            add({spec->name + ".bias", {spec->size}, Init::Zero});
    }

    void linear(const LinearSpec& spec) {
        const auto shape =
            spec.isTransposed ? std::vector{spec.in, spec.out} : std::vector{spec.out, spec.in};
        add({spec.name + ".weight", shape, Init::Normal});
        if (spec.hasBias)
            add({spec.name + ".bias", {spec.out}, Init::Zero});
    }

    void site(const LinearSpec& spec, std::int64_t layer) {
        m_summary.sites.push_back({spec.name, spec.name.substr(spec.name.rfind('.') + 1), layer, spec.in,
                                   spec.out, spec.isTransposed});
        linear(spec);
    }

    void block(const BlockSpec& block, std::int64_t layer) {
        for (const LinearSpec& projection : block.attention.projections)
            site(projection, layer);
        site(block.attention.output, layer);
        for (const LinearSpec& input : block.mlp.inputs)
            site(input, layer);
        site(block.mlp.output, layer);
        for (const auto& each : {std::optional(block.attentionNorm), block.mlpNorm, block.afterAttention,
                                 block.afterMlp, block.attention.queryNorm, block.attention.keyNorm})
            norm(each);
    }

    void head(const ModelSpec& spec) {
        m_isHead = true;
        const HeadSpec& head = spec.head;
        if (head.dense)
            linear(*head.dense);
        norm(head.norm);
        LinearSpec output = head.output;
        output.hasBias = output.hasBias && head.biasName.empty();
        if (head.kind != HeadKind::None && !head.isTied)
            linear(output);
        else if (head.kind != HeadKind::None && output.hasBias)
            add({output.name + ".bias", {output.out}, Init::Zero});
        if (!head.biasName.empty())
            add({head.biasName, {output.out}, Init::Zero});
        m_isHead = false;
    }

private:
    void add(TensorSpec tensor) {
        tensor.isHead = m_isHead;
        m_summary.tensors.push_back(std::move(tensor));
    }

    ModelSummary& m_summary;
    bool m_isHead = false;
};

} // namespace

ModelSummary summaryOf(const ModelSpec& spec) {
    ModelSummary summary;
    summary.architecture = spec.family;
    summary.basePrefix = spec.basePrefix;
    summary.head = spec.head.kind;
    summary.outputs = spec.head.kind == HeadKind::None ? spec.width : spec.head.output.out;
    summary.isCausal = spec.isCausal;
    summary.hiddenSize = spec.width;
    summary.layers = static_cast<std::int64_t>(spec.blocks.size());
    const AttentionSpec& attention = spec.blocks.front().attention;
    summary.heads = attention.heads;
    summary.keyValueHeads = attention.keyValueHeads;
    summary.headSize = attention.headSize;
    summary.vocabularySize = spec.vocabulary;
    summary.tokenTypes = spec.embedding.types.empty() ? 0 : spec.embedding.typeRows;
    summary.maxPositions = spec.maxPositions;
    if (spec.rope && spec.rope->type == RopeSpec::Type::LongRope)
        summary.rereadBeyond = static_cast<std::int64_t>(spec.rope->originalPositions);
    summary.padId = spec.padId;
    summary.hasTiedHead = spec.head.isTied;
    summary.notes = spec.notes;
    Collector all(summary);
    const EmbeddingSpec& embedding = spec.embedding;
    all.table(embedding.tokens, spec.vocabulary, embedding.width);
    all.table(embedding.positions, embedding.positionRows, spec.width);
    all.table(embedding.types, embedding.typeRows, spec.width);
    all.norm(embedding.norm);
    if (embedding.projection)
        all.site(*embedding.projection, -1);
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer)
        all.block(spec.blocks[layer], static_cast<std::int64_t>(layer));
    all.norm(spec.finalNorm);
    if (spec.finalProjection)
        all.site(*spec.finalProjection, -1);
    all.head(spec);
    return summary;
}

} // namespace lathe

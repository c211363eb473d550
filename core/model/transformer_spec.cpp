#include "core/model/transformer_spec.h"

#include <algorithm>

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
        const Init init = spec->kind == NormSpec::Kind::RmsPlusOne ? Init::Zero : Init::One;
        add({spec->name + ".weight", {spec->size}, init, false, true});
        if (spec->kind == NormSpec::Kind::Layer)
            add({spec->name + ".bias", {spec->size}, Init::Zero, false, true});
    }

    void linear(const LinearSpec& spec) {
        const auto shape =
            spec.isTransposed ? std::vector{spec.in, spec.out} : std::vector{spec.out, spec.in};
        add({spec.name + ".weight", shape, Init::Normal});
        if (spec.hasBias)
            add({spec.name + ".bias", {spec.out}, Init::Zero});
    }

    void site(const LinearSpec& spec, std::int64_t layer, SiteKind kind = SiteKind::Projection,
              bool isFeedForward = false) {
        m_summary.sites.push_back({spec.name, lastPart(spec.name), layer, spec.in, spec.out,
                                   spec.isTransposed, kind, isFeedForward});
    }

    void residual(const BlockSpec& block, std::int64_t layer, SiteKind kind) {
        const bool isMlp = kind == SiteKind::MlpResidual;
        const std::string name = blockPath(block) + (isMlp ? kMlpResidual : kAttentionResidual);
        const std::int64_t width = block.attention.output.out;
        m_summary.sites.push_back({name, lastPart(name), layer, width, width, false, kind, isMlp});
    }

    /// A projection that is both, tensor and site.
    void part(const LinearSpec& spec, std::int64_t layer, bool isFeedForward = false) {
        site(spec, layer, SiteKind::Projection, isFeedForward);
        linear(spec);
    }

    void block(const BlockSpec& block, std::int64_t layer) {
        for (const LinearSpec& projection : block.attention.projections)
            part(projection, layer);
        part(block.attention.output, layer);
        residual(block, layer, SiteKind::AttentionResidual);
        for (const LinearSpec& input : block.mlp.inputs)
            part(input, layer, true);
        part(block.mlp.output, layer, true);
        residual(block, layer, SiteKind::MlpResidual);
        for (const auto& each : {std::optional(block.attentionNorm), block.mlpNorm, block.afterAttention,
                                 block.afterMlp, block.attention.queryNorm, block.attention.keyNorm})
            norm(each);
    }

    void head(const ModelSpec& spec) {
        m_isHead = true;
        const HeadSpec& head = spec.head;
        if (head.dense) {
            // A classifier of two layers is trained as a whole; a pooler is a layer of the model.
            site(*head.dense, -1,
                 head.dense->name.find("classifier") != std::string::npos ? SiteKind::Head
                                                                          : SiteKind::Projection);
            linear(*head.dense);
        }
        if (head.kind != HeadKind::None)
            site(head.output, -1, SiteKind::Head);
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

    void tokenTable(const ModelSpec& spec) {
        const EmbeddingSpec& embedding = spec.embedding;
        m_summary.sites.push_back({embedding.tokens, lastPart(embedding.tokens), -1, spec.vocabulary,
                                   embedding.width, false, SiteKind::Embedding});
        table(embedding.tokens, spec.vocabulary, embedding.width);
    }

private:
    static std::string lastPart(const std::string& name) { return name.substr(name.rfind('.') + 1); }

    void add(TensorSpec tensor) {
        tensor.isHead = m_isHead;
        m_summary.tensors.push_back(std::move(tensor));
    }

    ModelSummary& m_summary;
    bool m_isHead = false;
};

} // namespace

std::string blockPath(const BlockSpec& block) {
    const std::string& first = block.attention.output.name;
    const std::string& second = block.mlp.output.name;
    const auto end = std::mismatch(first.begin(), first.end(), second.begin(), second.end()).first;
    return first.substr(0, first.rfind('.', static_cast<std::size_t>(end - first.begin()) - 1));
}

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
    summary.embeddingWidth = spec.embedding.width;
    summary.hasTiedHead = spec.head.isTied;
    summary.notes = spec.notes;
    Collector all(summary);
    const EmbeddingSpec& embedding = spec.embedding;
    all.tokenTable(spec);
    all.table(embedding.positions, embedding.positionRows, spec.width);
    all.table(embedding.types, embedding.typeRows, spec.width);
    all.norm(embedding.norm);
    if (embedding.projection)
        all.part(*embedding.projection, -1);
    for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer)
        all.block(spec.blocks[layer], static_cast<std::int64_t>(layer));
    all.norm(spec.finalNorm);
    if (spec.finalProjection)
        all.part(*spec.finalProjection, -1);
    all.head(spec);
    return summary;
}

} // namespace lathe

#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

constexpr double kEps = 1e-12; // fixed in the class

PlainSizes readSizes(ConfigReader& reader) {
    PlainSizes c;
    c.width = reader.size(reader.present({"dim", "hidden_size"}), 768);
    c.layers = reader.size(reader.present({"n_layers", "num_hidden_layers"}), 6);
    c.heads = reader.size(reader.present({"n_heads", "num_attention_heads"}), 12);
    c.feedForward = reader.size("hidden_dim", 3072);
    c.vocabulary = reader.size("vocab_size", 30522);
    c.maxPositions = reader.size("max_position_embeddings", 512);
    return c;
}

void readHead(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec, Activation activation) {
    HeadSpec& head = spec.head;
    head.kind = readHeadKind(config, reader, HeadKind::None);
    if (head.kind == HeadKind::SequenceClassification) {
        head.pooling = HeadSpec::Pooling::FirstToken;
        head.dense = linear("pre_classifier", spec.width, spec.width);
        head.activation = Activation::Relu;
    }
    if (head.kind == HeadKind::SequenceClassification || head.kind == HeadKind::TokenClassification) {
        head.output = linear("classifier", spec.width, readLabelCount(config, reader));
    } else if (head.kind == HeadKind::MaskedLm) {
        head.dense = linear("vocab_transform", spec.width, spec.width);
        head.activation = activation;
        head.norm = layerNorm("vocab_layer_norm", spec.width, kEps);
        head.isTied = reader.flag("tie_word_embeddings", true);
        head.output = linear("vocab_projector", spec.width, spec.vocabulary);
    } else if (head.kind == HeadKind::CausalLm) {
        reader.refuse("architectures", "names a causal language model, which this encoder is not");
    }
}

} // namespace

/// DistilBERT, Sanh et al. 2019 (arXiv:1910.01108): BERT without token types and pooler.
Result<ModelSpec> describeDistilbert(const nlohmann::json& config) {
    ConfigReader reader(config);
    const PlainSizes c = readSizes(reader);
    const Activation activation = readActivation(reader, "activation", "gelu");
    ModelSpec spec = startModel(config, reader, "distilbert", "distilbert.", "embeddings.word_embeddings", c);
    LATHE_TRY(reader.problem());
    spec.isCausal = false;
    if (!spec.padId)
        spec.padId = 0;
    addPositions(spec, "distilbert.embeddings.position_embeddings");
    spec.embedding.norm = layerNorm("distilbert.embeddings.LayerNorm", c.width, kEps);
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath("distilbert.transformer.layer", layer);
        BlockSpec block;
        block.order = BlockSpec::Order::PostNorm;
        block.attentionNorm = layerNorm(path + "sa_layer_norm", c.width, kEps);
        block.mlpNorm = layerNorm(path + "output_layer_norm", c.width, kEps);
        block.attention = plainAttention(path + "attention.", {"q_lin", "k_lin", "v_lin", "out_lin"}, c.width,
                                         c.heads, true);
        block.mlp = plainMlp(path + "ffn.", "lin1", "lin2", c, activation);
        spec.blocks.push_back(std::move(block));
    }
    readHead(config, reader, spec, activation);
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe

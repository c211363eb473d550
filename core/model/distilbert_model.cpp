#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

/// DistilBERT, Sanh et al. 2019 (arXiv:1910.01108): BERT without token types and pooler.
Result<ModelSpec> describeDistilbert(const nlohmann::json& config) {
    ConfigReader reader(config);
    const std::int64_t width = reader.size(reader.present({"dim", "hidden_size"}), 768);
    const std::int64_t layers = reader.size(reader.present({"n_layers", "num_hidden_layers"}), 6);
    const std::int64_t heads = reader.size(reader.present({"n_heads", "num_attention_heads"}), 12);
    const std::int64_t inner = reader.size("hidden_dim", 3072);
    const Activation activation = readActivation(reader, "activation", "gelu");
    constexpr double kEps = 1e-12; // fixed in the class
    ModelSpec spec;
    spec.family = "distilbert";
    spec.basePrefix = "distilbert.";
    spec.width = width;
    spec.isCausal = false;
    spec.vocabulary = reader.size("vocab_size", 30522);
    spec.maxPositions = reader.size("max_position_embeddings", 512);
    readCommon(config, reader, spec);
    if (!spec.padId)
        spec.padId = 0;
    checkSizes(reader, layers, {width, heads, inner, spec.vocabulary, spec.maxPositions});
    checkHeads(reader, width, heads);
    LATHE_TRY(reader.problem());
    spec.embedding.tokens = "distilbert.embeddings.word_embeddings";
    spec.embedding.width = width;
    spec.embedding.positions = "distilbert.embeddings.position_embeddings";
    spec.embedding.positionRows = spec.maxPositions;
    spec.embedding.norm = layerNorm("distilbert.embeddings.LayerNorm", width, kEps);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const std::string path = layerPath("distilbert.transformer.layer", layer);
        BlockSpec block;
        block.order = BlockSpec::Order::PostNorm;
        block.attentionNorm = layerNorm(path + "sa_layer_norm", width, kEps);
        block.mlpNorm = layerNorm(path + "output_layer_norm", width, kEps);
        block.attention =
            plainAttention(path + "attention.", {"q_lin", "k_lin", "v_lin", "out_lin"}, width, heads, true);
        block.mlp.activation = activation;
        block.mlp.inputs = {linear(path + "ffn.lin1", width, inner)};
        block.mlp.output = linear(path + "ffn.lin2", inner, width);
        spec.blocks.push_back(std::move(block));
    }
    HeadSpec& head = spec.head;
    head.kind = readHeadKind(config, reader, HeadKind::None);
    if (head.kind == HeadKind::SequenceClassification) {
        head.pooling = HeadSpec::Pooling::FirstToken;
        head.dense = linear("pre_classifier", width, width);
        head.activation = Activation::Relu;
    }
    if (head.kind == HeadKind::SequenceClassification || head.kind == HeadKind::TokenClassification) {
        head.output = linear("classifier", width, readLabelCount(config, reader));
    } else if (head.kind == HeadKind::MaskedLm) {
        head.dense = linear("vocab_transform", width, width);
        head.activation = activation;
        head.norm = layerNorm("vocab_layer_norm", width, kEps);
        head.isTied = reader.flag("tie_word_embeddings", true);
        head.output = linear("vocab_projector", width, spec.vocabulary);
    } else if (head.kind == HeadKind::CausalLm) {
        reader.refuse("architectures", "names a causal language model, which this encoder is not");
    }
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe

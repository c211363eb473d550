#include "core/model/architecture.h"
#include "core/model/spec_parts.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

struct EncoderShape {
    std::string prefix; ///< "bert."
    std::int64_t width, layers, heads, inner, types;
    double eps;
    Activation activation;
};

EncoderShape readShape(const nlohmann::json& config, ConfigReader& reader, const std::string& prefix) {
    EncoderShape c{};
    c.prefix = prefix;
    c.width = reader.size("hidden_size", 768);
    c.layers = reader.size("num_hidden_layers", 12);
    c.heads = reader.size("num_attention_heads", 12);
    c.inner = reader.size("intermediate_size", 3072);
    c.types = reader.size("type_vocab_size", 2);
    c.eps = reader.real("layer_norm_eps", 1e-12);
    c.activation = readActivation(reader, "hidden_act", "gelu");
    if (const std::string kind = reader.text("position_embedding_type", "absolute"); kind != "absolute")
        reader.refuse("position_embedding_type", "is \"" + kind + "\", which is not supported; absolute is");
    if (reader.flag("is_decoder", false) || reader.flag("add_cross_attention", false))
        reader.refuse("is_decoder", "is true, which is not supported; it is an encoder here");
    checkSizes(reader, c.layers, {c.width, c.heads, c.inner, c.types});
    checkHeads(reader, c.width, c.heads);
    if (config.contains("embedding_size") && config["embedding_size"] != c.width)
        reader.refuse("embedding_size", "differs from hidden_size, which is not supported");
    return c;
}

ModelSpec encoderOf(const EncoderShape& c, std::string family, const nlohmann::json& config,
                    ConfigReader& reader) {
    ModelSpec spec;
    spec.family = std::move(family);
    spec.basePrefix = c.prefix;
    spec.width = c.width;
    spec.isCausal = false;
    spec.vocabulary = reader.size("vocab_size", 30522);
    spec.maxPositions = reader.size("max_position_embeddings", 512);
    readCommon(config, reader, spec);
    checkSizes(reader, c.layers, {spec.vocabulary, spec.maxPositions});
    EmbeddingSpec& embedding = spec.embedding;
    embedding.tokens = c.prefix + "embeddings.word_embeddings";
    embedding.width = c.width;
    embedding.positions = c.prefix + "embeddings.position_embeddings";
    embedding.positionRows = spec.maxPositions;
    embedding.types = c.prefix + "embeddings.token_type_embeddings";
    embedding.typeRows = c.types;
    embedding.norm = layerNorm(c.prefix + "embeddings.LayerNorm", c.width, c.eps);
    for (std::int64_t layer = 0; layer < c.layers; ++layer) {
        const std::string path = layerPath(c.prefix + "encoder.layer", layer);
        BlockSpec block;
        block.order = BlockSpec::Order::PostNorm;
        block.attentionNorm = layerNorm(path + "attention.output.LayerNorm", c.width, c.eps);
        block.mlpNorm = layerNorm(path + "output.LayerNorm", c.width, c.eps);
        block.attention =
            plainAttention(path + "attention.", {"self.query", "self.key", "self.value", "output.dense"},
                           c.width, c.heads, true);
        block.mlp.activation = c.activation;
        block.mlp.inputs = {linear(path + "intermediate.dense", c.width, c.inner)};
        block.mlp.output = linear(path + "output.dense", c.inner, c.width);
        spec.blocks.push_back(std::move(block));
    }
    return spec;
}

} // namespace

/// BERT, Devlin et al. 2018 (arXiv:1810.04805).
Result<ModelSpec> describeBert(const nlohmann::json& config) {
    ConfigReader reader(config);
    const EncoderShape c = readShape(config, reader, "bert.");
    LATHE_TRY(reader.problem());
    ModelSpec spec = encoderOf(c, "bert", config, reader);
    if (!spec.padId)
        spec.padId = 0;
    HeadSpec& head = spec.head;
    head.kind = readHeadKind(config, reader, HeadKind::None);
    switch (head.kind) {
    case HeadKind::SequenceClassification:
        head.pooling = HeadSpec::Pooling::FirstToken;
        head.dense = linear("bert.pooler.dense", c.width, c.width);
        head.activation = Activation::Tanh;
        [[fallthrough]];
    case HeadKind::TokenClassification:
        head.output = linear("classifier", c.width, readLabelCount(config, reader));
        break;
    case HeadKind::MaskedLm:
        head.dense = linear("cls.predictions.transform.dense", c.width, c.width);
        head.activation = c.activation;
        head.norm = layerNorm("cls.predictions.transform.LayerNorm", c.width, c.eps);
        head.isTied = reader.flag("tie_word_embeddings", true);
        head.output = linear("cls.predictions.decoder", c.width, spec.vocabulary);
        if (head.isTied) // untied, the class adds the decoder's own bias and never reads the other
            head.biasName = "cls.predictions.bias";
        break;
    case HeadKind::CausalLm:
        reader.refuse("architectures", "names a causal language model, which this encoder is not");
        break;
    case HeadKind::None:
        break;
    }
    LATHE_TRY(reader.problem());
    return spec;
}

/// RoBERTa, Liu et al. 2019 (arXiv:1907.11692), and XLM-R: BERT with positions that count from the pad id on.
Result<ModelSpec> describeRoberta(const nlohmann::json& config) {
    ConfigReader reader(config);
    const EncoderShape c = readShape(config, reader, "roberta.");
    LATHE_TRY(reader.problem());
    ModelSpec spec = encoderOf(c, "roberta", config, reader);
    if (!spec.padId)
        spec.padId = 1;
    spec.embedding.counting = EmbeddingSpec::Counting::Ids;
    spec.embedding.positionOffset = *spec.padId + 1;
    spec.maxPositions -= spec.embedding.positionOffset;
    if (*spec.padId < 0 || spec.maxPositions < 1)
        reader.refuse("max_position_embeddings",
                      "must be above pad_token_id + 1, as rows up to it stay free");
    HeadSpec& head = spec.head;
    head.kind = readHeadKind(config, reader, HeadKind::None);
    switch (head.kind) {
    case HeadKind::SequenceClassification:
        head.pooling = HeadSpec::Pooling::FirstToken;
        head.dense = linear("classifier.dense", c.width, c.width);
        head.activation = Activation::Tanh;
        head.output = linear("classifier.out_proj", c.width, readLabelCount(config, reader));
        break;
    case HeadKind::TokenClassification:
        head.output = linear("classifier", c.width, readLabelCount(config, reader));
        break;
    case HeadKind::MaskedLm:
        head.dense = linear("lm_head.dense", c.width, c.width);
        head.activation = Activation::Gelu;
        head.norm = layerNorm("lm_head.layer_norm", c.width, c.eps);
        head.isTied = reader.flag("tie_word_embeddings", true);
        head.output = linear("lm_head.decoder", c.width, spec.vocabulary);
        if (head.isTied)
            head.biasName = "lm_head.bias";
        break;
    case HeadKind::CausalLm:
        reader.refuse("architectures", "names a causal language model, which this encoder is not");
        break;
    case HeadKind::None:
        break;
    }
    LATHE_TRY(reader.problem());
    return spec;
}

} // namespace lathe

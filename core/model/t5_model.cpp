#include "core/model/architecture.h"
#include "core/model/attention.h"
#include "core/model/relative_bias.h"
#include "core/model/spec_parts.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

struct T5Config {
    std::int64_t width, headSize, feedForward, encoderLayers, decoderLayers, heads, vocabulary;
    RelativeBuckets buckets;
    double eps;
    bool isGated, isTied, isScaled;
    Activation activation;
    std::int64_t startId;
    std::optional<std::int64_t> padId;
};

/// "relu", "gated-gelu", "gated-silu": whether there is a gate, and its activation.
void readFeedForward(ConfigReader& reader, T5Config& c) {
    const std::string name = reader.text("feed_forward_proj", "relu");
    c.isGated = name.starts_with("gated-");
    const std::string bare = c.isGated ? name.substr(6) : name;
    // The reference takes the tanh form where the name is "gated-gelu".
    if (name == "gated-gelu")
        c.activation = Activation::GeluTanh;
    else if (bare == "relu")
        c.activation = Activation::Relu;
    else if (bare == "gelu")
        c.activation = Activation::Gelu;
    else if (bare == "silu" || bare == "swish")
        c.activation = Activation::Silu;
    else
        reader.refuse("feed_forward_proj",
                      "is \"" + name + "\"; relu, gelu, silu, and these after \"gated-\", are supported");
}

Result<T5Config> readConfig(const nlohmann::json& json) {
    ConfigReader reader(json);
    T5Config c{};
    c.width = reader.size("d_model", 512);
    c.headSize = reader.size("d_kv", 64);
    c.feedForward = reader.size("d_ff", 2048);
    c.encoderLayers = reader.size("num_layers", 6);
    c.decoderLayers = reader.size("num_decoder_layers", c.encoderLayers);
    c.heads = reader.size("num_heads", 8);
    c.vocabulary = reader.size("vocab_size", 32128);
    c.buckets.buckets = reader.size("relative_attention_num_buckets", 32, 4);
    c.buckets.maxDistance = reader.size("relative_attention_max_distance", 128);
    c.eps = reader.real("layer_norm_epsilon", 1e-6);
    c.isTied = reader.flag("tie_word_embeddings", true);
    c.isScaled = reader.flag("scale_decoder_outputs", c.isTied);
    c.startId = reader.size("decoder_start_token_id", 0, 0);
    readFeedForward(reader, c);
    checkSizes(reader, std::max(c.encoderLayers, c.decoderLayers),
               {c.width, c.headSize, c.feedForward, c.heads, c.vocabulary, c.buckets.buckets});
    if (c.buckets.maxDistance <= c.buckets.buckets / 2)
        reader.refuse("relative_attention_max_distance", "must be above half of the buckets");
    ModelSpec common;
    common.family = "t5";
    readCommon(json, reader, common);
    c.padId = common.padId;
    if (const std::string name = className(json); !name.empty() && name != "T5ForConditionalGeneration")
        reader.refuse("architectures",
                      "names " + name + ", which is not supported for t5; T5ForConditionalGeneration is");
    LATHE_TRY(reader.problem());
    return c;
}

std::string blockPath(const char* side, std::int64_t layer) {
    return std::string(side) + ".block." + std::to_string(layer) + ".layer.";
}

MlpSpec mlpOf(const T5Config& c, const std::string& path) {
    MlpSpec mlp;
    mlp.isGated = c.isGated;
    mlp.activation = c.activation;
    for (const char* name : c.isGated ? std::vector{"wi_0", "wi_1"} : std::vector{"wi"})
        mlp.inputs.push_back(linear(path + name, c.width, c.feedForward, false));
    mlp.output = linear(path + "wo", c.feedForward, c.width, false);
    return mlp;
}

/// Queries from one text, keys and values from the same or another.
class T5Attention {
public:
    T5Attention(const T5Config& c, const LanguageModel& model, const std::string& path)
        : m_heads(c.heads),
          m_headSize(c.headSize),
          m_query(linear(path + "q", c.width, c.heads * c.headSize, false), model),
          m_key(linear(path + "k", c.width, c.heads * c.headSize, false), model),
          m_value(linear(path + "v", c.width, c.heads * c.headSize, false), model),
          m_output(linear(path + "o", c.heads * c.headSize, c.width, false), model) {}

    /// Calls `name` with each projection's name and adapters.
    template <typename Name>
    void forEach(const std::string& path, const Name& name) {
        name(path + "q", m_query.adapters());
        name(path + "k", m_key.adapters());
        name(path + "v", m_value.adapters());
        name(path + "o", m_output.adapters());
    }

    /// x: [B, T, D]. `slot`: of the cache, if it is used. Scores are not scaled.
    [[nodiscard]] at::Tensor within(const at::Tensor& x, const AttentionMask& mask, KeyValueCache* cache,
                                    std::int64_t slot, bool isEager) const {
        at::Tensor k = split(m_key.forward(x));
        at::Tensor v = split(m_value.forward(x));
        if (cache != nullptr)
            std::tie(k, v) = cache->append(slot, k, v);
        return m_output.forward(attend(split(m_query.forward(x)), k, v, mask, 1, 0, isEager));
    }

    /// source: [B, S, D], read where the cache does not hold it yet.
    [[nodiscard]] at::Tensor across(const at::Tensor& x, const at::Tensor& source, const AttentionMask& mask,
                                    KeyValueCache* cache, std::int64_t slot, bool isEager) const {
        auto [k, v] = cache != nullptr ? cache->kept(slot) : std::pair<at::Tensor, at::Tensor>();
        if (!k.defined()) {
            k = split(m_key.forward(source));
            v = split(m_value.forward(source));
            if (cache != nullptr)
                std::tie(k, v) = cache->append(slot, k, v);
        }
        return m_output.forward(attend(split(m_query.forward(x)), k, v, mask, 1, 0, isEager));
    }

private:
    [[nodiscard]] at::Tensor split(const at::Tensor& x) const {
        return x.view({x.size(0), x.size(1), m_heads, m_headSize}).transpose(1, 2);
    }

    std::int64_t m_heads, m_headSize;
    Projection m_query, m_key, m_value, m_output;
};

struct T5Block {
    T5Block(const T5Config& c, const LanguageModel& model, const char* side, std::int64_t layer,
            bool isDecoder)
        : path(blockPath(side, layer)),
          last(isDecoder ? "2." : "1."),
          norm(rmsNormSpec(path + "0.layer_norm", c.width, c.eps), model),
          own(c, model, path + "0.SelfAttention."),
          mlpNorm(rmsNormSpec(path + last + "layer_norm", c.width, c.eps), model),
          mlp(mlpOf(c, path + last + "DenseReluDense."), model) {
        if (isDecoder) {
            crossNorm.emplace(rmsNormSpec(path + "1.layer_norm", c.width, c.eps), model);
            cross.emplace(c, model, path + "1.EncDecAttention.");
        }
    }

    std::string path;
    std::string last;
    Norm norm;
    T5Attention own;
    std::optional<Norm> crossNorm;
    std::optional<T5Attention> cross;
    Norm mlpNorm;
    Mlp mlp;
};

class T5Model final : public LanguageModel {
public:
    T5Model(T5Config config, ModelSummary summary, std::vector<NamedTensor> weights)
        : LanguageModel(std::move(summary), std::move(weights)),
          m_config(std::move(config)),
          m_tokens(weight("shared.weight")),
          m_head(m_config.isTied ? m_tokens : weight("lm_head.weight")),
          m_encoderNorm(rmsNormSpec("encoder.final_layer_norm", m_config.width, m_config.eps), *this),
          m_decoderNorm(rmsNormSpec("decoder.final_layer_norm", m_config.width, m_config.eps), *this) {
        m_encoder.reserve(static_cast<std::size_t>(m_config.encoderLayers)); // the sites point into them
        m_decoder.reserve(static_cast<std::size_t>(m_config.decoderLayers));
        for (std::int64_t layer = 0; layer < m_config.encoderLayers; ++layer)
            nameSites(m_encoder.emplace_back(m_config, *this, "encoder", layer, false));
        for (std::int64_t layer = 0; layer < m_config.decoderLayers; ++layer)
            nameSites(m_decoder.emplace_back(m_config, *this, "decoder", layer, true));
    }

    at::Tensor hidden(const ModelInput& input) override {
        LATHE_EXPECT(input.sourceIds.defined());
        const bool isKnown =
            input.cache != nullptr && input.cache->kept(m_config.decoderLayers).first.defined();
        const at::Tensor source = isKnown ? at::Tensor() : encode(input);
        const std::int64_t past = input.cache != nullptr ? input.cache->length() : 0;
        at::Tensor x = input.embeddings.defined() ? input.embeddings : at::embedding(m_tokens, input.ids);
        PassContext pass(input, past, true, x.options());
        RelativeBuckets buckets = m_config.buckets;
        buckets.isCausal = true;
        pass.setBias(relativeBias(buckets, weight(m_decoder.front().path + kBias), past, input.tokens(),
                                  past + input.tokens()));
        AttentionMask toSource;
        if (input.sourceMask.defined())
            toSource.allowed = input.sourceMask.unsqueeze(1).unsqueeze(1);
        for (std::int64_t layer = 0; layer < m_config.decoderLayers; ++layer) {
            const T5Block& block = m_decoder[static_cast<std::size_t>(layer)];
            if (input.hiddenStates != nullptr)
                input.hiddenStates->push_back(x);
            x = x + block.own.within(block.norm.forward(x), pass.mask(0), input.cache, layer, input.isEager);
            x = x + block.cross->across(block.crossNorm->forward(x), source, toSource, input.cache,
                                        m_config.decoderLayers + layer, input.isEager);
            x = x + block.mlp.forward(block.mlpNorm.forward(x));
        }
        x = m_decoderNorm.forward(x);
        if (input.hiddenStates != nullptr)
            input.hiddenStates->push_back(x);
        return x;
    }

    at::Tensor pooled(const at::Tensor& hidden, const ModelInput&) override { return hidden; }

    at::Tensor logits(const at::Tensor& hidden) override {
        const double scale = m_config.isScaled ? 1 / std::sqrt(static_cast<double>(m_config.width)) : 1;
        return at::linear(m_config.isScaled ? hidden * scale : hidden, m_head);
    }

private:
    static constexpr const char* kBias = "0.SelfAttention.relative_attention_bias.weight";

    void nameSites(T5Block& block) {
        const auto name = [this](const std::string& site, auto& stack) { nameSite(site, stack); };
        block.own.forEach(block.path + "0.SelfAttention.", name);
        if (block.cross)
            block.cross->forEach(block.path + "1.EncDecAttention.", name);
        const MlpSpec names = mlpOf(m_config, block.path + block.last + "DenseReluDense.");
        for (std::size_t i = 0; i < names.inputs.size(); ++i)
            nameSite(names.inputs[i].name, block.mlp.inputs()[i].adapters());
        nameSite(names.output.name, block.mlp.output().adapters());
    }

    /// [B, S, D].
    [[nodiscard]] at::Tensor encode(const ModelInput& input) const {
        ModelInput source;
        source.ids = input.sourceIds;
        source.mask = input.sourceMask;
        source.isEager = input.isEager;
        at::Tensor x = at::embedding(m_tokens, source.ids);
        PassContext pass(source, 0, false, x.options());
        const std::int64_t length = source.ids.size(1);
        pass.setBias(
            relativeBias(m_config.buckets, weight(m_encoder.front().path + kBias), 0, length, length));
        for (const T5Block& block : m_encoder) {
            x = x + block.own.within(block.norm.forward(x), pass.mask(0), nullptr, 0, source.isEager);
            x = x + block.mlp.forward(block.mlpNorm.forward(x));
        }
        return m_encoderNorm.forward(x);
    }

    T5Config m_config;
    at::Tensor m_tokens; // [V, D]
    at::Tensor m_head;   // [V, D]
    Norm m_encoderNorm, m_decoderNorm;
    std::vector<T5Block> m_encoder, m_decoder;
};

/// Sites and tensors of one block.
void describeBlock(const T5Config& c, const char* side, std::int64_t layer, bool isDecoder,
                   ModelSummary& summary) {
    using Init = TensorSpec::Init;
    const std::string path = blockPath(side, layer);
    const auto site = [&](const LinearSpec& spec, bool isFeedForward = false) {
        summary.sites.push_back({spec.name, spec.name.substr(spec.name.rfind('.') + 1), layer, spec.in,
                                 spec.out, false, SiteKind::Projection, isFeedForward});
        summary.tensors.push_back({spec.name + ".weight", {spec.out, spec.in}, Init::Normal, false});
    };
    const auto attention = [&](const std::string& part) {
        const std::int64_t inner = c.heads * c.headSize;
        for (const char* name : {"q", "k", "v"})
            site(linear(path + part + name, c.width, inner, false));
        site(linear(path + part + "o", inner, c.width, false));
    };
    attention("0.SelfAttention.");
    if (layer == 0)
        summary.tensors.push_back({path + "0.SelfAttention.relative_attention_bias.weight",
                                   {c.buckets.buckets, c.heads},
                                   Init::Normal,
                                   false});
    if (isDecoder)
        attention("1.EncDecAttention.");
    const MlpSpec mlp = mlpOf(c, path + (isDecoder ? "2." : "1.") + "DenseReluDense.");
    for (const LinearSpec& input : mlp.inputs)
        site(input, true);
    site(mlp.output, true);
    for (const char* norm : isDecoder ? std::vector{"0.", "1.", "2."} : std::vector{"0.", "1."})
        summary.tensors.push_back({path + norm + "layer_norm.weight", {c.width}, Init::One, false, true});
}

class T5Architecture final : public Architecture {
public:
    Result<ModelSummary> summarize(const nlohmann::json& json) const override {
        LATHE_ASSIGN(const T5Config c, readConfig(json));
        ModelSummary summary;
        summary.architecture = "t5";
        summary.decoderStartId = c.startId;
        summary.outputs = c.vocabulary;
        summary.hiddenSize = c.width;
        summary.layers = c.encoderLayers + c.decoderLayers;
        summary.heads = summary.keyValueHeads = c.heads;
        summary.headSize = c.headSize;
        summary.vocabularySize = c.vocabulary;
        summary.padId = c.padId;
        summary.takesVirtualTokens = false; // two texts, and none of them the place
        summary.embeddingWidth = c.width;
        summary.hasTiedHead = c.isTied;
        using Init = TensorSpec::Init;
        summary.tensors.push_back({"shared.weight", {c.vocabulary, c.width}, Init::Normal, false});
        for (std::int64_t layer = 0; layer < c.encoderLayers; ++layer)
            describeBlock(c, "encoder", layer, false, summary);
        summary.tensors.push_back({"encoder.final_layer_norm.weight", {c.width}, Init::One, false, true});
        for (std::int64_t layer = 0; layer < c.decoderLayers; ++layer)
            describeBlock(c, "decoder", layer, true, summary);
        summary.tensors.push_back({"decoder.final_layer_norm.weight", {c.width}, Init::One, false, true});
        if (!c.isTied)
            summary.tensors.push_back({"lm_head.weight", {c.vocabulary, c.width}, Init::Normal, true});
        return summary;
    }

    std::unique_ptr<LanguageModel> build(const nlohmann::json& json, ModelSummary summary,
                                         std::vector<NamedTensor> weights) const override {
        auto config = readConfig(json);
        LATHE_EXPECT(config.has_value()); // summarize() has accepted it
        return std::make_unique<T5Model>(std::move(config).value(), std::move(summary), std::move(weights));
    }
};

} // namespace

std::unique_ptr<Architecture> makeT5Architecture() { return std::make_unique<T5Architecture>(); }

} // namespace lathe

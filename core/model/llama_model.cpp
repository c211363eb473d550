#include "core/kernels/fused_ops.h"
#include "core/model/architecture.h"
#include "core/model/parts.h"
#include "core/model/rope.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <map>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

/// B batch, T time, D width, H query heads, K key-value heads, d head size, F feed-forward width, V
/// vocabulary.
struct LlamaConfig {
    std::int64_t width, feedForward, layers, heads, keyValueHeads, headSize, vocabulary, maxPositions;
    double normEps;
    bool hasAttentionBias, hasMlpBias, hasTiedHead;
    std::vector<double> ropeFrequencies;
};

void refuseUnsupported(const nlohmann::json& json, ConfigReader& reader) {
    if (const std::string act = reader.text("hidden_act", "silu"); act != "silu")
        reader.refuse("hidden_act", "is \"" + act + "\", which is not supported for llama; silu is");
    if (reader.real("attention_dropout", 0) != 0)
        reader.refuse("attention_dropout", "is not 0, which is not supported; set it to 0");
    if (json.contains("quantization_config") && !json["quantization_config"].is_null())
        reader.refuse("quantization_config",
                      "is set, but quantized weights are not supported; take the unquantized model");
    if (json.contains("auto_map"))
        reader.refuse("auto_map", "asks for code from the model folder, which is never run");
}

Result<LlamaConfig> readConfig(const nlohmann::json& json) {
    ConfigReader reader(json);
    LlamaConfig c{};
    c.width = reader.size("hidden_size", 4096);
    c.feedForward = reader.size("intermediate_size", 11008);
    c.layers = reader.size("num_hidden_layers", 32);
    c.heads = reader.size("num_attention_heads", 32);
    c.keyValueHeads = reader.size("num_key_value_heads", c.heads);
    c.headSize = reader.size("head_dim", c.width / c.heads);
    c.vocabulary = reader.size("vocab_size", 32000);
    c.maxPositions = reader.size("max_position_embeddings", 2048);
    c.normEps = reader.real("rms_norm_eps", 1e-6);
    c.hasAttentionBias = reader.flag("attention_bias", false);
    c.hasMlpBias = reader.flag("mlp_bias", false);
    c.hasTiedHead = reader.flag("tie_word_embeddings", false);
    c.ropeFrequencies = readRopeFrequencies(json, reader, c.headSize);
    if (c.heads % c.keyValueHeads != 0)
        reader.refuse("num_key_value_heads", "is " + std::to_string(c.keyValueHeads) +
                                                 ", which does not divide the " + std::to_string(c.heads) +
                                                 " attention heads");
    if (c.headSize % 2 != 0)
        reader.refuse("head_dim",
                      "is " + std::to_string(c.headSize) + "; rotary positions need an even size");
    refuseUnsupported(json, reader);
    LATHE_TRY(reader.problem());
    return c;
}

std::string layerPrefix(std::int64_t layer) { return "model.layers." + std::to_string(layer) + "."; }

struct ProjectionShape {
    const char* path; ///< below the layer
    std::int64_t in, out;
    bool hasBias;
};

std::vector<ProjectionShape> projections(const LlamaConfig& c) {
    const std::int64_t q = c.heads * c.headSize;
    const std::int64_t kv = c.keyValueHeads * c.headSize;
    return {{"self_attn.q_proj", c.width, q, c.hasAttentionBias},
            {"self_attn.k_proj", c.width, kv, c.hasAttentionBias},
            {"self_attn.v_proj", c.width, kv, c.hasAttentionBias},
            {"self_attn.o_proj", q, c.width, c.hasAttentionBias},
            {"mlp.gate_proj", c.width, c.feedForward, c.hasMlpBias},
            {"mlp.up_proj", c.width, c.feedForward, c.hasMlpBias},
            {"mlp.down_proj", c.feedForward, c.width, c.hasMlpBias}};
}

void describeLayer(const LlamaConfig& c, std::int64_t layer, ModelSummary& summary) {
    using Init = TensorSpec::Init;
    const std::string prefix = layerPrefix(layer);
    for (const auto& p : projections(c)) {
        const std::string name = prefix + p.path;
        summary.sites.push_back({name, name.substr(name.rfind('.') + 1), layer, p.in, p.out});
        summary.tensors.push_back({name + ".weight", {p.out, p.in}, Init::Normal});
        if (p.hasBias)
            summary.tensors.push_back({name + ".bias", {p.out}, Init::Zero});
    }
    summary.tensors.push_back({prefix + "input_layernorm.weight", {c.width}, Init::One});
    summary.tensors.push_back({prefix + "post_attention_layernorm.weight", {c.width}, Init::One});
}

class Block {
public:
    Block(const LlamaConfig& config, const LanguageModel& model, std::int64_t layer)
        : m_config(config),
          m_layer(layer),
          m_attentionNorm(model.weight(layerPrefix(layer) + "input_layernorm.weight")),
          m_mlpNorm(model.weight(layerPrefix(layer) + "post_attention_layernorm.weight")) {
        for (const auto& p : projections(config)) {
            const std::string name = layerPrefix(layer) + p.path;
            m_projections.emplace(p.path,
                                  Projection(model.weight(name + ".weight"),
                                             p.hasBias ? model.weight(name + ".bias") : at::Tensor()));
        }
    }

    void attach(const std::string& path, std::shared_ptr<SiteAdapter> adapter) {
        const auto it = m_projections.find(path);
        LATHE_EXPECT(it != m_projections.end());
        it->second.attach(std::move(adapter));
    }

    /// x: [B, T, D]. Returns [B, T, D].
    [[nodiscard]] at::Tensor forward(const at::Tensor& x, const Rope::Angles& angles,
                                     const AttentionMask& mask, KeyValueCache* cache) {
        const at::Tensor middle =
            x + attention(rmsNorm(x, m_attentionNorm, m_config.normEps), angles, mask, cache);
        return middle + mlp(rmsNorm(middle, m_mlpNorm, m_config.normEps));
    }

private:
    [[nodiscard]] at::Tensor project(const char* path, const at::Tensor& x) const {
        return m_projections.find(path)->second.forward(x);
    }

    [[nodiscard]] at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads) const {
        return x.view({x.size(0), x.size(1), heads, m_config.headSize}).transpose(1, 2);
    }

    [[nodiscard]] at::Tensor attention(const at::Tensor& x, const Rope::Angles& angles,
                                       const AttentionMask& mask, KeyValueCache* cache) {
        const at::Tensor q = Rope::rotate(splitHeads(project("self_attn.q_proj", x), m_config.heads), angles);
        at::Tensor k =
            Rope::rotate(splitHeads(project("self_attn.k_proj", x), m_config.keyValueHeads), angles);
        at::Tensor v = splitHeads(project("self_attn.v_proj", x), m_config.keyValueHeads);
        if (cache != nullptr) {
            auto& [keys, values] = cache->layers[static_cast<std::size_t>(m_layer)];
            k = keys = keys.defined() ? at::cat({keys, k}, 2) : k;
            v = values = values.defined() ? at::cat({values, v}, 2) : v;
        }
        return project("self_attn.o_proj", attend(q, k, v, mask));
    }

    [[nodiscard]] at::Tensor mlp(const at::Tensor& x) const {
        return project("mlp.down_proj", swiglu(project("mlp.gate_proj", x), project("mlp.up_proj", x)));
    }

    const LlamaConfig& m_config; // the model's, which outlives its blocks
    std::int64_t m_layer;
    at::Tensor m_attentionNorm; // [D]
    at::Tensor m_mlpNorm;       // [D]
    std::map<std::string, Projection, std::less<>> m_projections;
};

class LlamaModel final : public LanguageModel {
public:
    LlamaModel(LlamaConfig config, ModelSummary summary, std::vector<NamedTensor> weights)
        : LanguageModel(std::move(summary), std::move(weights)),
          m_config(std::move(config)),
          m_rope(m_config.ropeFrequencies),
          m_embedding(weight("model.embed_tokens.weight")),
          m_norm(weight("model.norm.weight")),
          m_head(m_config.hasTiedHead ? m_embedding : weight("lm_head.weight")) {
        for (std::int64_t layer = 0; layer < m_config.layers; ++layer)
            m_blocks.emplace_back(m_config, *this, layer);
    }

    at::Tensor hidden(const ModelInput& input) override {
        const std::int64_t past = input.cache != nullptr ? input.cache->length() : 0;
        const std::int64_t count = input.ids.size(1);
        if (input.cache != nullptr)
            input.cache->layers.resize(m_blocks.size());
        at::Tensor x = at::embedding(m_embedding, input.ids);
        const Rope::Angles angles = input.positions.defined()
                                        ? m_rope.atPositions(input.positions, x.options())
                                        : m_rope.range(past, count, x.options());
        const AttentionMask mask = causalMask(input.mask, past, count, device());
        for (Block& block : m_blocks) {
            if (input.hiddenStates != nullptr)
                input.hiddenStates->push_back(x);
            x = block.forward(x, angles, mask, input.cache);
        }
        x = rmsNorm(x, m_norm, m_config.normEps);
        if (input.hiddenStates != nullptr) // as transformers does: the last one is after the final norm
            input.hiddenStates->push_back(x);
        return x;
    }

    at::Tensor logits(const at::Tensor& hidden) override { return at::linear(hidden, m_head); }

    void attach(const std::string& site, std::shared_ptr<SiteAdapter> adapter) override {
        for (const Site& known : summary().sites)
            if (known.name == site)
                return m_blocks[static_cast<std::size_t>(known.layer)].attach(
                    site.substr(layerPrefix(known.layer).size()), std::move(adapter));
        contractBroken(("the model has a site " + site).c_str(), __FILE__, __LINE__);
    }

private:
    LlamaConfig m_config;
    Rope m_rope;
    at::Tensor m_embedding; // [V, D]
    at::Tensor m_norm;      // [D]
    at::Tensor m_head;      // [V, D]
    std::vector<Block> m_blocks;
};

class LlamaArchitecture final : public Architecture {
public:
    Result<ModelSummary> summarize(const nlohmann::json& json) const override {
        LATHE_ASSIGN(const LlamaConfig c, readConfig(json));
        ModelSummary summary;
        summary.architecture = "llama";
        summary.hiddenSize = c.width;
        summary.layers = c.layers;
        summary.heads = c.heads;
        summary.keyValueHeads = c.keyValueHeads;
        summary.vocabularySize = c.vocabulary;
        summary.maxPositions = c.maxPositions;
        summary.hasTiedHead = c.hasTiedHead;
        summary.tensors.push_back(
            {"model.embed_tokens.weight", {c.vocabulary, c.width}, TensorSpec::Init::Normal});
        for (std::int64_t layer = 0; layer < c.layers; ++layer)
            describeLayer(c, layer, summary);
        summary.tensors.push_back({"model.norm.weight", {c.width}, TensorSpec::Init::One});
        if (!c.hasTiedHead)
            summary.tensors.push_back({"lm_head.weight", {c.vocabulary, c.width}, TensorSpec::Init::Normal});
        return summary;
    }

    std::unique_ptr<LanguageModel> build(const nlohmann::json& json, ModelSummary summary,
                                         std::vector<NamedTensor> weights) const override {
        auto config = readConfig(json);
        LATHE_EXPECT(config.has_value()); // summarize() has accepted it
        return std::make_unique<LlamaModel>(std::move(config).value(), std::move(summary),
                                            std::move(weights));
    }
};

} // namespace

std::unique_ptr<Architecture> makeLlamaArchitecture() { return std::make_unique<LlamaArchitecture>(); }

} // namespace lathe

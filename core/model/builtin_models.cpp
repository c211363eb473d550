#include "core/model/architecture.h"
#include "core/model/transformer.h"

#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using Describe = Result<ModelSpec> (*)(const nlohmann::json&);

class DescribedArchitecture final : public Architecture {
public:
    explicit DescribedArchitecture(Describe describe) : m_describe(describe) {}

    Result<ModelSummary> summarize(const nlohmann::json& config) const override {
        LATHE_ASSIGN(const ModelSpec spec, m_describe(config));
        return summaryOf(spec);
    }

    std::unique_ptr<LanguageModel> build(const nlohmann::json& config, ModelSummary summary,
                                         std::vector<NamedTensor> weights) const override {
        auto spec = m_describe(config);
        LATHE_EXPECT(spec.has_value()); // summarize() has accepted it
        return std::make_unique<TransformerModel>(std::move(spec).value(), std::move(summary),
                                                  std::move(weights));
    }

private:
    Describe m_describe;
};

} // namespace

std::unique_ptr<Architecture> describedBy(Describe describe) {
    return std::make_unique<DescribedArchitecture>(describe);
}

const Registry<Architecture>& architectures() {
    static const Registry<Architecture> registry = [] {
        Registry<Architecture> all;
        const auto add = [&all](const char* id, const char* label, const char* help, Describe describe) {
            all.add({id, label, help}, [describe] { return describedBy(describe); });
        };
        add("bert", "BERT", "Encoder with learned positions and norms behind each part", describeBert);
        add("bloom", "BLOOM", "Decoder with ALiBi positions", describeBloom);
        add("chatglm", "ChatGLM2, ChatGLM3", "GLM-4 under the names it was published with", describeChatGlm);
        add("distilbert", "DistilBERT", "BERT without token types and pooler", describeDistilbert);
        add("falcon", "Falcon", "Decoder with attention and feed-forward part side by side", describeFalcon);
        add("gemma", "Gemma", "LLaMA with norms by 1 + w and scaled embeddings", describeGemma);
        add("gemma2", "Gemma 2", "Gemma with capped scores and alternating windows", describeGemma2);
        add("glm", "GLM-4", "LLaMA with half-turned heads in neighbouring pairs", describeGlm);
        add("gpt2", "GPT-2", "Decoder with learned positions", describeGpt2);
        add("gpt_neo", "GPT-Neo", "GPT-2 with unscaled scores and alternating windows", describeGptNeo);
        add("gpt_neox", "GPT-NeoX, Pythia", "Decoder with partly rotary positions", describeGptNeox);
        add("gptj", "GPT-J", "Decoder with rotary positions in pairs", describeGptj);
        add("llama", "LLaMA", "Decoder with RMSNorm, rotary positions, SwiGLU and grouped-query attention",
            describeLlama);
        add("mistral", "Mistral", "LLaMA with a sliding window", describeMistral);
        add("opt", "OPT", "Decoder with learned positions and ReLU", describeOpt);
        add("phi", "Phi", "Decoder with one LayerNorm a block and partly rotary positions", describePhi);
        add("phi3", "Phi-3", "LLaMA with fused projections", describePhi3);
        add("qwen2", "Qwen 2, Qwen 2.5", "LLaMA with biases of queries, keys and values", describeQwen2);
        add("qwen3", "Qwen 3", "LLaMA with normed queries and keys", describeQwen3);
        add("roberta", "RoBERTa", "BERT with positions that start at the pad id", describeRoberta);
        all.add({"t5", "T5", "Encoder and decoder with relative positions"}, makeT5Architecture);
        add("xlm-roberta", "XLM-RoBERTa", "RoBERTa in a hundred languages", describeRoberta);
        return all;
    }();
    return registry;
}

} // namespace lathe

#include "core/adapter/prompt_adapter.h"

#include "core/adapter/targets.h"
#include "core/base/random.h"
#include "core/kernels/packed_weight.h"
#include "core/model/transformer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

namespace lathe {

using nlohmann::json;

namespace {

constexpr const char* kTable = "prompt_embeddings";
// PEFT's names of the base's weights begin so, the latter where the adapter is virtual tokens.
constexpr std::string_view kInner = "base_model.model.";
const std::string kOuter = "base_model.";

/// Slot 2l of the table is the keys, 2l + 1 the values of layer l (PEFT's order).
class PrefixTokens final : public VirtualTokens {
public:
    PrefixTokens(const PromptAdapter& adapter, const ModelSummary& model, std::int64_t count)
        : m_adapter(adapter),
          m_layers(model.layers),
          m_heads(model.keyValueHeads),
          m_headSize(model.headSize),
          m_count(count) {}

    std::int64_t count() const override { return m_count; }
    Content content() const override {
        const std::vector<at::Tensor> slots = m_adapter.table()
                                                  .view({m_count, 2 * m_layers, m_heads, m_headSize})
                                                  .permute({1, 2, 0, 3})
                                                  .unbind(0); // at once: its gradient is one tensor
        Content content;
        for (std::size_t layer = 0; layer < static_cast<std::size_t>(m_layers); ++layer)
            content.keysAndValues.emplace_back(slots[2 * layer], slots[2 * layer + 1]);
        return content;
    }

private:
    const PromptAdapter& m_adapter; // owns this
    std::int64_t m_layers, m_heads, m_headSize, m_count;
};

class PromptTokens final : public VirtualTokens {
public:
    PromptTokens(const PromptAdapter& adapter, std::int64_t count) : m_adapter(adapter), m_count(count) {}

    std::int64_t count() const override { return m_count; }
    Content content() const override { return {m_adapter.table(), {}}; }

private:
    const PromptAdapter& m_adapter; // owns this
    std::int64_t m_count;
};

at::Tensor startOf(const EncoderTensor& tensor, Rng& rng) {
    at::Tensor values = at::empty(tensor.shape, at::kFloat);
    std::generate_n(values.data_ptr<float>(), values.numel(), [&] {
        return static_cast<float>(tensor.bound > 0 ? tensor.bound * (2 * rng.uniform() - 1) : rng.normal());
    });
    return values;
}

std::vector<TrainedWeight> named(std::vector<TrainedWeight> weights) {
    for (TrainedWeight& each : weights)
        each.file = kOuter + each.weight;
    return weights;
}

/// As many ids as there are virtual tokens: those of the text over and over, or drawn from the vocabulary.
std::vector<std::int64_t> startIds(const ModelSummary& model, const ParamValues& values, std::uint64_t seed) {
    std::vector<std::int64_t> ids;
    const auto count = static_cast<std::size_t>(values.integer("virtual_tokens"));
    if (values.text("tokens_init") == "vocabulary") {
        Rng rng(mixSeed(seed, 0x766f6361)); // "voca"
        while (ids.size() < count)
            ids.push_back(rng.integer(0, model.vocabularySize - 1));
        return ids;
    }
    std::istringstream text(values.text(kInitIds));
    for (std::int64_t id = 0; text >> id;)
        ids.push_back(id);
    LATHE_EXPECT(!ids.empty());
    for (std::size_t i = 0; ids.size() < count; ++i)
        ids.push_back(ids[i]);
    ids.resize(count);
    return ids;
}

/// A text of these tokens alone leaves its keys and values in a cache.
at::Tensor activations(LanguageModel& model, const at::Tensor& ids) {
    KeyValueCache cache;
    ModelInput input;
    input.ids = ids.unsqueeze(0);
    input.cache = &cache;
    static_cast<void>(model.hidden(input));
    std::vector<at::Tensor> slots; // [K, N, d] each
    for (std::int64_t layer = 0; layer < model.summary().layers; ++layer) {
        const auto [keys, values] = cache.kept(layer);
        slots.push_back(keys.squeeze(0));
        slots.push_back(values.squeeze(0));
    }
    return at::stack(slots).permute({2, 0, 1, 3}).reshape({ids.size(0), -1});
}

/// What the model reads of tokens: their rows of the table, scaled where it scales them. [N, width]
at::Tensor tokenVectors(const LanguageModel& model, const at::Tensor& ids) {
    const auto* transformer = dynamic_cast<const TransformerModel*>(&model);
    LATHE_EXPECT(transformer != nullptr); // no other model takes virtual tokens
    const EmbeddingSpec& table = transformer->spec().embedding;
    return rowsOf(model.weight(table.tokens + ".weight"), ids) * table.scale;
}

/// Input error where a number of the file is not the model's.
Status requireNumber(const PeftFolder& folder, const char* key, const char* what, std::int64_t expected) {
    const json value = folder.config().value(key, json());
    if (value.is_null() || value == expected)
        return ok();
    return inputError(folder.configPath(), std::string(key) + " is " + value.dump() + ", but the model has " +
                                               std::to_string(expected) + " " + what +
                                               "; the adapter belongs to another model");
}

} // namespace

std::int64_t promptWidth(const ModelSummary& model, PromptPlace place) {
    return place == PromptPlace::Input ? model.embeddingWidth
                                       : 2 * model.layers * model.keyValueHeads * model.headSize;
}

PromptAdapter::PromptAdapter(LanguageModel& model, PromptPlace place, std::unique_ptr<PromptEncoder> encoder,
                             const json& config, std::span<const TrainedWeight> others, std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_encoder(std::move(encoder)),
      m_others(others.size()),
      m_config(std::make_shared<const json>(config)) {
    const std::vector<EncoderTensor> tensors = m_encoder->tensors();
    for (const EncoderTensor& each : tensors) {
        Rng rng(mixSeed(mixSeed(seed, 0x70726f6d), m_values.size())); // "prom"; a stream of its own for each
        const std::string name = tensors.size() == 1 ? kTable : "prompt_encoder." + each.name;
        m_values.push_back(addParameter(name, startOf(each, rng)));
    }
    const std::int64_t count = tensors.front().shape.front();
    if (place == PromptPlace::Layers)
        this->place(std::make_shared<PrefixTokens>(*this, model.summary(), count));
    else
        this->place(std::make_shared<PromptTokens>(*this, count));
    trainWeights(others);
}

at::Tensor PromptAdapter::table() const { return m_encoder->table(m_values, context().clock); }

void PromptAdapter::startFrom(const at::Tensor& table) {
    LATHE_EXPECT(m_values.size() == 1 && table.sizes() == m_values.front().sizes());
    const at::NoGradGuard noGrad;
    m_values.front().copy_(table);
}

Status PromptAdapter::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    const at::NoGradGuard noGrad;
    std::vector<NamedTensor> tensors{{kTable, table()}};
    for (std::size_t i = m_values.size(); i < parameters().size(); ++i) {
        const auto& [name, weight] = parameters()[i];
        const bool isNamed = i < m_values.size() + m_others;
        tensors.emplace_back(isNamed ? name : kOuter + name.substr(kInner.size()), weight);
    }
    json own{{"peft_type", m_config->at("peft_type")}};
    // A prompt that starts from a text needs its tokenizer's place there, or PEFT does not read it.
    if (m_config->value("prompt_tuning_init", json()) == "TEXT" &&
        m_config->value("tokenizer_name_or_path", json()).is_null())
        own["tokenizer_name_or_path"] = origin.baseModel.string();
    return writePeftFolder(folder, origin, own, tensors, *m_config);
}

std::vector<Problem> promptProblems(const ModelSummary& model, const ParamValues& values,
                                    const std::string& label) {
    if (!model.takesVirtualTokens)
        return {{"method", label + " puts its tokens in front of one text, and a " + model.architecture +
                               " model reads one text and writes another; choose a method that attaches to "
                               "the model's projections"}};
    const std::int64_t tokens = values.integer("virtual_tokens");
    const std::int64_t text = values.contains("max_length") ? values.integer("max_length") : 1;
    const std::int64_t limit = model.maxPositions;
    if (limit > 0 && text <= limit && tokens + text > limit) // a longer text is a problem of its own
        return {{"virtual_tokens", "virtual_tokens " + std::to_string(tokens) + " and texts of up to " +
                                       std::to_string(text) + " tokens exceed the model's " +
                                       std::to_string(limit) +
                                       " positions; choose fewer of them or a smaller max_length"}};
    const ParamValue* init = values.find("tokens_init");
    if (init != nullptr && *init == ParamValue(std::string("text")) && values.text("init_text").empty())
        return {{"init_text", "init_text is empty; write the text to start from, or choose another start"}};
    if (const auto modules = promptModules(model, values); !modules.has_value())
        return {{"modules_to_save", modules.error().message}};
    return {};
}

ParamSchema promptStartOptions() {
    ParamSchema options;
    options.push_back({"tokens_init",
                       "adapter",
                       "Virtual tokens start from",
                       "",
                       "Random numbers, or what the model knows already: some words of its vocabulary, or a "
                       "text of your own, such as a description of the task. The latter two learn faster.",
                       ChoiceDomain{{"random", "vocabulary", "text"}, {"Random numbers", "Words", "A text"}},
                       std::string("random"),
                       {},
                       true,
                       true});
    options.push_back({"init_text",
                       "adapter",
                       "Text to start from",
                       "",
                       "Cut or repeated until there is one token for each virtual one.",
                       TextDomain{TextDomain::Kind::Plain, true},
                       std::string(),
                       {{{"tokens_init", {"text"}}}},
                       true,
                       false});
    return options;
}

at::Tensor promptStart(LanguageModel& model, PromptPlace place, const ParamValues& values,
                       std::uint64_t seed) {
    if (values.text("tokens_init") == "random")
        return {};
    const at::NoGradGuard noGrad;
    const at::Tensor ids = at::tensor(startIds(model.summary(), values, seed), at::kLong).to(model.device());
    if (place == PromptPlace::Layers)
        return activations(model, ids);
    return tokenVectors(model, ids);
}

Result<std::vector<TrainedWeight>> promptModules(const ModelSummary& model, const ParamValues& values) {
    LATHE_ASSIGN(std::vector<TrainedWeight> weights, trainedWeights(values, model, {}));
    return named(std::move(weights));
}

std::int64_t countPromptParameters(const PromptEncoder& encoder, const ModelSummary& model,
                                   const ParamValues& values) {
    std::int64_t count = countOf(promptModules(model, values).value(), model);
    for (const EncoderTensor& each : encoder.tensors())
        count += each.count();
    return count;
}

json promptConfig(const ModelSummary& model, const ParamValues& values, const std::string& peftType,
                  PromptPlace place) {
    const bool isPrefix = place == PromptPlace::Layers;
    const std::vector<std::string> modules = targetNames(values.text("modules_to_save"));
    return {{"modules_to_save", modules.empty() ? json() : json(modules)},
            {"num_attention_heads", isPrefix ? model.keyValueHeads : model.heads},
            {"num_layers", model.layers},
            {"num_transformer_submodules", 1},
            {"num_virtual_tokens", values.integer("virtual_tokens")},
            {"peft_type", peftType},
            {"token_dim", isPrefix ? model.keyValueHeads * model.headSize : model.embeddingWidth}};
}

Status checkPromptFolder(const LanguageModel& model, const PeftFolder& folder, PromptPlace place) {
    const ModelSummary& summary = model.summary();
    if (!summary.takesVirtualTokens)
        return inputError(folder.configPath(), "is of a method with virtual tokens, which a " +
                                                   summary.architecture + " model has no place for");
    if (model.virtualTokens() != nullptr)
        return inputError(folder.configPath(),
                          "cannot be attached: other virtual tokens stand in front of the text already");
    LATHE_TRY(folder.require({{"num_transformer_submodules", 1}}));
    if (place == PromptPlace::Layers) {
        LATHE_TRY(requireNumber(folder, "num_layers", "layers", summary.layers));
        LATHE_TRY(requireNumber(folder, "num_attention_heads", "key-value heads", summary.keyValueHeads));
        LATHE_TRY(requireNumber(folder, "token_dim", "numbers in the keys of a token",
                                summary.keyValueHeads * summary.headSize));
    } else {
        LATHE_TRY(
            requireNumber(folder, "token_dim", "numbers in the vector of a token", summary.embeddingWidth));
    }
    const std::int64_t tokens = folder.config().at("num_virtual_tokens").get<std::int64_t>();
    if (tokens < 1 || (summary.maxPositions > 0 && tokens >= summary.maxPositions))
        return inputError(folder.configPath(), "num_virtual_tokens is " + std::to_string(tokens) +
                                                   ", which leaves no place for a text");
    return ok();
}

Result<std::unique_ptr<Adapter>> loadPrompt(LanguageModel& model, const PeftFolder& folder,
                                            PromptPlace place) {
    LATHE_TRY(checkPromptFolder(model, folder, place));
    const ModelSummary& summary = model.summary();
    const std::int64_t tokens = folder.config().at("num_virtual_tokens").get<std::int64_t>();
    LATHE_ASSIGN(std::vector<TrainedWeight> others,
                 trainedWeights(folder.config(), summary, {}, folder.configPath()));
    auto adapter =
        std::make_unique<PromptAdapter>(model, place, makePlainEncoder(tokens, promptWidth(summary, place)),
                                        folder.config(), named(std::move(others)), 0);
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe

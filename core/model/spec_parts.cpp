#include "core/model/spec_parts.h"

#include "core/model/quantised_files.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

LinearSpec linear(std::string name, std::int64_t in, std::int64_t out, bool hasBias) {
    return {std::move(name), in, out, hasBias, false};
}

NormSpec layerNorm(std::string name, std::int64_t size, double eps) {
    return {NormSpec::Kind::Layer, std::move(name), size, eps, true};
}

NormSpec rmsNormSpec(std::string name, std::int64_t size, double eps) {
    return {NormSpec::Kind::Rms, std::move(name), size, eps, true};
}

std::string layerPath(const std::string& list, std::int64_t layer) {
    return list + "." + std::to_string(layer) + ".";
}

Activation readActivation(ConfigReader& reader, const char* key, const std::string& fallback) {
    static const std::vector<std::pair<std::string, Activation>> known{
        {"gelu", Activation::Gelu},
        {"gelu_new", Activation::GeluTanh},
        {"gelu_pytorch_tanh", Activation::GeluTanh},
        {"gelu_fast", Activation::GeluTanh}, // the same formula, multiplied out
        {"quick_gelu", Activation::QuickGelu},
        {"relu", Activation::Relu},
        {"silu", Activation::Silu},
        {"swish", Activation::Silu},
        {"tanh", Activation::Tanh}};
    const std::string name = reader.text(key, fallback);
    std::string names;
    for (const auto& [each, activation] : known) {
        if (each == name)
            return activation;
        names += (names.empty() ? "" : ", ") + each;
    }
    reader.refuse(key, "is \"" + name + "\", which is not supported; known are " + names);
    return Activation::Gelu;
}

AttentionSpec plainAttention(const std::string& path, const std::vector<std::string>& names,
                             std::int64_t width, std::int64_t heads, bool hasBias) {
    AttentionSpec attention;
    attention.heads = heads;
    attention.keyValueHeads = heads;
    attention.headSize = width / heads;
    for (std::size_t i = 0; i < 3; ++i)
        attention.projections.push_back(linear(path + names[i], width, width, hasBias));
    attention.output = linear(path + names[3], width, width, hasBias);
    attention.scale = 1 / std::sqrt(static_cast<double>(attention.headSize));
    return attention;
}

void checkSizes(ConfigReader& reader, std::int64_t layers, std::initializer_list<std::int64_t> others) {
    if (layers > kMostLayers)
        reader.refuse("num_hidden_layers", "is " + std::to_string(layers) + "; at most " +
                                               std::to_string(kMostLayers) + " are possible");
    for (const std::int64_t size : others)
        if (size > ConfigReader::kLargestSize)
            reader.refuse("hidden_size", "or another size is " + std::to_string(size) +
                                             ", which no model has; take the publisher's config.json");
}

void checkHeads(ConfigReader& reader, std::int64_t width, std::int64_t heads) {
    if (width % heads != 0)
        reader.refuse("hidden_size", "is " + std::to_string(width) + ", which the " + std::to_string(heads) +
                                         " attention heads do not divide");
}

void readCommon(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec) {
    if (const auto kind = quantisationOf(config); !kind.has_value())
        reader.refuse(kind.error().where, kind.error().message);
    // Published checkpoints of these families still name the code they came with; it is what is built in
    // here.
    static const std::set<std::string> outgrown{"chatglm", "falcon", "phi", "phi3"};
    if (config.contains("auto_map") && !outgrown.contains(spec.family))
        reader.refuse("auto_map", "asks for code from the model folder, which is never run");
    for (const char* key : {"attention_dropout", "hidden_dropout", "hidden_dropout_prob",
                            "attention_probs_dropout_prob", "resid_pdrop", "embd_pdrop", "attn_pdrop",
                            "dropout", "embed_dropout", "resid_dropout", "layerdrop"})
        if (const auto it = config.find(key); it != config.end() && it->is_number() && it->get<double>() != 0)
            spec.notes.push_back(std::string(key) + " " + it->dump() +
                                 " of the configuration is not applied to the base model in training");
    if (const auto it = config.find("pad_token_id"); it != config.end() && it->is_number_integer())
        spec.padId = it->get<std::int64_t>();
}

std::string className(const nlohmann::json& config) {
    const auto it = config.find("architectures");
    const bool hasName = it != config.end() && it->is_array() && !it->empty() && it->front().is_string();
    return hasName ? it->front().get<std::string>() : std::string();
}

HeadKind readHeadKind(const nlohmann::json& config, ConfigReader& reader, HeadKind fallback) {
    const std::string name = className(config);
    if (name.empty())
        return fallback;
    if (name.ends_with("ForCausalLM") || name.ends_with("LMHeadModel"))
        return HeadKind::CausalLm;
    if (name.ends_with("ForMaskedLM") || name.ends_with("ForPreTraining"))
        return HeadKind::MaskedLm;
    if (name.ends_with("ForSequenceClassification"))
        return HeadKind::SequenceClassification;
    if (name.ends_with("ForTokenClassification"))
        return HeadKind::TokenClassification;
    if (name.ends_with("Model"))
        return HeadKind::None;
    reader.refuse("architectures", "names " + name +
                                       ", whose head is not supported; heads for causal and masked language "
                                       "models, sequence and token classification are");
    return fallback;
}

std::int64_t readLabelCount(const nlohmann::json& config, ConfigReader& reader) {
    const auto it = config.find("id2label");
    if (it != config.end() && it->is_object() && !it->empty())
        return static_cast<std::int64_t>(it->size());
    return reader.size("num_labels", 2);
}

ModelSpec startModel(const nlohmann::json& config, ConfigReader& reader, std::string family,
                     const std::string& prefix, const std::string& table, const PlainSizes& sizes) {
    ModelSpec spec;
    spec.family = std::move(family);
    spec.basePrefix = prefix;
    spec.width = sizes.width;
    spec.vocabulary = sizes.vocabulary;
    spec.maxPositions = sizes.maxPositions;
    spec.embedding.tokens = prefix + table;
    spec.embedding.width = sizes.width;
    readCommon(config, reader, spec);
    checkSizes(reader, sizes.layers,
               {sizes.width, sizes.heads, sizes.feedForward, sizes.vocabulary, sizes.maxPositions});
    checkHeads(reader, sizes.width, sizes.heads);
    return spec;
}

void addPositions(ModelSpec& spec, std::string name) {
    spec.embedding.positions = std::move(name);
    spec.embedding.positionRows = spec.maxPositions;
}

MlpSpec plainMlp(const std::string& path, const char* first, const char* second, const PlainSizes& sizes,
                 Activation activation) {
    MlpSpec mlp;
    mlp.activation = activation;
    mlp.inputs = {linear(path + first, sizes.width, sizes.feedForward)};
    mlp.output = linear(path + second, sizes.feedForward, sizes.width);
    return mlp;
}

AttentionSpec fusedAttention(const std::string& path, const char* input, const char* output,
                             const PlainSizes& sizes, AttentionSpec::Inputs inputs, bool hasBias) {
    AttentionSpec attention;
    attention.heads = attention.keyValueHeads = sizes.heads;
    attention.headSize = sizes.width / sizes.heads;
    attention.inputs = inputs;
    attention.projections = {linear(path + input, sizes.width, 3 * sizes.width, hasBias)};
    attention.output = linear(path + output, sizes.width, sizes.width, hasBias);
    attention.scale = 1 / std::sqrt(static_cast<double>(attention.headSize));
    return attention;
}

void readDecoderHead(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec, HeadSpec causal) {
    HeadKind kind = readHeadKind(config, reader, HeadKind::CausalLm);
    if (kind == HeadKind::None && causal.isTied)
        kind = HeadKind::CausalLm; // a checkpoint of the headless class has all that the head needs
    spec.head = std::move(causal);
    spec.head.kind = kind;
    if (kind == HeadKind::CausalLm)
        return;
    if (kind == HeadKind::MaskedLm)
        reader.refuse("architectures", "names a masked language model, which " + spec.family + " is not");
    const bool isPerToken = kind == HeadKind::TokenClassification;
    HeadSpec head;
    head.kind = kind;
    head.pooling =
        kind == HeadKind::SequenceClassification ? HeadSpec::Pooling::LastToken : HeadSpec::Pooling::None;
    const bool isGpt2 = spec.family == "gpt2" || spec.family == "bloom" || spec.family == "falcon" ||
                        spec.family == "gpt_neo" || spec.family == "gpt_neox";
    if (kind != HeadKind::None)
        head.output = linear(isPerToken && isGpt2 ? "classifier" : "score", spec.width,
                             readLabelCount(config, reader), isPerToken);
    spec.head = head;
}

} // namespace lathe

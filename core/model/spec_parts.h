#pragma once

#include "core/model/config_reader.h"
#include "core/model/transformer_spec.h"

namespace lathe {

/// Pieces of descriptions that several architectures use.

[[nodiscard]] LinearSpec linear(std::string name, std::int64_t in, std::int64_t out, bool hasBias = true);
[[nodiscard]] NormSpec layerNorm(std::string name, std::int64_t size, double eps);
[[nodiscard]] NormSpec rmsNormSpec(std::string name, std::int64_t size, double eps);
/// "model.layers" + "." + 3 + "."
[[nodiscard]] std::string layerPath(const std::string& list, std::int64_t layer);

/// The transformers names of activations: gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, quick_gelu, relu,
/// silu, swish, tanh. Another one is refused by name.
[[nodiscard]] Activation readActivation(ConfigReader& reader, const char* key, const std::string& fallback);

/// q, k, v and output projection of one width, with 1/sqrt(d) as the scale. `names`: q, k, v, output.
[[nodiscard]] AttentionSpec plainAttention(const std::string& path, const std::vector<std::string>& names,
                                           std::int64_t width, std::int64_t heads, bool hasBias);

/// Above it a config.json is broken or hostile: no model comes near, and a description would fill the memory.
inline constexpr std::int64_t kMostLayers = 1024;

/// Refuses sizes that no model has, so that a broken file cannot fill the memory.
void checkSizes(ConfigReader& reader, std::int64_t layers, std::initializer_list<std::int64_t> others);
/// Refuses a width that the heads do not divide.
void checkHeads(ConfigReader& reader, std::int64_t width, std::int64_t heads);

/// Refuses what no architecture supports (weights quantised in unknown ways, code from the folder) and notes
/// dropout, which training does not apply to the base model.
void readCommon(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec);

/// The first of `architectures`; empty where it says nothing.
[[nodiscard]] std::string className(const nlohmann::json& config);
/// The head that `architectures` names: …ForCausalLM or …LMHeadModel, …ForMaskedLM,
/// …ForSequenceClassification, …ForTokenClassification, …Model; another one is refused by name. `fallback`
/// where it says nothing.
[[nodiscard]] HeadKind readHeadKind(const nlohmann::json& config, ConfigReader& reader, HeadKind fallback);
/// Size of id2label, or num_labels, or 2.
[[nodiscard]] std::int64_t readLabelCount(const nlohmann::json& config, ConfigReader& reader);

/// The sizes that GPT-like families read under different keys.
struct PlainSizes {
    std::int64_t width = 0, layers = 0, heads = 0, feedForward = 0, vocabulary = 0;
    std::int64_t maxPositions = 0; ///< 0: no limit
};
/// A model of these sizes, checked, with a token table of the width and no blocks yet. `prefix`: of the base
/// model's tensor names; `table`: the token table's module below it.
[[nodiscard]] ModelSpec startModel(const nlohmann::json& config, ConfigReader& reader, std::string family,
                                   const std::string& prefix, const std::string& table,
                                   const PlainSizes& sizes);
/// Adds a table of learned positions.
void addPositions(ModelSpec& spec, std::string name);
/// An MLP without a gate.
[[nodiscard]] MlpSpec plainMlp(const std::string& path, const char* first, const char* second,
                               const PlainSizes& sizes, Activation activation);
/// One projection for queries, keys and values of as many heads each, and 1/sqrt(d) as the scale.
[[nodiscard]] AttentionSpec fusedAttention(const std::string& path, const char* input, const char* output,
                                           const PlainSizes& sizes, AttentionSpec::Inputs inputs,
                                           bool hasBias = true);

/// Head of a decoder: `causal`, or the labels of the last real token (module `score`) or of each.
void readDecoderHead(const nlohmann::json& config, ConfigReader& reader, ModelSpec& spec, HeadSpec causal);

} // namespace lathe

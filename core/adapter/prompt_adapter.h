#pragma once

#include "core/adapter/adapter_method.h"
#include "core/adapter/prompt_encoder.h"

#include <nlohmann/json_fwd.hpp>

namespace lathe {

/// Where virtual tokens stand.
enum class PromptPlace {
    Layers, ///< as keys and values of every layer: a prefix
    Input   ///< as vectors in front of those of the text: a prompt
};

/// Numbers of one virtual token: 2 · layers · key-value heads · head size of a prefix, in the order [layer,
/// key or value, head, place in the head]; the width of the token table of a prompt.
[[nodiscard]] std::int64_t promptWidth(const ModelSummary& model, PromptPlace place);

/// Virtual tokens attached to a model. Trains the tensors of its encoder. Its files hold the encoder's table
/// alone, as PEFT's do: read again it is a plain table. A run that goes on has the encoder itself in its
/// checkpoint.
class PromptAdapter final : public Adapter {
public:
    /// Starts from the seed. `config`: what adapter_config.json says besides the keys common to all families.
    /// Contract: the model takes virtual tokens and has none.
    PromptAdapter(LanguageModel& model, PromptPlace place, std::unique_ptr<PromptEncoder> encoder,
                  const nlohmann::json& config, std::span<const TrainedWeight> others, std::uint64_t seed);

    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;
    /// Starts a plain table from these values, [N, promptWidth()].
    void startFrom(const at::Tensor& table);
    /// What the model reads, [N, promptWidth()], in the parameters' dtype.
    [[nodiscard]] at::Tensor table() const;

private:
    std::unique_ptr<PromptEncoder> m_encoder;
    std::vector<at::Tensor> m_values; // of the encoder
    std::size_t m_others;             // weights of the model whose names are those of the file
    std::shared_ptr<const nlohmann::json> m_config;
};

/// What does not fit, of all that methods with virtual tokens have in common. `label`: the method's.
[[nodiscard]] std::vector<Problem> promptProblems(const ModelSummary& model, const ParamValues& values,
                                                  const std::string& label);

/// "prefix_projection" and "prefix_hidden_size": whether a small network makes a prefix while training.
[[nodiscard]] ParamSchema prefixProjectionOptions();
/// The encoder that these options ask for.
[[nodiscard]] std::unique_ptr<PromptEncoder> prefixEncoder(const ModelSummary& model,
                                                           const ParamValues& values);
/// adapter_config.json of a prefix with these options.
[[nodiscard]] nlohmann::json prefixConfig(const ModelSummary& model, const ParamValues& values);

/// "tokens_init" and "init_text": what a plain table starts from.
[[nodiscard]] ParamSchema promptStartOptions();
/// What these options say where it is not random, [N, promptWidth()]: of a prompt what the model reads of
/// those tokens, of a prefix the keys and values that it gives them. Else undefined.
[[nodiscard]] at::Tensor promptStart(LanguageModel& model, PromptPlace place, const ParamValues& values,
                                     std::uint64_t seed);

/// Modules of the base that are trained whole, by the names PEFT gives their weights beside a prompt.
[[nodiscard]] Result<std::vector<TrainedWeight>> promptModules(const ModelSummary& model,
                                                               const ParamValues& values);

/// How many numbers the adapter trains. Contract: promptProblems() found nothing.
[[nodiscard]] std::int64_t countPromptParameters(const PromptEncoder& encoder, const ModelSummary& model,
                                                 const ParamValues& values);

/// Keys of adapter_config.json that all methods with virtual tokens have.
[[nodiscard]] nlohmann::json promptConfig(const ModelSummary& model, const ParamValues& values,
                                          const std::string& peftType, PromptPlace place);

/// Whether the folder's settings fit this model and nothing stands in front of its texts. Input error else.
[[nodiscard]] Status checkPromptFolder(const LanguageModel& model, const PeftFolder& folder,
                                       PromptPlace place);
/// Reads the table of a PEFT folder. Input error as AdapterMethod::load(); and where other virtual tokens are
/// attached.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadPrompt(LanguageModel& model, const PeftFolder& folder,
                                                          PromptPlace place);

} // namespace lathe

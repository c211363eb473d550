#pragma once

#include "core/base/registry.h"
#include "core/model/language_model.h"
#include "core/model/transformer_spec.h"

#include <nlohmann/json_fwd.hpp>

namespace lathe {

/// One family of models: how its config.json reads and how its blocks compute.
class Architecture {
public:
    Architecture() = default;
    Architecture(const Architecture&) = delete;
    Architecture& operator=(const Architecture&) = delete;
    virtual ~Architecture() = default;

    /// Input error naming the option that is missing, impossible or not supported.
    [[nodiscard]] virtual Result<ModelSummary> summarize(const nlohmann::json& config) const = 0;
    /// `weights`: one tensor for each of the summary's specs, in its order, of its shapes, all of one dtype
    /// and device.
    [[nodiscard]] virtual std::unique_ptr<LanguageModel>
    build(const nlohmann::json& config, ModelSummary summary, std::vector<NamedTensor> weights) const = 0;
};

[[nodiscard]] const Registry<Architecture>& architectures();

/// A family that is described in words all transformers share.
[[nodiscard]] std::unique_ptr<Architecture> describedBy(Result<ModelSpec> (*describe)(const nlohmann::json&));

/// T5, Raffel et al. 2019 (arXiv:1910.10683), with its own class: an encoder and a decoder.
[[nodiscard]] std::unique_ptr<Architecture> makeT5Architecture();

[[nodiscard]] Result<ModelSpec> describeBert(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeBloom(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeChatGlm(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeDistilbert(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeFalcon(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGemma(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGemma2(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGlm(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGpt2(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGptj(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGptNeo(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeGptNeox(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeLlama(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeMistral(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeOpt(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describePhi(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describePhi3(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeQwen2(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeQwen3(const nlohmann::json& config);
[[nodiscard]] Result<ModelSpec> describeRoberta(const nlohmann::json& config);

} // namespace lathe

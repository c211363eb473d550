#pragma once

#include "core/base/registry.h"
#include "core/model/language_model.h"

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

/// LLaMA, Touvron et al. 2023 (arXiv:2302.13971), with grouped-query attention (Ainslie et al. 2023,
/// arXiv:2305.13245).
[[nodiscard]] std::unique_ptr<Architecture> makeLlamaArchitecture();

} // namespace lathe

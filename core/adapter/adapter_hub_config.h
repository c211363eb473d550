#pragma once

#include "core/adapter/residual_bottleneck.h"

namespace lathe {

/// A folder of AdapterHub's `adapters` package with a bottleneck adapter, read whole.
struct AdapterHubFolder {
    ResidualBottleneckSettings settings;
    std::vector<Site> sites;
    std::map<std::string, at::Tensor> tensors; ///< by the names of the model with its head
    std::vector<std::string> doubled;          ///< tensors that say again what others say
    std::vector<TrainedWeight> heads;          ///< of the model, trained along; in files of their own
    std::string tensorsPath;                   ///< for messages
};

/// Whether adapter_config.json in there is AdapterHub's: it has "config" and no peft_type.
[[nodiscard]] bool isAdapterHubFolder(const std::filesystem::path& folder);
/// Input error and exceptions as loadAdapterHub().
[[nodiscard]] Result<AdapterHubFolder> readAdapterHubFolder(const std::filesystem::path& folder,
                                                            const ModelSummary& model);
[[nodiscard]] Status writeAdapterHubFolder(const std::filesystem::path& folder, const AdapterOrigin& origin,
                                           const ModelSummary& model,
                                           const ResidualBottleneckSettings& settings,
                                           std::span<const Site> sites,
                                           const std::vector<NamedTensor>& tensors);

/// What the names of an adapter's tensors at this site begin with.
[[nodiscard]] std::string adapterHubPath(const Site& site, const std::string& architecture,
                                         const std::string& adapter);

} // namespace lathe

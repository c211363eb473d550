#pragma once

#include "core/adapter/adapter.h"

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

namespace lathe {

/// A folder as PEFT writes it, read whole: adapter_config.json, and adapter_model.safetensors or the older
/// adapter_model.bin.
class PeftFolder {
public:
    /// Input error: a file is missing or unreadable, the settings are no JSON object or have no peft_type.
    [[nodiscard]] static Result<PeftFolder> read(const std::filesystem::path& folder);

    [[nodiscard]] const nlohmann::json& config() const { return *m_config; }
    [[nodiscard]] const std::map<std::string, at::Tensor>& tensors() const { return m_tensors; }
    [[nodiscard]] std::string peftType() const;
    [[nodiscard]] const std::string& configPath() const { return m_configPath; }   ///< for messages
    [[nodiscard]] const std::string& tensorsPath() const { return m_tensorsPath; } ///< for messages

    /// Input error naming the first of these settings that is neither absent, null, empty nor as given: a
    /// file that says otherwise would be misread. `neutral`: an object.
    [[nodiscard]] Status require(const nlohmann::json& neutral) const;
    /// Copies the tensors into the adapter's parameters; see setParameters().
    [[nodiscard]] Status fill(const Adapter& adapter, std::span<const std::string> others = {}) const;

private:
    std::shared_ptr<const nlohmann::json> m_config; // its type is only declared here
    std::map<std::string, at::Tensor> m_tensors;
    std::string m_configPath, m_tensorsPath;
};

/// Copies tensors by name into the adapter's parameters. Input error naming one that is missing, unexpected
/// (`others` are expected too) or of another shape; `where`: their file.
[[nodiscard]] Status setParameters(const Adapter& adapter, const std::map<std::string, at::Tensor>& tensors,
                                   const std::string& where, std::span<const std::string> others = {});

/// Writes a PEFT folder. `config`: the family's keys, peft_type among them; the common ones are added.
/// `kept`: keys of the file the adapter was read from, written again where nothing else is said of them.
[[nodiscard]] Status writePeftFolder(const std::filesystem::path& folder, const AdapterOrigin& origin,
                                     const nlohmann::json& config, const std::vector<NamedTensor>& tensors,
                                     const nlohmann::json& kept);

/// "base_model.model.<module path>.<suffix>", the name of a tensor in a PEFT file.
[[nodiscard]] inline std::string peftName(const Site& site, const std::string& suffix) {
    return "base_model.model." + site.name + "." + suffix;
}

/// The sites that a PEFT configuration names: target_modules (a list of suffixes, a regular expression or
/// "all-linear"), exclude_modules, layers_to_transform and layers_pattern. Input error where none fit.
[[nodiscard]] Result<std::vector<Site>> peftTargetSites(const nlohmann::json& config,
                                                        const ModelSummary& model, const std::string& where);
/// target_modules for these sites of the model: the last part of their names where it fits no other site,
/// else whole names. Sorted.
[[nodiscard]] nlohmann::json peftTargetNames(const ModelSummary& model, std::span<const Site> sites);
/// rank_pattern or alpha_pattern in the order of the file, which decides where two fit; config() sorts its
/// keys. Io error where the file cannot be read again. May throw what nlohmann::json throws.
[[nodiscard]] Result<std::vector<std::pair<std::string, double>>> patternEntries(const PeftFolder& folder,
                                                                                 const char* key);
/// A number as PEFT's users write it: whole where it is whole.
[[nodiscard]] nlohmann::json plainNumber(double value);

} // namespace lathe

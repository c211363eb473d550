#pragma once

#include "core/adapter/peft_folder.h"
#include "core/params/param_schema.h"

namespace lathe {

/// What every family with sites keeps in its settings besides its own: what it trains of the base, and what
/// is only passed on.
struct PeftExtras {
    std::string bias = "none";        ///< PEFT's word: "none", "all" or "<family>_only"
    std::vector<std::string> modules; ///< modules_to_save
    std::vector<TrainedWeight> weights;
    std::shared_ptr<const nlohmann::json> kept; ///< settings of the file it came from; null: of none

    [[nodiscard]] nlohmann::json keptSettings() const;
    /// The keys that each of these families writes, out of this and of its sites.
    [[nodiscard]] nlohmann::json settings(const ModelSummary& model, std::span<const Site> sites) const;
};

/// Of a folder. Input error as trainedWeights().
[[nodiscard]] Result<PeftExtras> extrasOf(const PeftFolder& folder, const ModelSummary& model,
                                          std::span<const Site> sites);
/// Of a recipe that was checked. `ownBias`: PEFT's word for the biases of adapted modules.
[[nodiscard]] PeftExtras extrasOf(const ParamValues& values, const ModelSummary& model,
                                  std::span<const Site> sites, const std::string& ownBias);

/// The sites of a recipe that was checked.
[[nodiscard]] std::vector<Site> sitesOf(const ModelSummary& model, const ParamValues& values,
                                        const std::string& automatic = "all-linear");
/// What is wrong with a recipe's targets, bias and modules_to_save.
[[nodiscard]] std::vector<Problem> problemsOf(const ModelSummary& model, const ParamValues& values,
                                              const std::string& automatic = "all-linear");

} // namespace lathe

#pragma once

#include "core/session/confirmation.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Studies whose recipes are known beforehand: a question, and the arms that answer it honestly.
namespace lathe {

/// One recipe of a template: what it has otherwise than the recipe it is made from.
struct TemplateArm {
    std::string label;
    ParamValues changes;
    /// The arm before it that it gets as many adapter parameters as ("budget_parameters").
    std::optional<std::size_t> budgetOf = {};
    /// Why a model may have no place for its target_modules: a sentence that names what to do.
    std::string placesNeeded = {};
};

/// `label`, `help` and the arms' labels are English; the window translates them (context "ParamSchema").
struct StudyTemplate {
    std::string id;
    std::string label; ///< the question
    std::string help;
    std::vector<TemplateArm> arms; ///< the first is what the others are the controls of
};

/// "allocation": is HeteroLoRA's allocation worth it (arXiv:2406.14956)? "few_shot": a simplex of prefixes
/// (arXiv:2310.15793) and its validation, part by part; "few_shot_lora": the same against LoRA. Those whose
/// fields and choices the schema has.
[[nodiscard]] std::vector<StudyTemplate> studyTemplates(const ParamSchema& schema);
/// Input error that names those there are.
[[nodiscard]] Result<StudyTemplate> findTemplate(const ParamSchema& schema, const std::string& id);

/// Trained parameters of a recipe.
using CountParameters = std::function<Result<std::int64_t>(const ParamValues& recipe)>;

/// Every arm with every seed, seed after seed, so that a study stopped early compares all arms. `base`: the
/// recipe, its objective and its name. Input error: fewer than 2 seeds or one twice; an arm, by its label,
/// whose recipe is refused, by the schema or by `countParameters`, or is that of another arm.
[[nodiscard]] Result<ConfirmationPlan> planTemplate(const StudyTemplate& wanted, const ParamSchema& schema,
                                                    const StudySpec& base,
                                                    std::span<const std::uint64_t> seeds,
                                                    const CountParameters& countParameters);

/// The labels of the arms that the recipes are made by; empty, if they are not those of one template.
[[nodiscard]] std::vector<std::string> armLabels(std::span<const ParamValues> recipes);

} // namespace lathe

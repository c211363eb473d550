#pragma once

#include "core/model/model_summary.h"
#include "core/params/param_schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// What a recipe says of where an adapter goes.
struct TargetChoice {
    std::string modules = "auto";
    std::string layers;  ///< "0-5,8"; empty: all
    std::string exclude; ///< names or a pattern, as modules; empty: none
};

/// What a method takes.
struct TargetRules {
    /// What "auto" stands for, as TargetChoice::modules would say it.
    std::string automatic = "all-linear";
    /// Besides projections, where a name asks for them.
    bool takesEmbedding = false;
    bool takesHead = false;
};

/// The sites a choice names. Modules: "auto" for what is usual; "all-linear" for every projection but the
/// head; a text with any of *()[]{}|\^$+? for a regular expression on the whole dotted path; else names
/// separated by commas or blanks, each fitting a module of that name or a dotted path ending in it, as in
/// PEFT. Input error naming what fits nothing and what there is.
[[nodiscard]] Result<std::vector<Site>> matchTargets(const ModelSummary& model, const TargetChoice& choice,
                                                     const TargetRules& rules = {});

/// target_modules, target_layers and exclude_modules: the options that every method with sites shares.
[[nodiscard]] ParamSchema targetOptions();
[[nodiscard]] TargetChoice targetChoice(const ParamValues& values);

/// The names in a target text, without blanks and repetitions.
[[nodiscard]] std::vector<std::string> targetNames(std::string_view targets);

/// The different module names of a model's projections, in order of appearance: "q_proj", "k_proj", …
[[nodiscard]] std::vector<std::string> moduleNames(const ModelSummary& model);

} // namespace lathe

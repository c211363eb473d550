#pragma once

#include "core/model/model_summary.h"

#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// The sites a target text names: "all-linear" for every projection but the head, else names separated by
/// commas or spaces; a name fits a module of that name or a dotted path ending in it, as in PEFT. Input error
/// naming a name that fits nothing and those there are.
[[nodiscard]] Result<std::vector<Site>> matchTargets(const ModelSummary& model, std::string_view targets);

/// The names in a target text, without blanks and repetitions.
[[nodiscard]] std::vector<std::string> targetNames(std::string_view targets);

/// The different module names of a model, in order of appearance: "q_proj", "k_proj", …
[[nodiscard]] std::vector<std::string> moduleNames(const ModelSummary& model);

} // namespace lathe

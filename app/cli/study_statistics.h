#pragma once

#include "core/session/confirmation.h"
#include "core/session/recipe_comparison.h"
#include "core/session/study_snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace lathe {

/// What is known of a study as a whole.
struct StudyStatistics {
    StudySnapshot snapshot;
    std::optional<double> expected;  ///< the best of as many trials as there are, by bootstrap
    std::optional<double> low, high; ///< its 95 % interval
    std::vector<std::pair<StudyRecord, Confirmation>> confirmations; ///< of this study, newest first
    std::optional<RecipeComparison> recipes; ///< of a study of recipes that are repeated over seeds
};

[[nodiscard]] Result<StudyStatistics> readStatistics(const StudyReader& reader, StudyId study);

[[nodiscard]] nlohmann::ordered_json toJson(const StudyStatistics& statistics);
/// Paragraphs: counts, the best trial, its interval, importances, what repeats over seeds say.
[[nodiscard]] std::string inWords(const StudyStatistics& statistics);

/// {"missing": 0, "recipes": [{"name": "lora", "traits": {"method": "lora"}, "mean": 0.81, "deviation": 0.01,
/// "values": {"1": 0.8, …}}, …], "comparisons": [{"with": "…", "difference": 0.02, "half_width": 0.03,
/// "p": 0.2, "paired": true, "seeds_needed": 21}, …], "verdicts": ["… differ by …: within noise"]}
[[nodiscard]] nlohmann::ordered_json toJson(const RecipeComparison& comparison);

/// {"of": 3, "missing": 0, "trials": [{"trial": 7, "name": "#2", "mean": 0.41, "values": {"1": 0.4, …}}, …],
/// "verdicts": ["#2 beats #5 by …"]}
[[nodiscard]] nlohmann::ordered_json toJson(const Confirmation& confirmation, StudyId confirmed);

} // namespace lathe

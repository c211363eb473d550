#pragma once

#include "core/base/prediction.h"
#include "core/base/registry.h"
#include "core/engine/study_runner.h"
#include "core/session/adapter_places.h"
#include "core/session/reported_metrics.h"
#include "core/store/study_reader.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

struct EvaluationSpec;
struct EvaluationContext;

/// What a recipe will cost, as far as headers and the first rows tell.
struct RecipeCost {
    std::int64_t trainableParameters = 0;
    std::int64_t baseParameters = 0;
    double memoryBytes = 0;
    std::vector<std::string> notes = {}; ///< what the run does otherwise than the model's configuration asks
    std::vector<AdapterPlace> places = {}; ///< projections of the model; empty: the method has none to choose
};

/// What the composition root plugs in. What the functions use must outlive the session. They are called on
/// pool threads (and so must be fit for several at once), but makeExecutor on the GUI thread. `preflight` and
/// `forecast` get only recipes that passed validate().
struct SessionParts {
    ParamSchema recipeSchema;
    const Registry<Sampler>* samplers = nullptr; ///< must be there
    const Registry<Pruner>* pruners = nullptr;   ///< must be there
    /// Must be there. Of `slots` trials at the same time.
    std::function<std::unique_ptr<Executor>(EventHub& hub, std::size_t slots)> makeExecutor;
    std::function<std::vector<Problem>(const ParamValues& recipe)> preflight; ///< may be empty
    /// As StudyServices has it; may be empty.
    std::function<std::optional<ParamValues>(const ParamValues& recipe)> lighterRecipe;
    std::function<Result<RecipeCost>(const ParamValues& recipe)> forecast; ///< may be empty
    /// What trials of the recipe report; may be empty.
    std::function<Result<ReportedMetrics>(const ParamValues& recipe)> reportedMetrics;
    /// The forms in which an adapter can leave; may be empty.
    std::vector<PartInfo> exportFormats;
    /// May be empty; `format`: an id of exportFormats, or empty for the usual one. Answers the largest logit
    /// difference of the read-back check.
    std::function<Result<double>(const StudyReader& reader, const TrialRecord& trial,
                                 const std::filesystem::path& target, const std::string& format)>
        exportAdapter;
    /// A RunEvaluation; may be empty.
    std::function<Result<std::vector<EvaluationFigure>>(const EvaluationSpec& spec,
                                                        EvaluationContext& context)>
        runEvaluation;
    ParamSchema readingSchema; ///< what EvaluationSpec::reading may hold
};

/// Everything wrong with the recipe: the schema's findings, or, where it has none, the preflight's.
[[nodiscard]] std::vector<Problem> problemsOf(const SessionParts& parts, const ParamValues& recipe);

} // namespace lathe

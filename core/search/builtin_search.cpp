#include "core/search/builtin_search.h"

#include "core/base/text.h"

#include <algorithm>

namespace lathe {

namespace {

std::vector<std::string> samplersOfSeveralObjectives() {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    std::vector<std::string> ids;
    for (const PartInfo& info : registry.list())
        if (const auto sampler = registry.make(info.id);
            sampler.has_value() && (*sampler)->knowsSeveralObjectives())
            ids.push_back(info.id);
    return ids;
}

} // namespace

Status checkObjectives(const StudySpec& spec, const Sampler& sampler) {
    const std::vector<Objective> objectives = objectivesOf(spec);
    for (auto it = objectives.begin(); it != objectives.end(); ++it)
        if (std::find_if(objectives.begin(), it,
                         [&](const Objective& other) { return other.metric == it->metric; }) != it)
            return inputError("objectives", it->metric + " is named twice; name each metric once");
    if (objectives.size() == 1 || sampler.knowsSeveralObjectives())
        return ok();
    return inputError(spec.samplerId, "looks for the best of one objective, this study has " +
                                          std::to_string(objectives.size()) + "; choose one of " +
                                          joined(samplersOfSeveralObjectives()));
}

void addBuiltinSamplers(Registry<Sampler>& registry) {
    registry.add(
        {"auto", "Automatic",
         "Begins with an even design, models the space while trials are few, then refines the best point."},
        makeAutoSampler);
    registry.add({"random", "Random", "Draws every point anew; a fair baseline for any other search."},
                 makeRandomSampler);
    registry.add({"grid", "Grid", "Every combination of values once, in a shuffled order."}, makeGridSampler);
    registry.add({"sobol", "Sobol sequence", "Covers the space more evenly than random points."},
                 makeSobolSampler);
    registry.add({"latin_hypercube", "Latin hypercube",
                  "One point in every stratum of each parameter, for a planned number of trials."},
                 makeLatinHypercubeSampler);
    registry.add(
        {"gp", "Gaussian process",
         "Bayesian optimisation: the best use of few trials; slower to answer from some hundreds on."},
        makeGpSampler);
    registry.add({"mads", "MADS",
                  "Mesh-adaptive direct search: polls around the best point on a mesh that follows success."},
                 makeMadsSampler);
    registry.add(
        {"cma_es", "CMA-ES", "Evolves a cloud of points; strong on numbers with a hundred trials and more."},
        makeCmaSampler);
    registry.add(
        {"tpe", "TPE", "Learns where the better trials are dense; takes any space, any number of slots."},
        makeTpeSampler);
    registry.add({"nsga2", "NSGA-II",
                  "Evolves a population towards the front of several objectives; for hundreds of trials."},
                 makeNsga2Sampler);
}

} // namespace lathe

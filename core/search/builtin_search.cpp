#include "core/search/builtin_search.h"

namespace lathe {

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
}

} // namespace lathe

#pragma once

#include "core/base/hypervolume.h"
#include "core/search/sampler.h"

#include <cmath>
#include <memory>

namespace lathe::test {

/// ZDT1, ZDT2 and ZDT3 of Zitzler, Deb and Thiele 2000 (Evol. Comput. 8): two objectives to make small, whose
/// front is convex, concave and in pieces, where all but the first parameter is 0.
inline StudySpec zdtSpec(std::size_t dimensions, std::uint64_t seed) {
    StudySpec spec;
    for (std::size_t i = 0; i < dimensions; ++i)
        spec.space.push_back({"x" + std::to_string(i), RealDomain{0, 1}, {}});
    spec.objective = {"first", false};
    spec.furtherObjectives = {{"second", false}};
    spec.seed = seed;
    return spec;
}

inline std::vector<double> zdt(int problem, const StudySpec& spec, const ParamValues& point) {
    double sum = 0;
    for (std::size_t i = 1; i < spec.space.size(); ++i)
        sum += point.real(spec.space[i].key);
    const double first = point.real("x0");
    const double g = 1 + 9 * sum / static_cast<double>(spec.space.size() - 1);
    const double share = first / g;
    const double shape = problem == 2   ? 1 - share * share
                         : problem == 3 ? 1 - std::sqrt(share) - share * std::sin(10 * M_PI * first)
                                        : 1 - std::sqrt(share);
    return {first, g * shape};
}

/// What `count` trials of the sampler dominate up to (1.1, 8).
inline double zdtVolume(int problem, Sampler& sampler, StudySpec spec, std::int64_t count,
                        ParamValues options = {}) {
    spec.samplerOptions = std::move(options);
    spec.trialCount = count;
    std::vector<ObservedTrial> trials;
    std::vector<std::vector<double>> reached;
    for (std::int64_t number = 0; number < count; ++number) {
        Rng rng(mixSeed(spec.seed, static_cast<std::uint64_t>(number)));
        ParamValues point = sampler.ask({spec, trials}, rng).value();
        reached.push_back(zdt(problem, spec, point));
        ObservedTrial trial{number, std::move(point), TrialState::Complete, reached.back()[0]};
        trial.furtherObjectives = {reached.back()[1]};
        trials.push_back(std::move(trial));
    }
    return hypervolume(reached, std::vector<double>{1.1, 8});
}

} // namespace lathe::test

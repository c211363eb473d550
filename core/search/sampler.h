#pragma once

#include "core/base/event.h"
#include "core/base/random.h"
#include "core/base/registry.h"
#include "core/params/study_spec.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// A trial as a sampler sees it. `objective` is there once it is finished and has one.
struct ObservedTrial {
    std::int64_t number = 0;
    ParamValues values; ///< searched keys only
    TrialState state = TrialState::Queued;
    std::optional<double> objective;      ///< of a pruned trial: the last value it reported
    std::int64_t steps = 0;               ///< how far it came
    std::vector<double> constraints = {}; ///< one above 0 is violated
    /// Where `objective` is there, a value for each of StudySpec::furtherObjectives.
    std::vector<double> furtherObjectives = {};
};

/// What a sampler may look at: the frozen study and its trials so far, by number, pending ones included.
struct StudyView {
    const StudySpec& spec;
    std::span<const ObservedTrial> trials;
};

/// A search algorithm. Called from the controller thread only. It can go on from history plus state().
class Sampler {
public:
    Sampler() = default;
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;
    virtual ~Sampler() = default;

    [[nodiscard]] virtual ParamSchema options() const { return {}; }
    /// Values for the searched keys that are active. `rng` is seeded from (study seed, trial number): the
    /// same history gives the same point.
    [[nodiscard]] virtual Result<ParamValues> ask(const StudyView& study, Rng& rng) = 0;
    /// Whether it looks for the front of several objectives; random and even designs do by looking at none.
    /// Where not, ask() gives the input error of checkObjectives().
    [[nodiscard]] virtual bool knowsSeveralObjectives() const { return false; }
    /// Whether another `rng` is another point, and nothing is kept of it: so one that may not be tried is
    /// asked for anew.
    [[nodiscard]] virtual bool drawsAnew() const { return false; }
    [[nodiscard]] virtual std::string state() const { return {}; }
    [[nodiscard]] virtual Status restore(std::string_view) { return ok(); }
};

/// "auto", "random", "grid", "sobol", "latin_hypercube", "gp", "mads", "cma_es", "tpe" and
/// "nsga2".
void addBuiltinSamplers(Registry<Sampler>& registry);

/// Input error if the study has several objectives and the sampler knows one only (it names those that know
/// several), or if two objectives are the same metric.
[[nodiscard]] Status checkObjectives(const StudySpec& spec, const Sampler& sampler);

} // namespace lathe

#pragma once

#include "core/base/event.h"
#include "core/base/registry.h"
#include "core/params/study_spec.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

struct CurvePoint {
    std::int64_t step = 0;
    double value = 0;
    bool operator==(const CurvePoint&) const = default;
};

/// What a trial has reported so far of the metric that is pruned by.
struct TrialCurve {
    std::int64_t number = 0;
    TrialState state = TrialState::Running;
    std::optional<double> objective = std::nullopt; ///< of a trial that is over
    std::vector<CurvePoint> points = {};            ///< by step, each step once
    bool isHeld = false;                            ///< ended by hand: it does not go on
};

/// What a pruner may look at: the frozen study and the curves of its trials by number, the asked one
/// included.
struct PruneView {
    const StudySpec& spec;
    bool isHigherBetter = false; ///< of the metric pruned by, which need not be the objective
    std::span<const TrialCurve> trials;
};

/// Tells hopeless trials while they run. A pure question: the same curves give the same answer, so that a
/// resumed study goes on as if it had not stopped. May be asked from any thread.
class Pruner {
public:
    Pruner() = default;
    Pruner(const Pruner&) = delete;
    Pruner& operator=(const Pruner&) = delete;
    virtual ~Pruner() = default;

    [[nodiscard]] virtual ParamSchema options() const { return {}; }
    /// What is wrong with the options' values; input error naming the option.
    [[nodiscard]] virtual Status checkOptions(const ParamValues& values) const;
    /// Why the trial should end at its newest point, as a sentence without its full stop, or nothing: let it
    /// go on. Asked once for each new point. Contract: `trial` is one of study.trials and has a point.
    [[nodiscard]] virtual std::optional<std::string> reasonToPrune(const PruneView& study,
                                                                   const TrialCurve& trial) const = 0;
    /// The number of a pruned trial that should go on from its checkpoint, now that more is known of the
    /// others; nothing: of none. Asked before a new point is searched for.
    [[nodiscard]] virtual std::optional<std::int64_t> promoted(const PruneView& study) const;
};

/// "none", "median", "percentile", "successive_halving", "hyperband", "patient", "wilcoxon", "threshold" and
/// "divergence".
void addBuiltinPruners(Registry<Pruner>& registry);

/// The metric that is pruned by: the study's own choice, or what its objective is the last or best value of.
[[nodiscard]] std::string prunedMetric(const StudySpec& spec);
/// Whether more of it is better.
[[nodiscard]] bool isPrunedMetricHigherBetter(const StudySpec& spec);

/// The study's pruner. Input error if its id is unknown, its options are wrong, or it promotes in a study
/// that does not let each result count at once.
[[nodiscard]] Result<std::unique_ptr<Pruner>> makePruner(const Registry<Pruner>& registry,
                                                         const StudySpec& spec);

} // namespace lathe

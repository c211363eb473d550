#pragma once

#include "core/search/pruner.h"
#include "core/trial/executor.h"

#include <map>
#include <memory>
#include <mutex>

namespace lathe {

/// Gathers what a study's trials report, and answers whether one of them should end. A trial ended once stays
/// so until it begins anew. All functions may be called from any thread.
class PruneDesk {
public:
    PruneDesk(StudySpec spec, std::unique_ptr<Pruner> pruner);

    /// Trials come by number. `curve`: what it reported in earlier sittings.
    void add(TrialId id, std::int64_t number, std::vector<CurvePoint> curve);
    void setState(TrialId id, TrialState state, std::optional<double> objective);
    /// From the slot's thread. A step that was reported before is replaced, with all behind it: the trial has
    /// gone back to a checkpoint.
    [[nodiscard]] Verdict report(TrialId id, std::string_view metric, std::int64_t step, double value);
    /// The same without the question: what a trial reported, and was answered, before the checkpoint that it
    /// goes on from. The store need not have kept it.
    void retell(TrialId id, std::string_view metric, std::int64_t step, double value);
    /// The number of a pruned trial that should go on now.
    [[nodiscard]] std::optional<std::int64_t> promoted() const;
    /// The pruner has just promoted it: it is not asked again about what the trial has reported so far.
    void letGoOn(TrialId id);
    /// No pruner lets the trial go on.
    void hold(TrialId id);
    /// Why the trial was told to end; empty: it was not.
    [[nodiscard]] std::string reason(TrialId id) const;
    /// The furthest step that the trial has reported anything of.
    [[nodiscard]] std::int64_t steps(TrialId id) const;

    /// The trial ends at its next report, a protected one too.
    void pruneByHand(TrialId id);
    /// The pruner is not asked about a protected trial; others are still compared with it.
    void protect(TrialId id);
    void unprotect(TrialId id);

private:
    struct Entry {
        std::size_t place = 0; // in m_curves
        std::int64_t steps = 0;
        std::int64_t answered = -1; // up to this step
        bool isProtected = false;
        std::string reason;
    };

    void takeIn(const Entry& entry, std::int64_t step, double value);
    [[nodiscard]] std::string reasonFor(const Entry& entry) const;
    [[nodiscard]] std::vector<TrialCurve> curvesSeenBy(std::int64_t number) const;

    const StudySpec m_spec;
    const std::unique_ptr<Pruner> m_pruner;
    const std::string m_metric;
    const bool m_isHigherBetter;
    // Guards what follows. The pruner computes under it: that is pure, calls nobody, and two trials that come
    // to a rung at the same time must be judged one after the other.
    mutable std::mutex m_mutex;
    std::vector<TrialCurve> m_curves; // by number
    std::map<TrialId, Entry> m_entries;
};

} // namespace lathe

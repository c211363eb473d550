#include "core/engine/prune_desk.h"

#include <algorithm>

namespace lathe {

PruneDesk::PruneDesk(StudySpec spec, std::unique_ptr<Pruner> pruner)
    : m_spec(std::move(spec)),
      m_pruner(std::move(pruner)),
      m_metric(prunedMetric(m_spec)),
      m_isHigherBetter(isPrunedMetricHigherBetter(m_spec)) {
    LATHE_EXPECT(m_pruner != nullptr);
}

void PruneDesk::add(TrialId id, std::int64_t number, std::vector<CurvePoint> curve) {
    const std::lock_guard lock(m_mutex);
    m_entries[id].place = m_curves.size();
    m_curves.push_back({number, TrialState::Queued, std::nullopt, std::move(curve)});
}

void PruneDesk::setState(TrialId id, TrialState state, std::optional<double> objective) {
    const std::lock_guard lock(m_mutex);
    Entry& entry = m_entries.at(id);
    TrialCurve& curve = m_curves[entry.place];
    curve.state = state;
    curve.objective = objective;
    if (!isFinal(state))
        entry.reason.clear();
}

Verdict PruneDesk::report(TrialId id, std::string_view metric, std::int64_t step, double value) {
    const std::lock_guard lock(m_mutex);
    Entry& entry = m_entries.at(id);
    entry.steps = std::max(entry.steps, step);
    if (metric == m_metric) {
        std::string reason = reasonFor(entry, step, value);
        if (entry.reason.empty() && !entry.isProtected)
            entry.reason = std::move(reason);
    }
    return entry.reason.empty() ? Verdict::Continue : Verdict::Prune;
}

/// Takes the point in, and asks.
std::string PruneDesk::reasonFor(const Entry& entry, std::int64_t step, double value) {
    TrialCurve& curve = m_curves[entry.place];
    const auto later = std::ranges::lower_bound(curve.points, step, {}, &CurvePoint::step);
    curve.points.erase(later, curve.points.end());
    curve.points.push_back({step, value});
    return m_pruner->reasonToPrune({m_spec, m_isHigherBetter, m_curves}, curve).value_or(std::string());
}

std::string PruneDesk::reason(TrialId id) const {
    const std::lock_guard lock(m_mutex);
    return m_entries.at(id).reason;
}

std::int64_t PruneDesk::steps(TrialId id) const {
    const std::lock_guard lock(m_mutex);
    return m_entries.at(id).steps;
}

void PruneDesk::pruneByHand(TrialId id) {
    const std::lock_guard lock(m_mutex);
    if (const auto it = m_entries.find(id); it != m_entries.end())
        it->second.reason = "ended by hand";
}

void PruneDesk::protect(TrialId id) {
    const std::lock_guard lock(m_mutex);
    if (const auto it = m_entries.find(id); it != m_entries.end())
        it->second.isProtected = true;
}

void PruneDesk::unprotect(TrialId id) {
    const std::lock_guard lock(m_mutex);
    if (const auto it = m_entries.find(id); it != m_entries.end())
        it->second.isProtected = false;
}

} // namespace lathe

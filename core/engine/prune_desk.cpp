#include "core/engine/prune_desk.h"

#include "core/engine/study_runner.h"

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
    curve.isHeld = curve.isHeld || entry.reason == kEndedByHand;
    if (!isFinal(state))
        entry.reason.clear();
}

Verdict PruneDesk::report(TrialId id, std::string_view metric, std::int64_t step, double value) {
    const std::lock_guard lock(m_mutex);
    Entry& entry = m_entries.at(id);
    entry.steps = std::max(entry.steps, step);
    if (metric == m_metric) {
        takeIn(entry, step, value);
        std::string reason = step > entry.answered ? reasonFor(entry) : std::string();
        if (entry.reason.empty() && !entry.isProtected)
            entry.reason = std::move(reason);
    }
    return entry.reason.empty() ? Verdict::Continue : Verdict::Prune;
}

void PruneDesk::retell(TrialId id, std::string_view metric, std::int64_t step, double value) {
    const std::lock_guard lock(m_mutex);
    Entry& entry = m_entries.at(id);
    entry.steps = std::max(entry.steps, step);
    if (metric == m_metric)
        takeIn(entry, step, value);
}

void PruneDesk::takeIn(const Entry& entry, std::int64_t step, double value) {
    std::vector<CurvePoint>& points = m_curves[entry.place].points;
    points.erase(std::ranges::lower_bound(points, step, {}, &CurvePoint::step), points.end());
    points.push_back({step, value});
}

/// Asks about the newest point.
std::string PruneDesk::reasonFor(const Entry& entry) const {
    const TrialCurve& curve = m_curves[entry.place];
    if (m_spec.resultLag == 0)
        return m_pruner->reasonToPrune({m_spec, m_isHigherBetter, m_curves}, curve).value_or(std::string());
    const std::vector<TrialCurve> seen = curvesSeenBy(curve.number);
    return m_pruner->reasonToPrune({m_spec, m_isHigherBetter, seen}, seen.back()).value_or(std::string());
}

/// All of these are over since before the trial began, whatever runs beside it.
std::vector<TrialCurve> PruneDesk::curvesSeenBy(std::int64_t number) const {
    std::vector<TrialCurve> seen;
    for (const TrialCurve& curve : m_curves)
        if (curve.number <= number - m_spec.resultLag || curve.number == number)
            seen.push_back(curve);
    return seen;
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
        it->second.reason = kEndedByHand;
}

std::optional<std::int64_t> PruneDesk::promoted() const {
    const std::lock_guard lock(m_mutex);
    if (m_spec.resultLag > 0) // which trials have ended depends on the slots
        return std::nullopt;
    return m_pruner->promoted({m_spec, m_isHigherBetter, m_curves});
}

void PruneDesk::letGoOn(TrialId id) {
    const std::lock_guard lock(m_mutex);
    Entry& entry = m_entries.at(id);
    entry.answered = m_curves[entry.place].points.back().step; // what it was promoted by
}

void PruneDesk::hold(TrialId id) {
    const std::lock_guard lock(m_mutex);
    m_curves[m_entries.at(id).place].isHeld = true;
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

#include "core/store/study_history.h"

#include "core/store/trial_facts.h"

#include <algorithm>
#include <bit>

namespace lathe {

namespace {

bool isSame(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

std::vector<Event> eventsOf(TrialId id, const HistoryTrial& trial, const StudySpec& spec) {
    const std::string metric = seriesOf(spec.objective);
    std::vector<Event> events;
    std::int64_t last = 0;
    for (const auto& [step, value] : trial.curve) {
        events.emplace_back(MetricPoint{id, metric, step, value, 0});
        last = step;
    }
    if (trial.objective && (trial.curve.empty() || !isSame(trial.curve.back().second, *trial.objective)))
        events.emplace_back(MetricPoint{id, metric, trial.curve.empty() ? trial.steps : last + 1,
                                        *trial.objective, trial.seconds});
    for (std::size_t i = 0; i < std::min(trial.furtherObjectives.size(), spec.furtherObjectives.size()); ++i)
        events.emplace_back(MetricPoint{id, seriesOf(spec.furtherObjectives[i]), trial.steps,
                                        trial.furtherObjectives[i], trial.seconds});
    events.emplace_back(TrialChange{id, trial.state, trial.reason});
    return events;
}

Status addTrial(StudyWriter& writer, StudyId study, const HistoryTrial& trial, const StudySpec& spec) {
    LATHE_ASSIGN(const TrialId id,
                 writer.createTrial(NewTrial{study, trial.number, trial.values, trial.seed}));
    LATHE_TRY(writer.append(eventsOf(id, trial, spec)));
    return writer.finishTrial(id, trial.steps, trial.seconds, {});
}

} // namespace

bool isHistory(TrialState state) {
    return state == TrialState::Complete || state == TrialState::Pruned || state == TrialState::Failed;
}

Result<StudyId> addStudyWithHistory(StudyWriter& writer, const StudySpec& spec,
                                    std::span<const HistoryTrial> trials) {
    for (const HistoryTrial& trial : trials)
        if (!isHistory(trial.state))
            return inputError("trial " + std::to_string(trial.number),
                              "is " + std::string(toString(trial.state)) +
                                  "; only what has ended is history");
    LATHE_ASSIGN(const StudyId study, writer.createStudy(spec));
    LATHE_TRY(writer.remove(study));
    for (const HistoryTrial& trial : trials)
        LATHE_TRY(addTrial(writer, study, trial, spec));
    LATHE_TRY(writer.restore(study));
    return study;
}

} // namespace lathe

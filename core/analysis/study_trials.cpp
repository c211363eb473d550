#include "core/analysis/study_trials.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

double lossOf(const StudyTrials& study, const StudyTrial& trial, std::size_t objective) {
    LATHE_EXPECT(objective < study.objectives.size() && objective < trial.objectives.size());
    const double value = trial.objectives[objective];
    return study.objectives[objective].maximize ? -value : value;
}

bool isMeasured(const StudyTrials& study, const StudyTrial& trial) {
    return trial.state == TrialState::Complete && trial.objectives.size() == study.objectives.size() &&
           std::ranges::all_of(trial.objectives, [](double value) { return std::isfinite(value); });
}

std::vector<const StudyTrial*> measuredTrials(const StudyTrials& study) {
    std::vector<const StudyTrial*> measured;
    for (const StudyTrial& trial : study.trials)
        if (isMeasured(study, trial))
            measured.push_back(&trial);
    return measured;
}

double violationOf(const StudyTrial& trial) {
    double sum = 0;
    for (const double constraint : trial.constraints)
        sum += std::isnan(constraint) ? std::numeric_limits<double>::infinity() : std::max(constraint, 0.0);
    return sum;
}

const StudyTrial* bestTrial(const StudyTrials& study, std::size_t objective) {
    const StudyTrial* best = nullptr;
    for (const StudyTrial& trial : study.trials)
        if (isMeasured(study, trial) && violationOf(trial) == 0 &&
            (best == nullptr || lossOf(study, trial, objective) < lossOf(study, *best, objective)))
            best = &trial;
    return best;
}

} // namespace lathe

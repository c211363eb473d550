#include "core/session/study_outlook.h"

#include "core/session/run_table_model.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

/// What decides how long a training is, whatever else the recipe says.
constexpr std::array kLengthFields{"model",      "train_file", "max_steps",
                                   "epochs",     "batch_size", "gradient_accumulation",
                                   "max_length", "device"};

bool isSearched(const StudySpec& study, std::string_view key) {
    return std::ranges::find(study.space, key, &SearchDimension::key) != study.space.end();
}

bool isSame(const ParamValues& a, const ParamValues& b, std::string_view key) {
    const ParamValue* first = a.find(key);
    const ParamValue* second = b.find(key);
    return (first == nullptr) == (second == nullptr) && (first == nullptr || *first == *second);
}

/// How many fields are the same; nothing: it is no such run.
std::optional<std::ptrdiff_t> likeness(const StudySpec& study, const TrialRecord& run) {
    if (run.state != TrialState::Complete || run.steps <= 0 || !(run.seconds > 0))
        return std::nullopt;
    for (const char* key : kLengthFields)
        if (!isSearched(study, key) && !isSame(study.fixed, run.values, key))
            return std::nullopt;
    return std::ranges::count_if(study.fixed.map(), [&](const auto& field) {
        return isSearched(study, field.first) || isSame(study.fixed, run.values, field.first);
    });
}

/// Those that are most like the study's trials, newest first.
std::vector<const RunRow*> runsLike(const StudySpec& study, const RunTableModel& runs) {
    std::vector<const RunRow*> found;
    std::ptrdiff_t most = -1;
    for (int row = 0; row < runs.rowCount(); ++row) {
        const auto common = likeness(study, runs.row(row).trial);
        if (!common || *common < most)
            continue;
        if (*common > most)
            found.clear();
        most = *common;
        found.push_back(&runs.row(row));
    }
    return found;
}

} // namespace

StudyOutlook outlookOf(const StudySpec& study, std::int64_t slots, const RunTableModel& runs) {
    const std::vector<const RunRow*> like = runsLike(study, runs);
    StudyTrials trials;
    trials.space = study.space;
    for (const RunRow* run : like) { // as trials that are over: their spread gives the interval
        StudyTrial trial;
        trial.number = static_cast<std::int64_t>(trials.trials.size());
        trial.state = TrialState::Complete;
        trial.steps = run->trial.steps;
        trial.seconds = run->trial.seconds;
        trials.trials.push_back(std::move(trial));
        trials.fullSteps = std::max(trials.fullSteps, run->trial.steps);
    }
    ForecastPlan plan;
    plan.trials = study.trialCount + static_cast<std::int64_t>(like.size());
    plan.slots = slots;
    return {forecast(trials, plan), study.prunerId != "none" && !study.prunerId.empty(),
            like.empty() ? QString() : like.front()->studyName};
}

} // namespace lathe

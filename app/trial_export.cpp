#include "app/trial_export.h"

#include <cmath>

namespace lathe {

namespace {

/// Points come by name, then step.
std::vector<RunScore> scoresOf(const std::vector<MetricPoint>& points) {
    std::vector<RunScore> scores;
    for (const MetricPoint& point : points) {
        if (!point.name.starts_with("eval_") && !point.name.starts_with("test_"))
            continue;
        if (scores.empty() || scores.back().metric != point.name)
            scores.push_back({point.name, point.value, point.step, point.value, point.step});
        RunScore& score = scores.back();
        score.last = point.value;
        score.lastStep = point.step;
        const bool isBetter = isLowBest(point.name) ? point.value < score.best : point.value > score.best;
        if (isBetter || std::isnan(score.best)) {
            score.best = point.value;
            score.bestStep = point.step;
        }
    }
    return scores;
}

} // namespace

Result<RunFacts> runFacts(const StudyReader& reader, const TrialRecord& trial) {
    LATHE_ASSIGN(const StudyRecord study, reader.study(trial.study));
    LATHE_ASSIGN(const std::vector<MetricPoint> points, reader.points(trial.id));
    RunFacts facts;
    facts.name = study.spec.name;
    if (study.spec.trialCount > 1)
        facts.name += "-" + std::to_string(trial.number);
    facts.recipe = trial.values;
    facts.seed = trial.seed;
    facts.steps = trial.steps;
    facts.seconds = trial.seconds;
    facts.scores = scoresOf(points);
    return facts;
}

Result<ExportRequest> exportRequest(const StudyReader& reader, const TrialRecord& trial) {
    ExportRequest request;
    request.model = trial.values.text("model");
    request.trained = trial.adapterFolder;
    request.programVersion = LATHE_VERSION;
    LATHE_ASSIGN(request.run, runFacts(reader, trial));
    return request;
}

} // namespace lathe

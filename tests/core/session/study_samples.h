#pragma once

#include "core/session/study_snapshot.h"

#include <cmath>

namespace lathe::test {

/// A study of `trials` trials over a learning rate and a rank, each with `points` points: trial n has come to
/// a loss of 1 / (1 + n % 7) and a little more; each fifth was pruned half-way.
inline StudyContent sampleStudy(std::int64_t trials, std::int64_t points) {
    StudyContent content;
    content.study.id = StudyId{1};
    StudySpec& spec = content.study.spec;
    spec.name = "sample";
    spec.fixed = {{"rank", std::int64_t{8}}, {"learning_rate", 1e-3}};
    spec.space = {{"learning_rate", RealDomain{1e-5, 1e-1, true}, {}}, {"rank", IntDomain{1, 64}, {}}};
    spec.trialCount = trials;
    for (std::int64_t number = 0; number < trials; ++number) {
        const bool isPruned = number % 5 == 4;
        TrialRecord record;
        record.id = TrialId{100 + number};
        record.study = content.study.id;
        record.number = number;
        record.values = {{"rank", 1 + number % 64},
                         {"learning_rate", 1e-5 * std::pow(10.0, static_cast<double>(number % 4))}};
        record.state = isPruned ? TrialState::Pruned : TrialState::Complete;
        record.note = isPruned ? "worse than the median" : "";
        record.steps = isPruned ? points / 2 : points;
        record.seconds = static_cast<double>(record.steps);
        std::vector<MetricPoint>& curve = content.curves.emplace_back();
        const double end = 1 / (1.0 + static_cast<double>(number % 7)) + 1e-3 * static_cast<double>(number);
        for (std::int64_t step = 1; step <= record.steps; ++step)
            curve.push_back({record.id, "eval_loss", step, end + 1 / static_cast<double>(step),
                             static_cast<double>(step)});
        if (!curve.empty())
            record.lastValues["eval_loss"] = curve.back().value;
        content.trials.push_back(std::move(record));
    }
    return content;
}

} // namespace lathe::test

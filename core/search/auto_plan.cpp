#include "core/search/auto_plan.h"

#include "core/search/auto_view.h"
#include "core/search/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

constexpr std::int64_t kMostDesign = 20;
constexpr std::int64_t kModelTrials = 4; // a dimension
constexpr std::int64_t kBranchedModelTrials = 8;
constexpr std::int64_t kBranchedCycle = 2;
constexpr std::int64_t kMostModelTrials = 80; // in all, before direct search begins
constexpr std::int64_t kCycle = 3;            // every how manieth trial a process answers after that, if
constexpr std::int64_t kPatience = 3;         // times (dimensions + 2) trials brought nothing;
constexpr std::int64_t kStuckCycle = 2;       // and if twice as many did
constexpr double kFirstLength = 0.4;
constexpr double kMostLength = 1.6;
constexpr double kLeastLength = 1e-5;
constexpr int kSuccesses = 2;
constexpr int kFailures = 3;
constexpr double kSuccess = 1e-3; // of the best loss

bool isModel(char part) {
    return part == static_cast<char>(SearchPart::Model) || part == static_cast<char>(SearchPart::Zoom);
}

/// Whether `loss` is worth being called better than `best`.
bool isSuccess(double loss, double best) {
    return !std::isfinite(best) || loss < best - kSuccess * std::abs(best);
}

bool isFeasible(const ObservedTrial& trial) {
    return trial.state == TrialState::Complete && hasOutcome(trial) && violationOf(trial) == 0;
}

/// Feasible trials since the latest success.
std::int64_t trialsWithoutSuccess(const StudyView& study) {
    double best = std::numeric_limits<double>::infinity();
    std::int64_t count = 0;
    for (const ObservedTrial& trial : study.trials) {
        if (!isFeasible(trial))
            continue;
        const double loss = lossOf(trial, study.spec.objective);
        count = isSuccess(loss, best) ? 0 : count + 1;
        best = std::min(best, loss);
    }
    return count;
}

} // namespace

SearchPart partOf(std::string_view parts, std::int64_t number) {
    const auto place = static_cast<std::size_t>(number);
    return number >= 0 && place < parts.size() ? static_cast<SearchPart>(parts[place]) : SearchPart::Other;
}

std::int64_t designSize(const StudySpec& spec) {
    return std::min<std::int64_t>(3 + static_cast<std::int64_t>(spec.space.size()), kMostDesign);
}

SearchPart nextPart(const StudyView& study, std::string_view parts) {
    if (std::ranges::count_if(study.trials, &hasOutcome) < designSize(study.spec))
        return SearchPart::Design;
    const bool isConditional = hasConditions(study.spec.space);
    const std::int64_t modelTrials = static_cast<std::int64_t>(study.spec.space.size()) *
                                     (isConditional ? kBranchedModelTrials : kModelTrials);
    const std::int64_t models = std::ranges::count_if(parts, &isModel);
    const SearchPart model = models % 2 == 0 ? SearchPart::Model : SearchPart::Zoom;
    if (models < std::min(modelTrials, kMostModelTrials))
        return model;
    const auto lastModel = std::ranges::find_if(parts.rbegin(), parts.rend(), &isModel);
    const std::int64_t since = lastModel - parts.rbegin();
    if (isConditional)
        return since + 1 >= kBranchedCycle ? model : SearchPart::Direct;
    const auto dimensions = static_cast<std::int64_t>(study.spec.space.size());
    const std::int64_t idle = trialsWithoutSuccess(study);
    const std::int64_t patience = kPatience * (dimensions + 2);
    if (idle < patience)
        return SearchPart::Direct;
    return since + 1 >= (idle < 2 * patience ? kCycle : kStuckCycle) ? model : SearchPart::Direct;
}

double zoomLength(const StudyView& study, std::string_view parts) {
    double length = kFirstLength;
    double best = std::numeric_limits<double>::infinity();
    int successes = 0;
    int failures = 0;
    for (const ObservedTrial& trial : study.trials) {
        if (!isFeasible(trial))
            continue;
        const double loss = lossOf(trial, study.spec.objective);
        const bool isBetter = isSuccess(loss, best);
        if (partOf(parts, trial.number) == SearchPart::Zoom) {
            successes = isBetter ? successes + 1 : 0;
            failures = isBetter ? 0 : failures + 1;
        }
        if (successes == kSuccesses) {
            length = std::min(kMostLength, 2 * length);
            successes = 0;
        }
        if (failures == kFailures) {
            length = std::max(kLeastLength, length / 2);
            failures = 0;
        }
        best = std::min(best, loss);
    }
    return length;
}

} // namespace lathe

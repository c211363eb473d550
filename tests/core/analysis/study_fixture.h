#pragma once

#include "core/analysis/study_trials.h"

#include <array>
#include <cmath>

namespace lathe::test {

inline SearchDimension realDimension(std::string key, double low, double high, bool isLog = false) {
    RealDomain domain;
    domain.low = low;
    domain.high = high;
    domain.logScale = isLog;
    return {std::move(key), domain, {}};
}

inline SearchDimension wholeDimension(std::string key, std::int64_t low, std::int64_t high,
                                      std::int64_t step = 1, bool isLog = false) {
    return {std::move(key), IntDomain{low, high, step, isLog}, {}};
}

inline SearchDimension choiceDimension(std::string key, std::vector<std::string> values,
                                       bool isOrdered = false) {
    ChoiceDomain domain;
    domain.values = std::move(values);
    domain.ordered = isOrdered;
    return {std::move(key), domain, {}};
}

/// A complete trial.
inline StudyTrial trialOf(std::int64_t number, ParamValues values, std::vector<double> objectives) {
    StudyTrial trial;
    trial.number = number;
    trial.values = std::move(values);
    trial.state = TrialState::Complete;
    trial.objectives = std::move(objectives);
    return trial;
}

/// Points that fill the unit cube evenly and are the same in any language: multiples of irrational numbers,
/// without their whole part.
inline std::array<double, 5> spread(std::int64_t i) {
    constexpr std::array<double, 5> kSteps{0.6180339887498949, 0.7548776662466927, 0.5698402909980532,
                                           0.8191725133961645, 0.6710436067037893};
    std::array<double, 5> place{};
    for (std::size_t j = 0; j < place.size(); ++j) {
        place[j] = static_cast<double>(i + 1) * kSteps[j];
        place[j] -= std::floor(place[j]);
    }
    return place;
}

/// A study of one real "x" in [0, 1] with these values of the objective, which is to be small.
inline StudyTrials studyOf(std::span<const double> values) {
    StudyTrials study;
    study.space = {realDimension("x", 0, 1)};
    for (std::size_t i = 0; i < values.size(); ++i)
        study.trials.push_back(trialOf(static_cast<std::int64_t>(i),
                                       {{"x", spread(static_cast<std::int64_t>(i))[0]}}, {values[i]}));
    return study;
}

} // namespace lathe::test

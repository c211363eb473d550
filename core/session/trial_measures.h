#pragma once

#include "core/session/study_snapshot.h"

#include <QString>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Something trials can be weighed by: a metric, or what they cost.
struct TrialMeasure {
    std::string name; ///< of the metric, or kStepsMeasure or kSecondsMeasure
    bool isHigherBetter = false;
    bool operator==(const TrialMeasure&) const = default;
};

inline constexpr const char* kStepsMeasure = "steps";
inline constexpr const char* kSecondsMeasure = "seconds";

/// The objectives first, then what else any complete trial has reported as a result, then steps and seconds.
[[nodiscard]] std::vector<TrialMeasure> measuresOf(const StudySnapshot& study);
/// The objective as the study means it, the last value of another metric. Nothing: it has not reported it.
[[nodiscard]] std::optional<double> measured(const StudySnapshot& study, const TrialRecord& trial,
                                             std::string_view name);
/// The trials with two measures as their objectives; a trial that lacks one has none.
[[nodiscard]] StudyTrials weighedBy(const StudySnapshot& study, const TrialMeasure& first,
                                    const TrialMeasure& second);
/// The metric whose points lead to the objective.
[[nodiscard]] std::string curveMetricOf(const StudySnapshot& study);
/// metricLabel(), which knows costs and "best_…" too.
[[nodiscard]] QString measureLabel(std::string_view name);

} // namespace lathe

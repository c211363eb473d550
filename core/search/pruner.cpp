#include "core/search/pruner.h"

#include <string_view>

namespace lathe {

namespace {

/// Of TrialResult::metrics, where "best_loss" is the best value of "loss".
std::string_view reportedName(std::string_view metric) {
    constexpr std::string_view kBest = "best_";
    return metric.starts_with(kBest) ? metric.substr(kBest.size()) : metric;
}

} // namespace

Status Pruner::checkOptions(const ParamValues& values) const { return check(options(), values); }

std::optional<std::int64_t> Pruner::promoted(const PruneView&) const { return std::nullopt; }

std::string prunedMetric(const StudySpec& spec) {
    return spec.pruneMetric.empty() ? std::string(reportedName(spec.objective.metric)) : spec.pruneMetric;
}

bool isPrunedMetricHigherBetter(const StudySpec& spec) {
    const std::string metric = prunedMetric(spec);
    return metric == reportedName(spec.objective.metric) ? spec.objective.maximize : !isLowBest(metric);
}

Result<std::unique_ptr<Pruner>> makePruner(const Registry<Pruner>& registry, const StudySpec& spec) {
    LATHE_ASSIGN(std::unique_ptr<Pruner> pruner, registry.make(spec.prunerId));
    LATHE_TRY(pruner->checkOptions(spec.prunerOptions));
    const ParamValue* promote = spec.prunerOptions.find("promote");
    if (spec.resultLag > 0 && promote != nullptr && *promote == ParamValue(true))
        return inputError("promote", "lets trials go on as others end, which a deterministic study does not "
                                     "look at; leave one of them out");
    return pruner;
}

} // namespace lathe

#include "app/reported_metrics.h"

#include "core/tasks/task_file.h"

#include <algorithm>

namespace lathe {

Result<ReportedMetrics> reportedMetrics(const Registry<Task>& tasks, const ParamValues& recipe) {
    LATHE_ASSIGN(const auto task, taskOf(tasks, recipe));
    ReportedMetrics reported;
    reported.limits = {"trainable_parameters", "seconds", "steps",    "loss",
                       "tokens_per_second",    "lr",      "grad_norm"};
    for (const MetricInfo& metric : task->metrics()) {
        reported.objectives.push_back({metric.name, metric.isHigherBetter});
        for (const char* prefix : {"", "best_"})
            reported.limits.push_back(prefix + metric.name);
    }
    std::ranges::stable_partition(
        reported.objectives,
        [usual = task->objective().metric](const Objective& one) { return one.metric == usual; });
    reported.objectives.push_back({"loss", false});
    reported.objectives.push_back({"trainable_parameters", false});
    return reported;
}

} // namespace lathe

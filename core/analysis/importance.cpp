#include "core/analysis/importance.h"

#include <algorithm>

namespace lathe {

void sortImportances(Importances& importances) {
    double sum = 0;
    for (const ParamImportance& param : importances.params)
        sum += param.value.value_or(0);
    for (ParamImportance& param : importances.params)
        param.share = sum > 0 ? param.value.value_or(0) / sum : 0;
    std::ranges::stable_sort(importances.params, std::greater(),
                             [](const ParamImportance& param) { return param.value.value_or(-1); });
}

ChartData importanceChart(const Importances& importances) {
    ChartData chart;
    chart.title = "importance";
    chart.y.label = "share";
    Bars bars;
    bars.name = "importance";
    for (const ParamImportance& param : importances.params)
        if (param.value) {
            bars.labels.push_back(param.key);
            bars.values.push_back(param.share);
        }
    if (!bars.labels.empty())
        chart.layers.emplace_back(std::move(bars));
    return chart;
}

} // namespace lathe

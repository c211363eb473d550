#include "core/analysis/allocation_history.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace lathe {

Status check(const AllocationHistory& history) {
    std::set<std::pair<std::string, std::int64_t>> places;
    for (const AllocatedModule& module : history.modules)
        if (!places.insert({module.kind, module.layer}).second)
            return inputError("module " + module.name, "is a second \"" + module.kind + "\" of layer " +
                                                           std::to_string(module.layer) +
                                                           "; each layer may have one of a kind");
    for (const Reallocation& reallocation : history.reallocations)
        if (reallocation.scores.size() != history.modules.size() ||
            reallocation.isOn.size() != history.modules.size())
            return inputError("the reallocation at step " + std::to_string(reallocation.step),
                              "tells of " + std::to_string(reallocation.isOn.size()) + " modules, not of " +
                                  std::to_string(history.modules.size()));
    return ok();
}

AllocationGrid allocationGrid(const AllocationHistory& history) {
    AllocationGrid grid;
    std::set<std::int64_t> layers;
    for (const bool isShortcut : {false, true})
        for (const AllocatedModule& module : history.modules) {
            layers.insert(module.layer);
            const AllocationGrid::Column column{module.kind, isShortcut};
            if (module.isShortcut == isShortcut &&
                std::ranges::find(grid.columns, column) == grid.columns.end())
                grid.columns.push_back(column);
        }
    grid.layers.assign(layers.begin(), layers.end());
    grid.modules.resize(grid.layers.size() * grid.columns.size());
    for (std::size_t i = 0; i < history.modules.size(); ++i) {
        const AllocatedModule& module = history.modules[i];
        const auto row = std::ranges::lower_bound(grid.layers, module.layer) - grid.layers.begin();
        const auto column =
            std::ranges::find(grid.columns, AllocationGrid::Column{module.kind, module.isShortcut}) -
            grid.columns.begin();
        grid.modules[static_cast<std::size_t>(row) * grid.columns.size() + static_cast<std::size_t>(column)] =
            i;
    }
    return grid;
}

std::size_t countOn(const Reallocation& reallocation) {
    return static_cast<std::size_t>(std::ranges::count(reallocation.isOn, true));
}

std::vector<double> churn(const AllocationHistory& history) {
    std::vector<double> shares(history.reallocations.size(), 0.0);
    for (std::size_t i = 1; i < shares.size(); ++i) {
        const Reallocation& before = history.reallocations[i - 1];
        const Reallocation& now = history.reallocations[i];
        std::size_t fresh = 0;
        for (std::size_t module = 0; module < now.isOn.size(); ++module)
            fresh += now.isOn[module] && !before.isOn[module] ? 1 : 0;
        if (const std::size_t on = countOn(now); on > 0)
            shares[i] = static_cast<double>(fresh) / static_cast<double>(on);
    }
    return shares;
}

std::vector<double> onFrequency(const AllocationHistory& history) {
    std::vector<double> shares(history.modules.size(), 0.0);
    for (const Reallocation& reallocation : history.reallocations)
        for (std::size_t i = 0; i < shares.size(); ++i)
            shares[i] += reallocation.isOn[i] ? 1 : 0;
    for (double& share : shares)
        share /= std::max<double>(1, static_cast<double>(history.reallocations.size()));
    return shares;
}

std::optional<std::int64_t> parametersInUse(const AllocationHistory& history, std::size_t index) {
    const Reallocation& reallocation = history.reallocations.at(index);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < history.modules.size(); ++i) {
        if (!reallocation.isOn[i])
            continue;
        if (!history.modules[i].parameters)
            return std::nullopt;
        sum += *history.modules[i].parameters;
    }
    return sum;
}

double tiedShare(const Reallocation& reallocation) {
    std::map<double, std::size_t> counts;
    std::size_t scored = 0;
    for (const double score : reallocation.scores)
        if (!std::isnan(score)) {
            ++counts[score];
            ++scored;
        }
    std::size_t tied = 0;
    for (const auto& [score, count] : counts)
        tied += count > 1 ? count : 0;
    return scored == 0 ? 0 : static_cast<double>(tied) / static_cast<double>(scored);
}

ChartData churnChart(const AllocationHistory& history) {
    ChartData chart;
    chart.x.label = "step";
    chart.y.label = "churn";
    chart.y.unit = "%";
    Lines line{"churn", {}, churn(history)};
    for (double& share : line.y)
        share *= 100;
    for (const Reallocation& reallocation : history.reallocations)
        line.x.push_back(static_cast<double>(reallocation.step));
    if (!line.x.empty())
        chart.layers.emplace_back(std::move(line));
    return chart;
}

} // namespace lathe

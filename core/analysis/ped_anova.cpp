#include "core/analysis/grid_density.h"
#include "core/analysis/importance.h"
#include "core/analysis/parameter_axis.h"
#include "core/base/contract.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr std::int64_t kFewestTrials = 10;
constexpr std::int64_t kFewestGood = 5;
constexpr std::int64_t kFewestActive = 2;
constexpr std::int64_t kMostCells = 50;

using Trials = std::vector<const StudyTrial*>;

/// The trials up to the quantile's loss, equals of the last one included.
Trials goodTrials(const StudyTrials& study, const Trials& trials, const PedAnovaOptions& options) {
    std::vector<double> losses;
    for (const StudyTrial* trial : trials)
        losses.push_back(lossOf(study, *trial, options.objective));
    std::vector<double> sorted = losses;
    std::ranges::sort(sorted);
    const double count = std::ceil(options.targetQuantile * static_cast<double>(sorted.size()));
    const double worst = sorted[static_cast<std::size_t>(count) - 1];
    Trials good;
    for (std::size_t i = 0; i < trials.size(); ++i)
        if (losses[i] <= worst)
            good.push_back(trials[i]);
    return good;
}

/// Where the parameter is active and its value can be placed.
std::vector<double> coordinates(const ParameterAxis& axis, const Trials& trials) {
    std::vector<double> found;
    for (const StudyTrial* trial : trials)
        if (const ParamValue* value = trial->values.find(axis.key()))
            if (const auto coordinate = axis.coordinate(*value))
                found.push_back(*coordinate);
    return found;
}

/// Whole numbers on a logarithmic scale lie too far apart at its low end for a fine grid: a cell for each
/// doubling.
std::int64_t cellsOf(const ParameterAxis& axis) {
    if (axis.isNamed())
        return axis.count();
    std::int64_t cells = axis.count() > 0 ? axis.count() : kMostCells;
    if (axis.isLog() && axis.count() > 0)
        cells = static_cast<std::int64_t>(std::ceil(
                    std::log(std::exp(axis.high()) - std::exp(axis.low()) + 1) / std::log(2.0) - 1e-9)) +
                1;
    return std::min(cells, kMostCells);
}

std::vector<double> densityOf(const ParameterAxis& axis, std::span<const double> coordinates) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(cellsOf(axis)), 0);
    const double last = static_cast<double>(counts.size()) - 1;
    const double width = (axis.high() - axis.low()) / last;
    for (const double coordinate : coordinates) {
        const double cell = std::ceil((coordinate - axis.low()) / width - 0.5);
        ++counts[static_cast<std::size_t>(std::clamp(cell, 0.0, last))];
    }
    return axis.isCategory() ? choiceDensity(counts) : gridDensity(counts);
}

double pearsonDivergence(std::span<const double> good, std::span<const double> all) {
    constexpr double kTiny = 1e-12; // keeps the ratio finite where both densities vanish
    double sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double ratio = (good[i] + kTiny) / (all[i] + kTiny) - 1;
        sum += (all[i] + kTiny) * ratio * ratio;
    }
    return sum;
}

double shareOf(std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

ParamImportance importanceOf(const SearchDimension& dimension, const Trials& good, const Trials& all) {
    const ParameterAxis axis(dimension);
    const std::vector<double> everywhere = coordinates(axis, all);
    ParamImportance importance;
    importance.key = dimension.key;
    importance.trials = static_cast<std::int64_t>(everywhere.size());
    if (importance.trials < kFewestActive)
        return importance;
    const std::vector<double> atGood = coordinates(axis, good);
    importance.value = 0;
    if (axis.isSingle() || atGood.empty())
        return importance;
    const double quantile = shareOf(good.size(), all.size());
    const double activeOfGood = shareOf(atGood.size(), good.size());
    const double activeOfAll = shareOf(everywhere.size(), all.size());
    importance.value = quantile * quantile * activeOfGood * activeOfGood / activeOfAll *
                       pearsonDivergence(densityOf(axis, atGood), densityOf(axis, everywhere));
    return importance;
}

} // namespace

Importances pedAnova(const StudyTrials& study, const PedAnovaOptions& options) {
    LATHE_EXPECT(options.targetQuantile > 0 && options.targetQuantile < 1);
    const Trials all = measuredTrials(study);
    Importances importances;
    importances.trials = static_cast<std::int64_t>(all.size());
    importances.needed = kFewestTrials;
    if (!importances.isEnough())
        return importances;
    const Trials good = goodTrials(study, all, options);
    importances.isRough = static_cast<std::int64_t>(good.size()) < kFewestGood;
    for (const SearchDimension& dimension : study.space)
        importances.params.push_back(importanceOf(dimension, good, all));
    sortImportances(importances);
    return importances;
}

} // namespace lathe

#include "core/analysis/importance.h"
#include "core/analysis/parameter_axis.h"
#include "core/analysis/regression_tree.h"
#include "core/base/contract.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lathe {

namespace {

constexpr std::int64_t kFewestTrials = 10;
constexpr std::int64_t kRoughBelow = 30;

/// Which of the measured trials have a value for a dimension.
using Activity = std::vector<bool>;

/// What one forest is grown from.
struct Table {
    std::vector<std::size_t> dimensions; ///< of the space, by feature
    std::vector<TreeFeature> features;
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
};

/// Mean and deviation over the trees of the share of variance that each feature explains.
struct Explained {
    std::vector<double> mean, deviation;
};

/// In coordinates of the axis; whole numbers with half a step beyond either end, so that each value counts
/// alike.
TreeFeature featureOf(const ParameterAxis& axis) {
    TreeFeature feature;
    if (axis.isCategory()) {
        feature.choices = axis.count();
        return feature;
    }
    feature.low = axis.low();
    feature.high = axis.high();
    if (axis.count() < 2)
        return feature;
    if (axis.isLog()) {
        feature.low = std::log(std::exp(axis.low()) - 0.5);
        feature.high = std::log(std::exp(axis.high()) + 0.5);
    } else {
        const double half = (axis.high() - axis.low()) / static_cast<double>(axis.count() - 1) / 2;
        feature.low -= half;
        feature.high += half;
    }
    return feature;
}

std::optional<double> coordinateOf(const ParameterAxis& axis, const StudyTrial& trial) {
    const ParamValue* value = trial.values.find(axis.key());
    return value == nullptr ? std::nullopt : axis.coordinate(*value);
}

Activity activityOf(const ParameterAxis& axis, std::span<const StudyTrial* const> trials) {
    Activity activity;
    for (const StudyTrial* trial : trials)
        activity.push_back(coordinateOf(axis, *trial).has_value());
    return activity;
}

bool covers(const Activity& wide, const Activity& narrow) {
    for (std::size_t i = 0; i < wide.size(); ++i)
        if (narrow[i] && !wide[i])
            return false;
    return true;
}

/// Mean 0, so that sums of squares keep their digits.
void centre(std::vector<double>& targets) {
    double mean = 0;
    for (const double target : targets)
        mean += target / static_cast<double>(targets.size());
    for (double& target : targets)
        target -= mean;
}

/// Bagging: each tree sees as many rows as there are, drawn with replacement.
std::vector<TreeLeaf> drawnTree(const Table& table, int depth, Rng& rng) {
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
    const auto last = static_cast<std::int64_t>(table.rows.size()) - 1;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(rng.integer(0, last));
        rows.push_back(table.rows[row]);
        targets.push_back(table.targets[row]);
    }
    return growTree(table.features, rows, targets, depth, rng);
}

Explained explain(const Table& table, const FanovaOptions& options) {
    std::vector<std::vector<double>> shares(table.features.size());
    for (int tree = 0; tree < options.trees; ++tree) {
        Rng rng(mixSeed(options.seed, static_cast<std::uint64_t>(tree)));
        const std::vector<TreeLeaf> leaves = drawnTree(table, options.depth, rng);
        const double whole = treeVariance(table.features, leaves);
        if (!(whole > 0))
            continue; // a tree that answers one value has nothing to explain
        for (std::size_t i = 0; i < shares.size(); ++i)
            shares[i].push_back(marginalVariance(table.features, leaves, i) / whole);
    }
    Explained explained;
    for (const std::vector<double>& share : shares) {
        const double count = std::max(1.0, static_cast<double>(share.size()));
        double mean = 0;
        for (const double value : share)
            mean += value / count;
        double squares = 0;
        for (const double value : share)
            squares += (value - mean) * (value - mean);
        explained.mean.push_back(mean);
        explained.deviation.push_back(std::sqrt(squares / count));
    }
    return explained;
}

class Judge {
public:
    Judge(const StudyTrials& study, const FanovaOptions& options)
        : m_study(study), m_options(options), m_trials(measuredTrials(study)) {
        for (const SearchDimension& dimension : study.space) {
            m_axes.emplace_back(dimension);
            m_activities.push_back(activityOf(m_axes.back(), m_trials));
        }
    }

    [[nodiscard]] std::size_t trialCount() const { return m_trials.size(); }

    /// One forest for all dimensions that are active in the same trials.
    std::vector<ParamImportance> judge() const {
        std::vector<ParamImportance> all(m_axes.size());
        std::map<Activity, std::vector<std::size_t>> groups;
        for (std::size_t i = 0; i < m_axes.size(); ++i) {
            all[i].key = m_axes[i].key();
            all[i].trials = std::ranges::count(m_activities[i], true);
            if (all[i].trials < kFewestTrials)
                continue;
            all[i].value = 0;
            if (!m_axes[i].isSingle())
                groups[m_activities[i]].push_back(i);
        }
        for (const auto& [activity, members] : groups)
            judgeGroup(activity, members, all);
        return all;
    }

private:
    Table tableOf(const Activity& activity) const {
        Table table;
        for (std::size_t i = 0; i < m_axes.size(); ++i)
            if (!m_axes[i].isSingle() && covers(m_activities[i], activity)) {
                table.dimensions.push_back(i);
                table.features.push_back(featureOf(m_axes[i]));
            }
        for (std::size_t trial = 0; trial < m_trials.size(); ++trial) {
            if (!activity[trial])
                continue;
            std::vector<double> row;
            for (const std::size_t i : table.dimensions)
                row.push_back(std::clamp(coordinateOf(m_axes[i], *m_trials[trial]).value(), m_axes[i].low(),
                                         m_axes[i].high()));
            table.rows.push_back(std::move(row));
            table.targets.push_back(lossOf(m_study, *m_trials[trial], m_options.objective));
        }
        centre(table.targets);
        return table;
    }

    void judgeGroup(const Activity& activity, std::span<const std::size_t> members,
                    std::vector<ParamImportance>& all) const {
        const Table table = tableOf(activity);
        const Explained explained = explain(table, m_options);
        for (std::size_t feature = 0; feature < table.dimensions.size(); ++feature) {
            const std::size_t i = table.dimensions[feature];
            if (std::ranges::find(members, i) == members.end())
                continue;
            all[i].value = explained.mean[feature];
            all[i].deviation = explained.deviation[feature];
        }
    }

    const StudyTrials& m_study;
    const FanovaOptions& m_options;
    std::vector<const StudyTrial*> m_trials;
    std::vector<ParameterAxis> m_axes;
    std::vector<Activity> m_activities;
};

} // namespace

Importances fanova(const StudyTrials& study, const FanovaOptions& options) {
    LATHE_EXPECT(options.trees > 0 && options.depth > 0);
    const Judge judge(study, options);
    Importances importances;
    importances.trials = static_cast<std::int64_t>(judge.trialCount());
    importances.needed = kFewestTrials;
    importances.isRough = importances.trials < kRoughBelow;
    if (!importances.isEnough())
        return importances;
    importances.params = judge.judge();
    sortImportances(importances);
    return importances;
}

} // namespace lathe

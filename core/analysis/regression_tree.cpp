#include "core/analysis/regression_tree.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

struct Split {
    std::size_t feature = 0;
    double threshold = 0; ///< numbers up to it go left, or the one choice that does
    double gain = 0;      ///< by how much the sum of squared errors falls
};

/// What the squares of sums over their counts exceed those of the whole by: the fall in squared error.
double gainOf(double leftSum, double leftCount, double sum, double count) {
    const double rightSum = sum - leftSum;
    const double rightCount = count - leftCount;
    return leftSum * leftSum / leftCount + rightSum * rightSum / rightCount - sum * sum / count;
}

class Grower {
public:
    Grower(std::span<const TreeFeature> features, std::span<const std::vector<double>> rows,
           std::span<const double> targets, Rng& rng)
        : m_features(features), m_rows(rows), m_targets(targets), m_rng(rng) {}

    std::vector<TreeLeaf> grow(int depth) {
        TreeLeaf space;
        for (const TreeFeature& feature : m_features) {
            space.low.push_back(feature.low);
            space.high.push_back(feature.high);
            space.allowed.emplace_back(static_cast<std::size_t>(feature.choices), true);
        }
        std::vector<std::size_t> rows(m_rows.size());
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        growNode(std::move(space), rows, depth);
        return std::move(m_leaves);
    }

private:
    // Deep trees are as deep as they have levels, at most `depth`: recursion is safe.
    void growNode(TreeLeaf box, std::span<std::size_t> rows, int depth) {
        double sum = 0;
        for (const std::size_t row : rows)
            sum += m_targets[row];
        box.value = sum / static_cast<double>(rows.size());
        const Split split = depth > 0 ? bestSplit(rows, sum) : Split{};
        if (split.gain <= 0) {
            m_leaves.push_back(std::move(box));
            return;
        }
        const bool isChoice = m_features[split.feature].choices > 0;
        const auto right = std::ranges::partition(rows, [&](std::size_t row) {
            const double value = m_rows[row][split.feature];
            return isChoice ? value == split.threshold : value <= split.threshold;
        });
        const std::size_t leftCount = rows.size() - right.size();
        TreeLeaf other = box;
        if (isChoice) {
            const auto choice = static_cast<std::size_t>(split.threshold);
            box.allowed[split.feature].assign(box.allowed[split.feature].size(), false);
            box.allowed[split.feature][choice] = true;
            other.allowed[split.feature][choice] = false;
        } else {
            box.high[split.feature] = split.threshold;
            other.low[split.feature] = split.threshold;
        }
        growNode(std::move(box), rows.first(leftCount), depth - 1);
        growNode(std::move(other), rows.subspan(leftCount), depth - 1);
    }

    Split bestSplit(std::span<const std::size_t> rows, double sum) {
        Split best;
        double squares = 0;
        for (const std::size_t row : rows)
            squares += m_targets[row] * m_targets[row];
        // Rounding leaves a pure node a little error, which no split should chase.
        best.gain = 1e-12 * squares;
        bool isFound = false;
        std::vector<std::size_t> order(m_features.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        m_rng.shuffle(std::span(order));
        for (const std::size_t feature : order) {
            const Split split = m_features[feature].choices > 0 ? choiceSplit(feature, rows, sum)
                                                                : numberSplit(feature, rows, sum);
            if (split.gain > best.gain) {
                best = split;
                isFound = true;
            }
        }
        return isFound ? best : Split{};
    }

    Split numberSplit(std::size_t feature, std::span<const std::size_t> rows, double sum) {
        m_sorted.clear();
        for (const std::size_t row : rows)
            m_sorted.emplace_back(m_rows[row][feature], m_targets[row]);
        std::ranges::sort(m_sorted, {}, &std::pair<double, double>::first);
        Split best;
        double left = 0;
        for (std::size_t i = 0; i + 1 < m_sorted.size(); ++i) {
            left += m_sorted[i].second;
            const double threshold = (m_sorted[i].first + m_sorted[i + 1].first) / 2;
            if (!(m_sorted[i].first < threshold && threshold <= m_sorted[i + 1].first))
                continue; // equals, or so near that nothing lies between
            const double gain =
                gainOf(left, static_cast<double>(i + 1), sum, static_cast<double>(m_sorted.size()));
            if (gain > best.gain)
                best = {feature, threshold, gain};
        }
        return best;
    }

    Split choiceSplit(std::size_t feature, std::span<const std::size_t> rows, double sum) const {
        const auto choices = static_cast<std::size_t>(m_features[feature].choices);
        std::vector<double> sums(choices, 0.0);
        std::vector<double> counts(choices, 0.0);
        for (const std::size_t row : rows) {
            const auto choice = static_cast<std::size_t>(m_rows[row][feature]);
            sums[choice] += m_targets[row];
            ++counts[choice];
        }
        const double all = static_cast<double>(rows.size());
        Split best;
        for (std::size_t choice = 0; choice < choices; ++choice) {
            if (counts[choice] == 0 || counts[choice] == all)
                continue;
            const double gain = gainOf(sums[choice], counts[choice], sum, all);
            if (gain > best.gain)
                best = {feature, static_cast<double>(choice), gain};
        }
        return best;
    }

    std::span<const TreeFeature> m_features;
    std::span<const std::vector<double>> m_rows;
    std::span<const double> m_targets;
    Rng& m_rng;
    std::vector<std::pair<double, double>> m_sorted;
    std::vector<TreeLeaf> m_leaves;
};

double shareOf(const TreeFeature& feature, const TreeLeaf& leaf, std::size_t place) {
    if (feature.choices > 0)
        return static_cast<double>(std::ranges::count(leaf.allowed[place], true)) /
               static_cast<double>(feature.choices);
    return (leaf.high[place] - leaf.low[place]) / (feature.high - feature.low);
}

/// The share of the space the leaf has, of all features but one.
double shareBut(std::span<const TreeFeature> features, const TreeLeaf& leaf, std::size_t but) {
    double share = 1;
    for (std::size_t i = 0; i < features.size(); ++i)
        if (i != but)
            share *= shareOf(features[i], leaf, i);
    return share;
}

double weightedVariance(std::span<const double> values, std::span<const double> weights) {
    double sum = 0;
    double mean = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        sum += weights[i];
        mean += weights[i] * values[i];
    }
    mean /= sum;
    double squares = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        squares += weights[i] * (values[i] - mean) * (values[i] - mean);
    return squares / sum;
}

double marginalOfChoices(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves,
                         std::size_t feature) {
    std::vector<double> means(static_cast<std::size_t>(features[feature].choices), 0.0);
    for (const TreeLeaf& leaf : leaves) {
        const double part = shareBut(features, leaf, feature) * leaf.value;
        for (std::size_t choice = 0; choice < means.size(); ++choice)
            if (leaf.allowed[feature][choice])
                means[choice] += part;
    }
    return weightedVariance(means, std::vector<double>(means.size(), 1.0));
}

double marginalOfNumbers(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves,
                         std::size_t feature) {
    std::vector<double> edges;
    for (const TreeLeaf& leaf : leaves)
        edges.insert(edges.end(), {leaf.low[feature], leaf.high[feature]});
    std::ranges::sort(edges);
    edges.erase(std::ranges::unique(edges).begin(), edges.end());
    std::vector<double> means(edges.size() - 1, 0.0);
    std::vector<double> widths;
    for (std::size_t i = 0; i < means.size(); ++i)
        widths.push_back(edges[i + 1] - edges[i]);
    for (const TreeLeaf& leaf : leaves) {
        const double part = shareBut(features, leaf, feature) * leaf.value;
        const auto first = std::ranges::lower_bound(edges, leaf.low[feature]) - edges.begin();
        for (auto i = static_cast<std::size_t>(first); edges[i] < leaf.high[feature]; ++i)
            means[i] += part;
    }
    return weightedVariance(means, widths);
}

} // namespace

std::vector<TreeLeaf> growTree(std::span<const TreeFeature> features,
                               std::span<const std::vector<double>> rows, std::span<const double> targets,
                               int depth, Rng& rng) {
    LATHE_EXPECT(!rows.empty() && rows.size() == targets.size());
    return Grower(features, rows, targets, rng).grow(depth);
}

double treeVariance(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves) {
    std::vector<double> values;
    std::vector<double> weights;
    for (const TreeLeaf& leaf : leaves) {
        values.push_back(leaf.value);
        weights.push_back(shareBut(features, leaf, features.size()));
    }
    return weightedVariance(values, weights);
}

double marginalVariance(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves,
                        std::size_t feature) {
    return features[feature].choices > 0 ? marginalOfChoices(features, leaves, feature)
                                         : marginalOfNumbers(features, leaves, feature);
}

} // namespace lathe

#include "core/analysis/regression_tree.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;

class TestRegressionTree : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneSplitHasKnownVariances();
    void deepTreesRepeatTheirRows();
    void depthEndsTheGrowth();
    void choicesAreWeighedAlike();
    void leavesCoverTheSpace();
    void marginalsAgreeWithSampling();
};

namespace {

bool holds(std::span<const TreeFeature> features, const TreeLeaf& leaf, std::span<const double> row) {
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (features[i].choices > 0 && !leaf.allowed[i][static_cast<std::size_t>(row[i])])
            return false;
        const bool isAtLow = row[i] == features[i].low && leaf.low[i] == features[i].low;
        if (features[i].choices == 0 && !((row[i] > leaf.low[i] || isAtLow) && row[i] <= leaf.high[i]))
            return false;
    }
    return true;
}

double answer(std::span<const TreeFeature> features, std::span<const TreeLeaf> leaves,
              std::span<const double> row) {
    double value = 0;
    int found = 0;
    for (const TreeLeaf& leaf : leaves)
        if (holds(features, leaf, row)) {
            value = leaf.value;
            ++found;
        }
    return found == 1 ? value : std::nan("");
}

struct Forest {
    std::vector<TreeFeature> features{{0, 1, 0}, {-2, 2, 0}, {0, 1, 3}};
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
    std::vector<TreeLeaf> leaves;

    explicit Forest(int depth) {
        for (std::int64_t i = 0; i < 60; ++i) {
            const auto u = test::spread(i);
            rows.push_back({u[0], -2 + 4 * u[1], std::floor(3 * u[2])});
            targets.push_back(u[0] + u[0] * rows.back()[1] + (rows.back()[2] == 1 ? 0.7 : 0));
        }
        Rng rng(3);
        leaves = growTree(features, rows, targets, depth, rng);
    }
};

} // namespace

void TestRegressionTree::oneSplitHasKnownVariances() {
    const std::vector<TreeFeature> features{{0, 10, 0}, {0, 1, 0}};
    const std::vector<std::vector<double>> rows{{2, 0.5}, {4, 0.5}};
    Rng rng(1);
    const auto leaves = growTree(features, rows, std::vector<double>{1, 5}, 64, rng);
    QCOMPARE(leaves.size(), 2U); // at 3: 0.3 of the space answers 1, 0.7 answers 5
    QCOMPARE(treeVariance(features, leaves), 0.3 * 0.7 * 16);
    QCOMPARE(marginalVariance(features, leaves, 0), 0.3 * 0.7 * 16);
    QCOMPARE(marginalVariance(features, leaves, 1), 0.0);
}

void TestRegressionTree::deepTreesRepeatTheirRows() {
    const Forest forest(64);
    for (std::size_t i = 0; i < forest.rows.size(); ++i)
        QVERIFY(std::abs(answer(forest.features, forest.leaves, forest.rows[i]) - forest.targets[i]) < 1e-12);
}

void TestRegressionTree::depthEndsTheGrowth() {
    QCOMPARE(Forest(0).leaves.size(), 1U);
    QVERIFY(Forest(3).leaves.size() <= 8);
}

void TestRegressionTree::choicesAreWeighedAlike() {
    const std::vector<TreeFeature> features{{0, 1, 4}};
    const std::vector<std::vector<double>> rows{{0}, {1}, {2}, {3}, {3}, {3}};
    Rng rng(1);
    const auto leaves = growTree(features, rows, std::vector<double>{0, 0, 0, 8, 8, 8}, 64, rng);
    QCOMPARE(marginalVariance(features, leaves, 0), 12.0); // of 0, 0, 0, 8: mean 2
    QCOMPARE(treeVariance(features, leaves), 12.0);
}

void TestRegressionTree::leavesCoverTheSpace() {
    const Forest forest(64);
    Rng rng(5);
    for (int i = 0; i < 1000; ++i) {
        const std::vector<double> row{rng.uniform(), -2 + 4 * rng.uniform(), std::floor(3 * rng.uniform())};
        QVERIFY(std::isfinite(answer(forest.features, forest.leaves, row)));
    }
}

void TestRegressionTree::marginalsAgreeWithSampling() {
    const Forest forest(4);
    constexpr int kCells = 60;
    for (std::size_t feature = 0; feature < 3; ++feature) {
        // The mean answer at each of many values of the feature, over a grid of the other two.
        std::vector<double> means;
        const int values = feature == 2 ? 3 : kCells;
        for (int place = 0; place < values; ++place) {
            double sum = 0;
            int count = 0;
            for (int a = 0; a < kCells; ++a)
                for (int b = 0; b < (feature == 2 ? kCells : 3); ++b) {
                    std::vector<double> row(3);
                    row[feature] = place;
                    row[(feature + 1) % 3] = a;
                    row[(feature + 2) % 3] = b;
                    if (feature == 1)
                        std::swap(row[0], row[2]);
                    row[0] = (row[0] + 0.5) / kCells;
                    row[1] = -2 + 4 * (row[1] + 0.5) / kCells;
                    sum += answer(forest.features, forest.leaves, row);
                    ++count;
                }
            means.push_back(sum / count);
        }
        double mean = 0;
        for (const double value : means)
            mean += value / values;
        double variance = 0;
        for (const double value : means)
            variance += (value - mean) * (value - mean) / values;
        const double exact = marginalVariance(forest.features, forest.leaves, feature);
        QVERIFY2(std::abs(exact - variance) < 0.03 * treeVariance(forest.features, forest.leaves),
                 qPrintable(QString("%1: %2 %3").arg(feature).arg(exact).arg(variance)));
    }
}

QTEST_GUILESS_MAIN(TestRegressionTree)
#include "tst_regression_tree.moc"

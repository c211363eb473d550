#include "core/base/hypervolume.h"
#include "core/base/random.h"

#include <QtTest>

#include <algorithm>
#include <functional>

using namespace lathe;

class TestHypervolume : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void knownVolumes();
    void agreesWithInclusionAndExclusion_data();
    void agreesWithInclusionAndExclusion();
    void agreesWithUnitCells_data();
    void agreesWithUnitCells();
    void pointsBeyondTheReferenceAddNothing();
    void theReferenceLiesBeyondTheWorst();
    void boxesFillWhatIsNotDominated_data();
    void boxesFillWhatIsNotDominated();
    void theGreedySubsetAddsTheMostEachTime_data();
    void theGreedySubsetAddsTheMostEachTime();
};

namespace {

using Points = std::vector<std::vector<double>>;

/// Sum over all subsets, with alternating signs, of the volume they share.
double byInclusion(const Points& points, const std::vector<double>& reference) {
    double volume = 0;
    for (std::size_t subset = 1; subset < std::size_t{1} << points.size(); ++subset) {
        std::vector<double> corner(reference.size(), -1e300);
        int members = 0;
        for (std::size_t i = 0; i < points.size(); ++i) {
            if ((subset >> i & 1U) == 0)
                continue;
            ++members;
            for (std::size_t j = 0; j < corner.size(); ++j)
                corner[j] = std::max(corner[j], points[i][j]);
        }
        double shared = 1;
        for (std::size_t j = 0; j < corner.size(); ++j)
            shared *= reference[j] - corner[j];
        volume += members % 2 == 1 ? shared : -shared;
    }
    return volume;
}

void addDimensions() {
    QTest::addColumn<int>("dimensions");
    for (const int dimensions : {1, 2, 3, 4, 5})
        QTest::addRow("%d", dimensions) << dimensions;
}

} // namespace

void TestHypervolume::knownVolumes() {
    QCOMPARE(hypervolume(Points{}, std::vector<double>{1, 1}), 0.0);
    QCOMPARE(hypervolume(Points{{0, 0}}, std::vector<double>{2, 3}), 6.0);
    QCOMPARE(hypervolume(Points{{0, 2}, {1, 1}, {2, 0}}, std::vector<double>{3, 3}), 6.0);
    QCOMPARE(hypervolume(Points{{0, 2}, {0, 2}, {1, 2}}, std::vector<double>{3, 3}), 3.0);
    QCOMPARE(hypervolume(Points{{0, 0, 1}, {1, 1, 0}}, std::vector<double>{2, 2, 2}), 5.0);
    QCOMPARE(hypervolume(Points{{0, 0, 0, 1}, {1, 1, 1, 0}}, std::vector<double>{2, 2, 2, 2}), 9.0);
}

void TestHypervolume::agreesWithInclusionAndExclusion_data() { addDimensions(); }

void TestHypervolume::agreesWithInclusionAndExclusion() {
    QFETCH(int, dimensions);
    Rng rng(7);
    for (int round = 0; round < 20; ++round) {
        Points points(10, std::vector<double>(static_cast<std::size_t>(dimensions)));
        for (auto& point : points)
            for (double& value : point)
                value = rng.uniform();
        const std::vector<double> reference(static_cast<std::size_t>(dimensions), 1.1);
        QVERIFY(std::abs(hypervolume(points, reference) - byInclusion(points, reference)) < 1e-10);
    }
}

void TestHypervolume::agreesWithUnitCells_data() { addDimensions(); }

void TestHypervolume::agreesWithUnitCells() {
    // Whole coordinates, many of them equal: the volume is the number of unit cells that are dominated.
    QFETCH(int, dimensions);
    constexpr int kSide = 5;
    Rng rng(8);
    Points points(40, std::vector<double>(static_cast<std::size_t>(dimensions)));
    for (auto& point : points)
        for (double& value : point)
            value = static_cast<double>(rng.integer(1, kSide));
    const std::vector<double> reference(static_cast<std::size_t>(dimensions), kSide);
    int cells = 1;
    for (int i = 0; i < dimensions; ++i)
        cells *= kSide;
    int dominated = 0;
    for (int cell = 0; cell < cells; ++cell)
        dominated += std::ranges::any_of(points, [&](const std::vector<double>& point) {
            int rest = cell;
            return std::ranges::all_of(point, [&rest](double value) {
                const int place = rest % kSide;
                rest /= kSide;
                return value <= place;
            });
        });
    QCOMPARE(hypervolume(points, reference), static_cast<double>(dominated));
}

void TestHypervolume::pointsBeyondTheReferenceAddNothing() {
    const std::vector<double> reference{1, 1, 1, 1};
    QCOMPARE(hypervolume(Points{{0, 0, 0, 1}, {-5, 0, 0, 2}}, reference), 0.0);
    QCOMPARE(hypervolume(Points{{0, 0, 0, 0.5}, {-5, 0, 0, 1}}, reference), 0.5);
}

void TestHypervolume::theReferenceLiesBeyondTheWorst() {
    const auto reference = referencePoint(Points{{1, -4, 0}, {2, -2, -1}});
    QCOMPARE(reference, (std::vector<double>{1.1 * 2, 0.9 * -2, 1e-12}));
}

void TestHypervolume::boxesFillWhatIsNotDominated_data() { addDimensions(); }

void TestHypervolume::boxesFillWhatIsNotDominated() {
    // Within the unit cube they take all that the points leave, and each point of it is in one box at most.
    QFETCH(int, dimensions);
    const auto size = static_cast<std::size_t>(dimensions);
    Rng rng(10);
    Points points(9, std::vector<double>(size));
    for (auto& point : points)
        for (double& value : point)
            value = static_cast<double>(rng.integer(0, 8)) / 8;
    points.front()[0] = 1.5; // beyond the reference
    const std::vector<double> reference(size, 1.0);
    const std::vector<VolumeBox> boxes = undominatedBoxes(points, reference);
    double volume = 0;
    for (const VolumeBox& box : boxes) {
        double part = 1;
        for (std::size_t i = 0; i < size; ++i)
            part *= box.high[i] - std::max(0.0, box.low[i]);
        volume += part;
    }
    QVERIFY(std::abs(volume + hypervolume(points, reference) - 1) < 1e-12);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> place(size);
        for (double& value : place)
            value = rng.uniform() * 1.2 - 0.2;
        const auto holders = std::ranges::count_if(boxes, [&](const VolumeBox& box) {
            for (std::size_t i = 0; i < size; ++i)
                if (place[i] < box.low[i] || place[i] >= box.high[i])
                    return false;
            return true;
        });
        const bool isDominated = std::ranges::any_of(points, [&](const std::vector<double>& point) {
            return std::ranges::equal(point, place, std::less_equal<>());
        });
        QCOMPARE(static_cast<int>(holders), isDominated ? 0 : 1);
    }
}

void TestHypervolume::theGreedySubsetAddsTheMostEachTime_data() { addDimensions(); }

void TestHypervolume::theGreedySubsetAddsTheMostEachTime() {
    QFETCH(int, dimensions);
    Rng rng(9);
    Points points(12, std::vector<double>(static_cast<std::size_t>(dimensions)));
    for (auto& point : points)
        for (double& value : point)
            value = rng.uniform();
    const std::vector<double> reference(static_cast<std::size_t>(dimensions), 1.1);
    const std::vector<std::size_t> chosen = largestVolumeSubset(points, 5, reference);
    QCOMPARE(chosen.size(), std::size_t{5});
    Points kept;
    for (const std::size_t place : chosen) {
        double most = 0;
        for (const auto& point : points) {
            Points with = kept;
            with.push_back(point);
            most = std::max(most, hypervolume(with, reference));
        }
        kept.push_back(points[place]);
        QVERIFY(std::abs(hypervolume(kept, reference) - most) < 1e-12);
    }
    QCOMPARE(largestVolumeSubset(points, 50, reference).size(), points.size());
}

QTEST_GUILESS_MAIN(TestHypervolume)
#include "tst_hypervolume.moc"

#include "core/search/parzen.h"

#include <QtTest>
#include <cmath>
#include <numeric>

using namespace lathe;

namespace {

std::vector<Axis> axes(std::vector<Domain> domains) {
    SearchSpace space;
    for (Domain& domain : domains)
        space.push_back({"x" + std::to_string(space.size()), std::move(domain), {}});
    return axesOf(space);
}

using Points = std::vector<ParzenMixture::Point>;

} // namespace

class TestParzen : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void olderObservationsCountLess() {
        QCOMPARE(recencyWeights(24), std::vector<double>(24, 1.0));
        const std::vector<double> weights = recencyWeights(30);
        QCOMPARE(weights.size(), 30U);
        QCOMPARE(weights[0], 1.0 / 30);
        QVERIFY(std::abs(weights[1] - (1.0 / 30 + 29.0 / 30 / 4)) < 1e-15);
        QCOMPARE(weights[4], 1.0);
        QCOMPARE(weights[29], 1.0);
        QCOMPARE(recencyWeights(26)[0], 1.0 / 26);
    }

    void weightsSumToOneWithThePriors() {
        const auto line = axes({RealDomain{0, 10}});
        const ParzenMixture mixture(line, Points{{1}, {2}, {3}});
        QCOMPARE(mixture.weights(), std::vector<double>(4, 0.25));
    }

    /// 5 kernels with the prior: nothing is narrower than a sixth of the axis.
    void kernelsReachToTheirFartherNeighbour() {
        const auto line = axes({RealDomain{0, 10}});
        const ParzenMixture mixture(line, Points{{1}, {9}, {4}, {8.9}});
        const std::vector<double> expected{3, 10.0 / 6, 4.9, 4.9, 10};
        for (std::size_t k = 0; k < expected.size(); ++k)
            QVERIFY(std::abs(mixture.widths(0)[k] - expected[k]) < 1e-12);
    }

    void aLoneKernelReachesToTheFartherEnd() {
        const auto line = axes({RealDomain{0, 10}});
        QCOMPARE(ParzenMixture(line, Points{{2}}).widths(0), (std::vector<double>{8, 10}));
    }

    void manyKernelsAreAHundredthOfTheAxisAtLeast() {
        const auto line = axes({RealDomain{0, 1}});
        Points points;
        for (int i = 0; i < 300; ++i)
            points.push_back({0.5 + 1e-6 * i});
        const std::vector<double> widths = ParzenMixture(line, points).widths(0);
        QCOMPARE(*std::ranges::min_element(widths), 0.01);
    }

    void densitiesSumToOne_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("whole numbers") << 0;
        QTest::newRow("logarithmic whole numbers") << 1;
        QTest::newRow("choices") << 2;
        QTest::newRow("ordered choices") << 3;
    }
    void densitiesSumToOne() {
        QFETCH(int, kind);
        const std::vector<Domain> domains{IntDomain{3, 60, 7, false}, IntDomain{1, 200, 1, true},
                                          ChoiceDomain{{"a", "b", "c", "d"}, {}, false},
                                          ChoiceDomain{{"a", "b", "c", "d"}, {}, true}};
        const auto line = axes({domains[static_cast<std::size_t>(kind)]});
        const Axis& axis = line[0];
        Points points;
        double sum = 0;
        std::vector<double> all;
        for (double at = axis.low(); at < axis.high();
             at = std::nextafter(axis.cell(at).second, axis.high() + 1))
            all.push_back(axis.coordinate(axis.value(at + 1e-9)));
        QCOMPARE(static_cast<std::int64_t>(all.size()), axis.count());
        for (std::size_t i = 0; i < 3; ++i)
            points.push_back({all[i]});
        const ParzenMixture mixture(line, points);
        for (const double at : all)
            sum += std::exp(mixture.logDensity(std::vector{at}));
        QVERIFY(std::abs(sum - 1) < 1e-12);
    }

    void realDensitiesIntegrateToOne() {
        const auto line = axes({RealDomain{1e-4, 1, true, false}});
        const ParzenMixture mixture(line, Points{{std::log(1e-3)}, {std::log(2e-3)}, {std::log(0.9)}});
        double sum = 0;
        constexpr int kCells = 20000;
        const double width = line[0].width() / kCells;
        for (int i = 0; i < kCells; ++i)
            sum += width * std::exp(mixture.logDensity(std::vector{line[0].low() + (i + 0.5) * width}));
        QVERIFY(std::abs(sum - 1) < 1e-6);
    }

    void samplesFollowTheDensity() {
        const auto line = axes({IntDomain{0, 9, 1, false}, ChoiceDomain{{"a", "b"}, {}, false}});
        const ParzenMixture mixture(line, Points{{2, 1}, {3, 1}, {2, 0}});
        Rng rng(7);
        constexpr int kSamples = 40000;
        std::vector<int> counts(20);
        for (int i = 0; i < kSamples; ++i) {
            const auto point = mixture.sample(rng);
            ++counts[static_cast<std::size_t>(point[0]) * 2 + static_cast<std::size_t>(point[1])];
        }
        for (std::size_t cell = 0; cell < counts.size(); ++cell) {
            const double expected =
                kSamples *
                std::exp(mixture.logDensity(std::vector{std::floor(double(cell) / 2), double(cell % 2)}));
            QVERIFY(std::abs(counts[cell] - expected) <
                    5 * std::sqrt(expected) + 1); // five standard deviations
        }
    }
};

QTEST_GUILESS_MAIN(TestParzen)
#include "tst_parzen.moc"

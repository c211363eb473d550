#include "core/analysis/seed_comparison.h"

#include <QtTest>

#include <cmath>
#include <vector>

using namespace lathe;

class TestSeedComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void independentSeedsAreWelchs();
    void equalSeedsArePaired();
    void unequalCountsAreWelchs();
    void repeatedSeedsAreNotPaired();
    void whatIsBetterDependsOnTheMetric();
    void oneRunTellsNothing();
    void notFiniteResultsAreLeftOut();
    void noSpreadDecidesExactly();
    void wordsRoundToTheInterval();
    void aPointMoreAmidTheSpreadOfSeedsNeedsTwentySeeds();
    void pairsNeedAsManySeedsAsTheirOwnSpreadAsks();
    void noNumberOfSeedsTellsWhatDoesNotDiffer();
};

namespace {

using Values = std::vector<SeededValue>;
using Outcome = SeedComparison::Outcome;

Values seeded(const std::vector<double>& values, std::uint64_t firstSeed = 0) {
    Values all;
    for (const double value : values)
        all.push_back({firstSeed++, value});
    return all;
}

bool isNear(double value, double expected) { return std::abs(value - expected) < 1e-9; }

const std::vector<double> kA{0.91, 0.93, 0.90, 0.95, 0.92};
const std::vector<double> kB{0.88, 0.89, 0.91, 0.87, 0.90};

} // namespace

void TestSeedComparison::independentSeedsAreWelchs() {
    // scipy 1.17.1, ttest_ind(equal_var=False).
    const Values a = seeded(kA);
    const Values b = seeded(kB, 100);
    const SeedComparison found = compareSeeds({"A", a}, {"B", b}, BetterIs::Higher);
    QVERIFY(!found.isPaired && found.outcome == Outcome::FirstBetter);
    QVERIFY(isNear(found.freedom, 7.711133400200611));
    QVERIFY(isNear(found.pValue, 0.02152400418154039));
    QVERIFY(isNear(found.difference - found.halfWidth, 0.0061530177366880025));
    QVERIFY(isNear(found.difference + found.halfWidth, 0.05784698226331206));
    QCOMPARE(inWords(found), std::string("A beats B by 0.032 ± 0.026 over 5 seeds"));
}

void TestSeedComparison::equalSeedsArePaired() {
    // scipy 1.17.1, ttest_rel; the order of the runs does not matter.
    const Values a = seeded(kA);
    Values reversed = seeded(kB);
    std::ranges::reverse(reversed);
    const SeedComparison found = compareSeeds({"A", a}, {"B", reversed}, BetterIs::Higher);
    QVERIFY(found.isPaired && found.outcome == Outcome::WithinNoise);
    QVERIFY(isNear(found.freedom, 4));
    QVERIFY(isNear(found.pValue, 0.09395658377418416));
    QVERIFY(isNear(found.difference + found.halfWidth, 0.07261589034289205));
    QCOMPARE(inWords(found), std::string("A and B differ by 0.032 ± 0.041 over 5 seeds: within noise"));
}

void TestSeedComparison::unequalCountsAreWelchs() {
    const Values a = seeded(kA);
    const Values b = seeded({0.9, 0.93, 0.94});
    const SeedComparison found = compareSeeds({"A", a}, {"B", b}, BetterIs::Higher);
    QVERIFY(!found.isPaired && found.outcome == Outcome::WithinNoise);
    QVERIFY(isNear(found.pValue, 0.9324104282061483) && isNear(found.freedom, 4.04351969737072));
    QVERIFY(inWords(found).ends_with("over 5 and 3 seeds: within noise"));
}

void TestSeedComparison::repeatedSeedsAreNotPaired() {
    const Values a{{1, 0.5}, {1, 0.6}, {2, 0.7}};
    const Values b{{1, 0.4}, {2, 0.5}, {3, 0.6}};
    QVERIFY(!compareSeeds({"A", a}, {"B", b}, BetterIs::Higher).isPaired);
    QVERIFY(!compareSeeds({"B", b}, {"A", a}, BetterIs::Higher).isPaired);
}

void TestSeedComparison::whatIsBetterDependsOnTheMetric() {
    const Values a = seeded(kA);
    const Values b = seeded(kB, 100);
    const SeedComparison found = compareSeeds({"A", a}, {"B", b}, BetterIs::Lower);
    QVERIFY(found.outcome == Outcome::SecondBetter);
    QCOMPARE(inWords(found), std::string("B beats A by 0.032 ± 0.026 over 5 seeds"));
}

void TestSeedComparison::oneRunTellsNothing() {
    const Values a = seeded({0.9});
    const Values b = seeded(kB);
    const SeedComparison found = compareSeeds({"A", a}, {"B", b}, BetterIs::Higher);
    QVERIFY(found.outcome == Outcome::TooFew);
    QCOMPARE(inWords(found),
             std::string("Too few runs to tell A and B apart: A has 1, B has 5, and 2 of each are needed"));
    QVERIFY(compareSeeds({"A", {}}, {"B", {}}, BetterIs::Higher).outcome == Outcome::TooFew);
}

void TestSeedComparison::notFiniteResultsAreLeftOut() {
    const Values a = seeded({0.91, 0.93, std::nan("")});
    const Values b = seeded({0.88, 0.89, 0.9});
    const SeedComparison found = compareSeeds({"A", a}, {"B", b}, BetterIs::Higher);
    QCOMPARE(found.firstCount, 2U);
    QVERIFY(!found.isPaired);
}

void TestSeedComparison::noSpreadDecidesExactly() {
    const Values a = seeded({1.5, 1.5});
    const Values b = seeded({1.25, 1.25}, 9);
    QVERIFY(compareSeeds({"A", a}, {"B", b}, BetterIs::Lower).outcome == Outcome::SecondBetter);
    QCOMPARE(compareSeeds({"A", a}, {"B", b}, BetterIs::Lower).pValue, 0.0);
    QVERIFY(compareSeeds({"A", a}, {"C", a}, BetterIs::Lower).outcome == Outcome::WithinNoise);
}

void TestSeedComparison::wordsRoundToTheInterval() {
    SeedComparison found;
    found.outcome = Outcome::FirstBetter;
    found.first = "DoRA";
    found.second = "LoRA";
    found.firstCount = found.secondCount = 4;
    found.difference = 123.456;
    found.halfWidth = 45.6;
    QCOMPARE(inWords(found), std::string("DoRA beats LoRA by 123 ± 46 over 4 seeds"));
    found.halfWidth = 0.00456;
    found.difference = -0.0123456;
    QCOMPARE(inWords(found), std::string("DoRA beats LoRA by 0.0123 ± 0.0046 over 4 seeds"));
}

namespace {
/// Independent runs whose means lie 1 apart, with a sample deviation of `spread` each.
SeedComparison oneApart(double spread) {
    const double step = spread / std::sqrt(2.5); // of 0, 1, 2, 3, 4 the deviation is sqrt(2.5)
    Values a;
    Values b;
    for (std::uint64_t i = 0; i < 5; ++i) {
        a.push_back({i, 1 + step * static_cast<double>(i)});
        b.push_back({100 + i, step * static_cast<double>(i)});
    }
    return compareSeeds({"A", a}, {"B", b}, BetterIs::Higher);
}
} // namespace

void TestSeedComparison::aPointMoreAmidTheSpreadOfSeedsNeedsTwentySeeds() {
    // With normal quantiles 2 (1.960 + 0.842)^2 1.15^2 = 20.8; the tails of t ask for one or two more.
    const auto seeds = seedsNeeded(oneApart(1.15));
    QVERIFY(seeds && *seeds >= 21 && *seeds <= 23);
    QVERIFY(*seedsNeeded(oneApart(0.3)) < *seeds);
    QVERIFY(*seedsNeeded(oneApart(2.3)) > 3 * *seeds);
}

void TestSeedComparison::pairsNeedAsManySeedsAsTheirOwnSpreadAsks() {
    // The runs differ by far more than the pairs do.
    const Values a = seeded({5.1, 7.0, 9.1, 11.0, 13.1});
    const Values b = seeded({5.0, 7.0, 9.0, 11.0, 13.0});
    const SeedComparison found = compareSeeds({"A", a}, {"B", b}, BetterIs::Higher);
    QVERIFY(found.isPaired);
    const auto seeds = seedsNeeded(found);
    QVERIFY(seeds && *seeds >= 5 && *seeds <= 10);
}

void TestSeedComparison::noNumberOfSeedsTellsWhatDoesNotDiffer() {
    const Values a = seeded({1, 2, 3});
    const Values b = seeded({3, 1, 2});
    QVERIFY(!seedsNeeded(compareSeeds({"A", a}, {"B", b}, BetterIs::Higher)));
    const Values one = seeded({1});
    QVERIFY(!seedsNeeded(compareSeeds({"A", one}, {"B", one}, BetterIs::Higher)));
    const Values still = seeded({2, 2, 2});
    const Values more = seeded({3, 3, 3});
    QCOMPARE(*seedsNeeded(compareSeeds({"A", still}, {"B", more}, BetterIs::Higher)), std::size_t{2});
}

QTEST_GUILESS_MAIN(TestSeedComparison)
#include "tst_seed_comparison.moc"

#include "core/base/random.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

using namespace lathe;

namespace {

constexpr int kDraws = 100'000;

} // namespace

class TestRandom : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The state of a fresh generator is the stream of splitmix64; values of its reference program.
    void seedsThroughSplitmix64() {
        QCOMPARE(Rng(0).state(),
                 std::string("e220a8397b1dcdaf6e789e6aa1b965f406c45d188009454ff88bb8a8724c81ec"));
        QCOMPARE(Rng(1234567).state(),
                 std::string("599ed017fb08fc852c73f08458540fa5883ebce5a3f27c773fbef740e9177b3f"));
    }

    /// Values of the reference program of xoshiro256** from the state {1, 2, 3, 4}.
    void followsXoshiro256StarStar() {
        Rng rng;
        QVERIFY(rng.restore("0000000000000001000000000000000200000000000000030000000000000004"));
        const std::vector<std::uint64_t> expected{11520U,
                                                  0U,
                                                  1509978240U,
                                                  1215971899390074240U,
                                                  1216172134540287360U,
                                                  607988272756665600U,
                                                  16172922978634559625U,
                                                  8476171486693032832U,
                                                  10595114339597558777U,
                                                  2904607092377533576U};
        for (const std::uint64_t value : expected)
            QCOMPARE(rng(), value);
    }

    /// Known-answer tests of Random123 (kat_vectors): zeros, ones, digits of pi.
    void followsPhilox() {
        const std::array<std::uint32_t, 4> zeros{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        const std::array<std::uint32_t, 4> ones{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
        const std::array<std::uint32_t, 4> pi{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
        const std::uint64_t full = ~std::uint64_t{0};
        QVERIFY(philox(0, 0, 0) == zeros);
        QVERIFY(philox(full, full, full) == ones);
        QVERIFY(philox(0x299f31d0a4093822U, 0x85a308d3243f6a88U, 0x0370734413198a2eU) == pi);
    }

    /// Saved studies hold seeds: these three values, from an independent program, must never change.
    void mixedSeedsStayTheSame() {
        QCOMPARE(mixSeed(0, 0), std::uint64_t{0xa706dd2f4d197e6f});
        QCOMPARE(mixSeed(42, 0), std::uint64_t{0x57e1faba65107204});
        QCOMPARE(mixSeed(42, 1), std::uint64_t{0xf34fe9248c9342e5});
    }

    void neighbouringSeedsDifferInHalfOfTheirBits() {
        int changed = 0;
        for (std::uint64_t trial = 0; trial < 1000; ++trial)
            changed += std::popcount(mixSeed(42, trial) ^ mixSeed(42, trial + 1));
        // Mean 32, standard deviation of the mean 4 / sqrt(1000) = 0.13: five of them.
        QVERIFY(std::abs(changed / 1000.0 - 32.0) < 0.65);
    }

    void uniformIsFlatInTheHalfOpenUnitInterval() {
        Rng rng(1);
        double sum = 0;
        for (int i = 0; i < kDraws; ++i) {
            const double u = rng.uniform();
            QVERIFY(u >= 0 && u < 1);
            sum += u;
        }
        // Standard deviation of the mean: sqrt(1 / 12 / draws) = 0.0009; five of them.
        QVERIFY(std::abs(sum / kDraws - 0.5) < 0.0046);
    }

    void integersReachBothEndsEvenly() {
        Rng rng(2);
        std::vector<int> counts(7);
        for (int i = 0; i < kDraws; ++i)
            ++counts[static_cast<std::size_t>(rng.integer(-3, 3) + 3)];
        double chiSquare = 0;
        for (const int count : counts)
            chiSquare += std::pow(count - kDraws / 7.0, 2) / (kDraws / 7.0);
        QVERIFY(chiSquare < 27.9); // 6 degrees of freedom, p = 1e-4
    }

    void integersSpanTheWholeType() {
        Rng rng(3);
        constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
        constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
        bool hasNegative = false;
        bool hasPositive = false;
        for (int i = 0; i < 64; ++i) {
            const std::int64_t drawn = rng.integer(kLow, kHigh);
            hasNegative = hasNegative || drawn < 0;
            hasPositive = hasPositive || drawn > 0;
        }
        QVERIFY(hasNegative && hasPositive);
        QCOMPARE(rng.integer(kHigh, kHigh), kHigh);
    }

    void normalHasMeanZeroAndVarianceOne() {
        Rng rng(4);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < kDraws; ++i) {
            const double x = rng.normal();
            sum += x;
            squares += x * x;
        }
        // Five standard deviations: of the mean 1 / sqrt(draws), of the variance sqrt(2 / draws).
        QVERIFY(std::abs(sum / kDraws) < 0.016);
        QVERIFY(std::abs(squares / kDraws - 1) < 0.023);
    }

    void shuffleKeepsEveryItem() {
        Rng rng(5);
        std::vector<int> items(100);
        std::iota(items.begin(), items.end(), 0);
        std::vector<int> shuffled = items;
        rng.shuffle(std::span(shuffled));
        QVERIFY(shuffled != items);
        std::ranges::sort(shuffled);
        QVERIFY(shuffled == items);
    }

    void goesOnFromItsSavedState() {
        Rng rng(6);
        for (int i = 0; i < 10; ++i)
            rng();
        Rng again;
        QVERIFY(again.restore(rng.state()));
        for (int i = 0; i < 10; ++i)
            QCOMPARE(again(), rng());
    }

    void refusesAMalformedState() {
        Rng rng(7);
        const std::string before = rng.state();
        QVERIFY(!rng.restore("12"));
        QVERIFY(!rng.restore(std::string(64, 'x')));
        QCOMPARE(rng.state(), before);
    }
};

QTEST_GUILESS_MAIN(TestRandom)
#include "tst_random.moc"

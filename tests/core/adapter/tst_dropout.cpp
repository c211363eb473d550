#include "core/adapter/dropout.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <cmath>
#include <thread>

using namespace lathe;

namespace {

constexpr std::int64_t kLarge = 200'003; // over several threads, and no multiple of a block of eight

at::Tensor maskOf(const DropoutClock& clock, std::uint32_t site = 3, double p = 0.1,
                  std::int64_t count = kLarge) {
    return dropoutMask({count}, p, clock, site, at::kCPU);
}

DropoutClock clockAt(std::uint64_t seed, std::int64_t step) { return {seed, step, true}; }

} // namespace

class TestDropout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void maskIsAFunctionOfSeedStepAndSite();
    void elementsDependOnTheirPlaceAlone();
    void masksBeginAtAnyElement_data();
    void masksBeginAtAnyElement();
    void rowsOfAPartAreThoseOfTheBatch();
    void bitsAreThoseOfTheMask_data();
    void bitsAreThoseOfTheMask();
    void threadsDoNotMatter();
    void operatorsMakeTheMaskOfTheLoop_data();
    void operatorsMakeTheMaskOfTheLoop();
    void shareOfZerosIsTheProbability_data();
    void shareOfZerosIsTheProbability();
    void masksOfNeighboursAreIndependent_data();
    void masksOfNeighboursAreIndependent();
    void probabilityZeroKeepsEverything();
};

void TestDropout::maskIsAFunctionOfSeedStepAndSite() {
    const at::Tensor mask = maskOf(clockAt(1, 5));
    QVERIFY(at::equal(mask, maskOf(clockAt(1, 5))));
    (void)maskOf(clockAt(9, 9)); // other masks in between change nothing
    QVERIFY(at::equal(mask, maskOf(clockAt(1, 5))));
    QVERIFY(!at::equal(mask, maskOf(clockAt(2, 5))));
    QVERIFY(!at::equal(mask, maskOf(clockAt(1, 6))));
    QVERIFY(!at::equal(mask, maskOf(clockAt(1, 5), 4)));
}

void TestDropout::elementsDependOnTheirPlaceAlone() {
    const at::Tensor mask = maskOf(clockAt(1, 5));
    QVERIFY(at::equal(maskOf(clockAt(1, 5), 3, 0.1, 1001), mask.narrow(0, 0, 1001)));
    const at::Tensor shaped = dropoutMask({7, 11, 13}, 0.1, clockAt(1, 5), 3, at::kCPU);
    QVERIFY(at::equal(shaped.flatten(), mask.narrow(0, 0, 1001)));
}

void TestDropout::masksBeginAtAnyElement_data() {
    QTest::addColumn<qint64>("first");
    for (const qint64 first : {1, 7, 8, 127, 128, 1000, 150'001})
        QTest::addRow("%lld", first) << first;
}

void TestDropout::masksBeginAtAnyElement() {
    QFETCH(qint64, first);
    const at::Tensor whole = maskOf(clockAt(1, 5));
    for (const qint64 count : {qint64{1}, qint64{130}, kLarge - first}) {
        const at::Tensor expected = whole.narrow(0, first, count);
        QVERIFY(at::equal(dropoutMask({count}, 0.1, clockAt(1, 5), 3, at::kCPU, first), expected));
        QVERIFY(at::equal(dropoutMaskByOperators({count}, 0.1, clockAt(1, 5), 3, at::kCPU, first), expected));
    }
}

void TestDropout::rowsOfAPartAreThoseOfTheBatch() {
    const auto rows = [](std::int64_t texts, std::int64_t tokens) {
        return rowDropoutMask({texts, tokens, 13}, 0.1, clockAt(1, 5), 3, at::kCPU).view({-1, 13});
    };
    const at::Tensor batch = rows(4, 11);
    at::Tensor part;
    {
        const RowsBefore before(2 * 11);
        part = rows(2, 11);
        std::jthread([&] {
            QVERIFY(at::equal(rows(4, 11), batch));
        }).join(); // other threads have parts of their own
    }
    QVERIFY(at::equal(part, batch.narrow(0, 2 * 11, 2 * 11)));
    QVERIFY(at::equal(rows(4, 11), batch));
}

void TestDropout::bitsAreThoseOfTheMask_data() {
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("width");
    QTest::addColumn<double>("p");
    QTest::addRow("one") << qint64{1} << qint64{1} << 0.1;
    QTest::addRow("odd") << qint64{11} << qint64{13} << 0.5;
    QTest::addRow("whole calls") << qint64{64} << qint64{64} << 0.1;
    QTest::addRow("several threads") << qint64{1000} << qint64{172} << 0.05;
    QTest::addRow("all are kept") << qint64{5} << qint64{20} << 0.0;
}

void TestDropout::bitsAreThoseOfTheMask() {
    QFETCH(qint64, rows);
    QFETCH(qint64, width);
    QFETCH(double, p);
    for (const std::int64_t first : {0, 1, 8, 129, 1003}) {
        const DropoutBits bits = dropoutBits(rows, width, p, clockAt(1, 5), 3, first);
        const at::Tensor mask = dropoutMask({rows, width}, p, clockAt(1, 5), 3, at::kCPU, first);
        QVERIFY(at::equal(bits.mask(at::kFloat), mask));
    }
    const RowsBefore before(7);
    QVERIFY(at::equal(rowDropoutBits(rows, width, p, clockAt(1, 5), 3).mask(at::kFloat),
                      rowDropoutMask({rows, width}, p, clockAt(1, 5), 3, at::kCPU)));
}

void TestDropout::threadsDoNotMatter() {
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const at::Tensor alone = maskOf(clockAt(1, 5));
    at::set_num_threads(4);
    const at::Tensor together = maskOf(clockAt(1, 5));
    at::set_num_threads(before);
    QVERIFY(at::equal(alone, together));
}

void TestDropout::operatorsMakeTheMaskOfTheLoop_data() {
    QTest::addColumn<qint64>("count");
    QTest::addColumn<double>("p");
    for (const qint64 count : {1, 7, 8, 1001, 40'003})
        for (const double p : {0.0, 0.1, 0.9})
            QTest::addRow("%lld, %g", count, p) << count << p;
}

void TestDropout::operatorsMakeTheMaskOfTheLoop() {
    QFETCH(qint64, count);
    QFETCH(double, p);
    // Keys and counters whose upper halves and upper bits are set.
    const DropoutClock clock{0xfedcba9876543210U, 0xcafe1234, true};
    for (const std::uint32_t site : {0U, 3U, 0x80000007U}) {
        const at::Tensor mask = dropoutMask({count}, p, clock, site, at::kCPU);
        QVERIFY(at::equal(dropoutMaskByOperators({count}, p, clock, site, at::kCPU), mask));
    }
}

void TestDropout::shareOfZerosIsTheProbability_data() {
    QTest::addColumn<double>("p");
    for (const double p : {0.001, 0.05, 0.1, 0.5, 0.9})
        QTest::addRow("%g", p) << p;
}

void TestDropout::shareOfZerosIsTheProbability() {
    QFETCH(double, p);
    const at::Tensor mask = maskOf(clockAt(1, 5), 3, p);
    const double share = mask.eq(0).to(at::kDouble).mean().item<double>();
    // Five standard deviations of a binomial share, and the rounding of p to 1/65536.
    const double allowed = 5 * std::sqrt(p * (1 - p) / static_cast<double>(kLarge)) + 1.0 / 131072;
    QVERIFY2(std::abs(share - p) <= allowed, qPrintable(QString::number(share)));
    QCOMPARE(mask.max().item<float>(), static_cast<float>(1 / (1 - p)));
    const at::Tensor kept = mask.index({mask.ne(0)});
    QCOMPARE(kept.min().item<float>(), kept.max().item<float>());
}

void TestDropout::masksOfNeighboursAreIndependent_data() {
    QTest::addColumn<int>("seed");
    QTest::addColumn<int>("step");
    QTest::addColumn<int>("site");
    QTest::newRow("next seed") << 2 << 5 << 3;
    QTest::newRow("next step") << 1 << 6 << 3;
    QTest::newRow("next site") << 1 << 5 << 4;
    QTest::newRow("step and site exchanged") << 1 << 3 << 5;
}

void TestDropout::masksOfNeighboursAreIndependent() {
    QFETCH(int, seed);
    QFETCH(int, step);
    QFETCH(int, site);
    const at::Tensor a = maskOf(clockAt(1, 5), 3, 0.5).eq(0);
    const at::Tensor b =
        maskOf(clockAt(static_cast<std::uint64_t>(seed), step), static_cast<std::uint32_t>(site), 0.5).eq(0);
    const double agreement = a.eq(b).to(at::kDouble).mean().item<double>();
    QVERIFY2(std::abs(agreement - 0.5) <= 5 * 0.5 / std::sqrt(static_cast<double>(kLarge)),
             qPrintable(QString::number(agreement)));
}

void TestDropout::probabilityZeroKeepsEverything() {
    const at::Tensor mask = maskOf(clockAt(1, 5), 3, 0);
    QCOMPARE(mask.min().item<float>(), 1.0F);
    QCOMPARE(mask.max().item<float>(), 1.0F);
}

QTEST_GUILESS_MAIN(TestDropout)
#include "tst_dropout.moc"

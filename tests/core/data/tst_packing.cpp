#include "core/base/random.h"
#include "core/data/packing.h"

#include <QtTest>

#include <algorithm>
#include <numeric>

using namespace lathe;

namespace {

std::vector<std::size_t> randomLengths(std::size_t count, std::size_t longest) {
    Rng rng(7);
    std::vector<std::size_t> lengths(count);
    for (std::size_t& length : lengths)
        length = static_cast<std::size_t>(rng.integer(1, static_cast<std::int64_t>(longest)));
    return lengths;
}

} // namespace

class TestPacking : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyRowIsInOneGroupThatFits();
    void littleRoomIsLeft();
    void theSeedDecidesAlone();
    void nothingGivesNothing();
};

void TestPacking::everyRowIsInOneGroupThatFits() {
    const auto lengths = randomLengths(500, 64);
    std::vector<std::size_t> seen;
    for (const auto& group : packRows(lengths, 64, 1)) {
        QVERIFY(!group.empty());
        std::size_t tokens = 0;
        for (const std::size_t row : group)
            tokens += lengths[row];
        QVERIFY(tokens <= 64);
        seen.insert(seen.end(), group.begin(), group.end());
    }
    std::ranges::sort(seen);
    std::vector<std::size_t> all(lengths.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    QCOMPARE(seen, all);
}

void TestPacking::littleRoomIsLeft() {
    const auto lengths = randomLengths(2000, 64);
    const double tokens =
        static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));
    const auto groups = packRows(lengths, 256, 1);
    QVERIFY(tokens / (256.0 * static_cast<double>(groups.size())) > 0.95);
}

void TestPacking::theSeedDecidesAlone() {
    const auto lengths = randomLengths(100, 64);
    QCOMPARE(packRows(lengths, 100, 3), packRows(lengths, 100, 3));
    QVERIFY(packRows(lengths, 100, 3) != packRows(lengths, 100, 4));
}

void TestPacking::nothingGivesNothing() { QVERIFY(packRows({}, 8, 1).empty()); }

QTEST_GUILESS_MAIN(TestPacking)
#include "tst_packing.moc"

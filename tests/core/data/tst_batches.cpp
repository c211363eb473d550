#include "core/data/examples.h"

#include <QtTest>

#include <algorithm>
#include <set>

using namespace lathe;

namespace {

Example example(std::vector<std::int32_t> ids, std::vector<std::int32_t> labels) {
    return {std::move(ids), std::move(labels), {}, {}, {}, {}, {}};
}

std::vector<Example> numbered(std::int32_t count) {
    std::vector<Example> examples;
    for (std::int32_t i = 0; i < count; ++i)
        examples.push_back(example({i}, {i}));
    return examples;
}

} // namespace

class TestBatches : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBatchIsPaddedOnTheRight();
    void theFirstLabelOfARowIsNotCounted();
    void aSplitLosesNothingAndKeepsTheOrder();
    void aSplitLeavesAtLeastOneOnEachSide();
    void eachEpochVisitsEveryExampleOnceInItsOwnOrder();
    void seekGoesOnExactlyWhereItStopped();
    void differentSeedsGiveDifferentOrders();
};

void TestBatches::aBatchIsPaddedOnTheRight() {
    const Example a = example({5, 6, 7}, {kIgnoreLabel, 6, 7});
    const Example b = example({8}, {8});
    const std::array rows{&a, &b};
    const Batch batch = makeBatch(rows, 9);
    QCOMPARE(batch.rows, 2U);
    QCOMPARE(batch.length, 3U);
    QCOMPARE(batch.ids, (std::vector<std::int32_t>{5, 6, 7, 8, 9, 9}));
    QCOMPARE(batch.labels, (std::vector<std::int32_t>{-100, 6, 7, 8, -100, -100}));
    QCOMPARE(batch.mask, (std::vector<std::uint8_t>{1, 1, 1, 1, 0, 0}));
    QCOMPARE(batch.realTokens, 4U);
}

void TestBatches::theFirstLabelOfARowIsNotCounted() {
    const Example a = example({5, 6, 7}, {5, 6, 7});
    const Example b = example({8, 9}, {kIgnoreLabel, 9});
    const std::array rows{&a, &b};
    QCOMPARE(makeBatch(rows, 0).labelledTokens, 3U);
}

void TestBatches::aSplitLosesNothingAndKeepsTheOrder() {
    const Split split = splitExamples(numbered(100), 0.1, 7);
    QCOMPARE(split.held.size(), 10U);
    QCOMPARE(split.train.size(), 90U);
    std::set<std::int32_t> all;
    const auto byId = [](const Example& a, const Example& b) { return a.ids < b.ids; };
    for (const auto* part : {&split.train, &split.held}) {
        QVERIFY(std::is_sorted(part->begin(), part->end(), byId));
        for (const Example& one : *part)
            all.insert(one.ids.front());
    }
    QCOMPARE(all.size(), 100U);
    QCOMPARE(splitExamples(numbered(100), 0.1, 7).held.front().ids, split.held.front().ids);
}

void TestBatches::aSplitLeavesAtLeastOneOnEachSide() {
    QCOMPARE(splitExamples(numbered(5), 0.0, 1).held.size(), 1U);
    QCOMPARE(splitExamples(numbered(5), 1.0, 1).train.size(), 1U);
    QCOMPARE(splitExamples(numbered(1), 0.5, 1).train.size(), 1U);
    QVERIFY(splitExamples({}, 0.5, 1).train.empty());
}

void TestBatches::eachEpochVisitsEveryExampleOnceInItsOwnOrder() {
    BatchCursor cursor(10, 4, 3);
    QCOMPARE(cursor.batchesPerEpoch(), 3U);
    std::vector<std::vector<std::size_t>> epochs(2);
    for (auto& epoch : epochs)
        for (const std::size_t wanted : {4U, 4U, 2U}) {
            const auto batch = cursor.next();
            QCOMPARE(batch.size(), wanted);
            epoch.insert(epoch.end(), batch.begin(), batch.end());
        }
    QVERIFY(epochs[0] != epochs[1]);
    for (auto epoch : epochs) {
        std::sort(epoch.begin(), epoch.end());
        for (std::size_t i = 0; i < epoch.size(); ++i)
            QCOMPARE(epoch[i], i);
    }
    QCOMPARE(cursor.batchesDone(), 6);
}

void TestBatches::seekGoesOnExactlyWhereItStopped() {
    BatchCursor whole(23, 5, 11);
    std::vector<std::vector<std::size_t>> batches;
    for (int i = 0; i < 20; ++i)
        batches.push_back(whole.next());
    for (const std::size_t from : {0U, 3U, 4U, 5U, 17U}) {
        BatchCursor resumed(23, 5, 11);
        resumed.seek(static_cast<std::int64_t>(from));
        for (std::size_t i = from; i < batches.size(); ++i)
            QCOMPARE(resumed.next(), batches[i]);
    }
    whole.seek(2);
    QCOMPARE(whole.next(), batches[2]);
}

void TestBatches::differentSeedsGiveDifferentOrders() {
    BatchCursor a(50, 50, 1);
    BatchCursor b(50, 50, 2);
    QVERIFY(a.next() != b.next());
}

QTEST_GUILESS_MAIN(TestBatches)
#include "tst_batches.moc"

#include "core/data/examples.h"
#include "core/data/splits.h"
#include "tests/core/data/quality_table.h"

#include <QtTest>

#include <map>
#include <numeric>
#include <set>

using namespace lathe;

namespace {

using Rows = std::vector<std::size_t>;

/// Rows 0 … count-1 with a text, a group and a label; one label in four is "b".
Table rowsOf(std::size_t count) {
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < count; ++i)
        rows.push_back({"text " + std::to_string(i), "g" + std::to_string(i / 7), i % 4 == 0 ? "b" : "a"});
    return test::tableOf(rows);
}

Rows all(const Table& table) {
    Rows rows(table.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

Result<SplitRows> split(const Table& table, const SplitOptions& options) {
    return splitRows(table, all(table), options);
}

std::size_t withLabel(const Table& table, const Rows& rows, const std::string& label) {
    return static_cast<std::size_t>(std::ranges::count_if(
        rows, [&](std::size_t row) { return table.row(row).find("label")->second == label; }));
}

/// Every candidate in one part and in one only.
void verifyIsPartition(const SplitRows& rows, const Rows& candidates) {
    Rows together = rows.train;
    together.insert(together.end(), rows.dev.begin(), rows.dev.end());
    together.insert(together.end(), rows.test.begin(), rows.test.end());
    std::ranges::sort(together);
    QCOMPARE(together, candidates);
}

} // namespace

class TestSplits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shuffleIsThatOfTheStandardsTwister();
    void sharesChooseTheRowsTheyAlwaysChose();
    void sharesGiveThreeParts();
    void strataKeepTheirShares();
    void groupsStayTogether();
    void columnNamesTheParts();
    void unknownPartIsRefused();
    void foldsCoverAllRowsOnce();
    void stratifiedFoldsAreEven();
    void fewShotsAreCutOutOfTheBudget();
    void fewShotsLeaveAThousandToChooseBy();
    void shotsOfEachLabel();
    void impossibleSplitsAreRefused_data();
    void impossibleSplitsAreRefused();
    void hashNamesDataAndOptions();
    void onlyCandidatesAreDivided();
};

void TestSplits::shuffleIsThatOfTheStandardsTwister() {
    // From an independent implementation of MT19937-64 (Nishimura 2000).
    QCOMPARE(shuffledOrder(10, 42), Rows({1, 7, 9, 0, 3, 8, 4, 2, 5, 6}));
    QCOMPARE(shuffledOrder(12, 7), Rows({4, 0, 2, 6, 10, 9, 1, 5, 11, 8, 7, 3}));
    QCOMPARE(shuffledOrder(0, 1), Rows());
}

void TestSplits::sharesChooseTheRowsTheyAlwaysChose() {
    const Table table = rowsOf(100);
    std::vector<Example> examples(100);
    for (std::size_t i = 0; i < examples.size(); ++i)
        examples[i].row = i;
    for (const std::uint64_t seed : {0ULL, 7ULL, 123456789ULL}) {
        SplitOptions options;
        options.seed = seed;
        options.devShare = 0.13;
        Rows held;
        for (const Example& example : splitExamples(examples, options.devShare, seed).held)
            held.push_back(example.row);
        QCOMPARE(split(table, options)->dev, held);
    }
}

void TestSplits::sharesGiveThreeParts() {
    const Table table = rowsOf(50);
    SplitOptions options;
    options.devShare = 0.2;
    options.testShare = 0.1;
    const SplitRows rows = split(table, options).value();
    QCOMPARE(rows.dev.size(), 10U);
    QCOMPARE(rows.test.size(), 5U);
    verifyIsPartition(rows, all(table));
}

void TestSplits::strataKeepTheirShares() {
    const Table table = rowsOf(200);
    SplitOptions options;
    options.kind = SplitKind::Stratified;
    options.column = "label";
    options.devShare = 0.2;
    options.testShare = 0.1;
    const SplitRows rows = split(table, options).value();
    verifyIsPartition(rows, all(table));
    QCOMPARE(rows.dev.size(), 40U);
    QCOMPARE(withLabel(table, rows.dev, "b"), 10U);
    QCOMPARE(rows.test.size(), 20U);
    QCOMPARE(withLabel(table, rows.test, "b"), 5U);
}

void TestSplits::groupsStayTogether() {
    const Table table = rowsOf(200);
    SplitOptions options;
    options.kind = SplitKind::Group;
    options.column = "output";
    options.devShare = 0.2;
    options.testShare = 0.2;
    for (options.seed = 0; options.seed < 20; ++options.seed) {
        const SplitRows rows = split(table, options).value();
        verifyIsPartition(rows, all(table));
        std::map<std::string, std::set<int>> partsOf;
        int part = 0;
        for (const Rows* some : {&rows.train, &rows.dev, &rows.test}) {
            for (const std::size_t row : *some)
                partsOf[table.row(row).find("output")->second].insert(part);
            ++part;
        }
        for (const auto& [group, parts] : partsOf)
            QCOMPARE(parts.size(), 1U);
        QVERIFY(rows.dev.size() >= 35 && rows.dev.size() <= 45);
        QVERIFY(rows.test.size() >= 35 && rows.test.size() <= 45);
    }
}

void TestSplits::columnNamesTheParts() {
    const Table table = test::tableOf({{"a", "train"}, {"b", "Validation"}, {"c", "test"}, {"d", "TRAIN"}});
    SplitOptions options;
    options.kind = SplitKind::Column;
    options.column = "output";
    const SplitRows rows = split(table, options).value();
    QCOMPARE(rows.train, Rows({0, 3}));
    QCOMPARE(rows.dev, Rows({1}));
    QCOMPARE(rows.test, Rows({2}));
}

void TestSplits::unknownPartIsRefused() {
    const Table table = test::tableOf({{"a", "train"}, {"b", "later"}});
    SplitOptions options;
    options.kind = SplitKind::Column;
    options.column = "output";
    const auto rows = split(table, options);
    QVERIFY(!rows.has_value());
    QVERIFY(QString::fromStdString(rows.error().text()).contains(QStringLiteral("line 2")));
    QVERIFY(QString::fromStdString(rows.error().text()).contains(QStringLiteral("\"later\"")));
}

void TestSplits::foldsCoverAllRowsOnce() {
    const Table table = rowsOf(53);
    SplitOptions options;
    options.kind = SplitKind::Folds;
    options.seed = 3;
    std::map<std::size_t, int> timesHeld;
    for (options.fold = 0; options.fold < options.folds; ++options.fold) {
        const SplitRows rows = split(table, options).value();
        verifyIsPartition(rows, all(table));
        QVERIFY(rows.dev.size() == 10 || rows.dev.size() == 11);
        for (const std::size_t row : rows.dev)
            ++timesHeld[row];
    }
    QCOMPARE(timesHeld.size(), 53U);
    QVERIFY(std::ranges::all_of(timesHeld, [](const auto& row) { return row.second == 1; }));
}

void TestSplits::stratifiedFoldsAreEven() {
    const Table table = rowsOf(80); // 20 of "b"
    SplitOptions options;
    options.kind = SplitKind::Folds;
    options.column = "label";
    options.folds = 4;
    for (options.fold = 0; options.fold < options.folds; ++options.fold)
        QCOMPARE(withLabel(table, split(table, options)->dev, "b"), 5U);
}

void TestSplits::fewShotsAreCutOutOfTheBudget() {
    const Table table = rowsOf(300);
    SplitOptions options;
    options.kind = SplitKind::FewShot;
    options.seed = 42;
    options.shots = 50;
    options.trainFraction = 0.6;
    const SplitRows rows = split(table, options).value();
    const Rows order = shuffledOrder(300, 42);
    QCOMPARE(rows.train, Rows(order.begin(), order.begin() + 30));
    QCOMPARE(rows.dev, Rows(order.begin() + 30, order.begin() + 50));
    QVERIFY(rows.test.empty());
}

void TestSplits::fewShotsLeaveAThousandToChooseBy() {
    const Table table = rowsOf(1300);
    SplitOptions options;
    options.kind = SplitKind::FewShot;
    options.seed = 42;
    options.shots = 100;
    options.hasLargeDev = true;
    const SplitRows rows = split(table, options).value();
    const Rows order = shuffledOrder(1300, 42);
    QCOMPARE(rows.train, Rows(order.begin(), order.begin() + 100));
    QCOMPARE(rows.dev, Rows(order.begin() + 100, order.begin() + 1100));
}

void TestSplits::shotsOfEachLabel() {
    const Table table = rowsOf(100);
    SplitOptions options;
    options.kind = SplitKind::FewShot;
    options.column = "label";
    options.shots = 8;
    options.perClass = true;
    const SplitRows rows = split(table, options).value();
    QCOMPARE(withLabel(table, rows.train, "a"), 4U);
    QCOMPARE(withLabel(table, rows.train, "b"), 4U);
    QCOMPARE(withLabel(table, rows.dev, "a"), 4U);
    QCOMPARE(withLabel(table, rows.dev, "b"), 4U);
    options.perClass = false; // in proportion
    options.shots = 40;
    const SplitRows even = split(table, options).value();
    QCOMPARE(withLabel(table, even.train, "b") + withLabel(table, even.dev, "b"), 10U);
}

void TestSplits::impossibleSplitsAreRefused_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("column");
    QTest::addColumn<QString>("words");
    QTest::newRow("no such column") << "stratified"
                                    << "labels"
                                    << "no column \"labels\"";
    QTest::newRow("one group") << "group"
                               << "label"
                               << "1 groups";
    QTest::newRow("too many shots") << "few_shot"
                                    << ""
                                    << "100 shots";
    QTest::newRow("too few rows for folds") << "folds"
                                            << ""
                                            << "fold 0 of 5";
    QTest::newRow("nothing to train on") << "column"
                                         << "output"
                                         << "leaves no row to train on";
}

void TestSplits::impossibleSplitsAreRefused() {
    QFETCH(QString, kind);
    QFETCH(QString, column);
    QFETCH(QString, words);
    const Table table = test::tableOf({{"x", "dev", "a"}, {"y", "dev", "a"}, {"z", "dev", "a"}});
    SplitOptions options;
    options.kind = splitKindFrom(kind.toStdString()).value();
    options.column = column.toStdString();
    const auto rows = split(table, options);
    QVERIFY(!rows.has_value());
    QVERIFY2(QString::fromStdString(rows.error().text()).contains(words), rows.error().text().c_str());
    QVERIFY(!splitKindFrom("random").has_value());
}

void TestSplits::hashNamesDataAndOptions() {
    const Table table = rowsOf(20);
    SplitOptions options;
    const std::string hash = split(table, options)->hash;
    QCOMPARE(hash.size(), 64U);
    QCOMPARE(split(table, options)->hash, hash);
    options.seed = 1;
    QVERIFY(split(table, options)->hash != hash);
    Table other = rowsOf(20);
    other.sha256 = "4567";
    QVERIFY(split(other, SplitOptions())->hash != hash);
}

void TestSplits::onlyCandidatesAreDivided() {
    const Table table = rowsOf(20);
    const Rows candidates{1, 3, 5, 7, 9, 11};
    SplitOptions options;
    options.devShare = 0.5;
    verifyIsPartition(splitRows(table, candidates, options).value(), candidates);
    const Table some = selectedRows(table, candidates);
    QCOMPARE(some.size(), 6U);
    QCOMPARE(some.row(1), table.row(3));
    QCOMPARE(some.line(1), table.line(3));
}

QTEST_GUILESS_MAIN(TestSplits)
#include "tst_splits.moc"

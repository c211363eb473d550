#include "core/tasks/verdict.h"

#include <QTest>

#include <cmath>

using namespace lathe;

namespace {

RowVerdict answered(bool isRight) {
    RowVerdict verdict;
    verdict.expected = "yes";
    verdict.extracted = isRight ? "yes" : "no";
    verdict.isCorrect = isRight;
    return verdict;
}

/// `right` of every ten rows, from the front.
std::vector<RowVerdict> tenths(int right, int rows = 200) {
    std::vector<RowVerdict> all;
    for (int row = 0; row < rows; ++row)
        all.push_back(answered(row % 10 < right));
    return all;
}

RowVerdict withLoss(double sum, double tokens) {
    RowVerdict verdict;
    verdict.parts["loss"] = {sum, tokens};
    return verdict;
}

MetricDifference only(const std::vector<RowVerdict>& first, const std::vector<RowVerdict>& second,
                      const char* metric) {
    return compareVerdicts(first, second, answerMetricsOf({metric})).front();
}

} // namespace

class TestCompareVerdicts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void differenceIsThatOfTheFigures();
    void rowsAreTakenInPairs();
    void sameAnswersDifferByNothing();
    void sumsOverAllRowsAreComparedToo();
    void rowsOfOneSideAreLeftOut();
    void nothingToCompareIsNotANumber();
    void sameSeedGivesTheSameInterval();
};

void TestCompareVerdicts::differenceIsThatOfTheFigures() {
    const MetricDifference found = only(tenths(6), tenths(8), "accuracy");
    QCOMPARE(found.name, std::string("accuracy"));
    QCOMPARE(found.count, 200);
    QVERIFY(std::abs(found.first - 0.6) < 1e-12 && std::abs(found.second - 0.8) < 1e-12);
    QVERIFY(std::abs(found.difference - 0.2) < 1e-12);
    QVERIFY(found.low > 0.1 && found.low < 0.2 && found.high > 0.2 && found.high < 0.3);
}

/// Both are right at the same rows but for a few: each alone is uncertain by seven points, their difference
/// by less than three.
void TestCompareVerdicts::rowsAreTakenInPairs() {
    const std::vector<RowVerdict> first = tenths(5);
    std::vector<RowVerdict> second = first;
    int changed = 0;
    for (RowVerdict& verdict : second)
        if (!*verdict.isCorrect && changed++ < 8)
            verdict = answered(true);
    const MetricDifference found = only(first, second, "accuracy");
    QVERIFY(std::abs(found.difference - 0.04) < 1e-12);
    QVERIFY(found.low > 0 && found.high < 0.08);
}

void TestCompareVerdicts::sameAnswersDifferByNothing() {
    const MetricDifference found = only(tenths(7), tenths(7), "accuracy");
    QCOMPARE(found.difference, 0.0);
    QCOMPARE(found.low, 0.0);
    QCOMPARE(found.high, 0.0);
}

void TestCompareVerdicts::sumsOverAllRowsAreComparedToo() {
    const std::vector<RowVerdict> first{withLoss(4, 2), withLoss(30, 10)};
    const std::vector<RowVerdict> second{withLoss(2, 2), withLoss(20, 10)};
    const MetricDifference loss = only(first, second, "loss");
    QVERIFY(std::abs(loss.first - 34.0 / 12) < 1e-12);
    QVERIFY(std::abs(loss.second - 22.0 / 12) < 1e-12);
    QVERIFY(std::abs(loss.difference + 1) < 1e-12);
    QVERIFY(std::abs(loss.low + 1) < 1e-12 && std::abs(loss.high + 1) < 1e-12); // in each row by one
}

void TestCompareVerdicts::rowsOfOneSideAreLeftOut() {
    std::vector<RowVerdict> first = tenths(5, 20);
    std::vector<RowVerdict> second = tenths(5, 20);
    first[3].isCorrect.reset();
    second[4].isCorrect.reset();
    QCOMPARE(only(first, second, "accuracy").count, 18);
}

void TestCompareVerdicts::nothingToCompareIsNotANumber() {
    const MetricDifference found = only(tenths(5), tenths(5), "rouge1");
    QCOMPARE(found.count, 0);
    QVERIFY(std::isnan(found.difference) && std::isnan(found.low));
    QVERIFY(std::isnan(only({}, {}, "accuracy").difference));
}

void TestCompareVerdicts::sameSeedGivesTheSameInterval() {
    const MetricDifference once = only(tenths(4), tenths(6), "macro_f1");
    const MetricDifference again = only(tenths(4), tenths(6), "macro_f1");
    QCOMPARE(once.low, again.low);
    QCOMPARE(once.high, again.high);
    QVERIFY(once.low < once.difference && once.difference < once.high);
}

QTEST_APPLESS_MAIN(TestCompareVerdicts)
#include "tst_compare_verdicts.moc"

#include "core/tasks/answer_score.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

class TestAnswerScore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wilsonAgreesWithNewcombe_data();
    void wilsonAgreesWithNewcombe();
    void wilsonOfNothingIsEverything();
    void anAnswerIsExactIfAllItsTokensAre();
    void perplexityIsOfTokensNotOfExamples();
    void examplesWithoutLabelsAreLeftOut();
    void nothingToAverageIsNotANumber();
};

/// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
void TestAnswerScore::wilsonAgreesWithNewcombe_data() {
    QTest::addColumn<int>("hits");
    QTest::addColumn<int>("tried");
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::newRow("81 of 263") << 81 << 263 << 0.2553 << 0.3662;
    QTest::newRow("15 of 148") << 15 << 148 << 0.0624 << 0.1605;
    QTest::newRow("0 of 20") << 0 << 20 << 0.0000 << 0.1611;
    QTest::newRow("1 of 29") << 1 << 29 << 0.0061 << 0.1718;
}

void TestAnswerScore::wilsonAgreesWithNewcombe() {
    QFETCH(int, hits);
    QFETCH(int, tried);
    QFETCH(double, low);
    QFETCH(double, high);
    const Interval interval = wilsonInterval(hits, tried);
    QVERIFY(std::abs(interval.low - low) < 5e-5); // the table has four digits
    QVERIFY(std::abs(interval.high - high) < 5e-5);
    const Interval mirrored = wilsonInterval(tried - hits, tried);
    QVERIFY(std::abs(mirrored.low - (1 - interval.high)) < 1e-12);
}

void TestAnswerScore::wilsonOfNothingIsEverything() {
    QCOMPARE(wilsonInterval(0, 0).low, 0.0);
    QCOMPARE(wilsonInterval(0, 0).high, 1.0);
}

void TestAnswerScore::anAnswerIsExactIfAllItsTokensAre() {
    const std::vector<ExampleScore> scores{{3, 3, 0.3}, {2, 3, 1.2}, {0, 1, 4.0}, {1, 1, 0.1}};
    const AnswerScore sum = sumUp(scores);
    QCOMPARE(sum.accuracy(), 0.5);
    QCOMPARE(sum.tokenAccuracy(), 6.0 / 8.0);
    QCOMPARE(sum.accuracyInterval().low, wilsonInterval(2, 4).low);
}

void TestAnswerScore::perplexityIsOfTokensNotOfExamples() {
    const std::vector<ExampleScore> scores{{0, 1, std::log(2.0)}, {0, 3, 3 * std::log(8.0)}};
    QCOMPARE(sumUp(scores).meanLoss(), std::log(2.0 * 8 * 8 * 8) / 4);
    QCOMPARE(sumUp(scores).perplexity(), std::pow(1024.0, 0.25));
}

void TestAnswerScore::examplesWithoutLabelsAreLeftOut() {
    const std::vector<ExampleScore> scores{{0, 0, 0}, {1, 1, 0.5}};
    QCOMPARE(sumUp(scores).examples, 1);
    QCOMPARE(sumUp(scores).accuracy(), 1.0);
}

void TestAnswerScore::nothingToAverageIsNotANumber() {
    QVERIFY(std::isnan(sumUp({}).accuracy()));
    QVERIFY(std::isnan(sumUp({}).meanLoss()));
}

QTEST_GUILESS_MAIN(TestAnswerScore)
#include "tst_answer_score.moc"

#include "core/analysis/study_curves.h"

#include <QtTest>

using namespace lathe;

class TestStudyCurves : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBestIsBoldAndLast();
    void withoutABestAllAreAlike();
};

namespace {

const std::vector<MetricPoint> kPoints{{TrialId{1}, "eval_loss", 20, 2, 0},
                                       {TrialId{1}, "eval_loss", 10, 3, 0},
                                       {TrialId{2}, "eval_loss", 10, 1, 0},
                                       {TrialId{2}, "lr", 10, 7, 0},
                                       {TrialId{3}, "eval_loss", 10, 4, 0}};

} // namespace

void TestStudyCurves::theBestIsBoldAndLast() {
    const ChartData chart = studyCurvesChart(kPoints, "eval_loss", TrialId{2});
    QCOMPARE(chart.layers.size(), 3U);
    const auto& first = std::get<Lines>(chart.layers[0]);
    QCOMPARE(first.x, (std::vector<double>{10, 20}));
    QVERIFY(first.emphasis == Emphasis::Faint);
    const auto& last = std::get<Lines>(chart.layers[2]);
    QCOMPARE(last.name, std::string("#2"));
    QCOMPARE(last.style, 1);
    QVERIFY(last.emphasis == Emphasis::Bold);
}

void TestStudyCurves::withoutABestAllAreAlike() {
    for (const Layer& layer : studyCurvesChart(kPoints, "eval_loss", std::nullopt).layers)
        QVERIFY(std::get<Lines>(layer).emphasis == Emphasis::Normal);
    QVERIFY(studyCurvesChart(kPoints, "absent", TrialId{1}).layers.empty());
}

QTEST_GUILESS_MAIN(TestStudyCurves)
#include "tst_study_curves.moc"

#include "core/analysis/anytime.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

class TestAnytime : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void quartilesAreOverTheStudies();
    void theGridEndsWithTheShortestStudy();
    void oneStudyHasNoBand();
};

namespace {

StudyGroup groupOf(std::string name, const std::vector<std::vector<double>>& values) {
    StudyGroup group{std::move(name), {}};
    for (const std::vector<double>& study : values)
        group.studies.push_back(studyOf(study));
    return group;
}

} // namespace

void TestAnytime::quartilesAreOverTheStudies() {
    const std::vector<StudyGroup> groups{groupOf("tpe", {{5, 4, 6}, {3, 3, 1}, {9, 2, 8}}),
                                         groupOf("random", {{7, 7, 7}})};
    const AnytimeComparison found = anytimeComparison(groups, Compute::Trials, 4);
    QCOMPARE(found.compute, (std::vector<double>{0, 1, 2, 3}));
    const AnytimeCurve& tpe = found.curves.at(0);
    QVERIFY(std::isnan(tpe.median[0])); // nothing is known before the first trial
    QCOMPARE(tpe.median[1], 5.0);       // of 5, 3, 9
    QCOMPARE(tpe.lowQuartile[1], 4.0);
    QCOMPARE(tpe.highQuartile[1], 7.0);
    QCOMPARE(tpe.median[3], 2.0); // of 4, 1, 2
    QCOMPARE(found.curves.at(1).median[3], 7.0);
}

void TestAnytime::theGridEndsWithTheShortestStudy() {
    const std::vector<StudyGroup> groups{groupOf("long", {{5, 4, 6, 1}, {3, 3, 1, 0}}),
                                         groupOf("short", {{7, 6}})};
    const AnytimeComparison found = anytimeComparison(groups, Compute::Trials, 3);
    QCOMPARE(found.compute.back(), 2.0);
    QCOMPARE(found.curves[0].median.back(), 3.5); // of 4 and 3
    QCOMPARE(found.curves[1].median.back(), 6.0);
}

void TestAnytime::oneStudyHasNoBand() {
    const std::vector<StudyGroup> groups{groupOf("many", {{5, 4}, {3, 3}}), groupOf("one", {{7, 6}})};
    const ChartData chart =
        anytimeChart(anytimeComparison(groups, Compute::Trials, 3), "trials", "eval_loss");
    QCOMPARE(chart.layers.size(), 3U);
    QCOMPARE(std::get<Band>(chart.layers[0]).x, (std::vector<double>{1, 2}));
    QCOMPARE(std::get<Lines>(chart.layers[2]).name, std::string("one"));
    QCOMPARE(std::get<Lines>(chart.layers[2]).style, 1);
}

QTEST_GUILESS_MAIN(TestAnytime)
#include "tst_anytime.moc"

#include "core/session/run_table_model.h"
#include "core/session/study_outlook.h"

#include <QTest>

using namespace lathe;

namespace {

StudySpec draft() {
    StudySpec spec;
    spec.fixed = {{"model", std::string("base")}, {"max_steps", std::int64_t{40}}, {"rank", std::int64_t{8}}};
    spec.space = {{"rank", IntDomain{1, 4}, {}}};
    spec.trialCount = 4;
    return spec;
}

RunRow run(std::int64_t id, double seconds, const std::string& model = "base") {
    RunRow row;
    row.trial.id = TrialId{id};
    row.trial.study = StudyId{id};
    row.trial.state = TrialState::Complete;
    row.trial.steps = 40;
    row.trial.seconds = seconds;
    row.trial.values = draft().fixed;
    row.trial.values.set("model", model);
    row.trial.values.set("rank", std::int64_t{16}); // is searched: may be another
    row.studyName = QStringLiteral("run %1").arg(id);
    return row;
}

} // namespace

class TestStudyOutlook : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutARunThereAreNoHours();
    void aRunLikeTheTrialsTellsTheHours();
    void severalRunsGiveARange();
    void slotsShareTheWork();
    void runsOfAnotherModelTellNothing();
    void theRunWithMoreInCommonCounts();
    void prunersMakeItAnUpperBound();
};

void TestStudyOutlook::withoutARunThereAreNoHours() {
    const RunTableModel none;
    const StudyOutlook outlook = outlookOf(draft(), 1, none);
    QCOMPARE(outlook.forecast.fullRunsLeft, 4.0);
    QCOMPARE(outlook.forecast.configurations, std::optional(4.0));
    QVERIFY(!outlook.forecast.hours.has_value());
    QVERIFY(!outlook.isAtMost);
    QVERIFY(outlook.like.isEmpty());
}

void TestStudyOutlook::aRunLikeTheTrialsTellsTheHours() {
    RunTableModel runs;
    runs.addRow(run(1, 900));
    const StudyOutlook outlook = outlookOf(draft(), 1, runs);
    QVERIFY(std::abs(*outlook.forecast.hours - 1) < 1e-9);
    QVERIFY(std::abs(outlook.forecast.fullRunsLeft - 4) < 1e-9);
    QVERIFY(!outlook.forecast.lowHours.has_value());
    QCOMPARE(outlook.like, "run 1");
}

void TestStudyOutlook::severalRunsGiveARange() {
    RunTableModel runs;
    runs.addRow(run(1, 800));
    runs.addRow(run(2, 1000));
    const StudyOutlook outlook = outlookOf(draft(), 1, runs);
    QVERIFY(std::abs(*outlook.forecast.hours - 1) < 1e-9);
    QVERIFY(*outlook.forecast.lowHours < 1 && *outlook.forecast.highHours > 1);
    QCOMPARE(outlook.like, "run 2"); // the newest
}

void TestStudyOutlook::slotsShareTheWork() {
    RunTableModel runs;
    runs.addRow(run(1, 900));
    QVERIFY(std::abs(*outlookOf(draft(), 2, runs).forecast.hours - 0.5) < 1e-9);
}

void TestStudyOutlook::runsOfAnotherModelTellNothing() {
    RunTableModel runs;
    runs.addRow(run(1, 900, "larger"));
    QVERIFY(!outlookOf(draft(), 1, runs).forecast.hours.has_value());
}

void TestStudyOutlook::theRunWithMoreInCommonCounts() {
    StudySpec study = draft();
    study.fixed.set("dropout", 0.1);
    RunRow near = run(1, 900);
    near.trial.values.set("dropout", 0.1);
    RunRow far = run(2, 90);
    far.trial.values.set("dropout", 0.2);
    RunTableModel runs;
    runs.addRow(near);
    runs.addRow(far);
    QCOMPARE(outlookOf(study, 1, runs).like, "run 1");
}

void TestStudyOutlook::prunersMakeItAnUpperBound() {
    StudySpec study = draft();
    study.prunerId = "median";
    QVERIFY(outlookOf(study, 1, RunTableModel()).isAtMost);
}

QTEST_GUILESS_MAIN(TestStudyOutlook)
#include "tst_study_outlook.moc"

#include "core/session/run_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <cmath>

using namespace lathe;
using Column = RunTableModel::Column;

class TestRunTableModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void rowsAreNewestFirst();
    void cellsShowTheTrial();
    void missingValuesAreEmpty();
    void newRunIsInsertedOnTop();
    void knownRunIsReplacedInPlace();
    void eventsOfATickAreOneChangeARow();
    void eventsOfUnknownTrialsAreIgnored();
    void progressComesFromEventsOrThePlan();
    void oneOfSeveralShowsItsNumber();
    void removedStudyLosesItsRowsExactly();
    void renamedStudyChangesItsNames();
    void proxySortsByValuesNotByText();
    void proxySortsWhatIsNotANumberLast();
    void proxyFiltersByNameStateAndNote();
    void everyStateHasAText();
    void durationIsReadable();

private:
    static RunRow run(std::int64_t id, std::int64_t study = 1, TrialState state = TrialState::Queued) {
        RunRow row;
        row.trial.id = TrialId{id};
        row.trial.study = StudyId{study};
        row.trial.state = state;
        row.trial.createdAt = "2026-01-31T12:00:00.000Z";
        row.studyName = QStringLiteral("study %1").arg(study);
        return row;
    }
    static QString text(const QAbstractItemModel& model, int row, int column) {
        return model.index(row, column).data().toString();
    }
    static qlonglong idAt(const QAbstractItemModel& model, int row) {
        return model.index(row, 0).data(RunTableModel::TrialIdRole).toLongLong();
    }
};

void TestRunTableModel::rowsAreNewestFirst() {
    RunTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows({run(3), run(2), run(1)});
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(idAt(model, 0), 3);
    QCOMPARE(idAt(model, 2), 1);
    QCOMPARE(model.rowOf(TrialId{2}), 1);
    QCOMPARE(model.rowOf(TrialId{9}), -1);
}

void TestRunTableModel::cellsShowTheTrial() {
    RunTableModel model;
    RunRow row = run(1, 1, TrialState::Failed);
    row.trial.note = "out of memory";
    row.trial.steps = 1200;
    row.trial.seconds = 75.2;
    row.trial.lastValues = {{"loss", 1.23456}, {"eval_loss", 2}, {"eval_accuracy", 0.812}};
    model.setRows({row});
    QCOMPARE(text(model, 0, Column::Name), QStringLiteral("study 1"));
    QCOMPARE(text(model, 0, Column::State), QStringLiteral("failed"));
    QCOMPARE(text(model, 0, Column::Loss), QStringLiteral("1.235"));
    QCOMPARE(text(model, 0, Column::EvalLoss), QStringLiteral("2"));
    QCOMPARE(text(model, 0, Column::Accuracy), QStringLiteral("81.2 %"));
    QCOMPARE(text(model, 0, Column::Steps), QLocale::c().toString(1200));
    QCOMPARE(text(model, 0, Column::Duration), QStringLiteral("1 min 15 s"));
    QCOMPARE(model.index(0, Column::State).data(Qt::ToolTipRole).toString(), QStringLiteral("out of memory"));
    QCOMPARE(model.index(0, 0).data(RunTableModel::NoteRole).toString(), QStringLiteral("out of memory"));
}

void TestRunTableModel::missingValuesAreEmpty() {
    RunTableModel model;
    model.setRows({run(1)});
    for (const int column : {Column::Progress, Column::Loss, Column::EvalLoss, Column::Accuracy})
        QCOMPARE(text(model, 0, column), QString());
    QCOMPARE(model.index(0, 0).data(RunTableModel::ProgressRole).toDouble(), -1.0);
}

void TestRunTableModel::newRunIsInsertedOnTop() {
    RunTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows({run(1)});
    const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.addRow(run(2));
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(inserted[0][1].toInt(), 0);
    QCOMPARE(inserted[0][2].toInt(), 0);
    QCOMPARE(reset.count(), 0);
    QCOMPARE(idAt(model, 0), 2);
    QCOMPARE(model.rowOf(TrialId{1}), 1);
}

void TestRunTableModel::knownRunIsReplacedInPlace() {
    RunTableModel model;
    model.setRows({run(2), run(1)});
    const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.addRow(run(1, 1, TrialState::Running));
    QCOMPARE(inserted.count(), 0);
    QCOMPARE(text(model, 1, Column::State), QStringLiteral("running"));
}

void TestRunTableModel::eventsOfATickAreOneChangeARow() {
    RunTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows({run(2), run(1)});
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    const std::vector<Event> events{TrialChange{TrialId{1}, TrialState::Running, ""},
                                    MetricPoint{TrialId{1}, "loss", 1, 3, 0.5},
                                    MetricPoint{TrialId{1}, "loss", 2, 2, 61},
                                    LogLine{TrialId{2}, LogLine::Level::Info, "nothing to see in the table"}};
    model.apply(events);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed[0][0].toModelIndex(), model.index(1, Column::State));
    QCOMPARE(changed[0][1].toModelIndex(), model.index(1, Column::Started));
    QCOMPARE(text(model, 1, Column::Loss), QStringLiteral("2"));
    QCOMPARE(text(model, 1, Column::Steps), QStringLiteral("2"));
    QCOMPARE(text(model, 1, Column::Duration), QStringLiteral("1 min 1 s"));
    model.apply(std::vector<Event>{MetricPoint{TrialId{1}, "loss", 3, 1, 62}});
    QCOMPARE(changed.count(), 2);
    QCOMPARE(changed[1][0].toModelIndex(), model.index(1, Column::Progress));
    QCOMPARE(changed[1][1].toModelIndex(), model.index(1, Column::Duration));
}

void TestRunTableModel::eventsOfUnknownTrialsAreIgnored() {
    RunTableModel model;
    model.setRows({run(1)});
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.apply(std::vector<Event>{MetricPoint{TrialId{9}, "loss", 1, 3, 0.5},
                                   LogLine{{}, LogLine::Level::Info, "x"}});
    QCOMPARE(changed.count(), 0);
}

void TestRunTableModel::progressComesFromEventsOrThePlan() {
    RunTableModel model;
    RunRow planned = run(1);
    planned.trial.values.set("max_steps", std::int64_t{200});
    planned.trial.steps = 50;
    model.setRows({run(3, 1, TrialState::Complete), run(2), planned});
    QCOMPARE(text(model, 2, Column::Progress), QStringLiteral("25 %"));
    QCOMPARE(text(model, 0, Column::Progress), QStringLiteral("100 %"));
    model.apply(std::vector<Event>{TrialProgress{TrialId{2}, "training", 3, 4, 10}});
    QCOMPARE(model.index(1, 0).data(RunTableModel::ProgressRole).toDouble(), 0.75);
}

void TestRunTableModel::oneOfSeveralShowsItsNumber() {
    RunTableModel model;
    RunRow row = run(1);
    row.trialCount = 3;
    row.trial.number = 1;
    model.setRows({row});
    QCOMPARE(text(model, 0, Column::Name), QStringLiteral("study 1 #2"));
}

void TestRunTableModel::removedStudyLosesItsRowsExactly() {
    RunTableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows({run(4, 1), run(3, 2), run(2, 1), run(1, 2)});
    const QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    model.removeStudy(StudyId{1});
    QCOMPARE(removed.count(), 2);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(idAt(model, 0), 3);
    QCOMPARE(model.rowOf(TrialId{1}), 1);
    QCOMPARE(model.rowOf(TrialId{4}), -1);
}

void TestRunTableModel::renamedStudyChangesItsNames() {
    RunTableModel model;
    model.setRows({run(2, 2), run(1, 1)});
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setStudyName(StudyId{1}, QStringLiteral("better"));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(text(model, 1, Column::Name), QStringLiteral("better"));
}

void TestRunTableModel::proxySortsByValuesNotByText() {
    RunTableModel model;
    std::vector<RunRow> rows{run(3), run(2), run(1)};
    rows[0].trial.steps = 9;
    rows[1].trial.steps = 100;
    rows[2].trial.steps = 20;
    model.setRows(rows);
    RunSortModel proxy;
    const QAbstractItemModelTester tester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
    proxy.setSourceModel(&model);
    proxy.sort(Column::Steps, Qt::DescendingOrder);
    QCOMPARE(idAt(proxy, 0), 2);
    QCOMPARE(idAt(proxy, 1), 1);
    QCOMPARE(idAt(proxy, 2), 3);
    model.apply(std::vector<Event>{MetricPoint{TrialId{3}, "loss", 500, 1, 1}});
    QCOMPARE(idAt(proxy, 0), 3);
}

void TestRunTableModel::proxySortsWhatIsNotANumberLast() {
    RunTableModel model;
    std::vector<RunRow> rows{run(3), run(2), run(1)};
    rows[0].trial.lastValues["loss"] = std::nan("");
    rows[1].trial.lastValues["loss"] = 0.5;
    model.setRows(rows);
    RunSortModel proxy;
    proxy.setSourceModel(&model);
    proxy.sort(Column::Loss);
    QCOMPARE(idAt(proxy, 0), 2);
}

void TestRunTableModel::proxyFiltersByNameStateAndNote() {
    RunTableModel model;
    std::vector<RunRow> rows{run(3, 30), run(2, 20, TrialState::Failed), run(1, 10)};
    rows[2].trial.note = "the LOSS is not a number";
    model.setRows(rows);
    RunSortModel proxy;
    const QAbstractItemModelTester tester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
    proxy.setSourceModel(&model);
    proxy.setFilterFixedString(QStringLiteral("study 3"));
    QCOMPARE(proxy.rowCount(), 1);
    QCOMPARE(idAt(proxy, 0), 3);
    proxy.setFilterFixedString(QStringLiteral("FAIL"));
    QCOMPARE(idAt(proxy, 0), 2);
    proxy.setFilterFixedString(QStringLiteral("loss is"));
    QCOMPARE(idAt(proxy, 0), 1);
    proxy.setFilterFixedString({});
    QCOMPARE(proxy.rowCount(), 3);
}

void TestRunTableModel::everyStateHasAText() {
    QSet<QString> texts;
    for (int state = 0; state <= static_cast<int>(TrialState::Interrupted); ++state)
        texts.insert(stateText(static_cast<TrialState>(state)));
    QCOMPARE(texts.size(), 10);
    QVERIFY(!texts.contains(QString()));
}

void TestRunTableModel::durationIsReadable() {
    QCOMPARE(durationText(0.4), QStringLiteral("0 s"));
    QCOMPARE(durationText(59), QStringLiteral("59 s"));
    QCOMPARE(durationText(3599.6), QStringLiteral("1 h 0 min"));
    QCOMPARE(durationText(std::nan("")), QString());
}

QTEST_GUILESS_MAIN(TestRunTableModel)
#include "tst_run_table_model.moc"

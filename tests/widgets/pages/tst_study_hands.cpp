#include "tests/widgets/shell/window_bench.h"

#include "core/session/study_trial_model.h"
#include "widgets/charts/chart_view.h"
#include "widgets/charts/qcp.h"
#include "widgets/pages/parallel_view.h"

#include <QAbstractButton>
#include <QAction>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>

#include <algorithm>
#include <array>
#include <cmath>

using namespace lathe;
using namespace lathe::test;

/// Trials of the study board taken by the hand: picked in its charts, and moved in its queue.
class TestStudyHands : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aClickOnAPointChoosesItsTrial();
    void returnAtTheReadingLineChoosesItsTrial();
    void aClickOnACurveChoosesItsTrial();
    void aClickOnALineOfTheParallelAxesChoosesItsTrial();
    void theChosenTrialStandsOutInTheCharts();
    void aWaitingTrialMovesByKeys();
    void aWaitingTrialIsDraggedToAnotherTurn();
    void escapeLetsADraggedTrialGo();
    void theOrderOfAStoppedStudyIsKept();

private:
    static StudySpec spec(std::int64_t trials) {
        StudySpec spec;
        spec.name = "four";
        spec.fixed = withDefaults(smallSchema(), {{"model", std::string("base")}});
        spec.space = {{"learning_rate", RealDomain{1e-4, 1, true}, {}}, {"rank", IntDomain{1, 64}, {}}};
        spec.trialCount = trials;
        spec.objective = {"loss", false}; // another one for each learning rate
        return spec;
    }
    static void showBoard(WindowBench& bench) {
        QVERIFY(bench.isReady());
        StudySession* study = bench.project->startStudy(spec(4));
        QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
        WindowBench::press(Qt::Key_9, Qt::AltModifier);
        QTRY_COMPARE_WITH_TIMEOUT(table(bench)->model()->rowCount(), 4, kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(cell(bench, 3, StudyTrialModel::State).startsWith("complete"), kPatienceMs);
    }
    static QTableView* table(const WindowBench& bench) { return bench.find<QTableView>("studyTrialsTable"); }
    static QString cell(const WindowBench& bench, int row, int column) {
        return table(bench)->model()->index(row, column).data().toString();
    }
    static QString chosen(const WindowBench& bench) {
        return table(bench)->currentIndex().siblingAtColumn(StudyTrialModel::Number).data().toString();
    }
    static void showTab(const WindowBench& bench, int tab) {
        bench.find<QTabWidget>("studyTabs")->setCurrentIndex(tab);
        QCoreApplication::processEvents(); // its charts get their places
    }
    static QPoint pixelOf(const ChartView& chart, double x, double y) {
        chart.plot()->replot();
        return {static_cast<int>(std::lround(chart.plot()->xAxis->coordToPixel(x))),
                static_cast<int>(std::lround(chart.plot()->yAxis->coordToPixel(y)))};
    }
    /// A running trial, and three behind it that wait.
    static StudySession* showQueue(WindowBench& bench) {
        if (!bench.isReady())
            return nullptr;
        StudySpec holding = spec(1);
        holding.fixed.set("hold", true);
        holding.trialCount = 4;
        StudySession* study = bench.project->startStudy(holding);
        const auto isRunning = [study] {
            return study->trials().size() == 1 && study->trials()[0].state == TrialState::Running;
        };
        if (!QTest::qWaitFor(isRunning, kPatienceMs))
            return nullptr;
        for (const std::int64_t rank : {11, 12, 13}) {
            ParamValues recipe = study->trials()[0].values;
            recipe.set("rank", rank);
            study->addTrial({recipe, {}});
        }
        WindowBench::press(Qt::Key_9, Qt::AltModifier);
        const auto isShown = [&bench] {
            return table(bench)->model()->rowCount() == 4 && turns(bench) == QStringList{"1", "2", "3"};
        };
        return QTest::qWaitFor(isShown, kPatienceMs) ? study : nullptr;
    }
    /// Of the trials #2, #3 and #4.
    static QStringList turns(const WindowBench& bench) {
        QStringList texts;
        for (int row = 1; row < 4; ++row)
            texts << cell(bench, row, StudyTrialModel::State).section("turn ", 1);
        return texts;
    }
    static QPoint middleOf(const WindowBench& bench, int row) {
        return table(bench)->visualRect(table(bench)->model()->index(row, StudyTrialModel::State)).center();
    }
    static void stop(StudySession& study) {
        study.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!study.isActive(), kPatienceMs);
    }
};

void TestStudyHands::aClickOnAPointChoosesItsTrial() {
    WindowBench bench;
    showBoard(bench);
    showTab(bench, 2);
    auto* slice = bench.find<ChartView>("sliceChart");
    table(bench)->selectRow(0);
    for (const int row : {2, 1, 3}) {
        const auto index = table(bench)->model()->index(row, StudyTrialModel::FirstParameter);
        const double rate = index.data(StudyTrialModel::SortRole).toDouble();
        const double loss =
            index.siblingAtColumn(StudyTrialModel::Value).data(StudyTrialModel::SortRole).toDouble();
        QTest::mouseClick(slice->plot(), Qt::LeftButton, {}, pixelOf(*slice, rate, loss) + QPoint(2, 2));
        QCOMPARE(chosen(bench), QStringLiteral("#%1").arg(row + 1));
    }
    QTest::mouseClick(slice->plot(), Qt::LeftButton, {}, QPoint(2, 2)); // beside everything
    QCOMPARE(chosen(bench), "#4");
}

void TestStudyHands::returnAtTheReadingLineChoosesItsTrial() {
    WindowBench bench;
    showBoard(bench);
    showTab(bench, 1);
    table(bench)->selectRow(0);
    auto* plot = bench.find<ChartView>("bestSoFarChart")->plot();
    plot->setFocus();
    QTest::keyClick(plot, Qt::Key_Left); // the last trial
    QTest::keyClick(plot, Qt::Key_Left);
    QTest::keyClick(plot, Qt::Key_Return);
    QCOMPARE(chosen(bench), "#3");
}

void TestStudyHands::aClickOnACurveChoosesItsTrial() {
    WindowBench bench;
    showBoard(bench);
    showTab(bench, 0);
    auto* curves = bench.find<ChartView>("studyCurvesChart");
    // The one that ends highest lies apart from the others.
    int highest = 0;
    double top = 0;
    for (int row = 0; row < 4; ++row) {
        const auto value =
            table(bench)->model()->index(row, StudyTrialModel::Value).data(StudyTrialModel::SortRole);
        highest = value.toDouble() > top ? row : highest;
        top = std::max(top, value.toDouble());
    }
    table(bench)->selectRow(highest == 0 ? 1 : 0);
    QTest::mouseClick(curves->plot(), Qt::LeftButton, {}, pixelOf(*curves, 40, top));
    QCOMPARE(chosen(bench), QStringLiteral("#%1").arg(highest + 1));
}

void TestStudyHands::aClickOnALineOfTheParallelAxesChoosesItsTrial() {
    WindowBench bench;
    showBoard(bench);
    showTab(bench, 3);
    auto* parallel = bench.find<ParallelView>("parallelView");
    for (const ParallelLine& line : std::vector(parallel->data().lines)) {
        const QPointF from = parallel->pointOf(0, *line.places[0]);
        const QPointF to = parallel->pointOf(1, *line.places[1]);
        QTest::mouseClick(parallel, Qt::LeftButton, {}, (from + 0.2 * (to - from)).toPoint());
        QCOMPARE(chosen(bench), QStringLiteral("#%1").arg(line.trial + 1));
    }
}

void TestStudyHands::theChosenTrialStandsOutInTheCharts() {
    WindowBench bench;
    showBoard(bench);
    table(bench)->selectRow(2);
    const std::array charts{std::pair(1, "bestSoFarChart"), std::pair(2, "sliceChart"),
                            std::pair(4, "tradeoffChart")};
    for (const auto& [tab, name] : charts) {
        showTab(bench, tab);
        QVERIFY2(bench.find<ChartView>(name)->seriesNames().back() == "#3", name);
    }
    table(bench)->selectRow(1);
    QCOMPARE(bench.find<ChartView>("tradeoffChart")->seriesNames().back(), std::string("#2"));
}

void TestStudyHands::aWaitingTrialMovesByKeys() {
    WindowBench bench;
    StudySession* study = showQueue(bench);
    QVERIFY(study != nullptr);
    auto* up = bench.window->findChild<QAction*>("study.trialEarlierAction");
    table(bench)->setFocus();
    table(bench)->selectRow(0);
    QVERIFY(!up->isEnabled()); // it runs
    table(bench)->selectRow(3);
    QVERIFY(up->isEnabled());
    WindowBench::press(Qt::Key_Up, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench), (QStringList{"1", "3", "2"}), kPatienceMs);
    WindowBench::press(Qt::Key_Up, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench), (QStringList{"2", "3", "1"}), kPatienceMs);
    QVERIFY(!up->isEnabled()); // it is the first
    table(bench)->selectRow(1);
    WindowBench::press(Qt::Key_Down, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench), (QStringList{"3", "2", "1"}), kPatienceMs);
    stop(*study);
}

void TestStudyHands::aWaitingTrialIsDraggedToAnotherTurn() {
    WindowBench bench;
    StudySession* study = showQueue(bench);
    QVERIFY(study != nullptr);
    QWidget* view = table(bench)->viewport();
    QTest::mousePress(view, Qt::LeftButton, {}, middleOf(bench, 3));
    QTest::mouseMove(view, middleOf(bench, 2));
    QTest::mouseMove(view, middleOf(bench, 1));
    QTest::mouseRelease(view, Qt::LeftButton, {}, middleOf(bench, 1));
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench), (QStringList{"2", "3", "1"}), kPatienceMs);
    QTest::mousePress(view, Qt::LeftButton, {}, middleOf(bench, 3));
    QTest::mouseMove(view, middleOf(bench, 1));
    QTest::mouseMove(view, middleOf(bench, 0)); // it runs: nothing can take its turn
    QTest::mouseRelease(view, Qt::LeftButton, {}, middleOf(bench, 0));
    table(bench)->selectRow(2);
    WindowBench::press(Qt::Key_Up, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench), (QStringList{"3", "2", "1"}), kPatienceMs);
    stop(*study);
}

void TestStudyHands::escapeLetsADraggedTrialGo() {
    WindowBench bench;
    StudySession* study = showQueue(bench);
    QVERIFY(study != nullptr);
    QWidget* view = table(bench)->viewport();
    QTest::mousePress(view, Qt::LeftButton, {}, middleOf(bench, 3));
    QTest::mouseMove(view, middleOf(bench, 1));
    QTest::keyClick(table(bench), Qt::Key_Escape);
    QTest::mouseRelease(view, Qt::LeftButton, {}, middleOf(bench, 1));
    QSignalSpy ordered(study, &StudySession::queueOrdered);
    table(bench)->selectRow(2);
    WindowBench::press(Qt::Key_Down, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench), (QStringList{"1", "3", "2"}), kPatienceMs);
    QCOMPARE(ordered.count(), 1);
    stop(*study);
}

void TestStudyHands::theOrderOfAStoppedStudyIsKept() {
    WindowBench bench;
    StudySession* study = showQueue(bench);
    QVERIFY(study != nullptr);
    stop(*study);
    QTRY_VERIFY_WITH_TIMEOUT(cell(bench, 0, StudyTrialModel::State).startsWith("stopped, turn"), kPatienceMs);
    table(bench)->selectRow(3);
    const QString before = turns(bench).back();
    WindowBench::press(Qt::Key_Up, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY_WITH_TIMEOUT(turns(bench).back() != before, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(turns(bench).back().toInt(), before.toInt() - 1, kPatienceMs);
    const TrialRecord& moved = study->trials()[3];
    QTRY_COMPARE_WITH_TIMEOUT(moved.place, before.toInt() - 1, kPatienceMs);
}

QTEST_MAIN(TestStudyHands)
#include "tst_study_hands.moc"

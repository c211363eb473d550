#include "tests/core/session/study_samples.h"
#include "tests/core/store/store_fixture.h"
#include "tests/support/gap_meter.h"
#include "tests/widgets/shell/window_bench.h"

#include "core/store/study_history.h"
#include "widgets/charts/chart_view.h"
#include "widgets/pages/parallel_view.h"
#include "widgets/pages/study_charts.h"
#include "widgets/pages/study_page.h"

#include <QAction>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>

using namespace lathe;
using namespace lathe::test;

/// The study board inside its window: the study, its rows and its trials are real.
class TestStudyPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyBoardLeadsToTheRecipe();
    void studyOfFourTrialsFillsTheBoard();
    void chosenTrialStandsOutInTheCurves();
    void trialBecomesTheRecipe();
    void trialOpensWithEnter();
    void boardOpensFromTheLivePage();
    void boardIsReachedByKeysAlone();
    void prunedTrialTellsItsReason();
    void runningTrialIsStoppedAndThenTheStudy();
    void stoppedStudyGoesOn();
    void actionsAreExplainedElsewhere();
    void fieldsTabComparesFieldAndObjective();
    void dragOnAnAxisMarksItsTrials();
    void keysMarkAnAxisToo();
    void bestShareDimsTheRest();
    void tickedTrialsAreCompared();
    void comparisonFollowsTheChosenMetric();
    void trialOfARunningStudyIsProtected();
    void winnerBecomesRecipeAndExport();
    void menuOfATrialHasItsActions();
    void tradeoffNamesTheFront();
    void rungsTellWhatBecameOfTheTrials();
    void trialIsClonedWithChanges();
    void finishedStudyGetsALargerBudget();
    void finalistsAreConfirmedOverSeeds();
    void manyTrialsLeaveTheWindowFluid();

private:
    static void writeLargeStudy(const QString& project);
    static StudySpec spec(std::int64_t trials) {
        StudySpec spec;
        spec.name = "four";
        spec.fixed = withDefaults(smallSchema(), {{"model", std::string("base")}});
        spec.space = {{"learning_rate", RealDomain{1e-4, 1e-1, true}, {}}, {"rank", IntDomain{1, 64}, {}}};
        spec.trialCount = trials;
        return spec;
    }
    static void runStudy(const WindowBench& bench, const StudySpec& spec) {
        StudySession* study = bench.project->startStudy(spec);
        QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
    }
    /// The board of a study that has run.
    static void showBoard(const WindowBench& bench, std::int64_t trials = 4) {
        runStudy(bench, spec(trials));
        WindowBench::press(Qt::Key_9, Qt::AltModifier);
        QCOMPARE(bench.window->currentPage(), PageId::Study);
        QTRY_COMPARE_WITH_TIMEOUT(table(bench)->model()->rowCount(), static_cast<int>(trials), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(summary(bench).startsWith(QStringLiteral("%1 of %1").arg(trials)),
                                 kPatienceMs);
    }
    static QTableView* table(const WindowBench& bench) { return bench.find<QTableView>("studyTrialsTable"); }
    static QString summary(const WindowBench& bench) {
        return bench.find<QLabel>("studySummaryLabel")->text();
    }
    static QString cell(const WindowBench& bench, int row, int column) {
        return table(bench)->model()->index(row, column).data().toString();
    }
    static void tick(const WindowBench& bench, int row) {
        table(bench)->setFocus();
        table(bench)->selectRow(row);
        WindowBench::press(Qt::Key_Space);
    }
    static QDialog* compare(const WindowBench& bench, int first, int second) {
        tick(bench, first);
        tick(bench, second);
        WindowBench::press(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        return bench.window->findChild<QDialog*>("comparisonDialog");
    }
    static void showTab(const WindowBench& bench, int tab) {
        bench.find<QTabWidget>("studyTabs")->setCurrentIndex(tab);
    }
    static const Lines& lastCurve(const WindowBench& bench) {
        return std::get<Lines>(bench.find<ChartView>("studyCurvesChart")->data().layers.back());
    }
};

void TestStudyPage::emptyBoardLeadsToTheRecipe() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QVERIFY(bench.find("studyEmptyLabel")->isVisible());
    QCOMPARE(QApplication::focusWidget(), bench.find("makeStudyButton"));

    WindowBench::press(Qt::Key_Return);

    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    QVERIFY(bench.find<QAbstractButton>("studyCheckBox")->isChecked());
}

void TestStudyPage::studyOfFourTrialsFillsTheBoard() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);

    QCOMPARE(bench.find<QComboBox>("studyBox")->currentText(), "four");
    QVERIFY2(summary(bench).startsWith("4 of 4 trials; best 0.2 at #1"), qPrintable(summary(bench)));
    QCOMPARE(cell(bench, 0, StudyTrialModel::Number), "#1");
    QCOMPARE(cell(bench, 0, StudyTrialModel::State), "complete, best"); // all are equal
    QCOMPARE(cell(bench, 0, StudyTrialModel::Steps), "40");
    QVERIFY(!cell(bench, 3, StudyTrialModel::FirstParameter).isEmpty());
    QCOMPARE(bench.find<ChartView>("studyCurvesChart")->data().layers.size(), 4U);
    showTab(bench, 1);
    QCOMPARE(bench.find<ChartView>("bestSoFarChart")->seriesNames(),
             (std::vector<std::string>{"trials", "best so far", "#1"})); // the chosen trial
    QVERIFY(!bench.find("studyProblemLabel")->isVisible());
}

void TestStudyPage::chosenTrialStandsOutInTheCurves() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    QCOMPARE(lastCurve(bench).name, "#1"); // the best one

    WindowBench::press(Qt::Key_Down);
    WindowBench::press(Qt::Key_Down);

    QCOMPARE(lastCurve(bench).name, "#3");
    QCOMPARE(lastCurve(bench).emphasis, Emphasis::Bold);
}

void TestStudyPage::trialBecomesTheRecipe() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    WindowBench::press(Qt::Key_Down);
    const TrialId chosen{table(bench)->currentIndex().data(StudyTrialModel::TrialIdRole).toLongLong()};
    const ParamValues& values = bench.project->runs().row(bench.project->runs().rowOf(chosen)).trial.values;

    WindowBench::press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);

    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    QCOMPARE(bench.project->draft().value("learning_rate"), *values.find("learning_rate"));
    QCOMPARE(bench.project->draft().value("rank"), *values.find("rank"));
}

void TestStudyPage::trialOpensWithEnter() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    WindowBench::press(Qt::Key_Down);
    WindowBench::press(Qt::Key_Return);
    QCOMPARE(bench.window->currentPage(), PageId::Live);
    QTRY_COMPARE_WITH_TIMEOUT(bench.find<QComboBox>("trialBox")->currentIndex(), 1, kPatienceMs);
}

void TestStudyPage::boardOpensFromTheLivePage() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    StudySpec other = spec(2);
    other.name = "two";
    runStudy(bench, other);
    WindowBench::press(Qt::Key_4, Qt::AltModifier);
    const int older = bench.project->runs().rowCount() - 1;
    auto* runs = bench.find<QTableView>("runsTable");
    runs->selectRow(older);
    WindowBench::press(Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("studyBoardButton")->isVisible(), kPatienceMs);

    bench.find<QAbstractButton>("studyBoardButton")->click();

    QCOMPARE(bench.window->currentPage(), PageId::Study);
    QVERIFY(bench.find<QComboBox>("studyBox")->currentText() ==
            runs->model()->index(older, RunTableModel::Name).data().toString().section(' ', 0, 0));
}

void TestStudyPage::boardIsReachedByKeysAlone() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    QCOMPARE(QApplication::focusWidget(), table(bench));
    QSet<QString> reached;
    for (int i = 0; i < 40; ++i) {
        WindowBench::press(Qt::Key_Tab);
        reached << QApplication::focusWidget()->objectName();
    }
    for (const char* name :
         {"studyBox", "openTrialButton", "useTrialButton", "chartPlot", "studyTrialsTable"})
        QVERIFY2(reached.contains(QLatin1String(name)), name);
}

void TestStudyPage::prunedTrialTellsItsReason() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    StudySpec pruned = spec(3);
    pruned.prunerId = "threshold";
    pruned.prunerOptions = {{"upper", 1.0}}; // the first loss is about 2
    pruned.pruneMetric = "loss";
    runStudy(bench, pruned);
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 2, StudyTrialModel::State), "pruned", kPatienceMs);
    const int reason = table(bench)->model()->columnCount() - 1;
    QVERIFY2(cell(bench, 2, reason).contains("1"), qPrintable(cell(bench, 2, reason)));
    QVERIFY2(summary(bench).contains("3 pruned"), qPrintable(summary(bench)));
    QVERIFY(!summary(bench).contains("best"));
}

void TestStudyPage::runningTrialIsStoppedAndThenTheStudy() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    StudySpec holding = spec(4);
    holding.fixed.set("hold", true);
    StudySession* study = bench.project->startStudy(holding);
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 0, StudyTrialModel::State), "running", kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("stopTrialButton")->isEnabled(), kPatienceMs);
    QVERIFY(bench.find("pruneTrialButton")->isEnabled());

    QTest::keyClick(bench.find("stopTrialButton"), Qt::Key_Space);

    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 0, StudyTrialModel::State), "stopped", kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 1, StudyTrialModel::State), "running", kPatienceMs);
    QVERIFY(study->isActive());
    QTRY_VERIFY_WITH_TIMEOUT(!bench.find("stopTrialButton")->isEnabled(), kPatienceMs); // #1 is still chosen
    QTest::keyClick(bench.find("stopStudyButton"), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("resumeStudyButton")->isEnabled(), kPatienceMs);
    QVERIFY(!bench.find("stopStudyButton")->isEnabled());
}

void TestStudyPage::stoppedStudyGoesOn() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    StudySpec holding = spec(2);
    holding.fixed.set("hold", true);
    StudySession* study = bench.project->startStudy(holding);
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("stopStudyButton")->isEnabled(), kPatienceMs);
    QTest::keyClick(bench.find("stopStudyButton"), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("resumeStudyButton")->isEnabled(), kPatienceMs);

    QTest::keyClick(bench.find("resumeStudyButton"), Qt::Key_Space);

    QTRY_VERIFY_WITH_TIMEOUT(study->isActive(), kPatienceMs);
    study->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
}

void TestStudyPage::actionsAreExplainedElsewhere() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    auto* use = bench.window->findChild<QAction*>("study.useTrialAction");
    QVERIFY(!use->isEnabled());
    QVERIFY(use->statusTip().contains("Alt+9"));
    showBoard(bench);
    QVERIFY(use->isEnabled());
    WindowBench::press(Qt::Key_1, Qt::AltModifier);
    QVERIFY(!use->isEnabled());
}

void TestStudyPage::fieldsTabComparesFieldAndObjective() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench, 6);
    showTab(bench, 2);
    auto* slice = bench.find<ChartView>("sliceChart");
    QCOMPARE(QString::fromStdString(slice->data().title), "Learning rate");
    QVERIFY(slice->data().x.logScale);
    QVERIFY(!bench.find<QLabel>("importanceNoteLabel")->text().isEmpty());
    auto* keys = bench.find<QComboBox>("sliceParameterBox");
    keys->setFocus();
    WindowBench::press(Qt::Key_Down);
    QCOMPARE(QString::fromStdString(slice->data().title), "Rank");
    QVERIFY(bench.find<QLabel>("correlationLabel")->text().startsWith("Rank correlation"));
}

void TestStudyPage::dragOnAnAxisMarksItsTrials() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench, 6);
    showTab(bench, 3);
    auto* parallel = bench.find<ParallelView>("parallelView");
    QCOMPARE(parallel->data().lines.size(), 6U);
    QCOMPARE(parallel->marked().size(), 6U);
    const auto at = [&](double place) { return parallel->pointOf(0, place).toPoint(); };

    QTest::mousePress(parallel, Qt::LeftButton, {}, at(0.5));
    QTest::mouseMove(parallel, at(0.75));
    QTest::mouseMove(parallel, at(1));
    QTest::mouseRelease(parallel, Qt::LeftButton, {}, at(1));

    const auto mark = parallel->brush(0);
    QVERIFY(mark && std::abs(mark->low - 0.5) < 0.02 && mark->high == 1);
    std::set<std::int64_t> upper;
    for (const ParallelLine& line : parallel->data().lines)
        if (*line.places[0] >= mark->low)
            upper.insert(line.trial);
    QCOMPARE(parallel->marked(), upper);
    QVERIFY(
        bench.find<QLabel>("markedTrialsLabel")->text().startsWith(QString::number(upper.size()) + " of 6") ||
        upper.size() == 6);
    QTest::mouseClick(parallel, Qt::LeftButton, {}, at(0.2));
    QVERIFY(!parallel->brush(0));
    QCOMPARE(parallel->marked().size(), 6U);
}

void TestStudyPage::keysMarkAnAxisToo() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench, 6);
    showTab(bench, 3);
    auto* parallel = bench.find<ParallelView>("parallelView");
    parallel->setFocus();
    WindowBench::press(Qt::Key_Right);
    QCOMPARE(parallel->currentAxis(), 1U);
    WindowBench::press(Qt::Key_Down);
    QCOMPARE(parallel->brush(1), std::optional(AxisBrush{0, 0.5}));
    WindowBench::press(Qt::Key_Up);
    QCOMPARE(parallel->brush(1), std::optional(AxisBrush{0.05, 0.55}));
    WindowBench::press(Qt::Key_Up, Qt::ShiftModifier);
    QVERIFY(std::abs(parallel->brush(1)->high - 0.6) < 1e-9);
    QVERIFY(parallel->accessibleDescription().contains("Rank"));
    WindowBench::press(Qt::Key_Escape);
    QVERIFY(!parallel->brush(1));
}

void TestStudyPage::bestShareDimsTheRest() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench, 6);
    showTab(bench, 3);
    const auto top = [&] {
        return std::ranges::count_if(bench.find<ParallelView>("parallelView")->data().lines,
                                     &ParallelLine::isTop);
    };
    QCOMPARE(top(), 6);
    bench.find<QSpinBox>("topShareSpinBox")->setValue(50);
    QCOMPARE(top(), 3);
}

void TestStudyPage::tickedTrialsAreCompared() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    auto* button = bench.find<QPushButton>("compareTrialsButton");
    QVERIFY(!button->isEnabled());
    tick(bench, 1);
    QVERIFY(!button->isEnabled());
    QCOMPARE(button->text(), "Compare (1)");
    tick(bench, 1); // and off again
    QDialog* dialog = compare(bench, 0, 2);

    QVERIFY(dialog != nullptr && dialog->isVisible());
    auto* results = bench.find<QTableWidget>("comparedResultsTable");
    QCOMPARE(results->columnCount(), 3);
    QCOMPARE(results->horizontalHeaderItem(2)->text(), "#3");
    QCOMPARE(results->item(0, 0)->text(), "Evaluation loss");
    QCOMPARE(results->item(0, 1)->text(), "0.2");
    QCOMPARE(bench.find<QLabel>("verdictLabel")->text(), "The best of these trials are level.");
    auto* fields = bench.find<QTableWidget>("comparedFieldsTable");
    QCOMPARE(fields->rowCount(), 2); // learning rate and rank
    bench.find<QAbstractButton>("allFieldsCheckBox")->click();
    QVERIFY(fields->rowCount() > 2);
    auto* chart = bench.find<ChartView>("comparisonChart");
    QTRY_COMPARE_WITH_TIMEOUT(chart->seriesNames(), (std::vector<std::string>{"#1", "#3"}), kPatienceMs);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(bench.window->findChild<QDialog*>("comparisonDialog") == nullptr);
}

void TestStudyPage::comparisonFollowsTheChosenMetric() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    QVERIFY(compare(bench, 0, 1) != nullptr);
    auto* chart = bench.find<ChartView>("comparisonChart");
    QTRY_COMPARE_WITH_TIMEOUT(chart->data().layers.size(), 2U, kPatienceMs);
    auto* metric = bench.find<QComboBox>("comparedMetricBox");
    QCOMPARE(metric->currentData().toString(), "eval_loss");
    const auto points = [&] { return std::get<Lines>(chart->data().layers.front()).x; };
    QCOMPARE(points().size(), 2U);

    metric->setCurrentIndex(metric->findData("loss"));

    QTRY_COMPARE_WITH_TIMEOUT(points().size(), 40U, kPatienceMs);
    QCOMPARE(points().back(), 40.0);
    bench.find<QComboBox>("comparedOverBox")->setCurrentIndex(1); // time
    QVERIFY(std::abs(points().back() - 0.4) < 1e-9);
}

void TestStudyPage::trialOfARunningStudyIsProtected() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    StudySpec holding = spec(2);
    holding.fixed.set("hold", true);
    StudySession* study = bench.project->startStudy(holding);
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 0, StudyTrialModel::State), "running", kPatienceMs);
    auto* button = bench.find<QPushButton>("protectTrialButton");
    QTRY_VERIFY_WITH_TIMEOUT(button->isEnabled(), kPatienceMs);

    QTest::keyClick(button, Qt::Key_Space);

    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 0, StudyTrialModel::State), "running, protected", kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(button->text(), "Release", kPatienceMs);
    QTest::keyClick(button, Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 0, StudyTrialModel::State), "running", kPatienceMs);
    study->stop();
    QTRY_VERIFY_WITH_TIMEOUT(!study->isActive(), kPatienceMs);
}

void TestStudyPage::winnerBecomesRecipeAndExport() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    WindowBench::press(Qt::Key_Down); // another one than the winner
    const ParamValues winner = bench.project->runs().row(bench.project->runs().rowCount() - 1).trial.values;

    WindowBench::press(Qt::Key_W, Qt::ControlModifier | Qt::ShiftModifier);

    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    QCOMPARE(bench.project->draft().value("learning_rate"), *winner.find("learning_rate"));
    auto* dialog = bench.window->findChild<QDialog*>("exportDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    auto* target = dialog->findChild<QLineEdit*>("targetEdit");
    target->setText(bench.path("exported"));
    QTest::keyClick(target, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(bench.path("exported") + "/adapter.bin"), kPatienceMs);
}

void TestStudyPage::menuOfATrialHasItsActions() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    QContextMenuEvent wanted(QContextMenuEvent::Keyboard, {}, {});
    QApplication::sendEvent(table(bench)->viewport(), &wanted);
    auto* menu = bench.find<QMenu>("trialMenu");
    QVERIFY(menu != nullptr && menu->isVisible());
    QStringList enabled;
    for (const QAction* action : menu->actions())
        if (action->isEnabled() && !action->isSeparator())
            enabled << action->objectName();
    QCOMPARE(enabled, (QStringList{"study.openTrialAction", "study.useTrialAction", "study.tickTrialAction",
                                   "file.exportAction", "file.exportCsvAction", "run.chatAction",
                                   "run.evaluateAction", "study.cloneTrialAction"}));
    menu->close();
}

void TestStudyPage::tradeoffNamesTheFront() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    showTab(bench, 4);
    auto* chart = bench.find<ChartView>("tradeoffChart");
    QCOMPARE(chart->data().layers.size(), 4U); // trials, the front's line, its dots, the chosen one
    QVERIFY(bench.find<QLabel>("frontLabel")->text().contains("#1"));
    auto* first = bench.find<QComboBox>("firstMeasureBox");
    QCOMPARE(first->currentData().toString(), "seconds");
    first->setCurrentIndex(first->findData("eval_accuracy"));
    QCOMPARE(QString::fromStdString(chart->data().x.label), "Accuracy (more is better)");
    first->setCurrentIndex(first->findData("eval_loss"));
    QCOMPARE(bench.find<QLabel>("frontLabel")->text(), "Choose two different measures.");
}

void TestStudyPage::rungsTellWhatBecameOfTheTrials() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    StudySpec pruned = spec(3);
    pruned.prunerId = "threshold";
    pruned.prunerOptions = {{"upper", 1.0}}; // the first loss is about 2
    pruned.pruneMetric = "loss";
    runStudy(bench, pruned);
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 2, StudyTrialModel::State), "pruned", kPatienceMs);
    showTab(bench, 5);
    auto* rungs = bench.find<QTableWidget>("rungsTable");
    QCOMPARE(rungs->rowCount(), 1);
    QCOMPARE(rungs->item(0, 0)->text(), "1");
    QCOMPARE(rungs->item(0, 1)->text(), "3");
    QCOMPARE(rungs->item(0, 3)->text(), "3");
    QCOMPARE(bench.find<ChartView>("rungsChart")->data().layers.size(), 2U);
}

void TestStudyPage::trialIsClonedWithChanges() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench, 2);
    bench.window->findChild<QAction*>("study.cloneTrialAction")->trigger();
    auto* dialog = bench.find<QDialog>("trialDialog");
    QVERIFY(dialog != nullptr);
    auto* rank = dialog->findChild<QWidget*>("rankEditor");
    rank->setFocus();
    QTest::keyClick(rank, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(rank, "99"); // the study searches up to 64
    QVERIFY(!dialog->findChild<QPushButton*>("doItButton")->isEnabled());
    QTest::keyClick(rank, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(rank, "33");
    dialog->findChild<QPushButton*>("doItButton")->click();

    QTRY_COMPARE_WITH_TIMEOUT(table(bench)->model()->rowCount(), 3, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(cell(bench, 2, StudyTrialModel::State), "complete", kPatienceMs);
    QCOMPARE(cell(bench, 2, StudyTrialModel::FirstParameter + 1), "33");
    QCOMPARE(cell(bench, 2, StudyTrialModel::FirstParameter),
             cell(bench, 0, StudyTrialModel::FirstParameter)); // that of the cloned one
}

void TestStudyPage::finishedStudyGetsALargerBudget() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench, 2);
    QVERIFY(!bench.find("resumeStudyButton")->isEnabled());
    bench.window->findChild<QAction*>("study.budgetAction")->trigger();
    auto* dialog = bench.find<QDialog>("budgetDialog");
    QVERIFY(dialog != nullptr);
    auto* trials = dialog->findChild<QWidget*>("trialsEditor");
    trials->setFocus();
    QTest::keyClick(trials, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(trials, "4");
    dialog->findChild<QPushButton*>("doItButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("resumeStudyButton")->isEnabled(), kPatienceMs);

    QTest::keyClick(bench.find("resumeStudyButton"), Qt::Key_Space);

    QTRY_VERIFY_WITH_TIMEOUT(summary(bench).startsWith("4 of 4 trials"), kPatienceMs);
}

void TestStudyPage::finalistsAreConfirmedOverSeeds() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    showBoard(bench);
    bench.window->findChild<QAction*>("study.confirmAction")->trigger();
    auto* dialog = bench.find<QDialog>("confirmDialog");
    QVERIFY(dialog != nullptr);
    auto* finalists = dialog->findChild<QWidget*>("finalistsEditor");
    finalists->setFocus();
    QTest::keyClick(finalists, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(finalists, "2");
    dialog->findChild<QPushButton*>("doItButton")->click();

    QTRY_COMPARE_WITH_TIMEOUT(bench.find<QComboBox>("studyBox")->currentText(), "four (finalists)",
                              kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(summary(bench).startsWith("10 of 10 trials"), kPatienceMs);
    const QString verdict = bench.find<QLabel>("confirmationLabel")->text(); // every run ends alike here
    QVERIFY2(verdict.contains("(5 and 5 runs): within noise."), qPrintable(verdict));
}

/// Writes a study of 200 trials with 500 points each.
void TestStudyPage::writeLargeStudy(const QString& project) {
    const StudyContent sample = sampleStudy(200, 500);
    std::vector<HistoryTrial> history;
    for (std::size_t i = 0; i < sample.trials.size(); ++i) {
        const TrialRecord& record = sample.trials[i];
        HistoryTrial trial;
        trial.number = record.number;
        trial.values = record.values;
        trial.state = record.state;
        trial.reason = record.note;
        trial.steps = record.steps;
        trial.seconds = record.seconds;
        for (const MetricPoint& point : sample.curves[i])
            trial.curve.emplace_back(point.step, point.value);
        trial.objective = trial.curve.back().second;
        history.push_back(std::move(trial));
    }
    need(ensureWritableFolder(project.toStdString()));
    StudyWriter writer = need(StudyWriter::open((project + "/lathe.db").toStdString()));
    (void)need(addStudyWithHistory(writer, sample.study.spec, history));
}

void TestStudyPage::manyTrialsLeaveTheWindowFluid() {
    WindowBench bench({}, writeLargeStudy);
    QVERIFY(bench.isReady());
    GapMeter meter;
    meter.start();
    WindowBench::press(Qt::Key_9, Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(table(bench)->model()->rowCount(), 200, kPatienceMs);
    for (int i = 0; i < 5; ++i) {
        WindowBench::press(Qt::Key_Down);
        QTest::qWait(50); // the meter's time to see the replot
    }
    for (int tab = 1; tab < 6; ++tab) {
        showTab(bench, tab);
        QTest::qWait(50);
    }
    table(bench)->sortByColumn(StudyTrialModel::Value, Qt::DescendingOrder);
    QTest::qWait(50);
    QVERIFY(compare(bench, 0, 7) != nullptr);
    QTRY_COMPARE_WITH_TIMEOUT(bench.find<ChartView>("comparisonChart")->data().layers.size(), 2U,
                              kPatienceMs);
    meter.stop();

    QCOMPARE(bench.find<ChartView>("studyCurvesChart")->data().layers.size(), 200U);
    qInfo("longest work of the window: %.1f ms", meter.worstWorkMs());
    QVERIFY2(meter.worstWorkMs() < 100, qPrintable(QString::number(meter.worstWorkMs())));
}

QTEST_MAIN(TestStudyPage)
#include "tst_study_page.moc"

#include "tests/widgets/shell/window_bench.h"

#include "widgets/charts/live_chart.h"
#include "widgets/shell/banner.h"

#include <QAccessible>
#include <QDir>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

using namespace lathe;
using namespace lathe::test;

class TestMainWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void startPageHasTheFocusOnTryItNow();
    void threeActionsTrainAnAdapter();
    void finishedRunIsExportedByKeyboard();
    void spacePausesAndCtrlPointStopsAndKeeps();
    void stoppedRunGoesOn();
    void closingAsksWhileSomethingTrains();
    void startWithAProblemExplainsItAndDoesNotLaunch();
    void germanIsSwitchedOnAndOff();
    void schemeIsSwitchedAndRemembered();
    void zoomIsRemembered();
    void layoutIsRestoredAndReset();
    void windowFitsASmallScreen_data();
    void windowFitsASmallScreen();
    void paletteFindsAndDoes();
    void everyActionIsBound();
    void everyControlHasAName();
    void lettersWithAltAreUniqueOnEachPage_data();
    void lettersWithAltAreUniqueOnEachPage();
};

void TestMainWindow::windowFitsASmallScreen_data() {
    QTest::addColumn<QString>("language");
    QTest::newRow("English") << "English";
    QTest::newRow("German") << "German";
}

/// The widest page sets the narrowest width of the window, whichever page is shown.
void TestMainWindow::windowFitsASmallScreen() {
    QFETCH(QString, language);
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.find<QAction>(qPrintable("window.language" + language + "Action"))->trigger();
    QTRY_VERIFY2(bench.window->minimumSizeHint().width() <= 1280 &&
                     bench.window->minimumSizeHint().height() <= 800,
                 qPrintable(QStringLiteral("%1 x %2")
                                .arg(bench.window->minimumSizeHint().width())
                                .arg(bench.window->minimumSizeHint().height())));
}

void TestMainWindow::startPageHasTheFocusOnTryItNow() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    QCOMPARE(bench.window->currentPage(), PageId::Start);
    QCOMPARE(QApplication::focusWidget(), bench.find("tryItNowButton"));
    QTRY_COMPARE(bench.find<QLabel>("machineLabel")->text(), "a small device");
}

void TestMainWindow::threeActionsTrainAnAdapter() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    bench.startExample();
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("exportAdapterButton")->isVisible(), kPatienceMs);

    QCOMPARE(bench.find<QLabel>("liveTitleLabel")->text(), "First example");
    QCOMPARE(bench.find<QLabel>("liveStateLabel")->text(), "complete");
    QCOMPARE(bench.find<QLabel>("accuracyFigureLabel")->text(), "10.0 % → 90.0 %");
    QVERIFY(bench.find<QLabel>("storyLabel")->text().startsWith("Done: accuracy on unseen data"));
    QCOMPARE(bench.find<LiveChart>("lossChart")->series("loss").size(), std::size_t{40});
    QCOMPARE(bench.find<LiveChart>("accuracyChart")->series("eval_accuracy").size(), std::size_t{2});
    QCOMPARE(bench.find<QLabel>("sample1BeforeLabel")->text(), "the the");
    QCOMPARE(bench.find<QLabel>("sample1NowLabel")->text(), "✓ Anna");
    QCOMPARE(bench.project->runs().rowCount(), 1);
}

void TestMainWindow::finishedRunIsExportedByKeyboard() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.startExample();
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("exportAdapterButton")->isVisible(), kPatienceMs);
    QSignalSpy exported(bench.project.get(), &ProjectSession::exportFinished);

    WindowBench::press(Qt::Key_E, Qt::ControlModifier);
    auto* target = bench.find<QLineEdit>("targetEdit");
    QTRY_COMPARE(QApplication::focusWidget(), target);
    const QString folder = bench.path("exported");
    target->clear();
    QTest::keyClicks(target, folder);
    WindowBench::press(Qt::Key_Return);

    QTRY_COMPARE_WITH_TIMEOUT(exported.count(), 1, kPatienceMs);
    QVERIFY(QFile::exists(folder + "/adapter.bin"));
    QVERIFY(bench.find("banner")->isVisible());
    QVERIFY(bench.find<QLabel>("bannerLabel")->text().contains(QDir::toNativeSeparators(folder)));
}

void TestMainWindow::spacePausesAndCtrlPointStopsAndKeeps() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.find<QPushButton>("holdingExampleButton")->click();
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    const auto* state = bench.find<QLabel>("liveStateLabel");
    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "running", kPatienceMs);

    WindowBench::press(Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "paused", kPatienceMs);
    WindowBench::press(Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "running", kPatienceMs);
    WindowBench::press(Qt::Key_Period, Qt::ControlModifier);

    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "stopped", kPatienceMs);
    QVERIFY(!bench.find<LiveChart>("lossChart")->series("loss").empty());
}

void TestMainWindow::stoppedRunGoesOn() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.find<QPushButton>("holdingExampleButton")->click();
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    const auto* state = bench.find<QLabel>("liveStateLabel");
    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "running", kPatienceMs);
    WindowBench::press(Qt::Key_Period, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "stopped", kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.project->activeStudies().isEmpty(), kPatienceMs);

    WindowBench::press(Qt::Key_4, Qt::AltModifier);
    QTRY_VERIFY(bench.find("resumeRunButton")->isEnabled());
    bench.find<QPushButton>("resumeRunButton")->click();

    QTRY_COMPARE_WITH_TIMEOUT(state->text(), "running", kPatienceMs);
    QCOMPARE(bench.window->currentPage(), PageId::Live);
    bench.project->stopAll();
    QTRY_VERIFY_WITH_TIMEOUT(bench.project->activeStudies().isEmpty(), kPatienceMs);
}

void TestMainWindow::closingAsksWhileSomethingTrains() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.find<QPushButton>("holdingExampleButton")->click();
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(bench.find<QLabel>("liveStateLabel")->text(), "running", kPatienceMs);
    QSignalSpy closed(bench.window.get(), &MainWindow::closed);

    bench.window->close();
    QVERIFY(bench.window->isVisible());
    auto* dialog = bench.find<QMessageBox>("leaveDialog");
    QVERIFY(dialog != nullptr);
    QTest::mouseClick(dialog->findChild<QPushButton*>("stopAndLeaveButton"), Qt::LeftButton);

    QTRY_COMPARE_WITH_TIMEOUT(closed.count(), 1, kPatienceMs);
    QVERIFY(!bench.window->isVisible());
    QVERIFY(bench.project->activeStudies().isEmpty());
}

void TestMainWindow::startWithAProblemExplainsItAndDoesNotLaunch() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_N, Qt::ControlModifier);
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);

    QVERIFY(bench.find("startButton")->isEnabled());
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(bench.find<QLabel>("refusalLabel")->text().startsWith("Not started. Base model"));
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);

    bench.project->draft().setValue("model", std::string("missing")); // what only the preflight finds
    QTRY_VERIFY(!bench.find("refusalLabel")->isVisible());
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find<QLabel>("refusalLabel")->text().contains("missing is not there"),
                             kPatienceMs);
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    QCOMPARE(bench.project->runs().rowCount(), 0);
}

void TestMainWindow::germanIsSwitchedOnAndOff() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    bench.find<QAction>("window.languageGermanAction")->trigger();
    QTRY_COMPARE(bench.find<QPushButton>("tryItNowButton")->text(), "Jetzt aus&probieren");
    QCOMPARE(bench.find<QMenu>("fileMenu")->title(), "&Datei");
    QVERIFY(bench.find<QAction>("window.languageGermanAction")->isChecked());
    QCOMPARE(bench.settings.language.value(), "de");

    bench.find<QAction>("window.languageEnglishAction")->trigger();
    QTRY_COMPARE(bench.find<QPushButton>("tryItNowButton")->text(), "Tr&y it now");
}

void TestMainWindow::schemeIsSwitchedAndRemembered() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    bench.find<QAction>("view.schemeDarkAction")->trigger();
    QVERIFY(bench.theme.isDark());
    QVERIFY(isDark(bench.window->palette()));
    QCOMPARE(bench.settings.theme.value(), Settings::Theme::Dark);

    bench.find<QAction>("view.schemeLightAction")->trigger();
    QVERIFY(!isDark(bench.window->palette()));
    QVERIFY(bench.find<QAction>("view.schemeLightAction")->isChecked());
    QVERIFY(!bench.find<QAction>("view.schemeDarkAction")->isChecked());
}

void TestMainWindow::zoomIsRemembered() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    WindowBench::press(Qt::Key_Plus, Qt::ControlModifier);

    QVERIFY(bench.theme.zoom() > 1);
    QCOMPARE(bench.settings.zoom.value(), bench.theme.zoom());
    WindowBench::press(Qt::Key_0, Qt::ControlModifier);
    QCOMPARE(bench.settings.zoom.value(), 1.0);
}

void TestMainWindow::layoutIsRestoredAndReset() {
    const QTemporaryDir folder;
    const QString settings = folder.filePath("settings.ini");
    {
        WindowBench bench(settings);
        QVERIFY(bench.isReady());
        WindowBench::press(Qt::Key_L, Qt::ControlModifier);
        QVERIFY(bench.find("logDock")->isVisible());
        bench.window->close();
    }
    WindowBench bench(settings);
    QVERIFY(bench.isReady());
    QVERIFY(bench.find("logDock")->isVisible());
    QVERIFY(bench.find<QAction>("view.logAction")->isChecked());

    bench.find<QAction>("window.resetLayoutAction")->trigger();
    QVERIFY(!bench.find("logDock")->isVisible());
    QVERIFY(!bench.find<QAction>("view.logAction")->isChecked());
}

void TestMainWindow::paletteFindsAndDoes() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    WindowBench::press(Qt::Key_K, Qt::ControlModifier);
    auto* search = bench.find<QLineEdit>("commandPaletteEdit");
    QTRY_COMPARE(QApplication::focusWidget(), search);
    QTest::keyClicks(search, "table runs");
    QCOMPARE(bench.find<QListView>("commandPaletteView")->model()->rowCount(), 1);
    WindowBench::press(Qt::Key_Return);

    QCOMPARE(bench.window->currentPage(), PageId::Runs);
}

void TestMainWindow::everyActionIsBound() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.startExample();
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("exportAdapterButton")->isVisible(), kPatienceMs);
    const QStringList needOtherCircumstances{
        "tools.downloadModelAction", "edit.redoAction",         "edit.filterAction",
        "help.manualAction",         "run.pauseAction",         "run.resumeAction",
        "run.stopKeepAction",        "recipe.placesAction",     "evaluation.pauseAction",
        "evaluation.stopAction",     "evaluation.resumeAction", "evaluation.exportAction",
        "study.showAction",          "study.useTrialAction",    "study.pauseTrialAction",
        "study.pruneTrialAction",    "study.stopTrialAction",   "study.pauseAction",
        "study.stopAction",          "study.resumeAction",      "study.openTrialAction",
        "study.tickTrialAction",     "study.compareAction",     "study.promoteAction",
        "study.protectTrialAction",  "study.cloneTrialAction",  "study.addTrialAction",
        "study.confirmAction",       "study.budgetAction",      "study.templateAction",
        "study.trialEarlierAction",  "study.trialLaterAction"};

    for (const QAction* action : bench.window->findChildren<QAction*>())
        if (action->objectName().endsWith("Action") && !needOtherCircumstances.contains(action->objectName()))
            QTRY_VERIFY2(action->isEnabled(),
                         qPrintable(action->objectName())); // the run may still be closing
}

void TestMainWindow::everyControlHasAName() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    for (const QWidget* widget : bench.window->findChildren<QWidget*>()) {
        const bool isControl = qobject_cast<const QAbstractButton*>(widget) ||
                               qobject_cast<const QLineEdit*>(widget) ||
                               qobject_cast<const QAbstractSpinBox*>(widget);
        const bool isOurs = !widget->objectName().startsWith("qt_") && !widget->objectName().isEmpty();
        if (!isControl || !isOurs || widget->isHidden()) // places kept for recent runs have no name yet
            continue;
        QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(widget));
        QVERIFY2(!spoken->text(QAccessible::Name).isEmpty(), qPrintable(widget->objectName()));
    }
}

void TestMainWindow::lettersWithAltAreUniqueOnEachPage_data() {
    QTest::addColumn<QString>("language");
    QTest::newRow("English") << "English";
    QTest::newRow("German") << "German";
}

void TestMainWindow::lettersWithAltAreUniqueOnEachPage() {
    QFETCH(QString, language);
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.find<QAction>(qPrintable("window.language" + language + "Action"))->trigger();
    bench.startExample();
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("exportAdapterButton")->isVisible(), kPatienceMs);

    for (const PageId page :
         {PageId::Start, PageId::Recipe, PageId::Live, PageId::Runs, PageId::Chat, PageId::Evaluate}) {
        bench.window->showPage(page);
        QHash<QKeySequence, QString> taken;
        const auto take = [&taken](const QString& text) {
            const QKeySequence keys = QKeySequence::mnemonic(text);
            const bool isFree = keys.isEmpty() || !taken.contains(keys);
            if (!isFree)
                qWarning("%s and %s", qPrintable(taken.value(keys)), qPrintable(text));
            if (!keys.isEmpty())
                taken.insert(keys, text);
            return isFree;
        };
        for (const QMenu* menu :
             bench.window->menuBar()->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly))
            QVERIFY(take(menu->title()));
        for (const QAbstractButton* button : bench.window->findChildren<QAbstractButton*>())
            QVERIFY(!button->isVisible() || take(button->text()));
        for (const QLabel* label : bench.window->findChildren<QLabel*>())
            QVERIFY(!label->isVisible() || label->buddy() == nullptr || take(label->text()));
    }
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"

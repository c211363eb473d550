#include "tests/widgets/shell/window_bench.h"

#include "widgets/forms/param_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

using namespace lathe;
using namespace lathe::test;

/// The recipe page inside its window: the draft, the checks and the study are real.
class TestRecipePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exampleFillsTheFormAndPassesTheChecks();
    void editIsUndoneAndRedone();
    void unreadableNumberStaysForTheUserToMend();
    void costFollowsTheRank();
    void noteIsToldAndDoesNotHinderTheStart();
    void nameIsSuggestedFromTheRecipe();
    void studyOfFourTrialsRunsFromThisPage();
    void studyTakesItsPrunerAndTheOptions();
    void wrongOptionOfTheSearchIsExplained();
    void studyWithoutASearchedFieldIsExplained();
    void costAndTimeOfTheStudyAreToldAsItChanges();
    void severalTrialsRunAtTheSameTime();
    void everySearchableFieldHasItsToggleAndRange();
    void advancedFieldsAreRemembered();
};

namespace {

ParamValue shown(const WindowBench& bench, const char* key) {
    return *bench.find<ParamForm>("recipeForm")->values().find(key);
}

} // namespace

void TestRecipePage::exampleFillsTheFormAndPassesTheChecks() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    WindowBench::press(Qt::Key_Return);

    QCOMPARE(shown(bench, "model"), ParamValue(std::string("base")));
    QCOMPARE(QApplication::focusWidget(), bench.find("startButton"));
    QTRY_VERIFY_WITH_TIMEOUT(bench.find<QLabel>("filesCheckLabel")->text().contains("can be read"),
                             kPatienceMs);
    QCOMPARE(bench.find<QLabel>("trainableParametersLabel")->text(), "8,000");
}

void TestRecipePage::editIsUndoneAndRedone() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    auto* rank = bench.find<ParamForm>("recipeForm")->editor("rank");
    rank->setFocus();

    WindowBench::press(Qt::Key_Up);
    QCOMPARE(shown(bench, "rank"), ParamValue(std::int64_t{16}));
    bench.find<QAction>("edit.undoAction")->trigger();
    QTRY_COMPARE(shown(bench, "rank"), ParamValue(std::int64_t{8}));
    bench.find<QAction>("edit.redoAction")->trigger();
    QTRY_COMPARE(shown(bench, "rank"), ParamValue(std::int64_t{16}));
}

void TestRecipePage::unreadableNumberStaysForTheUserToMend() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    auto* form = bench.find<ParamForm>("recipeForm");
    QWidget* rate = form->editor("learning_rate");
    rate->setFocus();
    QTest::keyClick(rate, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(rate, "3e-");

    QTRY_VERIFY(bench.find("problem0Button")->isVisible());
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(bench.find<QLabel>("refusalLabel")->text().startsWith("Not started. Learning rate"));
    QCOMPARE(QApplication::focusWidget(), rate);
    QTest::keyClick(rate, Qt::Key_End);
    QTest::keyClicks(rate, "4");

    QTRY_COMPARE(bench.project->draft().value("learning_rate"), ParamValue(3e-4));
    QTRY_VERIFY(!bench.find("problem0Button")->isVisible());
}

void TestRecipePage::costFollowsTheRank() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);

    bench.project->draft().setValue("rank", std::int64_t{32});

    QTRY_COMPARE_WITH_TIMEOUT(bench.find<QLabel>("trainableParametersLabel")->text(), "32,000", kPatienceMs);
}

void TestRecipePage::noteIsToldAndDoesNotHinderTheStart() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    QVERIFY(!bench.find("recipeNotesLabel")->isVisible());

    bench.project->draft().setValue("model", std::string("noted"));

    QTRY_VERIFY_WITH_TIMEOUT(bench.find("recipeNotesLabel")->isVisible(), kPatienceMs);
    QCOMPARE(bench.find<QLabel>("recipeNotesLabel")->text(), "dropout 0.1 is not applied");
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Live, kPatienceMs);
}

void TestRecipePage::nameIsSuggestedFromTheRecipe() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_N, Qt::ControlModifier);
    QVERIFY(!bench.find<QLineEdit>("runNameEdit")->placeholderText().isEmpty());
    QVERIFY(bench.find<QLineEdit>("runNameEdit")->text().isEmpty());
}

void TestRecipePage::studyOfFourTrialsRunsFromThisPage() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);

    WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(bench.find<QCheckBox>("studyCheckBox")->isChecked());
    bench.find<QAbstractButton>("learning_rateSearchButton")->click();
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);

    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.project->activeStudies().isEmpty(), kPatienceMs);
    QCOMPARE(bench.project->runs().rowCount(), 4);
    QCOMPARE(bench.find<QComboBox>("trialBox")->count(), 4);
    QVERIFY(bench.find<QLabel>("bestTrialLabel")->text().startsWith("Best so far: #"));
}

void TestRecipePage::studyTakesItsPrunerAndTheOptions() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    bench.find<QAbstractButton>("learning_rateSearchButton")->click();
    auto* pruner = bench.find<QComboBox>("studyPrunerBox");
    QCOMPARE(pruner->currentData().toString(), "none");
    QVERIFY(!bench.find("studyPrunerOptionsButton")->isEnabled());

    pruner->setFocus();
    QTest::keyClicks(pruner, "Perc");
    QCOMPARE(pruner->currentData().toString(), "percentile");
    QTest::keyClick(bench.find("studyPrunerOptionsButton"), Qt::Key_Space);
    auto* share = bench.find("studyPruner_percentileEditor");
    QVERIFY(share->isVisible());
    share->setFocus();
    QTest::keyClick(share, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(share, "40");
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);

    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.project->activeStudies().isEmpty(), kPatienceMs);
    const StudySession* study = bench.project->findStudy(bench.project->runs().row(0).trial.study);
    QVERIFY(study != nullptr);
    QCOMPARE(study->spec().prunerId, "percentile");
    QCOMPARE(study->spec().prunerOptions.map().size(), std::size_t{1});
    QCOMPARE(study->spec().prunerOptions.real("percentile"), 40.0);
}

void TestRecipePage::wrongOptionOfTheSearchIsExplained() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    bench.find<QAbstractButton>("learning_rateSearchButton")->click();
    auto* method = bench.find<QComboBox>("studyMethodBox");
    method->setFocus();
    QTest::keyClicks(method, "TPE");
    bench.find<QAbstractButton>("studyMethodOptionsButton")->click();
    auto* candidates = bench.find("studyMethod_candidatesEditor");
    candidates->setFocus();
    QTest::keyClick(candidates, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(candidates, "many");

    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);

    QVERIFY2(bench.find<QLabel>("refusalLabel")->text().startsWith("Candidates: "),
             qPrintable(bench.find<QLabel>("refusalLabel")->text()));
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
}

void TestRecipePage::costAndTimeOfTheStudyAreToldAsItChanges() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.startExample();
    QTRY_VERIFY_WITH_TIMEOUT(bench.project->activeStudies().isEmpty(), kPatienceMs);
    WindowBench::press(Qt::Key_2, Qt::AltModifier);
    WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    auto* outlook = bench.find<QLabel>("studyOutlookLabel");
    QVERIFY(!outlook->isVisible());
    bench.find<QAbstractButton>("rankSearchButton")->click();
    QVERIFY(outlook->isVisible());
    QVERIFY2(outlook->text().startsWith("Cost: 4 full runs. The ranges have"), qPrintable(outlook->text()));
    QVERIFY2(outlook->text().contains("at the speed of “First example”"), qPrintable(outlook->text()));
    auto* trials = bench.find("studyTrialsEditor");
    trials->setFocus();
    QTest::keyClick(trials, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(trials, "12");
    QVERIFY2(outlook->text().startsWith("Cost: 12 full runs."), qPrintable(outlook->text()));
    auto* pruner = bench.find<QComboBox>("studyPrunerBox");
    pruner->setCurrentIndex(pruner->findData("median"));
    QVERIFY2(outlook->text().startsWith("Cost: at most 12 full runs."), qPrintable(outlook->text()));
}

void TestRecipePage::severalTrialsRunAtTheSameTime() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    bench.project->draft().setValue("hold", true);
    WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    bench.find<QAbstractButton>("learning_rateSearchButton")->click();
    auto* atOnce = bench.find("studySlotsEditor");
    atOnce->setFocus();
    QTest::keyClick(atOnce, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(atOnce, "2");
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Live, kPatienceMs);

    const auto running = [&] {
        int count = 0;
        for (int row = 0; row < bench.project->runs().rowCount(); ++row)
            count += bench.project->runs().row(row).trial.state == TrialState::Running ? 1 : 0;
        return count;
    };
    QTRY_COMPARE_WITH_TIMEOUT(running(), 2, kPatienceMs);
    QCOMPARE(bench.settings.studySlots.value(), 2);
    WindowBench::press(Qt::Key_2, Qt::AltModifier);
    QTest::keyClick(atOnce, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(atOnce, "3");
    bench.find<QAbstractButton>("startButton")->click();
    QVERIFY2(bench.find<QLabel>("refusalLabel")->text().contains("stays 2"),
             qPrintable(bench.find<QLabel>("refusalLabel")->text()));
    bench.project->stopAll();
    QTRY_VERIFY_WITH_TIMEOUT(bench.project->activeStudies().isEmpty(), kPatienceMs);
}

void TestRecipePage::everySearchableFieldHasItsToggleAndRange() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    WindowBench::press(Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    for (const ParamSpec& spec : smallSchema()) {
        const QString key = QString::fromStdString(spec.key);
        auto* toggle = bench.window->findChild<QAbstractButton*>(key + "SearchButton");
        QVERIFY2(toggle != nullptr, spec.key.c_str());
        QVERIFY2(toggle->isVisibleTo(toggle->parentWidget()) == spec.isSearchable, spec.key.c_str());
    }
}

void TestRecipePage::studyWithoutASearchedFieldIsExplained() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    bench.find<QCheckBox>("studyCheckBox")->setChecked(true);

    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);

    QVERIFY(bench.find<QLabel>("refusalLabel")->text().contains("No field is searched yet"));
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
}

void TestRecipePage::advancedFieldsAreRemembered() {
    const QTemporaryDir folder;
    const QString settings = folder.filePath("settings.ini");
    {
        WindowBench bench(settings);
        QVERIFY(bench.isReady());
        WindowBench::press(Qt::Key_Return);
        QVERIFY(bench.find<ParamForm>("recipeForm")->editor("hold")->isHidden() ||
                !bench.find<ParamForm>("recipeForm")->editor("hold")->isVisible());
        WindowBench::press(Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(bench.find<ParamForm>("recipeForm")->editor("hold")->isVisible());
    }
    WindowBench bench(settings);
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    QVERIFY(bench.find<ParamForm>("recipeForm")->editor("hold")->isVisible());
}

QTEST_MAIN(TestRecipePage)
#include "tst_recipe_page.moc"

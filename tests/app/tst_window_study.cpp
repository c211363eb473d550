#include "app/workbench.h"
#include "core/session/project_session.h"
#include "core/session/study_trial_model.h"
#include "core/store/study_reader.h"
#include "tests/support/gap_meter.h"
#include "widgets/charts/chart_view.h"
#include "widgets/shell/main_window.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <clocale>

using namespace lathe;
using lathe::test::GapMeter;

namespace {
constexpr int kPatienceMs = 600'000; // a machine with other work takes its time
}

/// A study from its beginning to its winner, by keyboard, with the real engine and the built-in model: made
/// from a run, watched, a trial pruned and one protected, two compared, the best promoted.
class TestWindowStudy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aRunIsTrained();
    void theRunBecomesAStudy();
    void trialsAreSeenWhileTheyRun();
    void oneTrialIsPrunedAndOneProtected();
    void theStudyEndsAndSaysWhichIsBest();
    void windowStaysResponsiveWhileItSearches();
    void twoTrialsAreCompared();
    void theWinnerIsPromoted();
    void theFinalistsAreConfirmed();

private:
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QWidget* target = QApplication::focusWidget();
        QTest::keyClick(target != nullptr ? target : QApplication::activeWindow(), key, modifiers);
    }
    void type(const char* editor, const char* text) const {
        find(editor)->setFocus();
        press(Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(QApplication::focusWidget(), QLatin1String(text));
    }
    void pressButton(const char* name) const {
        QTRY_VERIFY_WITH_TIMEOUT(find(name)->isEnabled(), kPatienceMs);
        QTest::keyClick(find(name), Qt::Key_Space);
    }
    [[nodiscard]] QTableView* trials() const { return find<QTableView>("studyTrialsTable"); }
    [[nodiscard]] QString cell(int row, int column) const {
        return trials()->model()->index(row, column).data().toString();
    }
    void choose(int row) const {
        trials()->setFocus();
        trials()->selectRow(row);
    }
    [[nodiscard]] StudyContent rows() const {
        const auto reader = StudyReader::open(m_workbench->project().database().toStdString());
        return reader->content(m_study).value();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Workbench> m_workbench;
    GapMeter m_gaps;
    StudyId m_study;
};

void TestWindowStudy::initTestCase() {
    if (!QFile::exists(LATHE_BASE_MODEL "/model.safetensors"))
        QSKIP("resources/examples/base_model is missing");
    std::setlocale(LC_NUMERIC, "C");
    QLocale::setDefault(QLocale::c());
    m_workbench =
        std::make_unique<Workbench>(*qApp, m_folder.filePath("settings.ini"), m_folder.filePath("project"));
    QVERIFY(QTest::qWaitForWindowActive(&m_workbench->window()));
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().isOpen(), kPatienceMs);
}

void TestWindowStudy::aRunIsTrained() {
    press(Qt::Key_T, Qt::ControlModifier);
    QTRY_COMPARE(m_workbench->window().currentPage(), PageId::Recipe);
    RecipeDraft& draft = m_workbench->project().draft();
    draft.setValue("max_steps", std::int64_t{8}); // short: what is tested is the study
    draft.setValue("eval_every", std::int64_t{4});
    draft.setValue("eval_rows", std::int64_t{16});
    press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(m_workbench->window().currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().activeStudies().isEmpty(), kPatienceMs);
    QVERIFY(m_workbench->project().runs().row(0).trial.state == TrialState::Complete);
}

void TestWindowStudy::theRunBecomesAStudy() {
    press(Qt::Key_4, Qt::AltModifier);
    find<QTableView>("runsTable")->selectRow(0);
    press(Qt::Key_D, Qt::ControlModifier); // a recipe of it
    QTRY_COMPARE(m_workbench->window().currentPage(), PageId::Recipe);
    press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    QTest::keyClick(find("learning_rateSearchButton"), Qt::Key_Space);
    type("studyTrialsEditor", "4");
    type("studySlotsEditor", "2");
    auto* objective = find<QComboBox>("studyObjectiveBox");
    objective->setCurrentIndex(objective->findData("eval_loss"));
    const QString outlook = find<QLabel>("studyOutlookLabel")->text();
    QVERIFY2(outlook.startsWith("Cost: 4 full runs.") && outlook.contains("at the speed of"),
             qPrintable(outlook));

    m_gaps.start();
    press(Qt::Key_Return, Qt::ControlModifier);

    QTRY_COMPARE_WITH_TIMEOUT(m_workbench->window().currentPage(), PageId::Live, kPatienceMs);
    QCOMPARE(m_workbench->project().slotCount(), std::size_t{2});
    m_study = m_workbench->project().activeStudies().front()->id();
}

void TestWindowStudy::trialsAreSeenWhileTheyRun() {
    QVERIFY(m_study.isValid());
    press(Qt::Key_9, Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(m_workbench->window().currentPage(), PageId::Study, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(trials()->model()->rowCount() >= 2, kPatienceMs);
    // Held, so that they do not end before they are told to.
    pressButton("pauseStudyButton");
    QTRY_COMPARE_WITH_TIMEOUT(cell(0, StudyTrialModel::State), "paused", kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(cell(1, StudyTrialModel::State), "paused", kPatienceMs);
}

void TestWindowStudy::oneTrialIsPrunedAndOneProtected() {
    QVERIFY(m_study.isValid());
    choose(1);
    pressButton("protectTrialButton");
    QTRY_COMPARE_WITH_TIMEOUT(cell(1, StudyTrialModel::State), "paused, protected", kPatienceMs);
    choose(0);
    pressButton("pruneTrialButton");
    pressButton("pauseStudyButton"); // which says Resume now

    QTRY_COMPARE_WITH_TIMEOUT(cell(0, StudyTrialModel::State), "pruned", kPatienceMs);
    QVERIFY(!cell(0, trials()->model()->columnCount() - 1).isEmpty()); // why
}

void TestWindowStudy::theStudyEndsAndSaysWhichIsBest() {
    QVERIFY(m_study.isValid());
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().activeStudies().isEmpty(), kPatienceMs);
    m_gaps.stop();
    auto* summary = find<QLabel>("studySummaryLabel");
    QTRY_VERIFY_WITH_TIMEOUT(summary->text().startsWith("4 of 4 trials, 1 pruned; best "), kPatienceMs);
    const StudyContent content = rows();
    QCOMPARE(content.trials.size(), 4U);
    QVERIFY(content.trials[0].state == TrialState::Pruned);
    QVERIFY(content.trials[1].state == TrialState::Complete && content.trials[1].isProtected);
    QCOMPARE(find<ChartView>("studyCurvesChart")->data().layers.size(), 4U);
}

/// On the thread's own clock, which other programs cannot disturb.
void TestWindowStudy::windowStaysResponsiveWhileItSearches() {
    qInfo("longest work of the window: %.1f ms, longest gap: %lld ms", m_gaps.worstWorkMs(),
          static_cast<long long>(m_gaps.worstMs()));
    QVERIFY(m_gaps.ticks() > 20);
    QVERIFY2(m_gaps.worstWorkMs() < 100, qPrintable(QString::number(m_gaps.worstWorkMs())));
}

void TestWindowStudy::twoTrialsAreCompared() {
    QVERIFY(m_study.isValid());
    for (const int row : {1, 2}) {
        choose(row);
        press(Qt::Key_M, Qt::ControlModifier);
    }
    press(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
    auto* dialog = find<QDialog>("comparisonDialog");
    QVERIFY(dialog != nullptr);
    QTRY_COMPARE_WITH_TIMEOUT(find<ChartView>("comparisonChart")->seriesNames(),
                              (std::vector<std::string>{"#2", "#3"}), kPatienceMs);
    auto* fields = find<QTableWidget>("comparedFieldsTable");
    QCOMPARE(fields->rowCount(), 1);
    QCOMPARE(fields->item(0, 0)->text(), "Learning rate");
    QVERIFY(find<QLabel>("verdictLabel")->text().contains("is ahead of"));
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(find<QDialog>("comparisonDialog") == nullptr);
    m_workbench->window().activateWindow(); // as a window manager does
    QTRY_VERIFY(QApplication::focusWidget() != nullptr);
}

void TestWindowStudy::theWinnerIsPromoted() {
    QVERIFY(m_study.isValid());
    const StudyContent content = rows();
    const auto best = std::ranges::min_element(content.trials, {}, [](const TrialRecord& trial) {
        return trial.state == TrialState::Complete ? trial.lastValues.at("eval_loss") : 1e9;
    });
    press(Qt::Key_W, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(m_workbench->window().currentPage(), PageId::Recipe);
    QCOMPARE(m_workbench->project().draft().value("learning_rate"), *best->values.find("learning_rate"));
    auto* dialog = find<QDialog>("exportDialog");
    QVERIFY(dialog != nullptr);
    auto* target = dialog->findChild<QLineEdit*>("targetEdit");
    const QString folder = target->text();
    QTest::keyClick(target, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(folder + "/adapter_model.safetensors"), kPatienceMs);
}

void TestWindowStudy::theFinalistsAreConfirmed() {
    QVERIFY(m_study.isValid());
    m_workbench->window().activateWindow();
    m_workbench->window().showPage(PageId::Study);
    QTRY_COMPARE_WITH_TIMEOUT(trials()->model()->rowCount(), 4, kPatienceMs);
    m_workbench->window().findChild<QAction*>("study.confirmAction")->trigger();
    auto* dialog = find<QDialog>("confirmDialog");
    QVERIFY(dialog != nullptr);
    for (const char* editor : {"finalistsEditor", "seedsEditor"}) {
        auto* number = dialog->findChild<QWidget*>(editor);
        number->setFocus();
        QTest::keyClick(number, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(number, "2");
    }
    dialog->findChild<QAbstractButton*>("doItButton")->click();
    auto* verdict = find<QLabel>("confirmationLabel");
    QTRY_VERIFY_WITH_TIMEOUT(verdict->text().contains("(2 and 2 runs)"), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().activeStudies().isEmpty(), kPatienceMs);
}

QTEST_MAIN(TestWindowStudy)
#include "tst_window_study.moc"

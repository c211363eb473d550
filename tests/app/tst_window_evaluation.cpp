#include "app/workbench.h"
#include "core/session/evaluation_session.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "tests/support/drag.h"
#include "widgets/shell/main_window.h"

#include <QAbstractItemModelTester>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTextEdit>

#include <clocale>

using namespace lathe;

namespace {
constexpr int kPatienceMs = 60'000; // a machine with other work takes its time
} // namespace

/// Evaluates the built-in model on built-in rows as a person does, with the real engine, by keys and a drop.
class TestWindowEvaluation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup() { m_workbench.reset(); }
    void startWithoutAFileSaysWhatIsMissing();
    void droppedFileIsAskedAndItsAnswersAreRead();
    void twoEvaluationsAreCompared();
    void stoppedEvaluationGoesOnAfterARestart();
    void rowsAreExported();
    void germanPageHasGermanWords();

private:
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        auto* found = m_workbench->window().findChild<Widget*>(QLatin1String(name));
        if (found == nullptr)
            qWarning("there is no %s", name);
        return found;
    }
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QWidget* target = QApplication::focusWidget();
        QTest::keyClick(target != nullptr ? target : QApplication::activeWindow(), key, modifiers);
    }
    void openPage() {
        m_workbench = std::make_unique<Workbench>(*qApp, m_folder.filePath("settings.ini"),
                                                  m_folder.filePath("project"));
        QSignalSpy listed(&evaluations(), &EvaluationSession::opened);
        QVERIFY(QTest::qWaitForWindowActive(&m_workbench->window()));
        QTRY_COMPARE_WITH_TIMEOUT(listed.size(), 1, kPatienceMs);
        press(Qt::Key_8, Qt::AltModifier);
        QCOMPARE(m_workbench->window().currentPage(), PageId::Evaluate);
        QTRY_VERIFY_WITH_TIMEOUT(find<QComboBox>("evaluationModelBox")->currentIndex() >= 0, kPatienceMs);
    }
    [[nodiscard]] EvaluationSession& evaluations() const { return m_workbench->project().evaluations(); }
    /// Other pages have fields of the same names.
    void type(const char* editor, const QString& text) const {
        auto* box = find("evaluationPage")->findChild<QAbstractSpinBox*>(QLatin1String(editor));
        QVERIFY(box != nullptr);
        box->setFocus();
        QCOMPARE(QApplication::focusWidget(), box);
        box->selectAll();
        QTest::keyClicks(box, text);
    }
    /// The first rows of the built-in test rows.
    [[nodiscard]] QString rows(int count) const {
        QFile source(LATHE_EXAMPLE_DATA "/sentiment.test.jsonl");
        QFile target(m_folder.filePath(QStringLiteral("rows%1.jsonl").arg(count)));
        if (!source.open(QIODevice::ReadOnly) || !target.open(QIODevice::WriteOnly))
            qFatal("the rows cannot be written");
        for (int i = 0; i < count; ++i)
            target.write(source.readLine());
        return target.fileName();
    }
    void start(const QString& file, const QString& tokens) {
        const int before = evaluations().list().rowCount();
        QVERIFY(test::drop(&m_workbench->window(), {file}));
        type("max_new_tokensEditor", tokens);
        press(Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(evaluations().list().rowCount(), before + 1, kPatienceMs);
        const QByteArray spec = QByteArray::fromStdString(evaluations().list().record(0).spec);
        QVERIFY2(spec.contains("\"max_new_tokens\":" + tokens.toLatin1()), spec.constData());
    }
    /// Presses what narrows the rows down, and waits for as many rows as there are then.
    void choose(const char* button, std::int64_t rows) const {
        find(button)->setFocus();
        press(Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(std::int64_t{table()->rowCount()}, rows, kPatienceMs);
    }
    /// The number that such a button says.
    [[nodiscard]] int number(const char* button) const {
        return find<QPushButton>(button)->text().section(u' ', -1).toInt();
    }
    void waitForEnd() {
        QTRY_VERIFY2_WITH_TIMEOUT(find<QLabel>("evaluationStateLabel")->text().startsWith("complete"),
                                  qPrintable(find<QLabel>("evaluationStateLabel")->text() + " " +
                                             find<QLabel>("evaluationProblemLabel")->text()),
                                  kPatienceMs);
    }
    [[nodiscard]] QAbstractItemModel* table() const { return find<QTableView>("predictionTable")->model(); }

    QTemporaryDir m_folder;
    std::unique_ptr<Workbench> m_workbench;
};

void TestWindowEvaluation::initTestCase() {
    if (!QFile::exists(LATHE_EXAMPLE_DATA "/../base_model/model.safetensors"))
        QSKIP("resources/examples/base_model is missing");
    std::setlocale(LC_NUMERIC, "C");
}

void TestWindowEvaluation::startWithoutAFileSaysWhatIsMissing() {
    openPage();
    QVERIFY(find("evaluationEmptyTitleLabel")->isVisible());
    press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(find("evaluationFormProblemLabel")->isVisible());
    QVERIFY(find<QLabel>("evaluationFormProblemLabel")->text().startsWith("Choose a file"));
    QCOMPARE(evaluations().list().rowCount(), 0);
}

void TestWindowEvaluation::droppedFileIsAskedAndItsAnswersAreRead() {
    openPage();
    const QAbstractItemModelTester tester(table(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    start(rows(20), "4");
    waitForEnd();
    QTRY_COMPARE_WITH_TIMEOUT(table()->rowCount(), 20, kPatienceMs);
    QVERIFY(find<QLabel>("figure0ValueLabel")->text().endsWith("%"));
    QVERIFY(find<QLabel>("figure0IntervalLabel")->text().contains(" to "));

    // How many the model gets right is not the matter here; untrained, it may be none.
    const EvaluationRecord& record = evaluations().list().record(0);
    QCOMPARE(record.rowsRight + record.rowsWrong, 20);
    choose("rightRowsButton", record.rowsRight);
    choose("wrongRowsButton", record.rowsWrong);
    press(Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(QApplication::focusWidget(), find("predictionFilterEdit"));
    press(Qt::Key_Down); // into the rows
    QCOMPARE(QApplication::focusWidget(), find("predictionTable"));
    press(Qt::Key_Home);
    QTRY_VERIFY_WITH_TIMEOUT(find<QTextEdit>("predictionText")->toPlainText().contains("Prompt"),
                             kPatienceMs);
    QVERIFY(find<QTextEdit>("predictionText")->toPlainText().contains("✗ wrong"));
    QVERIFY(find<QLabel>("predictionHeadingLabel")->text().startsWith("Row "));
    press(Qt::Key_F, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "no such text at all");
    QTRY_COMPARE_WITH_TIMEOUT(table()->rowCount(), 0, kPatienceMs);
    press(Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(table()->rowCount() > 0, kPatienceMs);
}

void TestWindowEvaluation::twoEvaluationsAreCompared() {
    openPage();
    start(rows(20), "1");
    waitForEnd();
    auto* others = find<QComboBox>("compareEvaluationBox");
    QTRY_COMPARE_WITH_TIMEOUT(others->count(), 2, kPatienceMs); // nothing, and the evaluation of before
    others->setFocus();
    press(Qt::Key_Down);
    QTRY_VERIFY_WITH_TIMEOUT(!find<QLabel>("comparisonVerdictLabel")->text().isEmpty(), kPatienceMs);
    const QString verdict = find<QLabel>("comparisonVerdictLabel")->text();
    QVERIFY2(verdict.contains("is better by") || verdict.contains("within the noise"), qPrintable(verdict));
    QVERIFY(find("gainedRowsButton")->isVisible());
    QVERIFY(!find<QTableView>("predictionTable")->isColumnHidden(4));
    const std::int64_t right = evaluations().list().record(0).rowsRight;
    const std::int64_t rightBefore = evaluations().list().record(1).rowsRight;
    choose("rightRowsButton", right);
    choose("gainedRowsButton", number("gainedRowsButton"));
    choose("lostRowsButton", number("lostRowsButton"));
    QCOMPARE(right - rightBefore, number("gainedRowsButton") - number("lostRowsButton"));
    choose("bothWrongRowsButton", 20 - rightBefore - number("gainedRowsButton"));
    others->setFocus();
    press(Qt::Key_Up);
    QTRY_VERIFY_WITH_TIMEOUT(find("gainedRowsButton")->isHidden(), kPatienceMs);
}

void TestWindowEvaluation::stoppedEvaluationGoesOnAfterARestart() {
    openPage();
    start(rows(90), "40");
    QTRY_VERIFY_WITH_TIMEOUT(evaluations().progress().done >= 8, kPatienceMs);
    press(Qt::Key_Period, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!evaluations().isBusy(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(find("resumeEvaluationButton")->isVisible(), kPatienceMs);
    const std::int64_t done = evaluations().list().record(0).rowsDone;
    QVERIFY(done >= 8 && done < 90);

    m_workbench.reset();
    openPage();
    QTRY_VERIFY_WITH_TIMEOUT(find("resumeEvaluationButton")->isVisible(), kPatienceMs);
    QVERIFY(find<QLabel>("evaluationStateLabel")->text().startsWith("stopped"));
    find("resumeEvaluationButton")->setFocus();
    press(Qt::Key_Space);
    waitForEnd();
    QCOMPARE(evaluations().list().record(0).rowsDone, 90);
    QTRY_COMPARE_WITH_TIMEOUT(table()->rowCount(), 90, kPatienceMs);
}

void TestWindowEvaluation::rowsAreExported() {
    openPage();
    QTRY_VERIFY_WITH_TIMEOUT(find("exportEvaluationButton")->isEnabled(), kPatienceMs);
    press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY_WITH_TIMEOUT(find<QFileDialog>("exportEvaluationDialog") != nullptr, kPatienceMs);
    auto* dialog = find<QFileDialog>("exportEvaluationDialog");
    const QString target = m_folder.filePath("out.jsonl");
    dialog->selectFile(target);
    QMetaObject::invokeMethod(dialog, "accept");
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(target), kPatienceMs);
    QFile file(target);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().count('\n'), 90);
}

void TestWindowEvaluation::germanPageHasGermanWords() {
    openPage();
    m_workbench->settings().language.set(QStringLiteral("de"));
    m_workbench.reset();
    openPage();
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("evaluationStateLabel")->text().startsWith("fertig"), kPatienceMs);
    QVERIFY(find<QPushButton>("startEvaluationButton")->text().contains("Starten"));
    m_workbench->settings().language.set(QStringLiteral("en"));
}

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale::c());
    TestWindowEvaluation test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_window_evaluation.moc"

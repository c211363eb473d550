#include "tests/support/drag.h"
#include "tests/widgets/shell/window_bench.h"

#include "core/session/text.h"
#include "widgets/pages/length_chart.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTextEdit>

using namespace lathe;
using namespace lathe::test;

/// The dataset studio inside its window; only what core would answer is played.
class TestDatasetPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyStudioLeadsToTheFirstFile();
    void droppedFileIsRead();
    void brokenFileIsExplained();
    void readingIsCancelled();
    void columnsShowWhatWasGuessed();
    void roleIsChosenByKeyboard();
    void columnWithoutARoleIsExplainedAtOnce();
    void undoBelongsToThePage();
    void cellIsReadWhole();
    void searchLeavesTheRowsThatMatch();
    void otherDelimiterReadsAgain();
    void fiveActionsFromTheFileToTheTraining();
    void recentFilesAreOffered();
    void tokensAreShownInPartsAndMasks();
    void rowIsChangedByKeyboard();
    void cutOffIsMovedByKeyboardAndByMouse();
    void findingIsFixedAndLedToItsRow();
    void findingsRowsAreWritten();
    void splitIsCounted();
    void versionNamesTheData();
    void rowsLeftOutAreListed();
    void everyTextIsGermanInGerman();
};

namespace {

QString write(const WindowBench& bench, const char* name, const QByteArray& text) {
    QFile file(bench.path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) < 0)
        qFatal("the file cannot be written");
    return file.fileName();
}

QString questions(const WindowBench& bench, const char* name = "questions.jsonl") {
    return write(bench, name,
                 "{\"question\": \"Who has the ball?\", \"answer\": \"Anna\", \"note\": \"first\\nsecond\"}\n"
                 "{\"question\": \"Where is the key?\", \"answer\": \"in the house\", \"note\": \"\"}\n"
                 "{\"question\": \"Who sings?\", \"answer\": \"Ben\", \"note\": \"loud\"}\n");
}

bool isRead(const WindowBench& bench, int rows = 3) {
    return QTest::qWaitFor(
        [&] {
            return bench.dataset->state() == DatasetSession::State::Ready &&
                   bench.find<QTableView>("rowsTable")->model()->rowCount() == rows;
        },
        kPatienceMs);
}

bool hasQuestions(WindowBench& bench) {
    return bench.isReady() && drop(bench.window.get(), {questions(bench)}) && isRead(bench);
}

QString textOf(const WindowBench& bench, const char* label) { return bench.find<QLabel>(label)->text(); }

} // namespace

void TestDatasetPage::emptyStudioLeadsToTheFirstFile() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    WindowBench::press(Qt::Key_7, Qt::AltModifier);
    QCOMPARE(bench.window->currentPage(), PageId::Data);
    QCOMPARE(QApplication::focusWidget(), bench.find("datasetEmptyOpenButton"));
    QVERIFY(!bench.find("trainOnThisButton")->isEnabled());
    WindowBench::press(Qt::Key_Return);

    QTRY_VERIFY(bench.find<QFileDialog>("openDataDialog") != nullptr);
}

void TestDatasetPage::droppedFileIsRead() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    QVERIFY(drop(bench.window.get(), {questions(bench)}));

    QCOMPARE(bench.window->currentPage(), PageId::Data);
    QVERIFY(isRead(bench));
    QCOMPARE(textOf(bench, "datasetFileLabel"), "questions.jsonl");
    QVERIFY(textOf(bench, "datasetFactsLabel").contains("JSON Lines"));
    QVERIFY(textOf(bench, "datasetFactsLabel").contains("3 rows"));
    QTRY_COMPARE(QApplication::focusWidget(), bench.find("rowsTable"));
    QVERIFY(!bench.find("datasetProblemLabel")->isVisible());
}

void TestDatasetPage::brokenFileIsExplained() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    QVERIFY(drop(bench.window.get(), {write(bench, "broken.jsonl", "no json\n")}));

    QTRY_VERIFY_WITH_TIMEOUT(bench.find("datasetProblemLabel")->isVisible(), kPatienceMs);
    QVERIFY(textOf(bench, "datasetProblemLabel").contains("broken.jsonl"));
    QVERIFY(!bench.find("trainOnThisButton")->isEnabled());
}

void TestDatasetPage::readingIsCancelled() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));

    QVERIFY(drop(bench.window.get(), {questions(bench, "slow.jsonl")}));
    QTRY_VERIFY(bench.find("cancelReadingButton")->isVisible());
    QTRY_VERIFY(textOf(bench, "datasetProgressLabel").contains("slow.jsonl"));
    QTest::keyClick(bench.find("cancelReadingButton"), Qt::Key_Space);

    QTRY_VERIFY(!bench.find("cancelReadingButton")->isVisible());
    QCOMPARE(textOf(bench, "datasetFileLabel"), "questions.jsonl");
    QVERIFY(bench.dataset->file().endsWith("questions.jsonl"));
    QVERIFY(bench.find("trainOnThisButton")->isEnabled());
}

void TestDatasetPage::columnsShowWhatWasGuessed() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));

    QCOMPARE(textOf(bench, "column0Label"), "question");
    QCOMPARE(textOf(bench, "column0ExampleLabel"), "Who has the ball?");
    QCOMPARE(bench.find<QComboBox>("column0RoleBox")->currentText(), "Instruction");
    QTRY_VERIFY(bench.find("column0GuessedLabel")->isVisible());
    QCOMPARE(bench.find<QComboBox>("column2RoleBox")->currentText(), "Not used");
    QVERIFY(!bench.find("column2GuessedLabel")->isVisible());
    QVERIFY(!bench.find("columnsProblemLabel")->isVisible());
}

void TestDatasetPage::roleIsChosenByKeyboard() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    auto* role = bench.find<QComboBox>("column2RoleBox");

    role->setFocus();
    QTest::keyClicks(role, "An"); // "Answer"

    QTRY_COMPARE(bench.find<QComboBox>("column1RoleBox")->currentText(), "Not used");
    QCOMPARE(role->currentText(), "Answer");
    QVERIFY(!bench.find("column0GuessedLabel")->isVisible());
    QCOMPARE(bench.dataset->input().recipe.text("answer_column"), "note");
    QCOMPARE(bench.dataset->input().recipe.text("instruction_column"), "question");
    QCOMPARE(QApplication::focusWidget(), role);
}

void TestDatasetPage::columnWithoutARoleIsExplainedAtOnce() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));

    QTest::keyClick(bench.find("column1RoleBox"), Qt::Key_Home);

    QTRY_VERIFY(bench.find("columnsProblemLabel")->isVisible());
    QCOMPARE(textOf(bench, "columnsProblemLabel"), "No column is the answer; choose one.");
}

void TestDatasetPage::undoBelongsToThePage() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    const ParamValues recipe = bench.project->draft().values();
    QTest::keyClick(bench.find("column1RoleBox"), Qt::Key_Home);
    QTRY_COMPARE(bench.find<QComboBox>("column1RoleBox")->currentText(), "Not used");
    QTRY_VERIFY(bench.find("columnsProblemLabel")->isVisible());

    QTRY_VERIFY(bench.find<QAction>("edit.undoAction")->isEnabled());
    WindowBench::press(Qt::Key_Z, Qt::ControlModifier);

    QTRY_COMPARE(bench.find<QComboBox>("column1RoleBox")->currentText(), "Answer");
    QCOMPARE(bench.project->draft().values(), recipe);
    WindowBench::press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(bench.find<QComboBox>("column1RoleBox")->currentText(), "Not used");
    bench.window->showPage(PageId::Recipe);
    QVERIFY(!bench.find<QAction>("edit.undoAction")->isEnabled());
}

void TestDatasetPage::cellIsReadWhole() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    auto* table = bench.find<QTableView>("rowsTable");

    QCOMPARE(table->model()->index(0, 3).data().toString(), "first second");
    table->setCurrentIndex(table->model()->index(0, 3));

    QCOMPARE(bench.find<QPlainTextEdit>("cellText")->toPlainText(), "first\nsecond");
    QCOMPARE(textOf(bench, "cellNameLabel"), "note, 12 letters");
}

void TestDatasetPage::searchLeavesTheRowsThatMatch() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    auto* table = bench.find<QTableView>("rowsTable");

    WindowBench::press(Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(QApplication::focusWidget(), bench.find("rowsSearchEdit"));
    QTest::keyClicks(QApplication::focusWidget(), "who");
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 2, kPatienceMs);
    QCOMPARE(table->model()->index(1, 0).data().toInt(), 3);
    QCOMPARE(textOf(bench, "rowsCountLabel"), "2 of 3 rows");
    WindowBench::press(Qt::Key_Escape);

    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 3, kPatienceMs);
    QCOMPARE(QApplication::focusWidget(), table);
}

void TestDatasetPage::otherDelimiterReadsAgain() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    const auto before = bench.dataset->table();

    QTest::keyClicks(bench.find("studio_data_delimiterEditor"), "Semicolon");

    QTRY_VERIFY_WITH_TIMEOUT(bench.dataset->table() != before && bench.dataset->table() != nullptr,
                             kPatienceMs);
    QVERIFY(textOf(bench, "datasetFactsLabel").contains(";"));
    QCOMPARE(bench.dataset->input().recipe.text("data_delimiter"), ";");
}

/// Drop, Train on this, Start.
void TestDatasetPage::fiveActionsFromTheFileToTheTraining() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    bench.project->draft().setValue("model", std::string("base"));

    QVERIFY(drop(bench.window.get(), {questions(bench)}));
    QVERIFY(isRead(bench));
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    const ParamValues recipe = bench.project->draft().values();
    QVERIFY(toQString(recipe.text("train_file")).endsWith("questions.jsonl"));
    QCOMPARE(recipe.text("model"), "base");
    QCOMPARE(recipe.text("task"), "instruction");
    QCOMPARE(recipe.text("instruction_column"), "question");
    QCOMPARE(recipe.text("answer_column"), "answer");
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);

    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("exportAdapterButton")->isVisible(), kPatienceMs);
}

void TestDatasetPage::recentFilesAreOffered() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    QVERIFY(drop(bench.window.get(), {questions(bench, "others.jsonl")}));
    QTRY_COMPARE_WITH_TIMEOUT(textOf(bench, "datasetFileLabel"), "others.jsonl", kPatienceMs);

    auto* menu = bench.find<QMenu>("recentDataMenu");
    Q_EMIT menu->aboutToShow();
    QCOMPARE(menu->actions().size(), 2);
    QVERIFY(menu->actions().first()->text().startsWith("others.jsonl"));
    menu->actions().last()->trigger();

    QTRY_COMPARE_WITH_TIMEOUT(textOf(bench, "datasetFileLabel"), "questions.jsonl", kPatienceMs);
}

namespace {

/// The tab of this number in front.
void showTab(const WindowBench& bench, int tab) {
    bench.find<QTabWidget>("datasetTabs")->setCurrentIndex(tab);
}

} // namespace

void TestDatasetPage::tokensAreShownInPartsAndMasks() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    showTab(bench, 1);

    const auto* text = bench.find<QTextEdit>("tokenText");
    QTRY_COMPARE_WITH_TIMEOUT(text->toPlainText(), "Who has the ball? Anna ", kPatienceMs);
    QCOMPARE(textOf(bench, "tokensFactsLabel"), "5 tokens  ·  1 trained on");
    QTextCursor cursor(text->document());
    cursor.setPosition(2);
    QVERIFY(cursor.charFormat().fontStrikeOut());
    cursor.movePosition(QTextCursor::End);
    cursor.movePosition(QTextCursor::Left);
    QVERIFY(!cursor.charFormat().fontStrikeOut());
    QVERIFY(text->accessibleDescription().contains("1 trained on"));
    bench.find<QCheckBox>("tokensAsTableCheckBox")->click();
    const auto* table = bench.find<QTableView>("tokensTable");
    QVERIFY(table->isVisible());
    QCOMPARE(table->model()->index(0, TokenTableModel::Part).data().toString(), "Instruction");
    QCOMPARE(table->model()->index(0, TokenTableModel::Loss).data().toString(), "no");
    QCOMPARE(table->model()->index(4, TokenTableModel::Loss).data().toString(), "yes");
}

void TestDatasetPage::rowIsChangedByKeyboard() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    showTab(bench, 1);
    const auto* text = bench.find<QTextEdit>("tokenText");
    QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().startsWith("Who has"), kPatienceMs);

    bench.find("tokenText")->setFocus();
    WindowBench::press(Qt::Key_Right, Qt::AltModifier);

    QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().startsWith("Where is"), kPatienceMs);
    QCOMPARE(bench.find<QSpinBox>("tokensRowBox")->value(), 2);
    QCOMPARE(bench.find<QTableView>("rowsTable")->currentIndex().row(), 1);
    WindowBench::press(Qt::Key_Left, Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().startsWith("Who has"), kPatienceMs);
    QVERIFY(!bench.find("previousRowButton")->isEnabled());
}

void TestDatasetPage::cutOffIsMovedByKeyboardAndByMouse() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench)); // 17, 17 and 10 tokens of prompt, two more of answer
    showTab(bench, 2);
    auto* chart = bench.find<LengthChart>("lengthChart");
    QTRY_COMPARE_WITH_TIMEOUT(textOf(bench, "lengthsSentenceLabel"),
                              "At 256 tokens 0.0 % truncated, 0.0 % dropped.", kPatienceMs);

    QTest::mouseClick(chart, Qt::LeftButton, Qt::NoModifier, QPoint(chart->positionOf(18), 100));
    chart->setFocus();
    for (int i = 0; i < 100 && chart->cutOff() > 18; ++i)
        QTest::keyClick(chart, Qt::Key_Left, Qt::ShiftModifier);
    while (chart->cutOff() < 18)
        QTest::keyClick(chart, Qt::Key_Right, Qt::ShiftModifier);

    QCOMPARE(textOf(bench, "lengthsSentenceLabel"), "At 18 tokens 66.7 % truncated, 0.0 % dropped.");
    QCOMPARE(bench.dataset->choices().values().integer("max_length"), 18);
    QTest::keyClick(chart, Qt::Key_PageDown);
    QCOMPARE(textOf(bench, "lengthsSentenceLabel"), "At 16 tokens 0.0 % truncated, 66.7 % dropped.");
    QTRY_COMPARE(chart->accessibleDescription().left(12), "At 16 tokens");
    QVERIFY(!bench.dataset->lengths().job().isRunning()); // no row was counted again
}

void TestDatasetPage::findingIsFixedAndLedToItsRow() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    showTab(bench, 3);
    QTRY_COMPARE_WITH_TIMEOUT(textOf(bench, "qualitySummaryLabel"), "Findings: 1", kPatienceMs);
    QCOMPARE(textOf(bench, "findingMessageLabel"), "1 row is there twice.");

    QTest::keyClick(bench.find("fixFindingButton"), Qt::Key_Space);
    QCOMPARE(bench.dataset->choices().values().text("data_fixes"), "remove_duplicates");
    QTRY_COMPARE_WITH_TIMEOUT(bench.find<QPushButton>("fixFindingButton")->text(), "&Use these rows again",
                              kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(bench.dataset->quality().isFresh(), kPatienceMs);
    auto* examples = bench.find<QListWidget>("findingExamplesList");
    QTRY_COMPARE(examples->count(), 1);
    examples->setCurrentRow(0);
    examples->setFocus();
    QTest::keyClick(examples, Qt::Key_Return);

    QCOMPARE(bench.find<QTabWidget>("datasetTabs")->currentIndex(), 0);
    QCOMPARE(bench.find<QTableView>("rowsTable")->currentIndex().row(), 1);
    WindowBench::press(Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(bench.dataset->choices().values().text("data_fixes"), "");
}

void TestDatasetPage::findingsRowsAreWritten() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    QSignalSpy exported(bench.dataset.get(), &DatasetSession::exported);
    const QString target = bench.path("left.csv");

    bench.dataset->exportDropped({{2, "a \"word\" too many"}}, target);

    QTRY_COMPARE_WITH_TIMEOUT(exported.count(), 1, kPatienceMs);
    QCOMPARE(readFile(target.toStdString()).value(), "line,reason\r\n2,\"a \"\"word\"\" too many\"\r\n");
    QVERIFY(bench.find("banner")->isVisible());
}

void TestDatasetPage::splitIsCounted() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    showTab(bench, 4);

    QTRY_COMPARE_WITH_TIMEOUT(textOf(bench, "splitSummaryLabel"), "2 rows train, 1 evaluate.", kPatienceMs);
    const QAbstractItemModel* counts = bench.find<QTableView>("splitTable")->model();
    QCOMPARE(counts->rowCount(), 1);
    QCOMPARE(counts->index(0, SplitTableModel::Train).data().toInt(), 2);
    QVERIFY(bench.find("studio_split_seedEditor")->isVisible());
}

void TestDatasetPage::versionNamesTheData() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));
    showTab(bench, 5);

    QCOMPARE(textOf(bench, "versionHashLabel"), toQString(bench.dataset->table()->sha256));
    QCOMPARE(textOf(bench, "versionRowsLabel"), "3 in the file: 3 could be read, 0 could not");
    QTRY_COMPARE_WITH_TIMEOUT(textOf(bench, "versionSplitLabel"), "abc123", kPatienceMs);
    QVERIFY(!bench.find("exportDroppedButton")->isEnabled());
}

void TestDatasetPage::rowsLeftOutAreListed() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    QVERIFY(drop(bench.window.get(), {write(bench, "half.jsonl",
                                            "{\"question\": \"Who?\", \"answer\": \"Ben\"}\nbroken\n"
                                            "{\"question\": \"Why?\", \"answer\": \"Because\"}\n")}));
    QVERIFY(isRead(bench, 2));
    showTab(bench, 5);

    const QAbstractItemModel* rows = bench.find<QTableView>("droppedTable")->model();
    QCOMPARE(rows->rowCount(), 1);
    QCOMPARE(rows->index(0, 0).data().toInt(), 2);
    QVERIFY(!rows->index(0, 1).data().toString().isEmpty());
    QVERIFY(textOf(bench, "datasetFactsLabel").contains("1 left out"));
    QVERIFY(bench.find("exportDroppedButton")->isEnabled());
}

void TestDatasetPage::everyTextIsGermanInGerman() {
    WindowBench bench;
    QVERIFY(hasQuestions(bench));

    bench.find<QAction>("window.languageGermanAction")->trigger();

    QTRY_COMPARE(textOf(bench, "datasetTitleLabel"), "Datenstudio");
    QCOMPARE(bench.find<QPushButton>("trainOnThisButton")->text(), "Hiermit &trainieren");
    QCOMPARE(bench.find<QComboBox>("column2RoleBox")->currentText(), "Nicht benutzt");
    QCOMPARE(textOf(bench, "column0GuessedLabel"), "(erraten)");
    QCOMPARE(textOf(bench, "rowsCountLabel"), "3 Zeilen");
}

QTEST_MAIN(TestDatasetPage)
#include "tst_dataset_page.moc"

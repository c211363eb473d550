#include "app/workbench.h"
#include "core/base/files.h"
#include "core/data/data_record.h"
#include "core/session/dataset_session.h"
#include "core/session/project_session.h"
#include "core/text/tokenizer.h"
#include "core/train/recipe.h"
#include "core/train/training_data.h"
#include "tests/support/drag.h"
#include "tests/support/gap_meter.h"
#include "widgets/pages/length_chart.h"
#include "widgets/shell/main_window.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTextEdit>

#include <clocale>
#include <numeric>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kTrainingPatienceMs = 300'000;
constexpr std::size_t kRows = 400;
constexpr std::size_t kRepeated = 5;

std::string quoted(const std::string& text) {
    std::string cell = "\"";
    for (const char sign : text)
        cell += sign == '"' ? std::string("\"\"") : std::string(1, sign);
    return cell + '"';
}

/// Reviews of the built-in example as a CSV with semicolons, some of them twice, and one row too short.
std::string reviews() {
    const Table table = readTable(LATHE_EXAMPLE_DATA "/sentiment.train.jsonl").value();
    std::string csv = "instruction;input;output\n";
    for (std::size_t i = 0; i < kRows + kRepeated; ++i) {
        const Row row = table.row(i < kRows ? i : i - kRows);
        const auto input = row.find("input");
        csv += quoted(row.at("instruction")) + ';' + quoted(input == row.end() ? "" : input->second) + ';' +
               quoted(row.at("output")) + '\n';
    }
    return csv + "\"too short\"\n";
}

} // namespace

/// From a file to a trained adapter through the studio, with the real engine and the built-in model.
class TestWindowDataset : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void droppedFileIsReadAndUnderstood();
    void tokensAreThoseOfTheTraining();
    void otherTemplateChangesTheTokens();
    void lengthsAreCountedAndTheLineIsMoved();
    void repeatedRowsAreFoundAndLeftOut();
    void splitIsCounted();
    void oneActionFillsTheRecipe();
    void trainingUsesExactlyThatData();
    void windowStayedResponsive();

private:
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    [[nodiscard]] QString textOf(const char* label) const { return find<QLabel>(label)->text(); }
    void showTab(int tab) const { find<QTabWidget>("datasetTabs")->setCurrentIndex(tab); }
    [[nodiscard]] QString shownTokens() const { return find<QTextEdit>("tokenText")->toPlainText(); }

    QTemporaryDir m_folder;
    std::unique_ptr<Workbench> m_workbench;
    GapMeter m_gaps;
    QString m_splitHash;
    ParamValues m_recipe;
};

void TestWindowDataset::initTestCase() {
    if (!QFile::exists(LATHE_BASE_MODEL "/model.safetensors"))
        QSKIP("resources/examples/base_model is missing");
    std::setlocale(LC_NUMERIC, "C");
    qputenv("XDG_CACHE_HOME", m_folder.filePath("cache").toUtf8());
    QVERIFY(writeFileAtomically(m_folder.filePath("reviews.csv").toStdString(), reviews()).has_value());
    m_workbench =
        std::make_unique<Workbench>(*qApp, m_folder.filePath("settings.ini"), m_folder.filePath("project"));
    QVERIFY(QTest::qWaitForWindowActive(&m_workbench->window()));
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().isOpen(), kPatienceMs);
    m_gaps.start();
}

void TestWindowDataset::droppedFileIsReadAndUnderstood() {
    QVERIFY(drop(&m_workbench->window(), {m_folder.filePath("reviews.csv")}));

    const auto* rows = find<QTableView>("rowsTable");
    QTRY_COMPARE_WITH_TIMEOUT(rows->model()->rowCount(), static_cast<int>(kRows + kRepeated), kPatienceMs);
    QVERIFY2(textOf("datasetFactsLabel").contains("CSV"), qPrintable(textOf("datasetFactsLabel")));
    QVERIFY2(textOf("datasetFactsLabel").contains("1 left out"), qPrintable(textOf("datasetFactsLabel")));
    QCOMPARE(find<QComboBox>("column0RoleBox")->currentText(), "Instruction");
    QCOMPARE(find<QComboBox>("column1RoleBox")->currentText(), "Input");
    QCOMPARE(find<QComboBox>("column2RoleBox")->currentText(), "Answer");
    QTRY_COMPARE_WITH_TIMEOUT(find<QComboBox>("datasetModelBox")->currentText(), "Built-in model",
                              kPatienceMs);
}

void TestWindowDataset::tokensAreThoseOfTheTraining() {
    showTab(1);
    QTRY_VERIFY_WITH_TIMEOUT(!shownTokens().isEmpty(), kPatienceMs);

    const DatasetInput input = m_workbench->dataset().input();
    const auto tokenizer = Tokenizer::load(LATHE_BASE_MODEL);
    const RecipeView view(input.recipe);
    const auto task = recipeTasks().make(view.taskId).value();
    const ExampleSet set = task->makeExamples(*input.table, view.reading, *tokenizer, view.examples).value();
    const QVector<DatasetToken>& shown = m_workbench->dataset().preview().tokens().tokens();
    QCOMPARE(static_cast<std::size_t>(shown.size()), set.examples[0].ids.size());
    for (qsizetype i = 0; i < shown.size(); ++i) {
        const auto place = static_cast<std::size_t>(i);
        QCOMPARE(shown[i].id, set.examples[0].ids[place]);
        QCOMPARE(shown[i].isMasked, set.examples[0].labels[place] == kIgnoreLabel);
    }
}

void TestWindowDataset::otherTemplateChangesTheTokens() {
    const QString before = shownTokens();
    auto* choice = find<QComboBox>("studio_prompt_templateEditor");
    choice->setFocus();

    QTest::keyClick(choice, Qt::Key_Y); // "Your own", which brings a field for it
    QCOMPARE(QApplication::focusWidget()->objectName(), "studio_prompt_templateEditor");
    QTRY_VERIFY_WITH_TIMEOUT(find("studio_template_textEditor") != nullptr, kPatienceMs);
    auto* editor = find("studio_template_textEditor");
    QTest::keyClicks(editor, "{nothing}");
    QTRY_VERIFY_WITH_TIMEOUT(textOf("tokensProblemLabel").contains("nothing"), kPatienceMs);
    QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(editor, "{input} {instruction}");
    QTRY_VERIFY_WITH_TIMEOUT(!shownTokens().isEmpty() && shownTokens() != before, kPatienceMs);
    m_workbench->dataset().choices().setValue("prompt_template", std::string("plain"));

    QTRY_COMPARE_WITH_TIMEOUT(shownTokens(), before, kPatienceMs);
}

void TestWindowDataset::lengthsAreCountedAndTheLineIsMoved() {
    showTab(2);
    QTRY_VERIFY_WITH_TIMEOUT(textOf("lengthsSentenceLabel").startsWith("At 256 tokens 0.0 %"), kPatienceMs);
    auto* chart = find<LengthChart>("lengthChart");

    QTest::keyClick(chart, Qt::Key_PageDown); // 128
    QTest::keyClick(chart, Qt::Key_PageDown); // 64

    QCOMPARE(m_workbench->dataset().choices().values().integer("max_length"), 64);
    QVERIFY(textOf("lengthsSentenceLabel").startsWith("At 64 tokens"));
}

void TestWindowDataset::repeatedRowsAreFoundAndLeftOut() {
    showTab(3);
    DatasetQuality& quality = m_workbench->dataset().quality();
    QTRY_VERIFY_WITH_TIMEOUT(quality.isFresh(), kPatienceMs);
    auto* table = find<QTableView>("qualityTable");
    int row = 0;
    while (row < quality.findings().rowCount() && quality.findings().finding(row).id != "duplicates")
        ++row;
    QVERIFY(row < quality.findings().rowCount());
    QVERIFY(quality.findings().finding(row).count >= kRepeated);

    table->setCurrentIndex(table->model()->index(row, 0));
    QVERIFY(find("fixFindingButton")->isEnabled());
    QTest::keyClick(find("fixFindingButton"), Qt::Key_Space);

    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("fixFindingButton")->text().startsWith("&Use"), kPatienceMs);
}

void TestWindowDataset::splitIsCounted() {
    showTab(4);
    DatasetSplits& splits = m_workbench->dataset().splits();
    QTRY_VERIFY_WITH_TIMEOUT(splits.isFresh(), kPatienceMs);

    const DatasetSplit& split = splits.counts().split();
    m_splitHash = split.hash;
    QCOMPARE(m_splitHash.size(), 64);
    const auto sum = [](const QVector<qint64>& rows) {
        return std::accumulate(rows.begin(), rows.end(), qint64{0});
    };
    QVERIFY(sum(split.train) > 0 && sum(split.dev) > 0);
    QVERIFY(sum(split.train) + sum(split.dev) + sum(split.test) <= static_cast<qint64>(kRows));
}

void TestWindowDataset::oneActionFillsTheRecipe() {
    QTest::keyClick(find("trainOnThisButton"), Qt::Key_Space);

    QCOMPARE(m_workbench->window().currentPage(), PageId::Recipe);
    m_recipe = m_workbench->project().draft().values();
    QCOMPARE(QString::fromStdString(m_recipe.text("train_file")), m_folder.filePath("reviews.csv"));
    QCOMPARE(m_recipe.text("task"), "instruction");
    QCOMPARE(m_recipe.text("answer_column"), "output");
    QCOMPARE(m_recipe.integer("max_length"), 64);
    QVERIFY(QString::fromStdString(m_recipe.text("model")).endsWith("base_model"));
}

void TestWindowDataset::trainingUsesExactlyThatData() {
    RecipeDraft& draft = m_workbench->project().draft();
    draft.setValue("max_steps", std::int64_t{4});
    draft.setValue("eval_rows", std::int64_t{8});
    draft.setValue("sample_every", std::int64_t{0});
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier);

    QTRY_COMPARE_WITH_TIMEOUT(m_workbench->window().currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(find("exportAdapterButton")->isVisible(), kTrainingPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().activeStudies().isEmpty(), kPatienceMs);

    const TrialId trial = m_workbench->project().runs().row(0).trial.id;
    const auto record = readDataRecord(m_workbench->project().folderOf(trial).toStdString());
    QVERIFY(record.has_value());
    QCOMPARE(record->files.front().sha256, m_workbench->dataset().table()->sha256);
    QCOMPARE(record->files.front().rows, kRows + kRepeated + 1);
    const CutOff cut = m_workbench->dataset().lengths().cutOff(64);
    QCOMPARE(record->files.front().dropped.total(), 1 + cut.dropped);
    QCOMPARE(record->split.at("hash"), m_splitHash.toStdString());
}

void TestWindowDataset::windowStayedResponsive() {
    m_gaps.stop();
    qInfo("worst gap %lld ms (%.1f ms of own work) in %d ticks", static_cast<long long>(m_gaps.worstMs()),
          m_gaps.worstWorkMs(), m_gaps.ticks());
    QVERIFY2(m_gaps.worstWorkMs() <= 100, qPrintable(QString::number(m_gaps.worstWorkMs())));
}

QTEST_MAIN(TestWindowDataset)
#include "tst_window_dataset.moc"

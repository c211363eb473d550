#include "tests/support/drag.h"
#include "tests/widgets/shell/window_bench.h"

#include <QAction>
#include <QClipboard>
#include <QDialog>
#include <QDragLeaveEvent>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>

using namespace lathe;
using namespace lathe::test;

/// The model library inside its window, driven by keys and by what is dropped on it.
class TestModelPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyLibraryLeadsToTheFirstModel();
    void droppedFolderIsAddedAndChosen();
    void droppedConfigStandsForItsFolder();
    void filesOfOneModelStandForIt();
    void severalModelsAreDroppedTogether();
    void dragSaysWhatTheDropWouldDo_data();
    void dragSaysWhatTheDropWouldDo();
    void folderIsChosenByKeyboardAlone();
    void folderThatIsNoModelIsExplainedInPlace();
    void brokenModelIsExplainedInItsDetails();
    void enterPutsTheModelIntoTheRecipe();
    void deleteTakesItOffTheListOnly();
    void filterIsReachedAndNarrows();
    void keysLeadFromTheFilterToTheRowsAndBack();
    void chosenModelIsChattedWith();
    void detailsTellWhatIsKnown();
    void noteIsNoProblem();
    void pathIsCopied();
    void memoryFollowsTheRecipe();
    void missingModelIsGreyAndCanBeLocated();
    void downloadsAreOffUntilTheyAreAllowed();
    void everyTextIsGermanInGerman();
};

namespace {

QString makeModel(const WindowBench& bench, const char* name, const char* config = "llama") {
    const QString folder = bench.path(name);
    QDir().mkpath(folder);
    QFile file(folder + "/config.json");
    if (!file.open(QIODevice::WriteOnly) || file.write(config) < 0)
        qFatal("the model cannot be written");
    return folder;
}

bool showModels(WindowBench& bench) {
    WindowBench::press(Qt::Key_5, Qt::AltModifier);
    return bench.window->currentPage() == PageId::Models;
}

bool hasRows(const WindowBench& bench, int count) {
    auto* table = bench.find<QTableView>("modelsTable");
    return QTest::qWaitFor(
        [&] {
            return table->model()->rowCount() == count &&
                   (count == 0 ||
                    !table->model()->index(0, ModelTableModel::Fits).data().toString().isEmpty());
        },
        kPatienceMs);
}

/// With two models in it, the page in front, the first one chosen.
bool hasTwoModels(WindowBench& bench) {
    makeModel(bench, "models/alpha");
    makeModel(bench, "models/beta", "gpt2");
    bench.library->add(bench.path("models"));
    return bench.isReady() && showModels(bench) && hasRows(bench, 2);
}

QString textOf(const WindowBench& bench, const char* label) { return bench.find<QLabel>(label)->text(); }

} // namespace

void TestModelPage::emptyLibraryLeadsToTheFirstModel() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    QVERIFY(showModels(bench));

    QVERIFY(bench.find("modelsEmptyTitleLabel")->isVisible());
    QVERIFY(!bench.find("useModelButton")->isEnabled());
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::focusWidget(), bench.find("modelsEmptyAddButton"), kPatienceMs);
    WindowBench::press(Qt::Key_Return);

    QTRY_VERIFY(bench.find<QFileDialog>("addModelDialog") != nullptr);
}

void TestModelPage::droppedFolderIsAddedAndChosen() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    const QString folder = makeModel(bench, "dropped");

    QVERIFY(drop(bench.window.get(), {folder}));

    QCOMPARE(bench.window->currentPage(), PageId::Models);
    QVERIFY(hasRows(bench, 1));
    QCOMPARE(bench.find<QTableView>("modelsTable")->currentIndex().data().toString(), "dropped");
    QCOMPARE(QApplication::focusWidget(), bench.find("modelsTable"));
    QCOMPARE(textOf(bench, "modelNameLabel"), "dropped");
    QCOMPARE(bench.settings.modelFolders.value(), QStringList{folder});
}

void TestModelPage::droppedConfigStandsForItsFolder() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    const QString folder = makeModel(bench, "dropped");

    QVERIFY(drop(bench.window.get(), {folder + "/config.json"}));

    QVERIFY(hasRows(bench, 1));
    QCOMPARE(bench.settings.modelFolders.value(), QStringList{folder});
}

void TestModelPage::filesOfOneModelStandForIt() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    const QString folder = makeModel(bench, "dropped");
    QFile::copy(folder + "/config.json", folder + "/tokenizer.json");

    QVERIFY(drop(bench.window.get(), {folder + "/tokenizer.json", folder + "/config.json"}));

    QVERIFY(hasRows(bench, 1));
    QCOMPARE(bench.settings.modelFolders.value(), QStringList{folder});
}

void TestModelPage::severalModelsAreDroppedTogether() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    QVERIFY(drop(bench.window.get(), {makeModel(bench, "one"), makeModel(bench, "two")}));

    QVERIFY(hasRows(bench, 2));
}

void TestModelPage::dragSaysWhatTheDropWouldDo_data() {
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QString>("hint"); // empty: it is not taken
    QTest::newRow("model") << QStringList{"model/config.json"}
                           << "Drop to add this model, or the models in this folder";
    QTest::newRow("adapter") << QStringList{"adapter/adapter_config.json"}
                             << "Drop to chat with this adapter";
    QTest::newRow("project") << QStringList{"project"} << "Drop to open this project";
    QTest::newRow("data") << QStringList{"rows.jsonl"} << "Drop to look at this data and train with it";
    QTest::newRow("two of different kinds") << QStringList{"model/config.json", "rows.jsonl"} << QString();
}

void TestModelPage::dragSaysWhatTheDropWouldDo() {
    QFETCH(QStringList, files);
    QFETCH(QString, hint);
    WindowBench bench;
    QVERIFY(bench.isReady());
    makeModel(bench, "model");
    QStringList paths;
    for (const QString& file : files)
        paths << bench.path(qPrintable(file));

    QCOMPARE(drag(bench.window.get(), paths), !hint.isEmpty());

    auto* label = bench.find<QLabel>("dropHintLabel");
    QCOMPARE(label->isVisible() ? label->text() : QString(), hint);
    QDragLeaveEvent leave;
    QCoreApplication::sendEvent(bench.window.get(), &leave);
    QVERIFY(!label->isVisible());
    QCOMPARE(bench.window->currentPage(), PageId::Start);
}

void TestModelPage::folderIsChosenByKeyboardAlone() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    const QString folder = makeModel(bench, "chosen");
    QVERIFY(showModels(bench));

    WindowBench::press(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
    auto* dialog = bench.find<QFileDialog>("addModelDialog");
    QVERIFY(dialog != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(dialog->isAncestorOf(QApplication::focusWidget()), kPatienceMs);
    QTest::keyClicks(QApplication::focusWidget(), folder);
    WindowBench::press(Qt::Key_Return);

    QVERIFY(hasRows(bench, 1));
    bench.window->activateWindow(); // what a window manager does when a dialog goes
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::focusWidget(), bench.find("modelsTable"), kPatienceMs);
    WindowBench::press(Qt::Key_Return);
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    QCOMPARE(bench.project->draft().value("model"), ParamValue(folder.toStdString()));
}

void TestModelPage::folderThatIsNoModelIsExplainedInPlace() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    QDir().mkpath(bench.path("photos"));

    QVERIFY(drop(bench.window.get(), {bench.path("photos")}));

    QTRY_VERIFY_WITH_TIMEOUT(bench.find("modelsProblemLabel")->isVisible(), kPatienceMs);
    QCOMPARE(textOf(bench, "modelsProblemLabel"),
             bench.path("photos") + ": is no model; choose a folder with a config.json");
    QVERIFY(drop(bench.window.get(), {makeModel(bench, "dropped")}));
    QTRY_VERIFY_WITH_TIMEOUT(!bench.find("modelsProblemLabel")->isVisible(), kPatienceMs);
}

void TestModelPage::brokenModelIsExplainedInItsDetails() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    QVERIFY(drop(bench.window.get(), {makeModel(bench, "broken", "bad")}));

    QVERIFY(hasRows(bench, 1));
    QVERIFY(bench.find("modelDetailsProblemLabel")->isVisible());
    QVERIFY(textOf(bench, "modelDetailsProblemLabel").contains("is no model; choose a folder"));
    QVERIFY(!bench.find("useModelButton")->isEnabled());
    WindowBench::press(Qt::Key_Return);
    QCOMPARE(bench.window->currentPage(), PageId::Models);
}

void TestModelPage::enterPutsTheModelIntoTheRecipe() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    WindowBench::press(Qt::Key_Home, Qt::ControlModifier);
    WindowBench::press(Qt::Key_Down);

    WindowBench::press(Qt::Key_Return);

    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
    QCOMPARE(bench.project->draft().value("model"), ParamValue(bench.path("models/beta").toStdString()));
}

void TestModelPage::deleteTakesItOffTheListOnly() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    WindowBench::press(Qt::Key_Home, Qt::ControlModifier);

    WindowBench::press(Qt::Key_Delete);

    QVERIFY(hasRows(bench, 1));
    QVERIFY(QFile::exists(bench.path("models/alpha/config.json")));
    QCOMPARE(bench.find<QTableView>("modelsTable")->currentIndex().data().toString(), "beta");
    WindowBench::press(Qt::Key_Delete);
    QVERIFY(hasRows(bench, 0));
    QVERIFY(bench.find("modelsEmptyTitleLabel")->isVisible());
}

void TestModelPage::filterIsReachedAndNarrows() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));

    WindowBench::press(Qt::Key_F, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "gpt2");

    QCOMPARE(bench.find<QTableView>("modelsTable")->model()->rowCount(), 1);
    QCOMPARE(textOf(bench, "modelNameLabel"), "beta");
    QTest::keyClicks(QApplication::focusWidget(), " nothing");
    QCOMPARE(textOf(bench, "modelsEmptyTitleLabel"), "No model matches the filter");
    QVERIFY(!bench.find("modelsEmptyAddButton")->isVisible());
}

void TestModelPage::keysLeadFromTheFilterToTheRowsAndBack() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    auto* filter = bench.find<QLineEdit>("modelsFilterEdit");
    WindowBench::press(Qt::Key_F, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "beta");

    WindowBench::press(Qt::Key_Down);

    QCOMPARE(QApplication::focusWidget(), bench.find("modelsTable"));
    QCOMPARE(filter->text(), "beta");
    WindowBench::press(Qt::Key_F, Qt::ControlModifier);
    WindowBench::press(Qt::Key_Escape);
    QCOMPARE(QApplication::focusWidget(), bench.find("modelsTable"));
    QCOMPARE(filter->text(), QString());
}

void TestModelPage::chosenModelIsChattedWith() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    WindowBench::press(Qt::Key_Home, Qt::ControlModifier);
    WindowBench::press(Qt::Key_Down);

    QTest::keyClick(bench.find("chatModelButton"), Qt::Key_Space);

    QCOMPARE(bench.window->currentPage(), PageId::Chat);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.chat->voices().isEmpty() &&
                                 bench.chat->voices().front().model == bench.path("models/beta"),
                             kPatienceMs);
}

void TestModelPage::detailsTellWhatIsKnown() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));

    QStringList facts;
    for (int i = 0; i < 10; ++i)
        facts << textOf(bench, qPrintable(QStringLiteral("modelFact%1Label").arg(i)));
    QCOMPARE(facts, (QStringList{"llama", "12,345,678", "4 of width 256", "8, 2 key/value", "32,000",
                                 "2,048 tokens", "bfloat16", "23.8 MB", "BPE", "apache-2.0"}));
    auto* sites = bench.find<QTableWidget>("modelSitesTable");
    QCOMPARE(sites->rowCount(), 2);
    QCOMPARE(sites->item(1, 0)->text(), "v_proj");
    QCOMPARE(sites->item(1, 2)->text(), "256 → 64");
    QCOMPARE(sites->item(1, 3)->text(), "LoRA, Full fine-tuning");
    QCOMPARE(textOf(bench, "modelCardLabel"), "A model for tests.");
}

void TestModelPage::noteIsNoProblem() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    QVERIFY(drop(bench.window.get(), {makeModel(bench, "noted", "noted")}));

    QVERIFY(hasRows(bench, 1));
    QVERIFY(bench.find("modelNotesLabel")->isVisible());
    QCOMPARE(textOf(bench, "modelNotesLabel"), "dropout 0.1 is not applied");
    QVERIFY(!bench.find("modelDetailsProblemLabel")->isVisible());
    QVERIFY(bench.find("useModelButton")->isEnabled());
    QVERIFY(drop(bench.window.get(), {makeModel(bench, "plain")}));
    QVERIFY(hasRows(bench, 2));
    QVERIFY(!bench.find("modelNotesLabel")->isVisible());
}

void TestModelPage::pathIsCopied() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    WindowBench::press(Qt::Key_Home, Qt::ControlModifier);

    QTest::keyClick(bench.find("copyModelFolderButton"), Qt::Key_Space);

    QCOMPARE(QGuiApplication::clipboard()->text(), bench.path("models/alpha"));
}

void TestModelPage::memoryFollowsTheRecipe() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    const auto fits = [&bench] {
        return bench.find<QTableView>("modelsTable")
            ->model()
            ->index(0, ModelTableModel::Fits)
            .data()
            .toString();
    };
    QTRY_COMPARE_WITH_TIMEOUT(fits(), "fits, 1.9 MB", kPatienceMs);
    bench.library->models().setFreeMemory(1e6);
    QCOMPARE(fits(), "too big, 1.9 MB");
}

void TestModelPage::missingModelIsGreyAndCanBeLocated() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));
    QDir().rename(bench.path("models"), bench.path("moved"));
    bench.project->draft().setValue("model", bench.path("models/alpha").toStdString());

    bench.library->refresh();

    auto* table = bench.find<QTableView>("modelsTable");
    const auto cell = [table](int column) { return table->model()->index(0, column); };
    QTRY_COMPARE_WITH_TIMEOUT(cell(ModelTableModel::Fits).data().toString(), "not there now", kPatienceMs);
    QVERIFY(cell(ModelTableModel::Name).data(Qt::ForegroundRole).isValid());
    QVERIFY(!bench.find("useModelButton")->isEnabled());
    QTest::keyClick(bench.find("locateModelButton"), Qt::Key_Space);
    QTRY_VERIFY(bench.find<QFileDialog>("locateModelDialog") != nullptr);
    Q_EMIT bench.find<QFileDialog>("locateModelDialog")->fileSelected(bench.path("moved/alpha"));

    QTRY_COMPARE_WITH_TIMEOUT(cell(ModelTableModel::Fits).data().toString(), "fits, 1.9 MB", kPatienceMs);
    QCOMPARE(table->model()->rowCount(), 2); // the other one has moved with it
    QCOMPARE(bench.project->draft().value("model"), ParamValue(bench.path("moved/alpha").toStdString()));
}

void TestModelPage::downloadsAreOffUntilTheyAreAllowed() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    QVERIFY(showModels(bench));
    auto* button = bench.find("downloadModelButton");
    QVERIFY(!button->isEnabled());
    QVERIFY(button->toolTip().contains("Allow downloads"));

    bench.find<QAction>("tools.allowDownloadsAction")->trigger();

    QVERIFY(bench.settings.areDownloadsAllowed.value());
    QVERIFY(button->isEnabled());
    QTest::keyClick(button, Qt::Key_Space);
    auto* dialog = bench.find<QDialog>("downloadDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    QTest::keyClicks(bench.find("downloadNameEdit"), "../x");
    QTest::keyClick(bench.find("downloadNameEdit"), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("downloadProblemLabel")->isVisible(), kPatienceMs);
    QVERIFY(textOf(bench, "downloadProblemLabel").contains("is no name of a model on the Hub"));
    QTest::keyClick(dialog, Qt::Key_Escape);
    bench.find<QAction>("tools.allowDownloadsAction")->trigger();
    QVERIFY(!button->isEnabled());
}

void TestModelPage::everyTextIsGermanInGerman() {
    WindowBench bench;
    QVERIFY(hasTwoModels(bench));

    bench.find<QAction>("window.languageGermanAction")->trigger();

    QTRY_COMPARE(textOf(bench, "modelsTitleLabel"), "Modelle");
    QCOMPARE(bench.find<QPushButton>("useModelButton")->text(), "Ins Rezept");
    auto* table = bench.find<QTableView>("modelsTable");
    QCOMPARE(table->model()->headerData(ModelTableModel::Size, Qt::Horizontal).toString(), "Größe");
    QCOMPARE(textOf(bench, "modelFact2Label"), "4 mit Breite 256");
}

QTEST_MAIN(TestModelPage)
#include "tst_model_page.moc"

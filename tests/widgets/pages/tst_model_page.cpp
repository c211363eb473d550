#include "tests/widgets/shell/window_bench.h"

#include <QAction>
#include <QDialog>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>
#include <QUrl>

using namespace lathe;
using namespace lathe::test;

/// The model library inside its window, driven by keys and by what is dropped on it.
class TestModelPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyLibraryLeadsToTheFirstModel();
    void droppedFolderIsAddedAndChosen();
    void droppedConfigStandsForItsFolder();
    void folderThatIsNoModelIsExplainedInPlace();
    void brokenModelIsExplainedInItsDetails();
    void enterPutsTheModelIntoTheRecipe();
    void deleteTakesItOffTheListOnly();
    void filterIsReachedAndNarrows();
    void detailsTellWhatIsKnown();
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

/// As a file manager drops it.
void drop(QWidget* target, const QString& path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(target, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(target, &event);
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
    QTest::keyClick(bench.find("modelsEmptyAddButton"), Qt::Key_Space);

    QTRY_VERIFY(bench.find<QFileDialog>("addModelDialog") != nullptr);
}

void TestModelPage::droppedFolderIsAddedAndChosen() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    const QString folder = makeModel(bench, "dropped");

    drop(bench.window.get(), folder);

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

    drop(bench.window.get(), folder + "/config.json");

    QVERIFY(hasRows(bench, 1));
    QCOMPARE(bench.settings.modelFolders.value(), QStringList{folder});
}

void TestModelPage::folderThatIsNoModelIsExplainedInPlace() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    QDir().mkpath(bench.path("photos"));

    drop(bench.window.get(), bench.path("photos"));

    QTRY_VERIFY_WITH_TIMEOUT(bench.find("modelsProblemLabel")->isVisible(), kPatienceMs);
    QCOMPARE(textOf(bench, "modelsProblemLabel"),
             bench.path("photos") + ": is no model; choose a folder with a config.json");
    drop(bench.window.get(), makeModel(bench, "dropped"));
    QTRY_VERIFY_WITH_TIMEOUT(!bench.find("modelsProblemLabel")->isVisible(), kPatienceMs);
}

void TestModelPage::brokenModelIsExplainedInItsDetails() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    drop(bench.window.get(), makeModel(bench, "broken", "bad"));

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

#include "tests/widgets/shell/window_bench.h"
#include "widgets/pages/chat_adapters.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSlider>
#include <QTextEdit>
#include <QTimer>
#include <QToolButton>

using namespace lathe;
using namespace lathe::test;

namespace {

bool isReadyToChat(WindowBench& bench) {
    QDir().mkpath(bench.path("base"));
    QFile file(bench.path("base") + "/config.json");
    if (!file.open(QIODevice::WriteOnly) || file.write("llama") < 0)
        qFatal("the model cannot be written");
    file.close();
    bench.settings.areChatSettingsShown.set(true);
    bench.library->add(bench.path("base"));
    if (!bench.isReady())
        return false;
    const auto& runs = bench.project->runs();
    for (const char* name :
         {"First", "Second"}) { // one behind the other, or their numbers might change places
        const int before = runs.rowCount();
        bench.project->startRun(QLatin1String(name), {{"model", bench.path("base").toStdString()},
                                                      {"prompt_template", std::string("plain")},
                                                      {"max_steps", std::int64_t{2}}});
        const auto isDone = [&] {
            return runs.rowCount() > before && !runs.row(0).trial.adapterFolder.empty();
        };
        if (!QTest::qWaitFor(isDone, kPatienceMs))
            return false;
    }
    WindowBench::press(Qt::Key_6, Qt::AltModifier);
    return QTest::qWaitFor([&] { return !bench.chat->voices().isEmpty(); }, kPatienceMs);
}

/// By the menu under the button, as the keyboard opens it. False: there is no such entry.
bool add(WindowBench& bench, const QString& name) {
    auto* menu = bench.find<QMenu>("addAdapterMenu");
    const qsizetype before = bench.chat->voices().back().adapters.size();
    QTimer::singleShot(0, menu, [menu, name] {
        for (QAction* action : menu->actions())
            if (action->text() == name)
                menu->setActiveAction(action);
        QTest::keyClick(menu, menu->activeAction() != nullptr ? Qt::Key_Return : Qt::Key_Escape);
    });
    bench.find("addAdapterButton")->setFocus();
    WindowBench::press(Qt::Key_Space);
    const bool isAdded =
        QTest::qWaitFor([&] { return bench.chat->voices().back().adapters.size() > before; }, kPatienceMs);
    bench.window->activateWindow(); // as a window manager does when a menu closes
    return isAdded && QTest::qWaitFor([] { return QApplication::focusWidget() != nullptr; }, kPatienceMs);
}

QString lastAdapters(const WindowBench& bench) {
    return QString::fromStdString(bench.script->calls().back().adapter);
}

bool ask(const WindowBench& bench, const QString& question) {
    bench.find<QPlainTextEdit>("chatInput")->setFocus();
    QTest::keyClicks(QApplication::focusWidget(), question);
    WindowBench::press(Qt::Key_Return);
    return QTest::qWaitFor([&] { return !bench.chat->isBusy(); }, kPatienceMs);
}

QString folderOf(const WindowBench& bench, int row) {
    return QString::fromStdString(bench.project->runs().row(row).trial.adapterFolder.string());
}

} // namespace

/// Several adapters in the chat, by keyboard; what the models say is played.
class TestChatAdapters : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void adaptersAreAddedScaledAndSwitched();
    void orderIsChangedByTheArrowButtons();
    void columnsAreComparedSideBySide();
    void mergingIsMeasuredOrRefused();
    void unfitAdapterIsNamedAndTakenBack();
    void tabGoesThroughEveryPartInOrder();
    void combineGetsTheAdaptersOfTheColumn();
    void everyTextIsGermanInGerman();
};

void TestChatAdapters::adaptersAreAddedScaledAndSwitched() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(bench.find("noAdaptersLabel")->isVisible());
    QVERIFY(add(bench, "First (run 1)"));
    QTRY_COMPARE(QApplication::focusWidget(), bench.find("adapter0Slider"));
    for (int i = 0; i < 10; ++i)
        WindowBench::press(Qt::Key_Left); // 1 to 0.5
    QVERIFY(add(bench, "Second (run 2)"));

    QVERIFY(ask(bench, "Hello"));
    QCOMPARE(lastAdapters(bench), folderOf(bench, 1) + "=0.50+" + folderOf(bench, 0));
    QCOMPARE(bench.find<QLabel>("answer0_0TitleLabel")->text(), "First (run 1) × 0.5 + Second (run 2)");
    QCOMPARE(bench.find<QComboBox>("chatAdapterBox")->currentText(), "First (run 1) × 0.5 + Second (run 2)");

    bench.find("adapter0CheckBox")->setFocus();
    WindowBench::press(Qt::Key_Space);
    QVERIFY(!bench.find("adapter0Slider")->isEnabled());
    QVERIFY(ask(bench, "And now?"));
    QCOMPARE(lastAdapters(bench), folderOf(bench, 0));
    QCOMPARE(bench.script->opened.load(), 1); // the base was loaded once
    bench.find("adapter1StrengthEdit")->setFocus();
    WindowBench::press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "-0.75");
    QVERIFY(ask(bench, "And now?"));
    QCOMPARE(lastAdapters(bench), folderOf(bench, 0) + "=-0.7"); // four letters of it
}

void TestChatAdapters::orderIsChangedByTheArrowButtons() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(add(bench, "First (run 1)"));
    QVERIFY(!bench.find("adapter0UpButton")->isVisible());
    QVERIFY(add(bench, "Second (run 2)"));
    bench.find("adapter1UpButton")->setFocus();
    WindowBench::press(Qt::Key_Space);

    QCOMPARE(bench.chat->voices().front().adapters.front().name, "Second (run 2)");
    QCOMPARE(QApplication::focusWidget(), bench.find("adapter0DownButton")); // it is the first: only down
    bench.find("adapter0RemoveButton")->setFocus();
    WindowBench::press(Qt::Key_Space);
    QCOMPARE(bench.chat->voices().front().adapters.size(), 1);
    QCOMPARE(QApplication::focusWidget(), bench.find("addAdapterButton"));
}

void TestChatAdapters::columnsAreComparedSideBySide() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(add(bench, "First (run 1)"));
    bench.find("addColumnButton")->setFocus();
    WindowBench::press(Qt::Key_Space);
    QCOMPARE(bench.chat->voices().size(), 2);
    QCOMPARE(bench.find<QComboBox>("chatColumnBox")->currentText(), "Column 2");
    QVERIFY(add(bench, "Second (run 2)"));
    bench.find("chatCompareCheckBox")->setFocus();
    WindowBench::press(Qt::Key_Space);

    QVERIFY(ask(bench, "Hello"));

    QCOMPARE(bench.find<QLabel>("chatColumn0Label")->text(), "base");
    QCOMPARE(bench.find<QLabel>("chatColumn1Label")->text(), "First (run 1)");
    QCOMPARE(bench.find<QLabel>("chatColumn2Label")->text(), "First (run 1) + Second (run 2)");
    QVERIFY(bench.find("answer0_2")->isVisible());
    const auto calls = bench.script->calls();
    QCOMPARE(calls.size(), std::size_t{3});
    QCOMPARE(calls[2].adapter, (folderOf(bench, 1) + "+" + folderOf(bench, 0)).toStdString());
    QCOMPARE(bench.script->opened.load(), 1);
    bench.find("removeColumnButton")->setFocus();
    WindowBench::press(Qt::Key_Space);
    QCOMPARE(bench.chat->voices().size(), 2);
    QVERIFY(!bench.find("chatColumnBox")->isVisible());
}

void TestChatAdapters::mergingIsMeasuredOrRefused() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(!bench.find("mergeCheckBox")->isEnabled());
    QVERIFY(add(bench, "First (run 1)"));
    bench.find("mergeCheckBox")->setFocus();
    WindowBench::press(Qt::Key_Space);

    QTRY_VERIFY(bench.find<QLabel>("mergeNoteLabel")
                    ->text()
                    .startsWith("Folded in, the logits differ by at most 2.5e-07."));
    QVERIFY(ask(bench, "Hello"));
    QCOMPARE(lastAdapters(bench), folderOf(bench, 1) + " merged");

    bench.script->mergeProblem = "cannot be merged";
    QVERIFY(add(bench, "Second (run 2)"));
    QTRY_VERIFY(bench.find<QLabel>("mergeNoteLabel")->text().endsWith("cannot be merged"));
    QVERIFY(!bench.find<QCheckBox>("mergeCheckBox")->isChecked());
    QVERIFY(!bench.chat->voices().front().isMerged);
}

void TestChatAdapters::unfitAdapterIsNamedAndTakenBack() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(add(bench, "First (run 1)"));
    QTRY_VERIFY(bench.chat->hasChatTemplate().has_value());
    bench.script->badAdapter = folderOf(bench, 0).toStdString();
    QVERIFY(add(bench, "Second (run 2)"));

    QTRY_VERIFY(bench.find<QLabel>("mergeNoteLabel")->text().endsWith("does not fit"));
    QVERIFY(bench.find<QLabel>("mergeNoteLabel")->text().contains(folderOf(bench, 0)));
    QCOMPARE(bench.chat->voices().front().adapters.size(), 1);
    QVERIFY(ask(bench, "Hello"));
    QCOMPARE(lastAdapters(bench), folderOf(bench, 1));
}

void TestChatAdapters::tabGoesThroughEveryPartInOrder() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(add(bench, "First (run 1)"));
    QVERIFY(add(bench, "Second (run 2)"));
    bench.find("addColumnButton")->setFocus();
    QStringList visited;
    for (int i = 0; i < 14; ++i) {
        WindowBench::press(Qt::Key_Tab);
        visited << QApplication::focusWidget()->objectName();
    }
    QCOMPARE(visited,
             (QStringList{"adapter0CheckBox", "adapter0Slider", "adapter0StrengthEdit", "adapter0DownButton",
                          "adapter0RemoveButton", "adapter1CheckBox", "adapter1Slider",
                          "adapter1StrengthEdit", "adapter1UpButton", "adapter1RemoveButton",
                          "addAdapterButton", "combineAdaptersButton", "mergeCheckBox", "newSeedButton"}));
}

void TestChatAdapters::combineGetsTheAdaptersOfTheColumn() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(add(bench, "First (run 1)"));
    bench.find("combineAdaptersButton")->setFocus();
    WindowBench::press(Qt::Key_Space);

    auto* dialog = bench.find("combineDialog");
    QVERIFY(dialog != nullptr);
    QVERIFY(dialog->findChild<QCheckBox*>("combine0CheckBox")->isChecked());
    QCOMPARE(dialog->findChild<QCheckBox*>("combine0CheckBox")->text(), "First (run 1)");
    QVERIFY(!dialog->findChild<QCheckBox*>("combine1CheckBox")->isChecked());
    QCOMPARE(dialog->findChild<QLabel*>("combineNoteLabel")->text(), "Choose at least two adapters.");
}

void TestChatAdapters::everyTextIsGermanInGerman() {
    WindowBench bench;
    QVERIFY(isReadyToChat(bench));
    QVERIFY(add(bench, "First (run 1)"));
    bench.find<QAction>("window.languageGermanAction")->trigger();
    QTRY_COMPARE(bench.find<QPushButton>("addAdapterButton")->text(), QStringLiteral("Hinzufügen…"));
    QCOMPARE(bench.find<QCheckBox>("mergeCheckBox")->text(), "In die Basis verschmolzen");
}

QTEST_MAIN(TestChatAdapters)
#include "tst_chat_adapters.moc"

#include "tests/support/drag.h"
#include "tests/widgets/shell/window_bench.h"

#include <QAbstractSpinBox>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextEdit>

using namespace lathe;
using namespace lathe::test;

/// The chat inside its window, driven by keys; what the models say is played.
class TestChatPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptyPageLeadsToTheFirstModel();
    void enterSendsAndTheAnswerStreams();
    void shiftEnterBeginsANewLine();
    void exampleIsAskedByEnter();
    void escapeStopsAtOnceAndKeepsTheText();
    void runIsChattedWithFromTheTable();
    void baseAndAdapterAnswerSideBySide();
    void modelDroppedOnTheChatAnswers();
    void adapterDroppedAnywhereIsChattedWith();
    void filesAreNotDroppedIntoTheQuestion();
    void lostModelGivesWayToTheFirstOfTheLibrary();
    void failureIsSaidInPlace();
    void missingChatTemplateIsSaidPlainly();
    void upEditsTheLastQuestion();
    void answerAgainRollsTheSeedWhereItMatters();
    void clearedConversationComesBack();
    void settingsReachTheModelAndAreRemembered();
    void wrongSettingIsSaidAtItsFieldAndNotUsed();
    void usualSettingsAreThoseOfTheModel();
    void promptIsShownAsTheModelReadsIt();
    void conversationIsCopiedSavedAndOpened();
    void newTextIsFollowedUnlessScrolledAway();
    void everyTextIsGermanInGerman();
};

namespace {

QString textOf(const WindowBench& bench, const char* label) { return bench.find<QLabel>(label)->text(); }

QString answerOf(const WindowBench& bench, int turn = 0, int voice = 0) {
    const QString name = QStringLiteral("answer%1_%2Text").arg(turn).arg(voice);
    const auto* text = bench.window->findChild<QTextEdit*>(name);
    return text == nullptr ? QString() : text->toPlainText();
}

QPlainTextEdit* input(const WindowBench& bench) { return bench.find<QPlainTextEdit>("chatInput"); }

void makeModel(const WindowBench& bench, const char* name) {
    const QString folder = bench.path(name);
    QDir().mkpath(folder);
    QFile file(folder + "/config.json");
    if (!file.open(QIODevice::WriteOnly) || file.write("llama") < 0)
        qFatal("the model cannot be written");
}

/// A model in the library, the page in front, the field with the focus.
bool isOpen(WindowBench& bench) {
    makeModel(bench, "base");
    bench.library->add(bench.path("base"));
    if (!bench.isReady())
        return false;
    WindowBench::press(Qt::Key_6, Qt::AltModifier);
    return bench.window->currentPage() == PageId::Chat &&
           QTest::qWaitFor([&] { return !bench.chat->voices().isEmpty(); }, kPatienceMs) &&
           QApplication::focusWidget() == input(bench);
}

void type(const QString& text) { QTest::keyClicks(QApplication::focusWidget(), text); }

bool isAnswered(const WindowBench& bench) {
    return QTest::qWaitFor([&] { return !bench.chat->isBusy(); }, kPatienceMs);
}

bool ask(const WindowBench& bench, const QString& question) {
    input(bench)->setFocus();
    type(question);
    WindowBench::press(Qt::Key_Return);
    return isAnswered(bench);
}

/// As if the user had chosen the file in the dialog that is open.
void choose(const WindowBench& bench, const char* dialog, const QString& file) {
    auto* shown = bench.find<QFileDialog>(dialog);
    shown->setObjectName({});
    Q_EMIT shown->fileSelected(file);
    shown->reject();
}

/// With a finished run of the model, whose adapter is chosen.
bool hasTunedVoice(WindowBench& bench) {
    if (!isOpen(bench))
        return false;
    bench.project->startRun("First run", {{"model", bench.path("base").toStdString()},
                                          {"prompt_template", std::string("plain")},
                                          {"max_steps", std::int64_t{3}}});
    auto& runs = bench.project->runs();
    if (!QTest::qWaitFor([&] { return runs.rowCount() == 1 && !runs.row(0).trial.adapterFolder.empty(); },
                         kPatienceMs))
        return false;
    WindowBench::press(Qt::Key_4, Qt::AltModifier);
    WindowBench::press(Qt::Key_T, Qt::ControlModifier | Qt::ShiftModifier);
    return bench.window->currentPage() == PageId::Chat && bench.chat->voices().size() == 1 &&
           !bench.chat->voices().front().adapters.isEmpty();
}

} // namespace

void TestChatPage::emptyPageLeadsToTheFirstModel() {
    WindowBench bench;
    QVERIFY(bench.isReady());

    WindowBench::press(Qt::Key_6, Qt::AltModifier);

    QCOMPARE(bench.window->currentPage(), PageId::Chat);
    QCOMPARE(textOf(bench, "chatEmptyTitleLabel"), "No model yet");
    type("Hello");
    QVERIFY(!bench.find("sendButton")->isEnabled());
    WindowBench::press(Qt::Key_Return);
    QCOMPARE(textOf(bench, "chatProblemLabel"), "There is nobody to answer: choose a model first.");
}

void TestChatPage::enterSendsAndTheAnswerStreams() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    type("Count.");
    QTRY_VERIFY(bench.find("sendButton")->isEnabled());

    WindowBench::press(Qt::Key_Return);

    QVERIFY(input(bench)->toPlainText().isEmpty());
    QVERIFY(bench.find("stopAnswerButton")->isVisible());
    QVERIFY(isAnswered(bench));
    QCOMPARE(bench.find<QTextEdit>("question0Text")->toPlainText(), "Count.");
    QCOMPARE(answerOf(bench), "One two three");
    QCOMPARE(textOf(bench, "answer0_0TitleLabel"), "base");
    QCOMPARE(textOf(bench, "answer0_0NoteLabel"), "3 tokens · 6 per second · ended by itself");
    QVERIFY(bench.find("sendButton")->isVisible());
    QCOMPARE(QApplication::focusWidget(), input(bench));
    QTest::keyClick(bench.find("answer0_0CopyButton"), Qt::Key_Space);
    QCOMPARE(QGuiApplication::clipboard()->text(), "One two three");
}

void TestChatPage::shiftEnterBeginsANewLine() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    type("One");
    WindowBench::press(Qt::Key_Return, Qt::ShiftModifier);
    type("Two");

    WindowBench::press(Qt::Key_Enter);

    QVERIFY(isAnswered(bench));
    QCOMPARE(bench.script->calls().front().prompt, std::string("user: One\nTwo"));
}

void TestChatPage::exampleIsAskedByEnter() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    auto* example = bench.find<QPushButton>("chatExample1Button");
    QVERIFY(example->isVisible());
    example->setFocus();

    WindowBench::press(Qt::Key_Return);

    QVERIFY(isAnswered(bench));
    QCOMPARE(bench.find<QTextEdit>("question0Text")->toPlainText(), "Write a short poem about the sea.");
    QCOMPARE(QApplication::focusWidget(), input(bench));
}

void TestChatPage::escapeStopsAtOnceAndKeepsTheText() {
    WindowBench bench;
    bench.script->isEndless = true;
    QVERIFY(isOpen(bench));
    type("Go on.");
    WindowBench::press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!answerOf(bench).isEmpty(), kPatienceMs);

    WindowBench::press(Qt::Key_Escape);

    QVERIFY(!bench.chat->isBusy());
    QVERIFY(bench.find("sendButton")->isVisible());
    const QString text = answerOf(bench);
    QVERIFY(text.startsWith("One two three"));
    QTRY_VERIFY(textOf(bench, "answer0_0NoteLabel").endsWith("stopped"));
    QCOMPARE(answerOf(bench), text);
}

void TestChatPage::runIsChattedWithFromTheTable() {
    WindowBench bench;

    QVERIFY(hasTunedVoice(bench));

    QCOMPARE(bench.chat->voices().front().name, "First run (run 1)");
    QCOMPARE(bench.find<QComboBox>("chatModelBox")->currentText(), "base");
    QCOMPARE(bench.find<QComboBox>("chatAdapterBox")->currentText(), "First run (run 1)");
    QVERIFY(textOf(bench, "chatNoticeLabel").startsWith("Prompt “Plain”"));
    QVERIFY(ask(bench, "What have you learnt?"));
    QCOMPARE(answerOf(bench), "Tuned: One two three");
    QCOMPARE(bench.script->calls().front().prompt, std::string("What have you learnt?\n\nAnswer:"));
}

void TestChatPage::baseAndAdapterAnswerSideBySide() {
    WindowBench bench;
    QVERIFY(hasTunedVoice(bench));
    QVERIFY(!bench.find("chatColumn0Label")->isVisible());

    QTest::keyClick(bench.find("chatCompareCheckBox"), Qt::Key_Space);
    QVERIFY(ask(bench, "Hello"));

    QCOMPARE(textOf(bench, "chatColumn0Label"), "base");
    QCOMPARE(textOf(bench, "chatColumn1Label"), "First run (run 1)");
    QVERIFY(bench.find("chatColumn1Label")->isVisible());
    QCOMPARE(answerOf(bench, 0, 0), "One two three");
    QCOMPARE(answerOf(bench, 0, 1), "Tuned: One two three");
    const auto calls = bench.script->calls();
    QCOMPARE(calls[0].options.seed, calls[1].options.seed);
    QCOMPARE(calls[0].prompt, calls[1].prompt);
    auto* left = bench.find("answer0_0");
    auto* right = bench.find("answer0_1");
    QTRY_COMPARE(left->y(), right->y());
    QTRY_VERIFY(qAbs(left->width() - right->width()) <= 1);
    QVERIFY(bench.settings.isChatComparing.value());
}

void TestChatPage::modelDroppedOnTheChatAnswers() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    makeModel(bench, "dropped");

    QVERIFY(drop(bench.window.get(), {bench.path("dropped")}));

    QTRY_COMPARE_WITH_TIMEOUT(bench.chat->voices().front().model, bench.path("dropped"), kPatienceMs);
    QCOMPARE(bench.window->currentPage(), PageId::Chat);
    QCOMPARE(bench.find<QComboBox>("chatModelBox")->currentText(), "dropped");
    QDir().mkpath(bench.path("photos"));
    QVERIFY(drop(bench.window.get(), {bench.path("photos")}));
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("chatProblemLabel")->isVisible(), kPatienceMs);
    QCOMPARE(bench.chat->voices().front().model, bench.path("dropped"));
}

void TestChatPage::adapterDroppedAnywhereIsChattedWith() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    WindowBench::press(Qt::Key_5, Qt::AltModifier);

    QVERIFY(drop(bench.window.get(), {bench.path("tuned/adapter_model.safetensors")}));

    QCOMPARE(bench.window->currentPage(), PageId::Chat);
    QCOMPARE(bench.chat->voices().front().adapters.front().folder, bench.path("tuned"));
    QVERIFY(ask(bench, "Hello"));
    QCOMPARE(answerOf(bench), "Tuned: One two three");
}

void TestChatPage::filesAreNotDroppedIntoTheQuestion() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    makeModel(bench, "dropped");

    QVERIFY(drop(input(bench)->viewport(), {bench.path("dropped")}));

    QCOMPARE(input(bench)->toPlainText(), QString());
    QTRY_COMPARE_WITH_TIMEOUT(bench.chat->voices().front().model, bench.path("dropped"), kPatienceMs);
}

void TestChatPage::lostModelGivesWayToTheFirstOfTheLibrary() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("settings.ini");
    Settings(file).chatModel.set(folder.filePath("gone"));
    WindowBench bench(file);

    QVERIFY(isOpen(bench));

    QTRY_COMPARE_WITH_TIMEOUT(bench.chat->voices().front().model, bench.path("base"), kPatienceMs);
}

void TestChatPage::failureIsSaidInPlace() {
    WindowBench bench;
    bench.script->openProblem = "is broken; choose another";
    QVERIFY(isOpen(bench));

    QVERIFY(ask(bench, "Hello"));

    QVERIFY(bench.find("answer0_0ProblemLabel")->isVisible());
    QCOMPARE(textOf(bench, "answer0_0ProblemLabel"), bench.path("base") + ": is broken; choose another");
    bench.script->openProblem.clear();
    QTest::keyClick(bench.find("answerAgainButton"), Qt::Key_Space);
    QVERIFY(isAnswered(bench));
    QCOMPARE(answerOf(bench), "One two three");
}

void TestChatPage::missingChatTemplateIsSaidPlainly() {
    WindowBench bench;
    bench.script->hasChatTemplate = false;
    QVERIFY(isOpen(bench));
    QVERIFY(!bench.find("chatNoticeLabel")->isVisible());

    QVERIFY(ask(bench, "Once upon a time"));

    QVERIFY(bench.find("chatNoticeLabel")->isVisible());
    QVERIFY(textOf(bench, "chatNoticeLabel").startsWith("This model has no chat template"));
    QCOMPARE(bench.script->calls().front().prompt, std::string("Once upon a time"));
}

void TestChatPage::upEditsTheLastQuestion() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "Helo"));

    WindowBench::press(Qt::Key_Up);
    QCOMPARE(input(bench)->toPlainText(), "Helo");
    WindowBench::press(Qt::Key_Escape);
    QVERIFY(input(bench)->toPlainText().isEmpty());
    WindowBench::press(Qt::Key_Up);
    WindowBench::press(Qt::Key_Backspace);
    type("lo");
    WindowBench::press(Qt::Key_Return);

    QVERIFY(isAnswered(bench));
    QCOMPARE(bench.chat->conversation().turns.size(), 1);
    QCOMPARE(bench.find<QTextEdit>("question0Text")->toPlainText(), "Hello");
    QCOMPARE(answerOf(bench), "One two three");
}

void TestChatPage::answerAgainRollsTheSeedWhereItMatters() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "Hello"));

    QTest::keyClick(bench.find("answerAgainButton"), Qt::Key_Space);
    QVERIFY(isAnswered(bench));
    QCOMPARE(bench.script->calls().back().options.seed, std::uint64_t{0}); // nothing is drawn
    bench.find("temperatureEditor")->setFocus();
    bench.find<QAbstractSpinBox>("temperatureEditor")->selectAll();
    type("1");
    QTest::keyClick(bench.find("answerAgainButton"), Qt::Key_Space);
    QVERIFY(isAnswered(bench));

    QCOMPARE(bench.script->calls().back().options.temperature, 1.0);
    QVERIFY(bench.script->calls().back().options.seed != 0); // but for one in a million
    QCOMPARE(bench.chat->conversation().turns.size(), 1);
}

void TestChatPage::clearedConversationComesBack() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "Hello"));
    auto* clear = bench.find<QPushButton>("clearChatButton");

    QTest::keyClick(clear, Qt::Key_Space);
    QVERIFY(bench.find("chatExamples")->isVisible());
    QCOMPARE(clear->text(), "Undo");
    QTest::keyClick(clear, Qt::Key_Space);

    QCOMPARE(answerOf(bench), "One two three");
    QCOMPARE(clear->text(), "New");
}

void TestChatPage::settingsReachTheModelAndAreRemembered() {
    QTemporaryDir folder;
    const QString file = folder.filePath("settings.ini");
    {
        WindowBench bench(file);
        QVERIFY(isOpen(bench));
        makeModel(bench, "other");
        bench.library->add(bench.path("other"));
        auto* models = bench.find<QComboBox>("chatModelBox");
        QTRY_VERIFY_WITH_TIMEOUT(models->findText("other") == 1, kPatienceMs);
        QTest::keyClick(models, Qt::Key_Down);
        QCOMPARE(bench.chat->voices().front().name, "other");
        QTest::keyClick(bench.find("newSeedButton"), Qt::Key_Space);
        bench.find("systemEditor")->setFocus();
        type("Be kind.");
        QVERIFY(ask(bench, "Hello"));
        QCOMPARE(bench.script->calls().back().prompt, std::string("system: Be kind.|user: Hello"));
        QTest::keyClick(bench.find("chatSettingsButton"), Qt::Key_Space);
        QVERIFY(!bench.find("chatSettings")->isVisible());
    }
    WindowBench bench(file);
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_6, Qt::AltModifier);

    QVERIFY(!bench.find("chatSettings")->isVisible());
    QCOMPARE(bench.find<QPlainTextEdit>("systemEditor")->toPlainText(), "Be kind.");
    QCOMPARE(bench.chat->options().text("system"), std::string("Be kind."));
    QTRY_COMPARE_WITH_TIMEOUT(bench.find<QComboBox>("chatModelBox")->currentText(), "other", kPatienceMs);
}

void TestChatPage::wrongSettingIsSaidAtItsFieldAndNotUsed() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    auto* topP = bench.find<QAbstractSpinBox>("top_pEditor");
    topP->setFocus();
    topP->selectAll();

    type("2");

    QTRY_VERIFY(bench.find("top_pProblemLabel")->isVisible());
    QCOMPARE(bench.chat->options().real("top_p"), 1.0);
}

void TestChatPage::usualSettingsAreThoseOfTheModel() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "Hello"));

    QTest::keyClick(bench.find("chatDefaultsButton"), Qt::Key_Space);

    QCOMPARE(bench.chat->options().real("temperature"), 0.7);
}

void TestChatPage::promptIsShownAsTheModelReadsIt() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "First"));
    type("Second");

    QTest::keyClick(bench.find("showPromptButton"), Qt::Key_Space);

    QTRY_VERIFY_WITH_TIMEOUT(bench.window->findChild<QDialog*>("promptDialog") != nullptr, kPatienceMs);
    QCOMPARE(bench.find<QPlainTextEdit>("promptText")->toPlainText(),
             "user: First|assistant: One two three|user: Second");
    QTest::keyClick(bench.find("promptDialog"), Qt::Key_Escape);
    QCOMPARE(input(bench)->toPlainText(), "Second");
}

void TestChatPage::conversationIsCopiedSavedAndOpened() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "Hello"));
    QTest::keyClick(bench.find("copyChatButton"), Qt::Key_Space);
    QCOMPARE(QGuiApplication::clipboard()->text(), "You: Hello\n\nbase: One two three\n");
    QTest::keyClick(bench.find("saveChatButton"), Qt::Key_Space);
    const QString file = bench.path("chat.json");
    choose(bench, "saveChatDialog", file);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kPatienceMs);
    QTest::keyClick(bench.find("clearChatButton"), Qt::Key_Space);

    QTest::keyClick(bench.find("openChatButton"), Qt::Key_Space);
    choose(bench, "openChatDialog", file);

    QTRY_COMPARE_WITH_TIMEOUT(answerOf(bench), "One two three", kPatienceMs);
    QTest::keyClick(bench.find("openChatButton"), Qt::Key_Space);
    choose(bench, "openChatDialog", bench.path("base/config.json"));
    QTRY_VERIFY_WITH_TIMEOUT(bench.find("chatProblemLabel")->isVisible(), kPatienceMs);
    QVERIFY(textOf(bench, "chatProblemLabel").contains("is not JSON"));
}

void TestChatPage::newTextIsFollowedUnlessScrolledAway() {
    WindowBench bench;
    bench.script->pieces.assign(80, "line\n");
    QVERIFY(isOpen(bench));
    auto* bar = bench.find<QScrollArea>("chatScrollArea")->verticalScrollBar();

    QVERIFY(ask(bench, "Say much."));

    QTRY_VERIFY(bar->maximum() > 500);
    QTRY_COMPARE(bar->value(), bar->maximum());
    bench.script->isEndless = true;
    type("Say more.");
    WindowBench::press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!answerOf(bench, 1).isEmpty(), kPatienceMs);
    bar->setValue(0);
    const int before = bar->maximum();
    QTRY_VERIFY_WITH_TIMEOUT(bar->maximum() > before, kPatienceMs);
    QCOMPARE(bar->value(), 0);
    bench.chat->stop();
}

void TestChatPage::everyTextIsGermanInGerman() {
    WindowBench bench;
    QVERIFY(isOpen(bench));
    QVERIFY(ask(bench, "Hello"));

    bench.find<QAction>("window.languageGermanAction")->trigger();

    QTRY_COMPARE(bench.find<QPushButton>("sendButton")->text(), "Senden");
    QCOMPARE(textOf(bench, "chatTitleLabel"), "Chat");
    QCOMPARE(textOf(bench, "question0TitleLabel"), "Sie");
    QCOMPARE(textOf(bench, "answer0_0NoteLabel"), "3 Token · 6 je Sekunde · von selbst zu Ende");
    QCOMPARE(textOf(bench, "temperatureLabel").remove(QLatin1Char('&')), "Temperatur");
}

QTEST_MAIN(TestChatPage)
#include "tst_chat_page.moc"

#include "app/workbench.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "tests/support/drag.h"
#include "widgets/shell/main_window.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTextEdit>
#include <QTimer>

#include <clocale>

using namespace lathe;

namespace {
constexpr int kPatienceMs = 60'000; // a machine with other work takes its time
}

/// A chat with the built-in model as a newcomer has it: the real engine, nothing chosen.
class TestWindowChat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup() { m_workbench.reset(); }
    void builtInModelContinuesTheExample();
    void stoppedAnswerKeepsItsText();
    void droppedModelFolderAnswers();
    void severalAdaptersAnswerAreMergedAndCombined();

private:
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget(), key, modifiers);
    }
    /// `own`: not the settings and the project of the other tests.
    void openChat(const QString& own = {}) {
        m_workbench = std::make_unique<Workbench>(*qApp, m_folder.filePath(own + "settings.ini"),
                                                  m_folder.filePath(own + "project"));
        QVERIFY(QTest::qWaitForWindowActive(&m_workbench->window()));
        press(Qt::Key_6, Qt::AltModifier);
        QCOMPARE(m_workbench->window().currentPage(), PageId::Chat);
        QTRY_COMPARE_WITH_TIMEOUT(find("chatExamples")->isVisible() &&
                                      find<QLabel>("chatEmptyTitleLabel")->text() == "Ask something",
                                  true, kPatienceMs);
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Workbench> m_workbench;
};

void TestWindowChat::initTestCase() {
    if (!QFile::exists(LATHE_BASE_MODEL "/model.safetensors"))
        QSKIP("resources/examples/base_model is missing");
    std::setlocale(LC_NUMERIC, "C");
}

void TestWindowChat::builtInModelContinuesTheExample() {
    openChat();
    auto* example = find<QPushButton>("chatExample0Button");
    example->setFocus();

    press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(find("stopAnswerButton")->isHidden(), kPatienceMs);

    const QString answer = find<QTextEdit>("answer0_0Text")->toPlainText();
    QVERIFY2(!answer.isEmpty(), qPrintable(find<QLabel>("answer0_0ProblemLabel")->text()));
    QVERIFY(find<QLabel>("chatNoticeLabel")->text().startsWith("This model has no chat template"));
    QVERIFY(find<QLabel>("answer0_0NoteLabel")->text().contains("per second"));
    find<QPushButton>("showPromptButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(find<QPlainTextEdit>("promptText") != nullptr, kPatienceMs);
    QCOMPARE(find<QPlainTextEdit>("promptText")->toPlainText(), example->property("question").toString());
}

void TestWindowChat::stoppedAnswerKeepsItsText() {
    openChat();
    auto* input = find<QPlainTextEdit>("chatInput");
    input->setFocus();
    QTest::keyClicks(input, "Anna");
    press(Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!find<QTextEdit>("answer0_0Text")->toPlainText().isEmpty(), kPatienceMs);

    press(Qt::Key_Escape);

    QVERIFY(find("sendButton")->isVisible());
    const QString answer = find<QTextEdit>("answer0_0Text")->toPlainText();
    press(Qt::Key_1, Qt::AltModifier);
    press(Qt::Key_6, Qt::AltModifier);
    QCOMPARE(find<QTextEdit>("answer0_0Text")->toPlainText(), answer);
}

/// Everything that answers here lies in the folder that was dropped, and nothing but keys is used after that.
void TestWindowChat::droppedModelFolderAnswers() {
    openChat();
    const QString folder = m_folder.filePath("My model");
    QVERIFY(QDir().mkpath(folder));
    for (const char* file : {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"})
        QVERIFY(QFile::copy(QLatin1String(LATHE_BASE_MODEL "/") + file, folder + '/' + file));

    QVERIFY(test::drop(&m_workbench->window(), {folder}));
    QTRY_COMPARE_WITH_TIMEOUT(find<QComboBox>("chatModelBox")->currentText(), "My model", kPatienceMs);
    find("chatInput")->setFocus();
    QTest::keyClicks(QApplication::focusWidget(), "Anna has a red ball. What colour is the ball?");
    press(Qt::Key_Return);

    QTRY_VERIFY_WITH_TIMEOUT(find("sendButton")->isVisible(), kPatienceMs);
    QCOMPARE(find<QLabel>("answer0_0TitleLabel")->text(), "My model");
    QVERIFY2(!find<QTextEdit>("answer0_0Text")->toPlainText().isEmpty(),
             qPrintable(find<QLabel>("answer0_0ProblemLabel")->text()));
    press(Qt::Key_5, Qt::AltModifier);
    QCOMPARE(find<QTableView>("modelsTable")->model()->rowCount(), 2); // the library has it too
}

/// Two short trainings, both adapters on at once, merged, and made into one that says the same.
void TestWindowChat::severalAdaptersAnswerAreMergedAndCombined() {
    openChat("several_");
    ProjectSession& project = m_workbench->project();
    QTRY_VERIFY_WITH_TIMEOUT(project.isOpen(), kPatienceMs);
    ParamValues recipe = withDefaults(project.recipeSchema(), {});
    recipe.set("model", std::string(LATHE_BASE_MODEL));
    recipe.set("train_file", std::string(LATHE_BASE_MODEL "/../data/sentiment.train.jsonl"));
    recipe.set("learning_rate", 0.02);
    recipe.set("max_steps", std::int64_t{2});
    recipe.set("eval_rows", std::int64_t{4});
    for (const char* name : {"First", "Second"}) {
        project.startRun(QLatin1String(name), recipe, QStringLiteral("train"), name[0]);
        QTRY_VERIFY_WITH_TIMEOUT(project.activeStudies().isEmpty(), kPatienceMs);
        QVERIFY2(!project.runs().row(0).trial.adapterFolder.empty(),
                 project.runs().row(0).trial.note.c_str());
    }
    if (!find("chatSettings")->isVisible())
        find<QPushButton>("chatSettingsButton")->click();
    for (const char* name : {"First (run 1)", "Second (run 2)"}) {
        auto* menu = find<QMenu>("addAdapterMenu");
        const auto choose = [menu, name] {
            for (QAction* action : menu->actions())
                if (action->text() == QLatin1String(name))
                    menu->setActiveAction(action);
            QTest::keyClick(menu, menu->activeAction() != nullptr ? Qt::Key_Return : Qt::Key_Escape);
        };
        // Behind what opens it: a timer alone could fire before the menu is there.
        connect(
            menu, &QMenu::aboutToShow, menu, [menu, choose] { QTimer::singleShot(0, menu, choose); },
            Qt::SingleShotConnection);
        QTRY_VERIFY(find("addAdapterButton")->isEnabled());
        find("addAdapterButton")->setFocus();
        press(Qt::Key_Space);
        QTRY_VERIFY(find<QComboBox>("chatAdapterBox")->currentText().contains(QLatin1String(name)));
        m_workbench->window().activateWindow(); // as a window manager does when a menu closes
        QTRY_VERIFY(QApplication::focusWidget() != nullptr);
    }
    QCOMPARE(find<QComboBox>("chatAdapterBox")->currentText(), "First (run 1) + Second (run 2)");
    const auto answerTo = [this](const QString& question, int turn) {
        QTest::keyClicks(find("chatInput"), question);
        QTest::keyClick(find("chatInput"), Qt::Key_Return);
        const bool isDone = QTest::qWaitFor([this] { return find("sendButton")->isVisible(); }, kPatienceMs);
        auto* text = find<QTextEdit>(qPrintable(QStringLiteral("answer%1_0Text").arg(turn)));
        return isDone && text != nullptr ? text->toPlainText() : QString();
    };
    const QString beside = answerTo("Review: a fine film", 0);
    QVERIFY2(!beside.isEmpty(), qPrintable(find<QLabel>("answer0_0ProblemLabel")->text()));

    find("mergeCheckBox")->setFocus();
    press(Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("mergeNoteLabel")->text().contains("bit for bit as before"),
                             kPatienceMs);
    QCOMPARE(answerTo("Review: a fine film", 1), beside);
    find("mergeCheckBox")->setFocus();
    press(Qt::Key_Space);

    find("combineAdaptersButton")->setFocus();
    press(Qt::Key_Space);
    auto* combine = find<QPushButton>("combineButton");
    QVERIFY(combine != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(combine->isEnabled(), kPatienceMs);
    QTest::keyClick(combine, Qt::Key_Return);
    auto* chat = find<QPushButton>("combineChatButton");
    QTRY_VERIFY_WITH_TIMEOUT(chat->isVisible(), kPatienceMs);
    QVERIFY2(find<QLabel>("combineNoteLabel")->text().contains("differ from those of all adapters at once"),
             qPrintable(find<QLabel>("combineNoteLabel")->text()));
    QTest::keyClick(chat, Qt::Key_Return);

    QTRY_COMPARE(find<QComboBox>("chatAdapterBox")->currentText(), "combined-1");
    QCOMPARE(find<QComboBox>("chatModelBox")->currentText(), "Built-in model");
    QCOMPARE(answerTo("Review: a fine film", 2), beside);
}

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale::c());
    TestWindowChat test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_window_chat.moc"

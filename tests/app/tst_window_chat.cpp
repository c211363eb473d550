#include "app/workbench.h"
#include "core/session/settings.h"
#include "tests/support/drag.h"
#include "widgets/shell/main_window.h"

#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTextEdit>

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

private:
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget(), key, modifiers);
    }
    void openChat() {
        m_workbench = std::make_unique<Workbench>(*qApp, m_folder.filePath("settings.ini"),
                                                  m_folder.filePath("project"));
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

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale::c());
    TestWindowChat test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_window_chat.moc"

#include "widgets/dialogs/profile_dialog.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <QtTest>

#include <condition_variable>
#include <mutex>

using namespace lathe;

namespace {

constexpr int kPatienceMs = 20'000;

StepProfile profileOf(std::int64_t steps) {
    StepProfile profile;
    profile.steps = steps;
    profile.threads = 2;
    profile.seconds = 0.025;
    profile.tokens = 512;
    profile.flops = 4e8;
    profile.device = "cpu";
    profile.kinds = {0.01, 0.004, 0.006, 0.001, 0.001, 0.0005, 0, 0.0025};
    profile.operators = {{"aten::addmm", WorkKind::BaseProducts, 70, 0.008},
                         {"lathe::attention", WorkKind::Attention, 5.5, 0.003}};
    return profile;
}

/// Plays what measures; holds it until it is let go or stopped.
class Played {
public:
    ProfileParts parts() {
        return {[this](const ProfileOrder& order, std::stop_token stop,
                       const ProfileParts::Progress& progress) -> Result<StepProfile> {
            if (!problem.empty())
                return inputError("model", problem);
            progress("loading the model", 0, 0);
            progress("measuring", 5, 20);
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, stop, [this] { return !m_isHeld; });
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "stopped"};
            return profileOf(order.steps);
        }};
    }
    void hold(bool isHeld) {
        const std::lock_guard lock(m_mutex);
        m_isHeld = isHeld;
        m_changed.notify_all();
    }

    std::string problem; // set before the question

private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_isHeld = false;
};

} // namespace

class TestProfileDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void oneKeyMeasures();
    void longestBarsComeFirstAndTheRestLast();
    void operatorsAreListed();
    void stepsAreTyped();
    void stoppedOneSaysSo();
    void problemIsSaidInWords();
    void closingStopsWhatRuns();
    void csvIsCopiedAndSaved();
    void everyControlHasAName();

private:
    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_dialog->findChild<Widget*>(QString::fromLatin1(name));
    }
    [[nodiscard]] QString note() const { return find<QLabel>("profileNoteLabel")->text(); }
    [[nodiscard]] QString cell(const char* table, int row, int column) const {
        return find<QTableView>(table)->model()->index(row, column).data().toString();
    }
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget(), key, modifiers);
    }
    void measure() {
        press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(find<QTableView>("profileKindTable")->isVisible(), kPatienceMs);
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Played> m_played;
    QPointer<ProfileDialog> m_dialog;
    QWidget m_parent;
};

void TestProfileDialog::init() {
    m_played = std::make_unique<Played>();
    m_dialog = new ProfileDialog(m_played->parts(), {}, "The recipe being edited",
                                 m_folder.filePath("exports/profile.csv"), &m_parent);
    m_dialog->show();
    QVERIFY(QTest::qWaitForWindowActive(m_dialog));
}

void TestProfileDialog::cleanup() {
    m_played->hold(false);
    delete m_dialog;
}

void TestProfileDialog::oneKeyMeasures() {
    QVERIFY(!find<QTableView>("profileKindTable")->isVisible());
    QVERIFY(!find<QPushButton>("profileCopyButton")->isVisible());
    QCOMPARE(QApplication::focusWidget(), find<QPushButton>("profileStartButton"));
    m_played->hold(true);
    press(Qt::Key_Return);
    QCOMPARE(QApplication::focusWidget(), find<QPushButton>("profileStopButton"));
    QTRY_COMPARE_WITH_TIMEOUT(note(), "measuring: step 5 of 20", kPatienceMs);
    QCOMPARE(find<QProgressBar>("profileProgressBar")->value(), 5);
    QCOMPARE(find<QProgressBar>("profileProgressBar")->maximum(), 20);
    m_played->hold(false);
    QTRY_VERIFY_WITH_TIMEOUT(find<QTableView>("profileKindTable")->isVisible(), kPatienceMs);
    QCOMPARE(find<QLabel>("profileTimeLabel")->text(), "25.0");
    QCOMPARE(find<QLabel>("profileTokensLabel")->text(), "20,480");
    QCOMPARE(find<QLabel>("profileFlopsLabel")->text(), "16.0");
    QCOMPARE(note(), "Steps measured: 20  ·  threads: 2  ·  device: cpu");
    QVERIFY(!find<QProgressBar>("profileProgressBar")->isVisible());
}

void TestProfileDialog::longestBarsComeFirstAndTheRestLast() {
    measure();
    const auto* model = find<QTableView>("profileKindTable")->model();
    QCOMPARE(model->rowCount(), 8);
    const auto bar = [model](int row) {
        return model->index(row, WorkTimeModel::Bar).data(WorkTimeModel::BarRole).toDouble();
    };
    QCOMPARE(cell("profileKindTable", 0, WorkTimeModel::Work), "Products with the base's weights");
    QCOMPARE(cell("profileKindTable", 0, WorkTimeModel::Time), "10.0");
    QCOMPARE(cell("profileKindTable", 0, WorkTimeModel::Share), "40.0 %");
    QCOMPARE(bar(0), 1.0);
    QCOMPARE(cell("profileKindTable", 1, WorkTimeModel::Work), "Attention");
    QCOMPARE(bar(1), 0.6);
    QCOMPARE(cell("profileKindTable", 7, WorkTimeModel::Work), "Everything else");
    QCOMPARE(model->index(7, 0).data(WorkTimeModel::RestRole).toBool(), true);
    // Who cannot see the bar hears its share.
    QCOMPARE(model->index(0, WorkTimeModel::Bar).data(Qt::AccessibleTextRole).toString(), "40.0 %");
}

void TestProfileDialog::operatorsAreListed() {
    measure();
    QCOMPARE(find<QTableView>("profileOperatorTable")->model()->rowCount(), 2);
    QCOMPARE(cell("profileOperatorTable", 0, OperatorTimeModel::Name), "aten::addmm");
    QCOMPARE(cell("profileOperatorTable", 0, OperatorTimeModel::Calls), "70");
    QCOMPARE(cell("profileOperatorTable", 1, OperatorTimeModel::Calls), "5.5");
    QCOMPARE(cell("profileOperatorTable", 1, OperatorTimeModel::Work), "Attention");
    QCOMPARE(cell("profileOperatorTable", 1, OperatorTimeModel::Share), "12.0 %");
}

void TestProfileDialog::stepsAreTyped() {
    press(Qt::Key_T, Qt::AltModifier);
    QCOMPARE(QApplication::focusWidget()->objectName(), "profileStepsEdit");
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "many");
    QVERIFY(!find<QPushButton>("profileStartButton")->isEnabled());
    QCOMPARE(find<QLabel>("profileProblemLabel")->text(), "Steps: give a whole number from 1 to 1000.");
    press(Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "7");
    QVERIFY(!find<QLabel>("profileProblemLabel")->isVisible());
    measure();
    QVERIFY2(note().contains("measured: 7 "), qPrintable(note()));
}

void TestProfileDialog::stoppedOneSaysSo() {
    m_played->hold(true);
    press(Qt::Key_Return);
    press(Qt::Key_Space); // on Stop
    QTRY_COMPARE_WITH_TIMEOUT(note(), "Stopped.", kPatienceMs);
    QVERIFY(!find<QPushButton>("profileStopButton")->isVisible());
    QCOMPARE(QApplication::focusWidget(), find<QPushButton>("profileStartButton"));
}

void TestProfileDialog::problemIsSaidInWords() {
    m_played->problem = "is no folder; choose one with a config.json";
    press(Qt::Key_Return);
    auto* label = find<QLabel>("profileProblemLabel");
    QTRY_VERIFY_WITH_TIMEOUT(label->isVisible(), kPatienceMs);
    QCOMPARE(label->text(), "model: is no folder; choose one with a config.json");
    QVERIFY(!find<QTableView>("profileKindTable")->isVisible());
}

void TestProfileDialog::closingStopsWhatRuns() {
    m_played->hold(true);
    press(Qt::Key_Return);
    press(Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(m_dialog.isNull(), kPatienceMs);
}

void TestProfileDialog::csvIsCopiedAndSaved() {
    measure();
    const QString csv = QString::fromStdString(toCsv(profileOf(20)));
    press(Qt::Key_C, Qt::AltModifier);
    QTRY_COMPARE(note(), "Copied.");
    QCOMPARE(QGuiApplication::clipboard()->text(), csv);
    press(Qt::Key_V, Qt::AltModifier);
    QTRY_VERIFY(m_dialog->findChild<QLineEdit*>("targetEdit") != nullptr);
    QTRY_COMPARE(QApplication::focusWidget(), m_dialog->findChild<QLineEdit*>("targetEdit"));
    press(Qt::Key_Return);
    QTRY_VERIFY2(note().startsWith("Written to"),
                 qPrintable(note() + find<QLabel>("profileProblemLabel")->text()));
    QFile file(m_folder.filePath("exports/profile.csv"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readAll()), csv);
}

void TestProfileDialog::everyControlHasAName() {
    measure();
    for (const char* name : {"profileKindTable", "profileOperatorTable", "profileProgressBar"})
        QVERIFY2(!find<QWidget>(name)->accessibleName().isEmpty(), name);
    // From the tables Tab leads on.
    find<QTableView>("profileKindTable")->setFocus();
    press(Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), find<QTableView>("profileOperatorTable"));
}

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    TestProfileDialog test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_profile_dialog.moc"

#include "widgets/dialogs/combine_dialog.h"

#include "core/session/text.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

#include <condition_variable>
#include <mutex>

using namespace lathe;

namespace {

constexpr int kPatienceMs = 20'000;

ParamSchema schema() {
    return {{"method",
             "combination",
             "Method",
             "",
             "",
             ChoiceDomain{{"cat", "svd"}, {"Sum", "SVD"}},
             std::string("cat"),
             {},
             false,
             false},
            {"rank", "combination", "Rank", "", "", IntDomain{0, 64}, std::int64_t{0},
             Condition{{{"method", {"svd"}}}}, false, false}};
}

/// Plays what combines; holds it until it is let go or stopped.
class Played {
public:
    CombineParts parts() {
        CombineParts parts;
        parts.schema = schema();
        parts.forecast = [this](const CombineOrder& order) -> Result<CombineForecast> {
            if (!problem.empty())
                return inputError("second", problem);
            CombineForecast forecast{"base", 16, 4096, order.options.text("method") == "cat", {}};
            return forecast;
        };
        parts.combine = [this](const CombineOrder& order, std::stop_token stop,
                               const CombineParts::Progress& progress) -> Result<CombineOutcome> {
            const std::lock_guard keep(m_orders);
            last = order;
            progress("combining", 1, 4);
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, stop, [this] { return !m_isHeld; });
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "stopped"};
            return CombineOutcome{{"base", 16, 4096, true, {}}, order.target, 2e-6, "a row", 0};
        };
        return parts;
    }
    void hold(bool isHeld) {
        const std::lock_guard lock(m_mutex);
        m_isHeld = isHeld;
        m_changed.notify_all();
    }

    std::string problem; // set before the question
    CombineOrder last;   // read when it has ended

private:
    std::mutex m_orders, m_mutex;
    std::condition_variable_any m_changed;
    bool m_isHeld = false;
};

} // namespace

class TestCombineDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void twoAreNeeded();
    void forecastSaysWhatComesOfIt();
    void refusalIsSaidInWords();
    void combinationRunsAndIsTold();
    void stoppedOneWritesNothing();
    void closingStopsWhatRuns();
    void targetThatIsThereIsRefused();
    void wrongWeightIsSaid();

private:
    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_dialog->findChild<Widget*>(QString::fromLatin1(name));
    }
    [[nodiscard]] QString note() const { return find<QLabel>("combineNoteLabel")->text(); }
    [[nodiscard]] bool isReady() const {
        return QTest::qWaitFor([this] { return find<QPushButton>("combineButton")->isEnabled(); },
                               kPatienceMs);
    }
    static void press(Qt::Key key) { QTest::keyClick(QApplication::focusWidget(), key); }

    QTemporaryDir m_folder;
    std::unique_ptr<Played> m_played;
    QPointer<CombineDialog> m_dialog;
    QWidget m_parent;
};

void TestCombineDialog::init() {
    m_played = std::make_unique<Played>();
    m_dialog = new CombineDialog(m_played->parts(), {{"First", "/first"}, {"Second", "/second", 0.5, false}},
                                 m_folder.filePath("combined"), &m_parent);
    m_dialog->show();
    QVERIFY(QTest::qWaitForWindowActive(m_dialog));
}

void TestCombineDialog::cleanup() {
    m_played->hold(false);
    delete m_dialog;
}

void TestCombineDialog::twoAreNeeded() {
    QCOMPARE(note(), "Choose at least two adapters.");
    QVERIFY(!find<QPushButton>("combineButton")->isEnabled());
    QVERIFY(!find<QPushButton>("combineStopButton")->isVisible());
    QVERIFY(!find<QPushButton>("combineChatButton")->isVisible());
    QCOMPARE(QApplication::focusWidget(), find<QCheckBox>("combine0CheckBox"));
}

void TestCombineDialog::forecastSaysWhatComesOfIt() {
    find<QCheckBox>("combine1CheckBox")->setFocus();
    press(Qt::Key_Space);
    QVERIFY(isReady());
    QCOMPARE(note(), "Rank 16, 4,096 parameters. By the mathematics it does what all do at once.");
}

void TestCombineDialog::refusalIsSaidInWords() {
    m_played->problem = "was trained on another base model";
    find<QCheckBox>("combine1CheckBox")->setChecked(true);
    auto* problem = find<QLabel>("combineProblemLabel");
    QTRY_VERIFY_WITH_TIMEOUT(problem->isVisible(), kPatienceMs);
    QCOMPARE(problem->text(), "second: was trained on another base model");
    QVERIFY(!find<QPushButton>("combineButton")->isEnabled());
}

void TestCombineDialog::combinationRunsAndIsTold() {
    find<QCheckBox>("combine1CheckBox")->setChecked(true);
    QVERIFY(isReady());
    m_played->hold(true);
    find<QLineEdit>("combineTargetEdit")->setFocus();
    press(Qt::Key_Return); // the default button

    QVERIFY(find<QPushButton>("combineStopButton")->isVisible());
    QTRY_COMPARE_WITH_TIMEOUT(find<QProgressBar>("combineProgressBar")->value(), 250, kPatienceMs);
    QCOMPARE(note(), "Combining…");
    m_played->hold(false);

    auto* chat = find<QPushButton>("combineChatButton");
    QTRY_VERIFY_WITH_TIMEOUT(chat->isVisible(), kPatienceMs);
    QVERIFY2(note().contains("differ from those of all adapters at once by at most 2e-06"),
             qPrintable(note()));
    QCOMPARE(m_played->last.adapters.size(), std::size_t{2});
    QCOMPARE(m_played->last.adapters[1].strength, 0.5);
    QCOMPARE(QApplication::focusWidget(), chat);
    QSignalSpy wanted(m_dialog, &CombineDialog::chatWanted);
    press(Qt::Key_Return);
    QCOMPARE(wanted.first(), (QVariantList{"base", m_folder.filePath("combined")}));
}

void TestCombineDialog::stoppedOneWritesNothing() {
    find<QCheckBox>("combine1CheckBox")->setChecked(true);
    QVERIFY(isReady());
    m_played->hold(true);
    find<QPushButton>("combineButton")->click();
    QCOMPARE(QApplication::focusWidget(), find<QPushButton>("combineStopButton"));
    press(Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(find<QLabel>("combineProblemLabel")->text(), "Stopped; nothing was written.",
                              kPatienceMs);
    QVERIFY(!find<QPushButton>("combineStopButton")->isVisible());
}

void TestCombineDialog::closingStopsWhatRuns() {
    find<QCheckBox>("combine1CheckBox")->setChecked(true);
    QVERIFY(isReady());
    m_played->hold(true);
    find<QPushButton>("combineButton")->click();
    QTest::keyClick(m_dialog, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(m_dialog.isNull(), kPatienceMs);
}

void TestCombineDialog::targetThatIsThereIsRefused() {
    find<QCheckBox>("combine1CheckBox")->setChecked(true);
    QDir().mkpath(m_folder.filePath("full/inside"));
    find<QLineEdit>("combineTargetEdit")->setText(m_folder.filePath("full"));
    QVERIFY(note().startsWith("The folder to write to is there already"));
}

void TestCombineDialog::wrongWeightIsSaid() {
    find<QCheckBox>("combine1CheckBox")->setChecked(true);
    auto* weight = find<QWidget>("combine0WeightEdit");
    weight->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "much");
    QCOMPARE(note(), "“much” is no weight; give a number.");
}

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    TestCombineDialog test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_combine_dialog.moc"

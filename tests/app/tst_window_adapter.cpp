#include "app/workbench.h"
#include "core/session/project_session.h"
#include "core/session/recipe_draft.h"
#include "widgets/forms/places_view.h"
#include "widgets/shell/main_window.h"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

#include <clocale>

using namespace lathe;

namespace {
constexpr int kPatienceMs = 120'000; // a machine with other work takes its time
}

/// Another method than the example's: chosen, sized to a budget, put in its places and trained, by keyboard
/// alone, with the real engine.
class TestWindowAdapter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void methodIsChosenByItsName();
    void sizeFollowsABudget();
    void placesAreSwitched();
    void whatWasPutTogetherTrains();

private:
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        return m_workbench->window().findChild<Widget*>(QLatin1String(name));
    }
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget(), key, modifiers);
    }
    /// Goes to a field by the filter, as somebody would who knows its name, and types.
    void type(const char* editor, const QString& filter, const QString& text) {
        press(Qt::Key_F, Qt::ControlModifier);
        QCOMPARE(QApplication::focusWidget(), find("recipeFilterEdit"));
        press(Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(QApplication::focusWidget(), filter);
        for (int i = 0; i < 40 && !isIn(editor); ++i)
            press(Qt::Key_Tab);
        QVERIFY2(isIn(editor), editor);
        if (qobject_cast<QComboBox*>(QApplication::focusWidget()) == nullptr)
            press(Qt::Key_A, Qt::ControlModifier); // what is written there goes
        QTest::keyClicks(QApplication::focusWidget(), text);
        press(Qt::Key_Tab);
        press(Qt::Key_F, Qt::ControlModifier);
        press(Qt::Key_A, Qt::ControlModifier);
        press(Qt::Key_Delete);
    }
    [[nodiscard]] bool isIn(const char* editor) const {
        QWidget* wanted = find(editor);
        QWidget* focus = QApplication::focusWidget();
        return wanted != nullptr && focus != nullptr && (focus == wanted || wanted->isAncestorOf(focus));
    }
    [[nodiscard]] QString value(const char* key) const {
        return QString::fromStdString(toText(m_workbench->project().draft().value(QLatin1String(key))));
    }
    [[nodiscard]] qint64 trainable() const {
        bool isNumber = false;
        const qint64 count = QLocale().toLongLong(find<QLabel>("trainableParametersLabel")->text(), &isNumber);
        return isNumber ? count : -1;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Workbench> m_workbench;
};

void TestWindowAdapter::initTestCase() {
    if (!QFile::exists(LATHE_BASE_MODEL "/model.safetensors"))
        QSKIP("resources/examples/base_model is missing");
    std::setlocale(LC_NUMERIC, "C");
    m_workbench =
        std::make_unique<Workbench>(*qApp, m_folder.filePath("settings.ini"), m_folder.filePath("project"));
    QVERIFY(QTest::qWaitForWindowActive(&m_workbench->window()));
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().isOpen(), kPatienceMs);
    press(Qt::Key_T, Qt::ControlModifier);
    QTRY_COMPARE(m_workbench->window().currentPage(), PageId::Recipe);
    press(Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier); // every field
    QTRY_VERIFY_WITH_TIMEOUT(trainable() > 0, kPatienceMs);
}

void TestWindowAdapter::methodIsChosenByItsName() {
    type("methodEditor", "Method", "Parallel");
    QCOMPARE(value("method"), QStringLiteral("parallel"));
    QTRY_VERIFY_WITH_TIMEOUT(find("bottleneck_sizeEditor")->isVisibleTo(&m_workbench->window()), kPatienceMs);
    QVERIFY(!find("rankEditor")->isVisibleTo(&m_workbench->window()));
}

void TestWindowAdapter::sizeFollowsABudget() {
    type("match_parametersEditor", "Match", "60000");
    QCOMPARE(value("match_parameters"), QStringLiteral("60000"));
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(trainable() - 60'000) < 6'000, kPatienceMs);
}

void TestWindowAdapter::placesAreSwitched() {
    press(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY_WITH_TIMEOUT(qobject_cast<PlacesView*>(QApplication::focusWidget()) != nullptr, kPatienceMs);
    press(Qt::Key_T, Qt::AltModifier); // attention
    QTRY_COMPARE(value("target_modules"), QStringLiteral("q_proj,k_proj,v_proj,o_proj"));
    for (const Qt::Key key : {Qt::Key_Left, Qt::Key_Space, Qt::Key_Down, Qt::Key_Space})
        press(key); // two whole layers: lit first, and taken off by a second stroke
    press(Qt::Key_Space);
    press(Qt::Key_Up);
    press(Qt::Key_Space);
    QCOMPARE(value("target_layers"), QStringLiteral("2-5"));
    press(Qt::Key_Escape);
    QTRY_VERIFY(find("placesDialog") == nullptr || !find("placesDialog")->isVisible());
    m_workbench->window().activateWindow(); // as a window manager does
    QTRY_VERIFY(QApplication::focusWidget() != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(trainable() - 60'000) < 6'000, kPatienceMs); // the size goes along
}

void TestWindowAdapter::whatWasPutTogetherTrains() {
    type("max_stepsEditor", "Steps", "3");
    type("eval_rowsEditor", "Evaluation rows", "8");
    press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(m_workbench->window().currentPage(), PageId::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_workbench->project().activeStudies().isEmpty() &&
                                 m_workbench->project().runs().rowCount() == 1,
                             kPatienceMs);
    const auto& run = m_workbench->project().runs().row(0).trial;
    QVERIFY2(run.state == TrialState::Complete, run.note.c_str());
    QFile config(QString::fromStdString(run.adapterFolder.string()) + "/adapter_config.json");
    QVERIFY(config.open(QIODevice::ReadOnly));
    const QJsonObject settings = QJsonDocument::fromJson(config.readAll()).object();
    QCOMPARE(settings["peft_type"].toString(), QStringLiteral("BOTTLENECK"));
    QCOMPARE(settings["use_parallel_adapter"].toBool(), true);
}

QTEST_MAIN(TestWindowAdapter)
#include "tst_window_adapter.moc"

#include "tests/support/strict_warnings.h"
#include "widgets/actions/action_binder.h"

#include <QAction>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QTest>

using namespace lathe;

class TestActionBinder : public QObject {
    Q_OBJECT
private Q_SLOTS:

    void init() {
        test::failOnWarnings();
        m_window = std::make_unique<QMainWindow>();
        m_binder = new ActionBinder(m_window.get());
        m_binder->fill(*m_window->menuBar());
        m_window->resize(400, 200);
        m_window->setCentralWidget(new QWidget);
        m_window->centralWidget()->setFocusPolicy(Qt::StrongFocus);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        m_window->centralWidget()->setFocus();
    }

    void everyActionIsInAMenu() {
        QSet<QAction*> reachable;
        for (const Menu menu : allMenus())
            for (QAction* action : m_binder->menu(menu)->actions())
                reachable.insert(action);
        for (QAction* action : m_binder->actions())
            QVERIFY2(reachable.contains(action), qPrintable(action->objectName()));
        QCOMPARE(m_binder->actions().size(), static_cast<qsizetype>(actionTable().size()));
    }

    void whatNobodyDoesIsDisabledAndSaysWhy() {
        for (const QAction* action : m_binder->actions()) {
            QVERIFY(!action->isEnabled());
            QVERIFY(!action->statusTip().isEmpty());
        }
    }

    void aShortcutRunsWhatIsBound() {
        int runs = 0;
        m_binder->bind(u"run.start", this, [&runs] { ++runs; });
        QTest::keyClick(m_window->centralWidget(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(runs, 1);
        m_binder->disable(u"run.start", QStringLiteral("A run is going on."));
        QTest::keyClick(m_window->centralWidget(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(runs, 1);
        QCOMPARE(m_binder->action(u"run.start")->statusTip(), QStringLiteral("A run is going on."));
        m_binder->enable(u"run.start");
        QVERIFY(m_binder->action(u"run.start")->statusTip() != QStringLiteral("A run is going on."));
        QVERIFY(m_binder->action(u"run.start")->toolTip().contains(QStringLiteral("Ctrl+Return")));
    }

    void aCheckableActionTellsItsState() {
        bool isOn = false;
        m_binder->bind(u"view.fullScreen", this, [&isOn](bool isChecked) { isOn = isChecked; });
        m_binder->action(u"view.fullScreen")->trigger();
        QVERIFY(isOn);
    }

    void spaceWorksInItsPageAndLeavesButtonsAlone() {
        int pauses = 0;
        m_binder->bind(u"run.pause", this, [&pauses] { ++pauses; });
        QTest::keyClick(m_window->centralWidget(), Qt::Key_Space);
        QCOMPARE(pauses, 0); // the page has not taken it
        m_window->centralWidget()->addAction(m_binder->action(u"run.pause"));
        QTest::keyClick(m_window->centralWidget(), Qt::Key_Space);
        QCOMPARE(pauses, 1);
        int presses = 0;
        QPushButton button(m_window->centralWidget());
        connect(&button, &QPushButton::clicked, this, [&presses] { ++presses; });
        button.show();
        button.setFocus();
        QTest::keyClick(&button, Qt::Key_Space);
        QCOMPARE(presses, 1);
        QCOMPARE(pauses, 1);
    }

    void conflictsAreFound() {
        QVERIFY(m_binder->conflicts().empty());
        m_binder->setShortcuts(u"file.export", {QKeySequence(QStringLiteral("Ctrl+N"))});
        const auto conflicts = m_binder->conflicts();
        QCOMPARE(conflicts.size(), std::size_t{1});
        QCOMPARE(conflicts.front().first, QStringLiteral("file.newRecipe"));
        QCOMPARE(conflicts.front().second, QStringLiteral("file.export"));
    }

    void menusAreSplitIntoSections() {
        int lines = 0;
        for (const QAction* action : m_binder->menu(Menu::View)->actions())
            lines += action->isSeparator();
        QCOMPARE(lines, 4);
    }

    void whatIsBoundEndsWithItsContext() {
        int runs = 0;
        auto context = std::make_unique<QObject>();
        m_binder->bind(u"file.quit", context.get(), [&runs] { ++runs; });
        context.reset();
        m_binder->action(u"file.quit")->trigger();
        QCOMPARE(runs, 0);
    }

private:
    std::unique_ptr<QMainWindow> m_window;
    ActionBinder* m_binder = nullptr;
};

QTEST_MAIN(TestActionBinder)
#include "tst_action_binder.moc"

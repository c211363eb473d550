#include "tests/widgets/shell/window_bench.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>

#include <algorithm>
#include <array>

using namespace lathe;
using namespace lathe::test;

/// What a study is asked for on the recipe page: its objectives and its rules, by keyboard and mouse.
class TestStudyForm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void objectivesAreAddedAndTakenAwayByKeys();
    void theSameObjectiveTwiceIsExplained();
    void aSearchThatKnowsOneObjectiveIsRefusedWithSeveral();
    void rulesAreCheckedAsTheyAreTyped();
    void rulesOfEveryKindComeIntoTheStudy();
    void aWrongRuleKeepsTheStudyFromStarting();
    void aRuleIsTakenAwayByKeys();

private:
    /// The recipe page in study mode, with the learning rate and the rank searched.
    static void openForm(WindowBench& bench) {
        QVERIFY(bench.isReady());
        WindowBench::press(Qt::Key_Return);
        WindowBench::press(Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        for (const char* toggle : {"learning_rateSearchButton", "rankSearchButton"})
            bench.find<QAbstractButton>(toggle)->click();
    }
    static void pressButton(const WindowBench& bench, const char* name) {
        auto* button = bench.find<QAbstractButton>(name);
        button->setFocus();
        QTest::keyClick(button, Qt::Key_Space);
    }
    static void openRules(const WindowBench& bench) {
        pressButton(bench, "studyRulesButton");
        QTRY_VERIFY(bench.find<QDialog>("studyRulesDialog")->isActiveWindow());
    }
    static QString note(const WindowBench& bench, int line = 1) {
        return bench.find<QLabel>(qPrintable(QStringLiteral("ruleNoteLabel%1").arg(line)))->text();
    }
    static void chooseKind(const WindowBench& bench, int line, int kind) {
        auto* box = bench.find<QComboBox>(qPrintable(QStringLiteral("ruleKindBox%1").arg(line)));
        box->setFocus();
        for (int i = 0; i < kind; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentIndex(), kind);
    }
    static void typeRule(const WindowBench& bench, int line, const char* text) {
        auto* edit = bench.find<QLineEdit>(qPrintable(QStringLiteral("ruleTextEdit%1").arg(line)));
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
    }
    static void closeRules(const WindowBench& bench) {
        QTest::keyClick(bench.find<QDialog>("studyRulesDialog"), Qt::Key_Escape);
        QTRY_VERIFY(!bench.find<QDialog>("studyRulesDialog")->isVisible());
        bench.window->activateWindow(); // as a window manager does
        QTRY_VERIFY(QApplication::focusWidget() != nullptr);
    }
    static QString refusal(const WindowBench& bench) { return bench.find<QLabel>("refusalLabel")->text(); }
    /// Starts it; answers the study once it is over.
    static StudySpec started(const WindowBench& bench) {
        bench.find<QAbstractButton>("startButton")->click();
        const auto isOver = [&bench] {
            return bench.window->currentPage() == PageId::Live && bench.project->activeStudies().isEmpty();
        };
        if (!QTest::qWaitFor(isOver, kPatienceMs))
            return {};
        return bench.project->findStudy(bench.project->runs().row(0).trial.study)->spec();
    }
};

void TestStudyForm::objectivesAreAddedAndTakenAwayByKeys() {
    WindowBench bench;
    openForm(bench);
    QVERIFY(!bench.find("removeObjectiveButton")->isVisible()); // one there must be
    pressButton(bench, "addObjectiveButton");
    auto* second = bench.find<QComboBox>("studyObjectiveBox2");
    QCOMPARE(QApplication::focusWidget(), second);
    QCOMPARE(second->currentData().toString(), "eval_loss"); // the first that is free
    QCOMPARE(bench.find<QComboBox>("studyDirectionBox2")->currentText(), "lowest");
    pressButton(bench, "addObjectiveButton");
    pressButton(bench, "removeObjectiveButton2");
    QCOMPARE(bench.find<QComboBox>("studyObjectiveBox2")->currentData().toString(), "loss");
    auto* direction = bench.find<QComboBox>("studyDirectionBox2");
    direction->setFocus();
    QTest::keyClick(direction, Qt::Key_Up);

    const StudySpec spec = started(bench);

    QVERIFY(spec.objective == (Objective{"eval_accuracy", true}));
    QVERIFY(spec.furtherObjectives == (std::vector<Objective>{{"loss", true}}));
}

void TestStudyForm::theSameObjectiveTwiceIsExplained() {
    WindowBench bench;
    openForm(bench);
    pressButton(bench, "addObjectiveButton");
    QTest::keyClick(bench.find("studyObjectiveBox2"), Qt::Key_Home);
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY2(refusal(bench).startsWith("“Accuracy” is an objective twice"), qPrintable(refusal(bench)));
    QCOMPARE(bench.window->currentPage(), PageId::Recipe);
}

void TestStudyForm::aSearchThatKnowsOneObjectiveIsRefusedWithSeveral() {
    WindowBench bench;
    openForm(bench);
    pressButton(bench, "addObjectiveButton");
    auto* method = bench.find<QComboBox>("studyMethodBox");
    method->setCurrentIndex(method->findData("mads"));
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(refusal(bench).contains("looks for the best of one objective"), kPatienceMs);
    QCOMPARE(bench.project->runs().rowCount(), 0); // nothing was written
}

void TestStudyForm::rulesAreCheckedAsTheyAreTyped() {
    WindowBench bench;
    openForm(bench);
    openRules(bench);
    QTRY_COMPARE(QApplication::focusWidget(), bench.find("ruleTextEdit1"));
    QVERIFY(note(bench).startsWith("FIELD = EXPRESSION"));
    QVERIFY(bench.find<QLabel>("allowedNamesLabel")->text().startsWith("Searched: rank, learning_rate."));
    typeRule(bench, 1, "max_steps = 2 * rnk");
    QCOMPARE(note(bench), "column 17: rnk is not known here; did you mean rank?");
    typeRule(bench, 1, "max_steps = 2 * rank");
    QVERIFY(note(bench).startsWith("FIELD = EXPRESSION"));
    chooseKind(bench, 1, 2);
    QVERIFY2(note(bench).contains("a single = stands here"), qPrintable(note(bench)));
    typeRule(bench, 1, "rank > 64");
    QVERIFY(note(bench).startsWith("What must not be"));
    closeRules(bench);
    QCOMPARE(bench.find<QAbstractButton>("studyRulesButton")->text(), "1 rule(s)…");
}

void TestStudyForm::rulesOfEveryKindComeIntoTheStudy() {
    WindowBench bench;
    openForm(bench);
    openRules(bench);
    const std::array rules{"max_steps = 10 + rank", "rank <= 40 - 1", "rank == 7", "seconds <= 600"};
    for (int line = 1; line <= 4; ++line) {
        if (line > 1)
            pressButton(bench, "addRuleButton");
        chooseKind(bench, line, line - 1);
        typeRule(bench, line, rules[static_cast<std::size_t>(line - 1)]);
    }
    closeRules(bench);

    const StudySpec spec = started(bench);

    QCOMPARE(spec.derived.size(), std::size_t{1});
    QCOMPARE(spec.derived.front().key, std::string("max_steps"));
    const auto rank = std::ranges::find(spec.space, "rank", &SearchDimension::key);
    QCOMPARE(rank->atMost, std::string("40 - 1"));
    QCOMPARE(spec.forbidden, std::vector<std::string>{"rank == 7"});
    QCOMPARE(spec.constraints, std::vector<std::string>{"seconds <= 600"});
    for (int row = 0; row < bench.project->runs().rowCount(); ++row) {
        const ParamValues& values = bench.project->runs().row(row).trial.values;
        QCOMPARE(values.integer("max_steps"), 10 + values.integer("rank"));
    }
}

void TestStudyForm::aWrongRuleKeepsTheStudyFromStarting() {
    WindowBench bench;
    openForm(bench);
    openRules(bench);
    typeRule(bench, 1, "rank = 3");
    closeRules(bench);
    QCOMPARE(bench.find<QAbstractButton>("studyRulesButton")->text(), "1 rule(s), one is wrong…");
    WindowBench::press(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY2(refusal(bench).startsWith("Rule “rank = 3”: rank is searched and derived"),
             qPrintable(refusal(bench)));
    bench.find<QAbstractButton>("rankSearchButton")->click(); // no longer searched: the rule is right
    QCOMPARE(bench.find<QAbstractButton>("studyRulesButton")->text(), "1 rule(s)…");
}

void TestStudyForm::aRuleIsTakenAwayByKeys() {
    WindowBench bench;
    openForm(bench);
    openRules(bench);
    typeRule(bench, 1, "rank = 3");
    pressButton(bench, "removeRuleButton1");
    QCOMPARE(QApplication::focusWidget(), bench.find("addRuleButton"));
    closeRules(bench);
    QCOMPARE(bench.find<QAbstractButton>("studyRulesButton")->text(), "None…");
}

QTEST_MAIN(TestStudyForm)
#include "tst_study_form.moc"

#include "tests/widgets/shell/window_bench.h"

#include "widgets/forms/param_form.h"

#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include <set>

using namespace lathe;
using namespace lathe::test;

namespace {

ParamSpec choice(const char* key, std::vector<std::string> values) {
    const std::string first = values.front();
    return {key, "adapter", key, "", "", ChoiceDomain{std::move(values), {}}, first, {}, true, true};
}

ParamSpec number(const char* key, std::int64_t most, std::int64_t usual) {
    return {key, "adapter", key, "", "", IntDomain{0, most}, usual, {}, true, true};
}

/// The fields that templates speak of.
ParamSchema methodFields() {
    ParamSchema fields{choice("method", {"lora", "heterolora", "prefix_subspace"}),
                       choice("allocation", {"dynamic", "static", "ranks", "uniform"}),
                       choice("proxy", {"grad_norm", "snip", "constant"}),
                       choice("budget_unit", {"modules", "parameters"}),
                       choice("simplex_head", {"mixed", "plain"}),
                       choice("alpha_scope", {"observation_layer", "observation", "batch_layer", "batch"}),
                       choice("val_mode", {"midpoint", "stochastic", "ensemble"}),
                       number("budget_parameters", 1000000, 0),
                       number("vertices", 10, 3)};
    fields.push_back({"target_modules", "adapter", "Modules", "", "", TextDomain{}, std::string("auto"), {}});
    return fields;
}

} // namespace

/// The dialog that starts a study of prepared recipes, by keyboard alone.
class TestTemplateDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyQuestionSaysWhatItComparesAndHowManyRuns();
    void aPreparedStudyIsStartedByKeyboard();
    void tooFewSeedsKeepTheButtonFromBeingPressed();
    void aRefusedRecipeIsToldInTheWindow();
    void escapeStartsNothing();
    void withoutTheMethodsThereIsNoSuchStudy();

private:
    /// Ctrl+K, the name of the action, Enter.
    static void open(const WindowBench& bench) {
        WindowBench::press(Qt::Key_K, Qt::ControlModifier);
        auto* search = bench.find<QLineEdit>("commandPaletteEdit");
        QTRY_COMPARE(QApplication::focusWidget(), search);
        QTest::keyClicks(search, "recipes with controls");
        WindowBench::press(Qt::Key_Return);
        QTRY_COMPARE(QApplication::focusWidget(), dialogPart(bench, "templateEditor"));
    }
    template <typename Widget = QWidget>
    static Widget* dialogPart(const WindowBench& bench, const char* name) {
        auto* dialog = bench.window->findChild<QDialog*>("templateDialog");
        return dialog == nullptr ? nullptr : dialog->findChild<Widget*>(QLatin1String(name));
    }
    static void typeSeeds(const WindowBench& bench, const char* seeds) {
        auto* field = dialogPart(bench, "seedsEditor");
        for (int tabs = 0; tabs < 4 && QApplication::focusWidget() != field; ++tabs)
            WindowBench::press(Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget(), field);
        WindowBench::press(Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field, seeds);
    }
};

void TestTemplateDialog::everyQuestionSaysWhatItComparesAndHowManyRuns() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    open(bench);
    auto* questions = dialogPart<QComboBox>(bench, "templateEditor");
    QCOMPARE(questions->count(), 3);
    const auto* outlook = dialogPart<QLabel>(bench, "outlookLabel");
    QSet<QString> told;
    for (const char* runs :
         {"5 recipes, each with 5 seeds: 25 runs.", "5 recipes, each with 5 seeds: 25 runs.",
          "4 recipes, each with 5 seeds: 20 runs."}) {
        QVERIFY2(outlook->isVisible() && outlook->text().endsWith(QLatin1String(runs)),
                 qPrintable(outlook->text()));
        told << outlook->text();
        WindowBench::press(Qt::Key_Down);
    }
    QCOMPARE(told.size(), 3);
    QCOMPARE(questions->currentData().toString(), "few_shot_lora");
}

void TestTemplateDialog::aPreparedStudyIsStartedByKeyboard() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    bench.project->draft().setValue("model", std::string("base"));
    open(bench);
    WindowBench::press(Qt::Key_End); // the newest question
    QCOMPARE(dialogPart<QComboBox>(bench, "templateEditor")->currentData().toString(), "few_shot_lora");
    typeSeeds(bench, "3");
    QVERIFY(
        dialogPart<QLabel>(bench, "outlookLabel")->text().endsWith("4 recipes, each with 3 seeds: 12 runs."));

    WindowBench::press(Qt::Key_Return);

    QTRY_COMPARE_WITH_TIMEOUT(bench.window->currentPage(), PageId::Study, kPatienceMs);
    const RunTableModel& runs = bench.project->runs();
    const auto isTrained = [&runs](int row) { return runs.row(row).trial.state == TrialState::Complete; };
    QCOMPARE(runs.rowCount(), 12);
    for (int row = 0; row < 12; ++row) // of tasks that take milliseconds
        QTRY_VERIFY_WITH_TIMEOUT(isTrained(row), kPatienceMs);
    std::set<std::pair<std::string, std::uint64_t>> done;
    for (int row = 0; row < runs.rowCount(); ++row) {
        const TrialRecord& trial = runs.row(row).trial;
        done.insert({trial.values.text("method") + toText(*trial.values.find("vertices")) +
                         trial.values.text("val_mode"),
                     trial.seed});
    }
    QCOMPARE(done.size(), 12U); // four recipes, each with seeds of its own
}

void TestTemplateDialog::tooFewSeedsKeepTheButtonFromBeingPressed() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    open(bench);
    for (const char* wrong : {"1", "some"}) {
        typeSeeds(bench, wrong);
        const auto* problem = dialogPart<QLabel>(bench, "seedsProblemLabel");
        QVERIFY(problem->isVisible() && !problem->text().isEmpty());
        QVERIFY(!dialogPart(bench, "doItButton")->isEnabled());
        WindowBench::press(Qt::Key_Return);
        QVERIFY(bench.find<QDialog>("templateDialog")->isVisible());
    }
    typeSeeds(bench, "2");
    QVERIFY(!dialogPart(bench, "seedsProblemLabel")->isVisible());
    QVERIFY(dialogPart(bench, "doItButton")->isEnabled());
}

void TestTemplateDialog::aRefusedRecipeIsToldInTheWindow() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    bench.project->draft().setValue("model", std::string("missing"));
    open(bench);
    WindowBench::press(Qt::Key_Return);
    auto* banner = bench.find<QLabel>("bannerLabel");
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible() && banner->text().contains("missing is not there"),
                             kPatienceMs);
    QCOMPARE(bench.project->runs().rowCount(), 0);
}

void TestTemplateDialog::escapeStartsNothing() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    open(bench);
    WindowBench::press(Qt::Key_Escape);
    QTRY_VERIFY(bench.window->findChild<QDialog*>("templateDialog") == nullptr);
    QCOMPARE(bench.project->runs().rowCount(), 0);
}

void TestTemplateDialog::withoutTheMethodsThereIsNoSuchStudy() {
    WindowBench bench;
    QVERIFY(bench.isReady());
    QVERIFY(!bench.find<QAction>("study.templateAction")->isEnabled());
}

QTEST_MAIN(TestTemplateDialog)
#include "tst_template_dialog.moc"

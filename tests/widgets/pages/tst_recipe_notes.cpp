#include "widgets/pages/recipe_notes.h"

#include "tests/widgets/shell/window_bench.h"

#include "widgets/forms/param_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>

using namespace lathe;
using namespace lathe::test;

namespace {

ParamSpec choice(const char* key, std::vector<std::string> values, Condition activeIf, bool isAdvanced) {
    const std::string first = values.front();
    return {key,   "adapter",           key,        "",  "", ChoiceDomain{std::move(values), {}},
            first, std::move(activeIf), isAdvanced, true};
}

/// As the recipe has them: shortcuts are an advanced field.
ParamSchema methodFields() {
    const std::vector<std::string> methods{"lora", "heterolora", "prefix_subspace", "lora_subspace",
                                           "bottleneck_subspace"};
    return {choice("method", methods, {}, false),
            choice("shortcuts", {"none", "all"}, {{{"method", {"heterolora"}}}}, true),
            {"vertices",
             "adapter",
             "Vertices",
             "",
             "",
             IntDomain{1, 10},
             std::int64_t{3},
             {{{"method", {"prefix_subspace", "lora_subspace", "bottleneck_subspace"}}}}},
            {"bottleneck_size",
             "adapter",
             "Size",
             "",
             "",
             IntDomain{1, 64},
             std::int64_t{16},
             {{{"method", {"bottleneck_subspace"}}}}}};
}

} // namespace

/// What a recipe's adapter can be exported as is said before it is trained.
class TestRecipeNotes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlySomeRecipesHaveOne_data();
    void onlySomeRecipesHaveOne();
    void shortcutsAreNotedAtTheirFieldOrOnTheirCard();
    void aSimplexSaysWhatItIsExportedAs();
};

void TestRecipeNotes::onlySomeRecipesHaveOne_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("shortcuts");
    QTest::addColumn<qint64>("vertices");
    QTest::addColumn<QString>("said"); // empty: nothing
    QTest::newRow("LoRA") << "lora"
                          << "all" << qint64{3} << "";
    QTest::newRow("HeteroLoRA") << "heterolora"
                                << "none" << qint64{3} << "";
    QTest::newRow("shortcuts") << "heterolora"
                               << "all" << qint64{3} << "neither for PEFT nor as GGUF";
    QTest::newRow("prefixes") << "prefix_subspace"
                              << "none" << qint64{3} << "an ordinary prefix";
    QTest::newRow("one prefix") << "prefix_subspace"
                                << "none" << qint64{1} << "";
    QTest::newRow("LoRAs") << "lora_subspace"
                           << "none" << qint64{3} << "plain LoRA of rank 24";
    QTest::newRow("bottlenecks") << "bottleneck_subspace"
                                 << "none" << qint64{2} << "bottlenecks of size 32";
}

void TestRecipeNotes::onlySomeRecipesHaveOne() {
    QFETCH(QString, method);
    QFETCH(QString, shortcuts);
    QFETCH(qint64, vertices);
    QFETCH(QString, said);
    const auto notes = exportNotes({{"method", method.toStdString()},
                                    {"shortcuts", shortcuts.toStdString()},
                                    {"vertices", static_cast<std::int64_t>(vertices)},
                                    {"rank", std::int64_t{8}},
                                    {"bottleneck_size", std::int64_t{16}}});
    QCOMPARE(notes.empty(), said.isEmpty());
    if (!said.isEmpty())
        QVERIFY2(notes.front().message.find(said.toStdString()) != std::string::npos,
                 notes.front().message.c_str());
    QVERIFY(exportNotes({}).empty());
}

void TestRecipeNotes::shortcutsAreNotedAtTheirFieldOrOnTheirCard() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return); // the example's recipe
    auto* advanced = bench.find<QCheckBox>("advancedCheckBox");
    if (!advanced->isChecked())
        advanced->click();
    auto* form = bench.find<ParamForm>("recipeForm");
    bench.project->draft().setValue("method", std::string("heterolora"));
    auto* shortcuts = qobject_cast<QComboBox*>(form->editor("shortcuts"));
    QTRY_VERIFY(shortcuts->isVisible());
    QVERIFY(!bench.find("shortcutsNoteLabel")->isVisible());

    shortcuts->setFocus();
    WindowBench::press(Qt::Key_Down);

    QTRY_VERIFY(bench.find("shortcutsNoteLabel")->isVisible());
    QVERIFY(bench.find<QLabel>("shortcutsNoteLabel")->text().contains("not be merged"));
    advanced->click(); // their field is hidden now
    QVERIFY(!shortcuts->isVisible());
    const auto* first = bench.find<QLabel>("rankNoteLabel"); // of the card in this window
    QTRY_VERIFY(first->isVisible() && first->text().contains("not be merged"));
    bench.project->draft().setValue("shortcuts", std::string("none"));
    QTRY_VERIFY(!first->isVisible());
}

void TestRecipeNotes::aSimplexSaysWhatItIsExportedAs() {
    WindowBench bench({}, {}, methodFields());
    QVERIFY(bench.isReady());
    WindowBench::press(Qt::Key_Return);
    auto* method = qobject_cast<QComboBox*>(bench.find<ParamForm>("recipeForm")->editor("method"));
    method->setFocus();
    WindowBench::press(Qt::Key_End); // bottleneck_subspace
    const auto* note = bench.find<QLabel>("verticesNoteLabel");
    QTRY_VERIFY(note->isVisible() && note->text().contains("bottlenecks of size 48"));
    WindowBench::press(Qt::Key_Up);
    QTRY_VERIFY(note->isVisible() && note->text().contains("plain LoRA of rank 24"));
    bench.project->draft().setValue("vertices", std::int64_t{1});
    QTRY_VERIFY(!note->isVisible());
}

QTEST_MAIN(TestRecipeNotes)
#include "tst_recipe_notes.moc"

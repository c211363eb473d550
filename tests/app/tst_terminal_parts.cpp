#include "app/cli/event_json.h"
#include "app/cli/terminal.h"
#include "app/cli/text_table.h"
#include "app/example_files.h"
#include "app/project_folder.h"
#include "app/recipe_file.h"
#include "core/train/make_task.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace lathe;

/// What the subcommands are made of.
class TestTerminalParts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pathsInARecipeCountFromItsFolder();
    void aRecipeThatIsNoneIsRefused();
    void builtinRecipesPassTheSchema();
    void theDefaultProjectFollowsXdg();
    void numbersAreWrittenForPeople();
    void tableColumnsAlign();
    void everyEventIsALine();
};

void TestTerminalParts::pathsInARecipeCountFromItsFolder() {
    const test::TempFolder folder;
    const auto file = folder.write(
        "recipes/a.json", R"({"model":"../base","train_file":"/abs/rows.jsonl","eval_file":"","rank":4})");
    const auto recipe = readRecipeFile(file, recipeSchema());
    QVERIFY(recipe.has_value());
    QCOMPARE(recipe->text("model"), (folder / "base").string());
    QCOMPARE(recipe->text("train_file"), "/abs/rows.jsonl");
    QCOMPARE(recipe->text("eval_file"), "");
    QCOMPARE(recipe->integer("rank"), 4);
}

void TestTerminalParts::aRecipeThatIsNoneIsRefused() {
    const test::TempFolder folder;
    const auto wrong = readRecipeFile(folder.write("a.json", "[1]"), recipeSchema());
    QVERIFY(!wrong.has_value());
    QCOMPARE(wrong.error().kind, Error::Kind::Input);
    QVERIFY(wrong.error().text().find("a.json: is no recipe") != std::string::npos);
    QVERIFY(!readRecipeFile(folder / "none.json", recipeSchema()).has_value());
}

void TestTerminalParts::builtinRecipesPassTheSchema() {
    const auto examples = findExamples();
    QVERIFY2(examples.has_value(), examples ? "" : examples.error().text().c_str());
    const auto ids = exampleIds(*examples);
    QVERIFY(std::find(ids.begin(), ids.end(), kFirstExample) != ids.end());
    for (const std::string& id : ids) {
        const auto recipe = readExample(*examples, id, recipeSchema());
        QVERIFY2(recipe.has_value(), id.c_str());
        const Status checked = check(recipeSchema(), withDefaults(recipeSchema(), *recipe));
        QVERIFY2(checked.has_value(), checked ? "" : checked.error().text().c_str());
    }
    const auto unknown = readExample(*examples, "nope", recipeSchema());
    QVERIFY(unknown.error().message.find(kFirstExample) != std::string::npos);
}

void TestTerminalParts::theDefaultProjectFollowsXdg() {
    qputenv("HOME", "/somebody");
    qputenv("XDG_DATA_HOME", "/data");
    QCOMPARE(defaultProjectFolder().string(), "/data/lathe/projects/default");
    for (const char* unusable : {"", "relative"}) {
        qputenv("XDG_DATA_HOME", unusable);
        QCOMPARE(defaultProjectFolder().string(), "/somebody/.local/share/lathe/projects/default");
    }
}

void TestTerminalParts::numbersAreWrittenForPeople() {
    QCOMPARE(percent(0.9375), "93.8 %");
    QCOMPARE(duration(42.4), "0:42");
    QCOMPARE(duration(59.6), "1:00");
    QCOMPARE(duration(3789), "1:03:09");
    QCOMPARE(shortNumber(0.31274), "0.3127");
    QCOMPARE(shortNumber(1.2e-5), "1.2e-05");
}

void TestTerminalParts::tableColumnsAlign() {
    QCOMPARE(textTable({{"Name", "N"}, {"über", "7"}, {"a", "12"}}), "Name   N\nüber   7\na     12\n");
}

void TestTerminalParts::everyEventIsALine() {
    const std::vector<Event> events{
        MetricPoint{{1}, "loss", 2, std::nan(""), 0.5}, TrialChange{{1}, {}, "x"},
        TrialProgress{{1}, "training", 1, 2, -1},       SampleText{{1}, 2, "a", "b", "c"},
        LogLine{{1}, LogLine::Level::Warning, "w"},     TrialRewind{{1}, 4}};
    const std::vector<std::string> names{"point", "state", "progress", "sample", "log", "rewind"};
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto line = toJsonLine(events[i]);
        QCOMPARE(line.at("event").get<std::string>(), names[i]);
        QCOMPARE(line.at("trial"), 1);
    }
    QVERIFY(toJsonLine(events[2]).at("seconds_left").is_null());
    QCOMPARE(toJsonLine(events[4]).at("level"), "warning");
}

QTEST_GUILESS_MAIN(TestTerminalParts)
#include "tst_terminal_parts.moc"

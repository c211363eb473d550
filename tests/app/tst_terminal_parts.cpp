#include "app/cli/event_json.h"
#include "app/cli/progress_line.h"
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
#include <cstdio>
#include <unistd.h>

using namespace lathe;

namespace {

/// What is written to standard error while it lives.
class CapturedErrors {
public:
    CapturedErrors() : m_file(std::tmpfile()), m_before(dup(STDERR_FILENO)) {
        std::fflush(stderr);
        dup2(fileno(m_file), STDERR_FILENO);
    }
    ~CapturedErrors() {
        (void)lines();
        close(m_before);
        std::fclose(m_file);
    }
    CapturedErrors(const CapturedErrors&) = delete;
    CapturedErrors& operator=(const CapturedErrors&) = delete;

    /// Ends it.
    QStringList lines() {
        std::fflush(stderr);
        dup2(m_before, STDERR_FILENO);
        QFile file;
        if (!file.open(m_file, QIODevice::ReadOnly))
            return {};
        file.seek(0);
        return QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts);
    }

private:
    std::FILE* m_file;
    int m_before;
};

} // namespace

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
    void trialsAtTheSameTimeKeepTheirFigures();
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

void TestTerminalParts::trialsAtTheSameTimeKeepTheirFigures() {
    CapturedErrors errors;
    {
        ProgressLine line(2);
        line.show(TrialChange{TrialId{7}, TrialState::Preparing, {}});
        line.show(TrialChange{TrialId{8}, TrialState::Preparing, {}});
        line.show(MetricPoint{TrialId{7}, "loss", 1, 0.5, 0});
        line.show(MetricPoint{TrialId{8}, "loss", 1, 0.25, 0});
        line.show(TrialProgress{TrialId{7}, "training", 5, 10, 1});
        line.show(TrialProgress{TrialId{8}, "training", 8, 10, 1});
        line.show(TrialChange{TrialId{7}, TrialState::Complete, {}});
    }
    const QStringList lines = errors.lines();
    QCOMPARE(lines.size(), 3);
    QVERIFY2(lines[0].startsWith("trial 1/2 ") && lines[0].contains(" 5/10 ") &&
                 lines[0].endsWith("loss 0.5"),
             qPrintable(lines[0]));
    QVERIFY2(lines[1].startsWith("trial 2/2 ") && lines[1].contains(" 8/10 ") &&
                 lines[1].endsWith("loss 0.25"),
             qPrintable(lines[1]));
    QCOMPARE(lines[2], "trial 7: complete");
}

QTEST_GUILESS_MAIN(TestTerminalParts)
#include "tst_terminal_parts.moc"

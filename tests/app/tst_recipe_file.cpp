#include "app/recipe_file.h"
#include "core/train/make_task.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;
using test::TempFolder;

class TestRecipeFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void relativePathsCountFromTheBase();
    void pathsInAFileCountFromItsFolder();
};

void TestRecipeFile::relativePathsCountFromTheBase() {
    ParamValues values{{"model", std::string("models/a")},
                       {"train_file", std::string("../rows.jsonl")},
                       {"eval_file", std::string()},
                       {"target_modules", std::string("q_proj")},
                       {"rank", std::int64_t{4}}};
    makePathsAbsolute(values, recipeSchema(), "/base/here");
    QCOMPARE(values.text("model"), std::string("/base/here/models/a"));
    QCOMPARE(values.text("train_file"), std::string("/base/rows.jsonl"));
    QCOMPARE(values.text("eval_file"), std::string());
    QCOMPARE(values.text("target_modules"), std::string("q_proj"));

    const ParamValues before = values;
    makePathsAbsolute(values, recipeSchema(), "/elsewhere");
    QVERIFY(values == before);
}

void TestRecipeFile::pathsInAFileCountFromItsFolder() {
    const TempFolder folder;
    const auto file =
        folder.write("recipes/one.json", R"({"model": "../model", "train_file": "/data/rows.jsonl"})");
    const auto values = readRecipeFile(file, recipeSchema());
    QVERIFY(values.has_value());
    QCOMPARE(values->text("model"), (folder / "model").string());
    QCOMPARE(values->text("train_file"), std::string("/data/rows.jsonl"));
}

QTEST_GUILESS_MAIN(TestRecipeFile)
#include "tst_recipe_file.moc"

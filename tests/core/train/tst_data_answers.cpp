#include "core/train/data_answers.h"

#include "core/tasks/task.h"
#include "core/train/make_task.h"
#include "core/train/recipe.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

/// What the dataset studio tells of a table and a recipe.
class TestDataAnswers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }
    void presetTasksDivideByTheLabelTheyRead();
    void plainTextIsOneKind();
    void answersOfInstructionsAreKinds();

private:
    [[nodiscard]] DataQuestion question(const std::string& file, const std::string& task) const {
        ParamValues recipe = withDefaults(recipeSchema(), tinyRecipe(m_files.path()));
        recipe.set("train_file", file);
        recipe.set("eval_file", std::string());
        recipe.set("eval_fraction", 0.25);
        recipe.set("task", task);
        return {std::make_shared<const Table>(recipeTasks().make(task).value()->readRows(file).value()),
                recipe};
    }

    TempFolder m_files;
    DataAnswers m_answers{recipeSchema()};
};

/// CoLA's files name no columns, so that no name can be guessed from.
void TestDataAnswers::presetTasksDivideByTheLabelTheyRead() {
    std::string lines;
    for (int i = 0; i < 20; ++i)
        lines += "src\t" + std::string(i % 4 == 0 ? "0" : "1") + "\t\tThe cow says moo " + std::to_string(i) +
                 ".\n";
    const DataQuestion asked = question(m_files.write("cola.tsv", lines).string(), "cola");

    const auto division = m_answers.divide(asked, {});

    QVERIFY2(division.has_value(), division ? "" : division.error().text().c_str());
    QCOMPARE(division->labels, (std::vector<std::string>{"0", "1"}));
    QCOMPARE(division->train.size(), 2U);
    QCOMPARE(division->train[0] + division->dev[0], 5U);
    QCOMPARE(division->train[1] + division->dev[1], 15U);
    QVERIFY(m_answers.lengths(asked, [](auto, auto) {}, {}).has_value());
}

void TestDataAnswers::plainTextIsOneKind() {
    std::string text;
    for (int i = 0; i < 40; ++i)
        text += "The cow says moo " + std::to_string(i) + ".\n";

    const auto division = m_answers.divide(question(m_files.write("plain.txt", text).string(), "text"), {});

    QVERIFY2(division.has_value(), division ? "" : division.error().text().c_str());
    QVERIFY(division->labels.empty());
    QCOMPARE(division->train.size(), 1U);
}

void TestDataAnswers::answersOfInstructionsAreKinds() {
    std::string rows;
    for (int i = 0; i < 12; ++i)
        rows += R"({"instruction": "Say )" + std::to_string(i) + R"(", "output": ")" +
                (i % 2 ? "moo" : "meow") + "\"}\n";

    const auto division =
        m_answers.divide(question(m_files.write("rows.jsonl", rows).string(), "instruction"), {});

    QVERIFY2(division.has_value(), division ? "" : division.error().text().c_str());
    QCOMPARE(division->labels, (std::vector<std::string>{"meow", "moo"}));
}

QTEST_GUILESS_MAIN(TestDataAnswers)
#include "tst_data_answers.moc"

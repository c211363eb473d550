#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/train/make_task.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

/// Makes one thing of a good project bad: files in the folder, or a value of the recipe.
using Damage = std::function<void(const TempFolder&, ParamValues&)>;

Damage set(const std::string& key, ParamValue value) {
    return [key, value](const TempFolder&, ParamValues& recipe) { recipe.set(key, value); };
}

Damage setConfig(const std::string& key, const nlohmann::json& value) {
    return [key, value](const TempFolder& folder, ParamValues&) {
        auto config = nlohmann::json::parse(readFile(folder / "model/config.json").value());
        config[key] = value;
        folder.write("model/config.json", config.dump());
    };
}

Damage write(const std::string& file, const std::string& text) {
    return [file, text](const TempFolder& folder, ParamValues&) { folder.write(file, text); };
}

void cutWeights(const TempFolder& folder, ParamValues&) {
    const fs::path file = folder / "model/model.safetensors";
    fs::resize_file(file, fs::file_size(file) - 100);
}

void storeIntegers(const TempFolder& folder, ParamValues&) {
    const auto model = loadModel(folder / "model").value();
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : model->weights())
        tensors.emplace_back(name, name == "model.norm.weight" ? tensor.to(at::kLong) : tensor);
    if (!writeTensorFile(folder / "model/model.safetensors", tensors).has_value())
        throw std::runtime_error("cannot write the weights");
}

void removeFolder(const TempFolder&, ParamValues& recipe) {
    recipe.set("model", std::string("/no/such/model"));
}

void removeTokenizer(const TempFolder& folder, ParamValues&) { fs::remove(folder / "model/tokenizer.json"); }

} // namespace

Q_DECLARE_METATYPE(Damage)

class TestPreflight : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goodRecipeIsReady();
    void noteOfTheModelIsToldAndHindersNothing();
    void eachBadInputIsOneClearSentence_data();
    void eachBadInputIsOneClearSentence();
    void lighterRecipesComputeFewerRowsAtATime_data();
    void lighterRecipesComputeFewerRowsAtATime();
};

void TestPreflight::lighterRecipesComputeFewerRowsAtATime_data() {
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("batches");
    QTest::addColumn<bool>("isRecomputed");
    QTest::addColumn<qint64>("lighterRows");
    QTest::addColumn<qint64>("lighterBatches");
    QTest::newRow("even") << qint64{16} << qint64{1} << false << qint64{8} << qint64{2};
    QTest::newRow("odd") << qint64{15} << qint64{2} << true << qint64{5} << qint64{6};
    QTest::newRow("prime") << qint64{7} << qint64{3} << false << qint64{1} << qint64{21};
    QTest::newRow("one by one") << qint64{1} << qint64{4} << false << qint64{1} << qint64{4};
    QTest::newRow("one by one, recomputed") << qint64{1} << qint64{4} << true << qint64{0} << qint64{0};
    QTest::newRow("too many batches") << qint64{2} << qint64{65536} << true << qint64{0} << qint64{0};
}

void TestPreflight::lighterRecipesComputeFewerRowsAtATime() {
    QFETCH(qint64, rows);
    QFETCH(qint64, batches);
    QFETCH(bool, isRecomputed);
    QFETCH(qint64, lighterRows);
    QFETCH(qint64, lighterBatches);
    ParamValues recipe = defaults(recipeSchema());
    recipe.set("batch_size", std::int64_t{rows});
    recipe.set("gradient_accumulation", std::int64_t{batches});
    recipe.set("recompute", isRecomputed);
    const auto lighter = lighterRecipe(recipe);
    QCOMPARE(lighter.has_value(), lighterRows > 0);
    if (lighterRows > 0) {
        QCOMPARE(lighter->integer("batch_size"), lighterRows);
        QCOMPARE(lighter->integer("gradient_accumulation"), lighterBatches);
        QVERIFY(lighter->flag("recompute"));
    }
}

void TestPreflight::goodRecipeIsReady() {
    const TempFolder folder;
    writeTinyProject(folder);
    const auto problems = preflight(tinyRecipe(folder.path()));
    QVERIFY2(problems.empty(),
             qPrintable(QString::fromStdString(problems.empty() ? "" : problems.front().message)));
}

void TestPreflight::noteOfTheModelIsToldAndHindersNothing() {
    const TempFolder folder;
    writeTinyProject(folder);
    ParamValues recipe = tinyRecipe(folder.path());
    QCOMPARE(forecast(recipe)->notes.size(), 0U);
    setConfig("attention_dropout", 0.1)(folder, recipe);

    QVERIFY(preflight(recipe).empty());
    const std::vector<std::string> told{
        "attention_dropout 0.1 of the configuration is not applied to the base model in training"};
    QCOMPARE(forecast(recipe)->notes, told);
}

void TestPreflight::eachBadInputIsOneClearSentence_data() {
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("names"); // what the message must contain
    const auto row = [](const char* name, const Damage& damage, const char* key, const char* names) {
        QTest::newRow(name) << damage << key << names;
    };
    row("missing folder", removeFolder, "model", "/no/such/model");
    row("unknown architecture", setConfig("model_type", "warp"), "model", "warp");
    row("truncated weights", cutWeights, "model", "truncated");
    row("wrong dtype", storeIntegers, "model", "model.norm.weight");
    row("no tokenizer", removeTokenizer, "model", "tokenizer.json");
    row("empty data", write("train.jsonl", ""), "train_file", "train.jsonl");
    row("missing data", set("train_file", std::string("/no/such/file.jsonl")), "train_file", "/no/such/file");
    row("missing column", write("train.jsonl", "{\"question\": \"Why?\"}\n"), "train_file", "output");
    row("missing column in the evaluation data", write("eval.jsonl", "{\"instruction\": \"Why?\"}\n"),
        "eval_file", "output");
    row("rank 0", set("rank", std::int64_t{0}), "rank", "rank 0");
    row("rank above the width", set("rank", std::int64_t{17}), "rank", "rank 17 exceeds the width");
    row("negative learning rate", set("learning_rate", -0.001), "learning_rate", "learning_rate -0.001");
    row("more tokens than positions", set("max_length", std::int64_t{65}), "max_length", "64 positions");
    row("unknown target", set("target_modules", std::string("q_proj,query")), "target_modules", "query");
}

void TestPreflight::eachBadInputIsOneClearSentence() {
    QFETCH(Damage, damage);
    QFETCH(QString, key);
    QFETCH(QString, names);
    const TempFolder folder;
    writeTinyProject(folder);
    ParamValues recipe = tinyRecipe(folder.path());
    damage(folder, recipe);
    const auto problems = preflight(recipe);
    QCOMPARE(problems.size(), 1U);
    QCOMPARE(QString::fromStdString(problems.front().key), key);
    const QString message = QString::fromStdString(problems.front().message);
    QVERIFY2(message.contains(names), qPrintable(message));
    QVERIFY2(!message.contains('\n'), qPrintable(message));
}

QTEST_GUILESS_MAIN(TestPreflight)
#include "tst_preflight.moc"

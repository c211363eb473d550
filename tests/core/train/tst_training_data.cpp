#include "core/base/files.h"
#include "core/train/make_task.h"
#include "core/train/row_fields.h"
#include "core/train/training_data.h"
#include "tests/core/train/tiny_model.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <set>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::vector<std::int32_t>>;

QString textOf(const std::string& text) { return QString::fromStdString(text); }

Ids idsOf(const ExampleList& examples) {
    Ids ids;
    for (std::size_t i = 0; i < examples.size(); ++i)
        ids.push_back(examples[i].ids);
    return ids;
}

std::string lines(int count, const std::function<json(int)>& row) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += row(i).dump() + "\n";
    return text;
}

json instruction(int i) {
    return {{"instruction", "Say " + std::to_string(i) + "."},
            {"output", std::to_string(i)},
            {"group", "g" + std::to_string(i / 5)}};
}

} // namespace

/// What a run makes of its data files, without the run.
class TestTrainingData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void sharesChooseTheRowsTheyAlwaysChose();
    void recordAccountsForEveryRow();
    void foldsAndShotsReachTheRun();
    void testRowsComeFromTheirFileOrAShare();
    void textIsDividedBeforeItIsCutIntoBlocks();
    void tooManyBadRowsAreRefused();
    void preflightRefusesThemToo();
    void fixesLeaveRowsOutAndAreRecorded();
    void sharedRowsAreAWarning();
    void publishedTrainingFileIsToldToShareItsTests();
    void cacheGivesTheSameExamples_data();
    void cacheGivesTheSameExamples();
    void cacheIsReadWhereItCan();
    void cacheTellsRecipesApart();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues all = tinyRecipe(m_files.path());
        for (const auto& [key, value] : changes.map())
            all.set(key, value);
        return withDefaults(recipeSchema(), all);
    }
    [[nodiscard]] Result<TrainingData> load(const ParamValues& values, const TokenCacheSettings& cache = {},
                                            std::uint64_t seed = 42) const {
        const auto task = recipeTasks().make(values.text("task"));
        const auto tokenizer = Tokenizer::load(m_files / "model");
        return loadTrainingData(values, *task.value(), tokenizer.value(), seed, cache);
    }
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        return m_files.write(name, text).string();
    }

    TempFolder m_files;
};

void TestTrainingData::initTestCase() { writeTinyProject(m_files); }

void TestTrainingData::sharesChooseTheRowsTheyAlwaysChose() {
    const std::string file = write("shares.jsonl", lines(40, instruction));
    const auto data =
        load(recipe({{"train_file", file}, {"eval_file", std::string()}, {"eval_fraction", 0.2}}));
    QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
    std::vector<Example> all(40);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].row = i;
    const Split before = splitExamples(all, 0.2, 42);
    QCOMPARE(data->eval.size(), before.held.size());
    for (std::size_t i = 0; i < before.held.size(); ++i)
        QCOMPARE(data->eval.row(i), before.held[i].row);
    QCOMPARE(data->train.size(), 32U);
    QCOMPARE(data->record.parts.size(), 2U);
    QCOMPARE(data->record.parts[1].rows.size(), 8U);
    QCOMPARE(data->record.split.at("seed"), std::string("42"));
}

void TestTrainingData::recordAccountsForEveryRow() {
    const std::string file =
        write("record.jsonl",
              lines(30, instruction) + "{broken\n" + json{{"instruction", "x"}, {"output", ""}}.dump() +
                  "\n" + json{{"instruction", "x"}, {"output", std::string(300, 'y')}}.dump() + "\n" +
                  json{{"instruction", std::string(300, 'x')}, {"output", "y"}}.dump() + "\n");
    const auto data = load(recipe({{"train_file", file}, {"max_bad_rows", 0.1}}));
    QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
    const FileRecord& record = data->record.files.at(0);
    QCOMPARE(record.rows, 34U);
    QCOMPARE(record.used, 31U);
    QCOMPARE(record.dropped.total(), 3U);
    QCOMPARE(record.rows, record.used + record.dropped.total() + record.leftOut);
    QCOMPARE(record.truncated, 1U);
    QCOMPARE(record.firstDropped.size(), 3U);
    QCOMPARE(record.firstDropped[0].line, 31U);
    QCOMPARE(record.sha256, sha256(readFile(file).value()));
    QCOMPARE(data->record.files.at(1).role, std::string("evaluation"));
    QCOMPARE(data->record.reading.at("max_length"), std::string("48"));
    QVERIFY(!data->record.reading.contains("max_bad_rows"));
    const QString all = textOf(joined(dataWarnings(data->record)));
    for (const char* expected :
         {"record.jsonl, line 31 was left out: ", "record.jsonl, line 32 was left out: ",
          "record.jsonl, line 34 was left out: ", "1 rows were cut"})
        QVERIFY2(all.contains(expected), qPrintable(all));
}

void TestTrainingData::foldsAndShotsReachTheRun() {
    const std::string file = write("folds.jsonl", lines(40, instruction));
    const ParamValues base{{"train_file", file}, {"eval_file", std::string()}};
    std::set<std::size_t> held;
    for (std::int64_t fold = 0; fold < 4; ++fold) {
        ParamValues changes = base;
        changes.set("split", std::string("folds"));
        changes.set("folds", std::int64_t{4});
        changes.set("fold", fold);
        const auto data =
            load(recipe(changes), {}, static_cast<std::uint64_t>(fold)); // seeds differ by trial
        QVERIFY(data.has_value());
        QCOMPARE(data->train.size(), 30U);
        for (std::size_t i = 0; i < data->eval.size(); ++i)
            held.insert(data->eval.row(i));
    }
    QCOMPARE(held.size(), 40U);
    ParamValues shots = base;
    shots.set("split", std::string("few_shot"));
    shots.set("shots", std::int64_t{12});
    shots.set("data_seed", std::int64_t{42});
    const auto one = load(recipe(shots), {}, 1);
    const auto other = load(recipe(shots), {}, 2);
    QCOMPARE(one->train.size(), 6U);
    QCOMPARE(one->eval.size(), 6U);
    QCOMPARE(idsOf(one->train), idsOf(other->train)); // the data's seed decides, not the run's
    QCOMPARE(one->record.parts[0].rows, other->record.parts[0].rows);
    QCOMPARE(one->record.split.at("shots"), std::string("12"));
}

void TestTrainingData::testRowsComeFromTheirFileOrAShare() {
    const auto byFile = load(recipe({{"test_file", (m_files / "eval.jsonl").string()}}));
    QCOMPARE(byFile->test.size(), 8U);
    QCOMPARE(byFile->record.files.at(2).role, std::string("test"));
    const auto byShare = load(recipe({{"train_file", write("third.jsonl", lines(40, instruction))},
                                      {"eval_file", std::string()},
                                      {"split", std::string("group")},
                                      {"split_column", std::string("group")},
                                      {"eval_fraction", 0.25},
                                      {"test_fraction", 0.25}}));
    QVERIFY2(byShare.has_value(), byShare ? "" : byShare.error().text().c_str());
    QCOMPARE(byShare->eval.size(), 10U);
    QCOMPARE(byShare->test.size(), 10U);
    QCOMPARE(byShare->train.size(), 20U);
}

void TestTrainingData::textIsDividedBeforeItIsCutIntoBlocks() {
    const std::string file = write("texts.jsonl", lines(20, [](int i) {
                                       return json{{"text", "what does it say? the dog " + std::to_string(i)},
                                                   {"part", i < 15 ? "train" : "dev"}};
                                   }));
    const auto data = load(recipe({{"train_file", file},
                                   {"eval_file", std::string()},
                                   {"task", std::string("text")},
                                   {"split", std::string("column")},
                                   {"split_column", std::string("part")}}));
    QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
    QCOMPARE(data->record.parts[0].rows.size(), 15U);
    QCOMPARE(data->record.files[0].used, 20U);
    QCOMPARE(data->record.split.at("unit"), std::string("rows"));
}

void TestTrainingData::tooManyBadRowsAreRefused() {
    const std::string file = write("bad.jsonl", lines(18, instruction) + "[1]\n[2]\n");
    const auto refused = load(recipe({{"train_file", file}}));
    QVERIFY(!refused.has_value());
    QVERIFY2(textOf(refused.error().text()).contains("2 of 20 rows (10 %) cannot be used"),
             refused.error().text().c_str());
    QVERIFY(textOf(refused.error().text()).endsWith("allow it with max_bad_rows 0.1"));
    QVERIFY(load(recipe({{"train_file", file}, {"max_bad_rows", 0.1}})).has_value());
}

void TestTrainingData::preflightRefusesThemToo() {
    const std::string file =
        write("bad2.jsonl",
              lines(18, instruction) + "[1]\n" + json{{"instruction", "x"}, {"output", " "}}.dump() + "\n");
    const auto problems = preflight(recipe({{"train_file", file}}));
    QCOMPARE(problems.size(), 1U);
    QCOMPARE(problems[0].key, std::string("train_file"));
    QVERIFY2(textOf(problems[0].message).contains("2 of 20 rows (10 %)"), problems[0].message.c_str());
    QVERIFY(preflight(recipe({{"train_file", file}, {"max_bad_rows", 0.1}})).empty());
}

void TestTrainingData::fixesLeaveRowsOutAndAreRecorded() {
    const std::string file = write("twice.jsonl", lines(10, instruction) + lines(5, instruction));
    const auto data = load(recipe({{"train_file", file}, {"data_fixes", std::string("remove_duplicates")}}));
    QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
    QCOMPARE(data->train.size(), 10U);
    QCOMPARE(data->record.files[0].leftOut, 5U);
    QCOMPARE(data->record.fixes, std::vector<std::string>{"remove_duplicates"});
    const std::string eval = write("some.jsonl", lines(12, [](int i) { return instruction(i + 7); }));
    const auto apart = load(recipe({{"train_file", file},
                                    {"eval_file", eval},
                                    {"data_fixes", std::string("remove_overlap, remove_duplicates")}}));
    QVERIFY2(apart.has_value(), apart ? "" : apart.error().text().c_str());
    QCOMPARE(apart->train.size(), 7U);
    QVERIFY(apart->record.warnings.empty());
    const auto alone = load(recipe(
        {{"train_file", file}, {"eval_file", std::string()}, {"data_fixes", std::string("remove_overlap")}}));
    QVERIFY(!alone.has_value());
    const auto unknown = load(recipe({{"train_file", file}, {"data_fixes", std::string("polish")}}));
    QVERIFY(!unknown.has_value());
}

void TestTrainingData::sharedRowsAreAWarning() {
    const std::string train = write("train10.jsonl", lines(10, instruction));
    const std::string eval = write("eval4.jsonl", lines(12, [](int i) { return instruction(i + 7); }));
    const auto data = load(recipe({{"train_file", train}, {"eval_file", eval}, {"test_file", train}}));
    QVERIFY(data.has_value());
    QCOMPARE(data->record.warnings.size(), 2U);
    QCOMPARE(textOf(data->record.warnings[0]),
             QStringLiteral("3 of 12 evaluation rows also occur in the training data"));
    QCOMPARE(textOf(data->record.warnings[1]),
             QStringLiteral("10 of 10 test rows also occur in the training data"));
    // Of one file a row that stands there twice may be on both sides.
    const std::string twice = write("both.jsonl", lines(10, instruction) + lines(10, instruction));
    const auto divided =
        load(recipe({{"train_file", twice}, {"eval_file", std::string()}, {"eval_fraction", 0.5}}));
    QCOMPARE(divided->record.warnings.size(), 1U);
}

void TestTrainingData::publishedTrainingFileIsToldToShareItsTests() {
    LATHE_NEED_SHARED("data/math/ft-training_set/math_data.json");
    std::string all;
    for (const char* name : {"AddSub", "MultiArith", "SingleEq", "SVAMP", "gsm8k", "AQuA"})
        for (const json& row : json::parse(
                 readFile(sharedFile("data/math/dataset/" + std::string(name) + "/test.json")).value()))
            all += row.dump() + "\n";
    const auto data =
        load(recipe({{"train_file", sharedFile("data/math/ft-training_set/math_data.json").string()},
                     {"eval_file", write("tests.jsonl", all)},
                     {"max_length", std::int64_t{4096}}}));
    QVERIFY2(data.has_value(), data ? "" : data.error().text().c_str());
    QCOMPARE(data->record.warnings.size(), 1U);
    QVERIFY2(textOf(data->record.warnings[0])
                 .startsWith("3,271 of 4,076 evaluation rows also occur in the training data"),
             data->record.warnings[0].c_str());
    QCOMPARE(dataWarnings(data->record).back(), data->record.warnings[0]);
}

void TestTrainingData::cacheGivesTheSameExamples_data() {
    QTest::addColumn<QString>("task");
    for (const char* task : {"instruction", "labels", "text"})
        QTest::newRow(task) << task;
}

void TestTrainingData::cacheGivesTheSameExamples() {
    QFETCH(QString, task);
    const auto row = [](int i) {
        json object = instruction(i);
        object["text"] = "text " + std::to_string(i);
        object["label"] = i % 2 == 0 ? "even" : "odd";
        return object;
    };
    // More than a piece, with a bad row in each.
    const std::string file =
        write("many.jsonl", lines(2500, row) + "[]\n" + lines(2500, row) +
                                json{{"instruction", "x"}, {"output", ""}}.dump() + "\n");
    const ParamValues values =
        recipe({{"task", task.toStdString()}, {"train_file", file}, {"eval_file", file}});
    const TempFolder folder;
    const auto plain = load(values);
    QVERIFY2(plain.has_value(), plain ? "" : plain.error().text().c_str());
    const auto written = load(values, {folder.path()});
    const auto read = load(values, {folder.path()});
    for (const auto* cached : {&written, &read}) {
        QVERIFY(cached->has_value());
        QCOMPARE((*cached)->train.size(), plain->train.size());
        for (std::size_t i = 0; i < plain->train.size(); ++i) {
            const Example actual = (*cached)->train[i];
            const Example expected = plain->train[i];
            QVERIFY(actual.ids == expected.ids && actual.labels == expected.labels &&
                    actual.row == expected.row && actual.textLabel == expected.textLabel &&
                    actual.prompt == expected.prompt && actual.answer == expected.answer);
        }
        QCOMPARE((*cached)->labelNames, plain->labelNames);
        QCOMPARE(textOf(toJson((*cached)->record)), textOf(toJson(plain->record)));
    }
}

void TestTrainingData::cacheIsReadWhereItCan() {
    const TempFolder folder;
    const auto first = load(recipe(), {folder.path()});
    QVERIFY(first.has_value());
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        ++files;
        fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2); // as a full disk leaves it
    }
    QCOMPARE(files, 2U);
    const auto again = load(recipe(), {folder.path()});
    QVERIFY(again.has_value());
    QCOMPARE(idsOf(again->train), idsOf(load(recipe())->train));
    const auto nowhere = load(recipe(), {"/proc/no/such/folder"});
    QVERIFY(nowhere.has_value()); // a cache that cannot be written costs time alone
}

void TestTrainingData::cacheTellsRecipesApart() {
    const TempFolder folder;
    QVERIFY(load(recipe(), {folder.path()}).has_value());
    const auto cut = load(recipe({{"max_length", std::int64_t{27}}, {"max_bad_rows", 1.0}}), {folder.path()});
    QVERIFY2(cut.has_value(), cut ? "" : cut.error().text().c_str());
    for (std::size_t i = 0; i < cut->train.size(); ++i)
        QVERIFY(cut->train.length(i) <= 27);
    const auto whole = load(recipe({{"loss_on_prompt", true}}), {folder.path()});
    QVERIFY(whole->train[0].labels[0] != kIgnoreLabel);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path()))
        ++files;
    QCOMPARE(files, 6U);
    (void)load(recipe({{"learning_rate", 0.5}}), {folder.path()}); // not the data's business
    files = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path()))
        ++files;
    QCOMPARE(files, 6U);
}

QTEST_GUILESS_MAIN(TestTrainingData)
#include "tst_training_data.moc"

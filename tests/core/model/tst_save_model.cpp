#include "core/base/files.h"
#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "core/model/weight_files.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/ops/equal.h>
#include <nlohmann/json.hpp>
#include <set>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kModel = sourceFile("tests/data/golden/llama");

json jsonIn(const fs::path& file) { return json::parse(readFile(file).value()); }

TensorSource weightsOf(const LanguageModel& model) {
    return [&model](const std::string& name) -> Result<at::Tensor> { return model.weight(name); };
}

void compareWeights(const fs::path& folder, const LanguageModel& model) {
    const auto saved = loadModel(folder);
    QVERIFY2(saved.has_value(), saved.has_value() ? "" : saved.error().text().c_str());
    for (const auto& [name, tensor] : model.weights())
        QVERIFY2(at::equal((*saved)->weight(name), tensor), name.c_str());
}

} // namespace

class TestSaveModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void shardsHoldWhatOneFileHolds();
    void configurationKeepsWhatItDoesNotKnow();
    void eachTensorIsAskedForOnceAndInOrder();
    void stopLeavesNoModel();
    void progressEndsAtTheWhole();
    void aNewHeadIsDescribed();
    void llama2cBecomesALlama();
};

void TestSaveModel::shardsHoldWhatOneFileHolds() {
    const auto model = loadModel(kModel).value();
    const TempFolder folder;
    SaveOptions options;
    options.shardBytes = 20'000;
    QVERIFY(saveModelFolder(model->summary(), weightsOf(*model), kModel, folder.path(), options).has_value());
    QVERIFY(!fs::exists(folder / "model.safetensors"));
    const json index = jsonIn(folder / "model.safetensors.index.json");
    std::uint64_t bytes = 0;
    for (const auto& [name, tensor] : model->weights())
        bytes += tensor.nbytes();
    QCOMPARE(index.at("metadata").at("total_size").get<std::uint64_t>(), bytes);
    QCOMPARE(index.at("weight_map").size(), model->weights().size());
    std::set<std::string> files;
    for (const auto& [name, file] : index.at("weight_map").items())
        files.insert(file);
    QVERIFY(files.size() > 1);
    const std::string count = std::to_string(files.size());
    QCOMPARE(*files.begin(), "model-00001-of-" + std::string(5 - count.size(), '0') + count + ".safetensors");
    for (const std::string& file : files) {
        const auto shard = TensorFile::open(folder / file).value();
        std::uint64_t size = 0;
        for (const auto& [name, entry] : shard.entries()) {
            size += entry.end - entry.begin;
            QCOMPARE(index.at("weight_map").at(name).get<std::string>(), file);
        }
        QVERIFY(size <= options.shardBytes || shard.entries().size() == 1);
    }
    compareWeights(folder.path(), *model);
}

void TestSaveModel::configurationKeepsWhatItDoesNotKnow() {
    const TempFolder source;
    const TempFolder folder;
    json config = jsonIn(kModel / "config.json");
    config["of_a_later_version"] = {{"deep", {1, 2.5, nullptr}}};
    config.erase("torch_dtype");
    config["dtype"] = "float32";
    source.write("config.json", config.dump());
    source.write("generation_config.json", R"({"temperature": 0.6})");
    const auto model = loadModel(kModel).value();
    QVERIFY(saveModel(*model, source.path(), folder.path(), at::kBFloat16).has_value());
    json saved = jsonIn(folder / "config.json");
    QCOMPARE(saved.at("dtype").get<std::string>(), std::string("bfloat16"));
    QCOMPARE(saved.at("torch_dtype").get<std::string>(), std::string("bfloat16"));
    saved.erase("torch_dtype");
    saved["dtype"] = "float32";
    QVERIFY(saved == config);
    QCOMPARE(readFile(folder / "generation_config.json").value(), std::string(R"({"temperature": 0.6})"));
    QCOMPARE(storedDtype(folder.path()).value(), at::kBFloat16);
}

void TestSaveModel::eachTensorIsAskedForOnceAndInOrder() {
    const auto model = loadModel(kModel).value();
    const TempFolder folder;
    std::vector<std::string> asked;
    const TensorSource source = [&](const std::string& name) -> Result<at::Tensor> {
        asked.push_back(name);
        return model->weight(name);
    };
    QVERIFY(saveModelFolder(model->summary(), source, kModel, folder.path(), {}).has_value());
    QCOMPARE(asked.size(), model->weights().size());
    QVERIFY(std::is_sorted(asked.begin(), asked.end())); // one dtype: the order of the file
    QCOMPARE(std::set(asked.begin(), asked.end()).size(), asked.size());
}

void TestSaveModel::stopLeavesNoModel() {
    const auto model = loadModel(kModel).value();
    const TempFolder folder;
    std::stop_source stop;
    SaveOptions options;
    options.stop = stop.get_token();
    options.onProgress = [&stop](std::uint64_t done, std::uint64_t) {
        if (done > 0)
            stop.request_stop();
    };
    const Status saved = saveModelFolder(model->summary(), weightsOf(*model), kModel, folder.path(), options);
    QVERIFY(!saved.has_value());
    QCOMPARE(saved.error().kind, Error::Kind::Cancelled);
    QVERIFY(fs::is_empty(folder.path()));
}

void TestSaveModel::progressEndsAtTheWhole() {
    const auto model = loadModel(kModel).value();
    const TempFolder folder;
    SaveOptions options;
    options.dtype = at::kHalf;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
    options.onProgress = [&told](std::uint64_t done, std::uint64_t total) { told.emplace_back(done, total); };
    QVERIFY(saveModelFolder(model->summary(), weightsOf(*model), kModel, folder.path(), options).has_value());
    QVERIFY(std::is_sorted(told.begin(), told.end()));
    QCOMPARE(told.front().first, std::uint64_t{0});
    QCOMPARE(told.back().first, told.back().second);
    QCOMPARE(told.back().first, static_cast<std::uint64_t>(model->summary().parameters) * 2);
}

void TestSaveModel::aNewHeadIsDescribed() {
    LoadOptions load;
    load.head = NewHead{HeadKind::SequenceClassification, 3, 1};
    const auto model = loadModel(kModel, load).value();
    const TempFolder folder;
    SaveOptions options;
    options.labelNames = {"bad", "fair", "good"};
    QVERIFY(
        saveModelFolder(model->summary(), weightsOf(*model), kModel, folder.path(), options).has_value());
    const json config = jsonIn(folder / "config.json");
    QCOMPARE(config.at("architectures"), json({"LlamaForSequenceClassification"}));
    QCOMPARE(config.at("id2label"), json({{"0", "bad"}, {"1", "fair"}, {"2", "good"}}));
    QCOMPARE(config.at("label2id"), json({{"bad", 0}, {"fair", 1}, {"good", 2}}));
    compareWeights(folder.path(), *model);
    QVERIFY(readModelSummary(folder.path())->head == HeadKind::SequenceClassification);
}

void TestSaveModel::llama2cBecomesALlama() {
    LATHE_NEED_SHARED("models/stories260K/stories260K.bin");
    const fs::path file = sharedFile("models/stories260K/stories260K.bin");
    const auto model = loadModel(file).value();
    const TempFolder folder;
    QVERIFY(saveModel(*model, file, folder.path(), at::kFloat).has_value());
    compareWeights(folder.path(), *model);
    const auto official = WeightFiles::open(sharedFile("models/stories260K")).value();
    const auto ours = WeightFiles::open(folder.path()).value();
    QCOMPARE(ours.entries().size(), official.entries().size()); // the tied head is in neither
    for (const auto& [name, entry] : official.entries())
        QVERIFY2(at::equal(ours.tensor(name).value(), official.tensor(name).value()), name.c_str());
}

QTEST_GUILESS_MAIN(TestSaveModel)
#include "tst_save_model.moc"

#include "core/adapter/adapter_method.h"
#include "core/adapter/gguf_file.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "core/train/export_adapter.h"
#include "tests/core/train/tiny_model.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json jsonIn(const fs::path& file) { return json::parse(readFile(file).value()); }

/// A base, data, and an adapter that was "trained" on them.
struct Project {
    explicit Project(const std::string& method = "lora") {
        writeTinyProject(folder);
        const auto model = loadModel(base()).value();
        const auto made = adapterMethods().make(method).value();
        const auto adapter = made->attach(*model, withDefaults(made->options(), recipe()), 1);
        const at::NoGradGuard noGrad;
        Rng rng(5);
        for (const auto& [name, tensor] : adapter->parameters()) {
            at::Tensor parameter = tensor;
            float* numbers = parameter.data_ptr<float>();
            for (std::int64_t i = 0; i < parameter.numel(); ++i)
                numbers[i] += static_cast<float>(0.1 * rng.normal());
        }
        fs::create_directory(trained());
        if (!adapter->save(trained(), {base(), "CAUSAL_LM"}).has_value())
            throw std::runtime_error("cannot save");
    }

    [[nodiscard]] fs::path base() const { return folder / "model"; }
    [[nodiscard]] fs::path trained() const { return folder / "trained"; }
    [[nodiscard]] ParamValues recipe() const { return tinyRecipe(folder.path()); }
    [[nodiscard]] ExportRequest request(const std::string& format) const {
        ExportRequest request;
        request.model = base();
        request.trained = trained();
        request.target = folder / "out";
        request.format = format;
        request.programVersion = "1.0";
        request.run.name = "my animals";
        request.run.recipe = recipe();
        request.run.seed = 9;
        request.run.steps = 20;
        return request;
    }

    TempFolder folder;
};

at::Tensor logitsOf(LanguageModel& model) {
    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = at::arange(20, at::kLong).view({2, 10});
    return model.output(input);
}

double distance(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

#define NEED_EXPORT(report)                                                                                  \
    QVERIFY2((report).has_value(), (report).has_value() ? "" : (report).error().text().c_str())

} // namespace

class TestExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mergedModelAnswersAsBaseAndAdapter();
    void mergedModelMayHaveAnotherPrecisionAndShards();
    void peftFolderIsWhatWasTrained();
    void ggufFileIsNamedAfterTheRun();
    void fullFineTuningIsExportedAsAModel();
    void recordTellsHashesAndTheDifference();
    void withoutDataTheCheckUsesMadeUpRows();
    void adapterOnLlama2cBecomesAModelOfHuggingFace();
    void formatsSayWhyTheyAreNotPossible();
    void whatIsWrongIsSaidAndNothingIsWritten_data();
    void whatIsWrongIsSaidAndNothingIsWritten();
    void stopLeavesNothing();
    void divergedModelsAreNotExported();
};

void TestExport::mergedModelAnswersAsBaseAndAdapter() {
    const Project project;
    const auto report = exportTrained(project.request("merged"));
    NEED_EXPORT(report);
    QVERIFY(report->difference < 1e-4);
    QCOMPARE(report->comparedOn, std::string("8 rows of the evaluation data"));
    const auto merged = loadModel(project.folder / "out").value();
    const auto base = loadModel(project.base()).value();
    const at::Tensor plain = logitsOf(*base);
    const auto adapter = loadAdapter(*base, project.trained()).value();
    QVERIFY(distance(logitsOf(*merged), logitsOf(*base)) < 1e-4);
    QVERIFY(distance(logitsOf(*merged), plain) > 1e-2);
    for (const char* file : {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
                             "README.md", "lathe_export.json"})
        QVERIFY2(fs::exists(project.folder / "out" / file), file);
    QVERIFY(!fs::exists(project.folder / "out/adapter_config.json"));
    json config = jsonIn(project.folder / "out/config.json");
    QVERIFY(config == jsonIn(project.base() / "config.json"));
    QVERIFY(readFile(project.folder / "out/README.md")->find("library_name: transformers") !=
            std::string::npos);
}

void TestExport::mergedModelMayHaveAnotherPrecisionAndShards() {
    const Project project;
    ExportRequest request = project.request("merged");
    request.dtype = "bfloat16";
    request.shardBytes = 8'000;
    const auto report = exportTrained(request);
    NEED_EXPORT(report);
    QVERIFY(report->difference > 0 && report->difference < 0.5); // one rounding of the weights to 8 bits
    QVERIFY(fs::exists(project.folder / "out/model.safetensors.index.json"));
    QCOMPARE(storedDtype(project.folder / "out").value(), at::kBFloat16);
    // Cast once: W + s B A in fp32, rounded.
    const auto base = loadModel(project.base()).value();
    const auto adapter = loadAdapter(*base, project.trained()).value();
    QVERIFY(adapter->merge().has_value());
    const auto saved = loadModel(project.folder / "out", {at::kBFloat16, at::kCPU}).value();
    for (const auto& [name, tensor] : base->weights())
        QVERIFY2(at::equal(saved->weight(name), tensor.to(at::kBFloat16)), name.c_str());
}

void TestExport::peftFolderIsWhatWasTrained() {
    const Project project;
    const auto report = exportTrained(project.request(""));
    NEED_EXPORT(report);
    QCOMPARE(report->format, std::string("peft"));
    QCOMPARE(report->difference, 0.0);
    for (const char* file : {"adapter_config.json", "adapter_model.safetensors"})
        QCOMPARE(readFile(project.folder / "out" / file).value(), readFile(project.trained() / file).value());
}

void TestExport::ggufFileIsNamedAfterTheRun() {
    const Project project;
    const auto report = exportTrained(project.request("gguf"));
    NEED_EXPORT(report);
    QVERIFY(report->difference < 1e-4);
    const GgufFile file = readGguf(project.folder / "out/my_animals-LoRA.gguf").value();
    QCOMPARE(std::get<std::string>(*file.find("general.name")), std::string("my_animals"));
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(project.folder / "out"))
        names.insert(entry.path().filename().string());
    QCOMPARE(names, (std::set<std::string>{"README.md", "lathe_export.json", "my_animals-LoRA.gguf"}));
}

void TestExport::fullFineTuningIsExportedAsAModel() {
    const Project project("full");
    const auto report = exportTrained(project.request(""));
    NEED_EXPORT(report);
    QCOMPARE(report->format, std::string("merged"));
    QCOMPARE(report->difference, 0.0);
    QVERIFY(fs::exists(project.folder / "out/tokenizer.json"));
    ExportRequest request = project.request("peft");
    request.target = project.folder / "other";
    const auto refused = exportTrained(request);
    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().text().find("every weight") != std::string::npos);
}

void TestExport::recordTellsHashesAndTheDifference() {
    const Project project;
    const auto report = exportTrained(project.request("merged"));
    NEED_EXPORT(report);
    const json record = jsonIn(project.folder / "out/lathe_export.json");
    QCOMPARE(record.at("format").get<std::string>(), std::string("merged"));
    QCOMPARE(record.at("check").at("largest_logit_difference").get<double>(), report->difference);
    QCOMPARE(record.at("check").at("precision").get<std::string>(), std::string("float32"));
    QCOMPARE(record.at("base_model").at("sha256").at("model.safetensors").get<std::string>(),
             sha256(readFile(project.base() / "model.safetensors").value()));
    QCOMPARE(record.at("trained").at("sha256").at("adapter_model.safetensors").get<std::string>(),
             sha256(readFile(project.trained() / "adapter_model.safetensors").value()));
    const std::string card = readFile(project.folder / "out/README.md").value();
    QVERIFY(card.find(sha256(readFile(project.folder / "train.jsonl").value())) != std::string::npos);
    QVERIFY(card.find(project.folder.path().string()) == std::string::npos); // nothing of this machine
}

void TestExport::withoutDataTheCheckUsesMadeUpRows() {
    const Project project;
    fs::remove(project.folder / "eval.jsonl");
    const auto report = exportTrained(project.request("merged"));
    NEED_EXPORT(report);
    QVERIFY(report->comparedOn.find("made-up") != std::string::npos);
    QVERIFY(report->difference < 1e-4);
}

void TestExport::adapterOnLlama2cBecomesAModelOfHuggingFace() {
    LATHE_NEED_SHARED("models/stories260K/stories260K.bin");
    const TempFolder folder;
    fs::create_directories(folder / "base");
    fs::create_directories(folder / "trained");
    const fs::path file = folder / "base/stories.bin";
    fs::copy(sharedFile("models/stories260K/stories260K.bin"), file);
    fs::copy(sharedFile("models/stories260K/tok512.bin"), folder / "base/tokenizer.bin");
    {
        const auto model = loadModel(file).value();
        const auto method = adapterMethods().make("lora").value();
        const auto adapter = method->attach(*model, defaults(method->options()), 1);
        QVERIFY(adapter->save(folder / "trained", {file, "CAUSAL_LM"}).has_value());
    }
    ExportRequest request;
    request.model = file;
    request.trained = folder / "trained";
    request.target = folder / "out";
    request.format = "merged";
    const auto report = exportTrained(request);
    NEED_EXPORT(report);
    QVERIFY(report->difference < 1e-4);
    const auto merged = loadModel(folder / "out").value();
    QVERIFY(distance(logitsOf(*merged), logitsOf(*loadModel(file).value())) < 1e-4);
    QVERIFY(fs::exists(folder / "out/tokenizer.json"));
    QCOMPARE(jsonIn(folder / "out/tokenizer_config.json").at("bos_token").get<std::string>(),
             std::string("<s>"));
}

void TestExport::formatsSayWhyTheyAreNotPossible() {
    const Project adapter;
    const auto choices = exportChoices(adapter.base(), adapter.trained()).value();
    QVERIFY(choices.size() >= 3);
    for (const char* id : {"peft", "merged", "gguf"}) {
        const auto found =
            std::ranges::find_if(choices, [id](const ExportChoice& each) { return each.format.id == id; });
        QVERIFY2(found != choices.end(), id);
        QVERIFY2(found->obstacle.empty(), found->obstacle.c_str());
    }
    const Project full("full");
    const auto ofFull = exportChoices(full.base(), full.trained()).value();
    for (const ExportChoice& choice : ofFull)
        QCOMPARE(choice.obstacle.empty(), choice.format.id == "merged");
}

void TestExport::whatIsWrongIsSaidAndNothingIsWritten_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("named");
    QTest::newRow("a format") << "format"
                              << "peft, merged, gguf";
    QTest::newRow("a precision") << "dtype"
                                 << "float8";
    QTest::newRow("a precision of an adapter") << "dtype of peft"
                                               << "float32";
    QTest::newRow("a folder that is somebody's") << "target"
                                                 << "not an empty folder";
    QTest::newRow("nothing trained") << "trained"
                                     << "no trained adapter";
    QTest::newRow("an adapter of another base") << "other"
                                                << "q_proj";
}

void TestExport::whatIsWrongIsSaidAndNothingIsWritten() {
    QFETCH(QString, what);
    QFETCH(QString, named);
    const Project project;
    ExportRequest request = project.request(what == "dtype of peft" ? "peft" : "merged");
    if (what == "format")
        request.format = "zip";
    if (what.startsWith("dtype"))
        request.dtype = what == "dtype" ? "float8" : "bfloat16";
    if (what == "target")
        project.folder.write("out/mine", "text");
    if (what == "trained")
        request.trained = project.base().parent_path();
    if (what == "other")
        project.folder.write("trained/adapter_config.json",
                             R"({"peft_type": "LORA", "r": 7, "target_modules": ["q_proj"]})");
    const auto report = exportTrained(request);
    QVERIFY(!report.has_value());
    QCOMPARE(report.error().kind, Error::Kind::Input);
    QVERIFY2(report.error().text().find(named.toStdString()) != std::string::npos,
             report.error().text().c_str());
    std::size_t left = 0;
    for (const auto& entry : fs::directory_iterator(project.folder.path()))
        left += entry.path().filename().string().find("out") != std::string::npos ? 1 : 0;
    QCOMPARE(left, what == "target" ? std::size_t{1} : std::size_t{0});
    if (what == "target")
        QCOMPARE(readFile(project.folder / "out/mine").value(), std::string("text"));
}

void TestExport::stopLeavesNothing() {
    const Project project;
    for (const char* phase : {"writing", "comparing"}) {
        std::stop_source stop;
        ExportRequest request = project.request("merged");
        request.stop = stop.get_token();
        request.onProgress = [&stop, phase](const std::string& what, std::uint64_t, std::uint64_t) {
            if (what == phase)
                stop.request_stop();
        };
        const auto report = exportTrained(request);
        QVERIFY(!report.has_value());
        QCOMPARE(report.error().kind, Error::Kind::Cancelled);
        for (const auto& entry : fs::directory_iterator(project.folder.path()))
            QVERIFY(entry.path().filename().string().find("out") == std::string::npos);
    }
}

void TestExport::divergedModelsAreNotExported() {
    const Project project;
    std::vector<NamedTensor> tensors;
    {
        const auto file = TensorFile::open(project.trained() / "adapter_model.safetensors").value();
        for (const auto& [name, entry] : file.entries())
            tensors.emplace_back(name, file.tensor(name)->clone().fill_(std::nan("")));
    }
    QVERIFY(writeTensorFile(project.trained() / "adapter_model.safetensors", tensors).has_value());
    const auto report = exportTrained(project.request("merged"));
    QVERIFY(!report.has_value());
    QVERIFY(report.error().text().find("diverged") != std::string::npos);
    QVERIFY(!fs::exists(project.folder / "out"));
}

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"

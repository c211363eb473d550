#include "core/adapter/lora.h"
#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <cmath>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 5e-5;
constexpr double kLoss = 1e-5;
constexpr double kStories = 1e-3; // float64 reference, values rounded to 1e-6

/// A base model with a PEFT folder on it, and what PEFT says about them.
struct Setup {
    explicit Setup(const fs::path& adapterFolder, const fs::path& modelFolder)
        : oracle(adapterFolder), model(loadModel(modelFolder).value()) {
        auto loaded = loadAdapter(*model, adapterFolder);
        if (!loaded.has_value())
            throw std::runtime_error(loaded.error().text());
        adapter = std::move(loaded).value();
    }

    Oracle oracle;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
};

const std::vector<std::string> kShared{"llama_lora_qv", "llama_lora_all", "llama_rslora",
                                       "llama_lora_patterns"};

void addAdapterRows() {
    QTest::addColumn<QString>("adapter");
    QTest::newRow("llama_lora_qv in the repository") << "";
    for (const std::string& name : kShared)
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

/// The setup of a row; an empty name stands for the copy in the repository.
Setup setupOf(const QString& name) {
    const fs::path golden = sourceFile("tests/data/golden");
    const fs::path shared = sharedFile("oracles");
    return name.isEmpty() ? Setup(golden / "llama_lora_qv", golden / "llama")
                          : Setup(shared / "adapters" / name.toStdString(), shared / "models/llama");
}

at::Tensor logitsOf(LanguageModel& model, const json& data) {
    return model.logits(model.hidden(inputOf(data)));
}

/// PEFT's name of a parameter in memory: the adapter's name stands before "weight".
std::string inMemory(const std::string& name) {
    return name.substr(0, name.rfind('.')) + ".default" + name.substr(name.rfind('.'));
}

json readJson(const fs::path& path) { return json::parse(readFile(path).value()); }

/// The adapter that golden.json of stories260K describes by formulas, as a PEFT folder.
void writeStoriesAdapter(const LanguageModel& model, const fs::path& folder) {
    std::vector<NamedTensor> tensors;
    for (const Site& site : model.summary().sites) {
        if (site.module != "q_proj" && site.module != "v_proj")
            continue;
        const double phase = static_cast<double>(site.layer) + (site.module == "v_proj" ? 1 : 0);
        at::Tensor a = at::empty({4, site.in}, at::kFloat);
        for (std::int64_t i = 0; i < a.numel(); ++i)
            a.data_ptr<float>()[i] =
                static_cast<float>(0.2 * std::sin(0.11 * static_cast<double>(i) + phase));
        at::Tensor b = at::empty({site.out, 4}, at::kFloat);
        for (std::int64_t i = 0; i < b.numel(); ++i)
            b.data_ptr<float>()[i] =
                static_cast<float>(0.2 * std::cos(0.13 * static_cast<double>(i) + phase));
        tensors.emplace_back("base_model.model." + site.name + ".lora_A.weight", a);
        tensors.emplace_back("base_model.model." + site.name + ".lora_B.weight", b);
    }
    const json config{{"peft_type", "LORA"},
                      {"r", 4},
                      {"lora_alpha", 8},
                      {"lora_dropout", 0.0},
                      {"target_modules", {"q_proj", "v_proj"}}};
    if (!writeTensorFile(folder / "adapter_model.safetensors", tensors).has_value() ||
        !writeFileAtomically(folder / "adapter_config.json", config.dump()).has_value())
        throw std::runtime_error("cannot write " + folder.string());
}

} // namespace

/// Against PEFT 0.21 on random weights: each adapter moves the logits by some units, so that a comparison
/// that ignores it cannot pass.
class TestLoraOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Several threads meet after each of these tiny operations: on a busy machine that takes minutes.
    void initTestCase() { at::set_num_threads(1); }
    void trainableParametersAreThoseOfPeft_data() { addAdapterRows(); }
    void trainableParametersAreThoseOfPeft();
    void logitsAndLossesMatch_data() { addAdapterRows(); }
    void logitsAndLossesMatch();
    void gradientsMatchAndTheBaseGetsNone_data() { addAdapterRows(); }
    void gradientsMatchAndTheBaseGetsNone();
    void greedyGenerationMatches_data() { addAdapterRows(); }
    void greedyGenerationMatches();
    void exportedFolderGivesTheSameLogits_data() { addAdapterRows(); }
    void exportedFolderGivesTheSameLogits();
    void exportedConfigSaysWhatPeftReads_data() { addAdapterRows(); }
    void exportedConfigSaysWhatPeftReads();
    void freshAdapterChangesNothing();
    void detachedAdapterLeavesTheBaseAsItWas();
    void storiesWithAnAdapterGiveTheReferenceLogits();
};

void TestLoraOracle::trainableParametersAreThoseOfPeft() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    const Setup setup = setupOf(adapter);
    const json& expected = setup.oracle.golden.at("trainable");
    std::int64_t count = 0;
    for (const auto& [name, tensor] : setup.adapter->parameters()) {
        QVERIFY2(expected.contains(inMemory(name)), name.c_str());
        QCOMPARE(tensor.sizes().vec(), expected.at(inMemory(name)).get<std::vector<std::int64_t>>());
        QVERIFY(tensor.is_leaf() && tensor.requires_grad());
        count += tensor.numel();
    }
    QCOMPARE(setup.adapter->parameters().size(), expected.size());
    QCOMPARE(count, setup.oracle.golden.at("trainable_parameters").get<std::int64_t>());
}

void TestLoraOracle::logitsAndLossesMatch() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    const Setup setup = setupOf(adapter);
    const at::NoGradGuard noGrad;
    for (const std::string name : {"right", "left"}) {
        const json& data = setup.oracle.golden.at("cases").at(name);
        const at::Tensor logits = logitsOf(*setup.model, data);
        const at::Tensor mask = integers(data.at("attention_mask")).to(at::kBool);
        if (setup.oracle.has(name + ".logits"))
            LATHE_MATCHES(mismatch(logits, setup.oracle.array(name + ".logits"), kLogits, 0, mask));
        // PEFT's merged model computes the same within 4e-6; ours must agree with both.
        if (setup.oracle.has("merged." + name + ".logits"))
            LATHE_MATCHES(mismatch(logits, setup.oracle.array("merged." + name + ".logits"), 1e-4, 0, mask));
        LATHE_MATCHES(mismatch(lossOf(logits, data).item<double>(),
                               setup.oracle.golden.at("right.loss").get<double>(), kLoss));
    }
}

void TestLoraOracle::gradientsMatchAndTheBaseGetsNone() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    const Setup setup = setupOf(adapter);
    const json& data = setup.oracle.golden.at("cases").at("right");
    lossOf(logitsOf(*setup.model, data), data).backward();
    LATHE_MATCHES(
        gradientMismatch(setup.adapter->parameters(), setup.oracle.golden.at("right.grads"), inMemory));
    for (const auto& [name, weight] : setup.model->weights())
        QVERIFY2(!weight.requires_grad() && !weight.grad().defined(), name.c_str());
}

void TestLoraOracle::greedyGenerationMatches() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    const Setup setup = setupOf(adapter);
    const json& expected = setup.oracle.golden.at("generate");
    const ModelInput prompt =
        inputOf(setup.oracle.golden.at("cases").at(expected.at("case").get<std::string>()));
    Decoding decoding;
    decoding.maxNewTokens = 8;
    QVERIFY(at::equal(generate(*setup.model, prompt.ids, prompt.mask, decoding),
                      integers(expected.at("new_tokens"))));
}

void TestLoraOracle::exportedFolderGivesTheSameLogits() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    Setup setup = setupOf(adapter);
    const json& data = setup.oracle.golden.at("cases").at("right");
    const at::NoGradGuard noGrad;
    const at::Tensor before = logitsOf(*setup.model, data);
    const TempFolder target;
    const Status status = setup.adapter->save(target.path(), {"base", "CAUSAL_LM"});
    QVERIFY2(status.has_value(), status.has_value() ? "" : status.error().text().c_str());
    setup.adapter.reset();
    QVERIFY(!at::equal(logitsOf(*setup.model, data), before));
    const auto reloaded = loadAdapter(*setup.model, target.path());
    QVERIFY2(reloaded.has_value(), reloaded.has_value() ? "" : reloaded.error().text().c_str());
    QVERIFY(at::equal(logitsOf(*setup.model, data), before));
}

void TestLoraOracle::exportedConfigSaysWhatPeftReads() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    const Setup setup = setupOf(adapter);
    const TempFolder target;
    QVERIFY(setup.adapter->save(target.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const json config = readJson(target / "adapter_config.json");
    const json& arguments = setup.oracle.golden.at("arguments");
    QCOMPARE(config.at("peft_type"), json("LORA"));
    QCOMPARE(config.at("task_type"), json("CAUSAL_LM"));
    QCOMPARE(config.at("base_model_name_or_path"), json("the/base"));
    QCOMPARE(config.at("bias"), json("none"));
    QCOMPARE(config.at("fan_in_fan_out"), json(false));
    QCOMPARE(config.at("inference_mode"), json(true));
    QCOMPARE(config.at("lora_dropout"), json(0.0));
    QCOMPARE(config.at("r"), arguments.at("r"));
    QCOMPARE(config.at("lora_alpha"), arguments.at("lora_alpha"));
    QCOMPARE(config.at("use_rslora"), json(arguments.value("use_rslora", false)));
    QVERIFY(config.at("target_modules").is_array() && !config.at("target_modules").empty());
    QVERIFY(config.at("rank_pattern").is_object() && config.at("alpha_pattern").is_object());

    const TensorFile file = TensorFile::open(target / "adapter_model.safetensors").value();
    QCOMPARE(file.entries().size(), setup.adapter->parameters().size());
    for (const auto& [name, tensor] : setup.adapter->parameters())
        QVERIFY2(file.entries().contains(name), name.c_str());
}

void TestLoraOracle::freshAdapterChangesNothing() {
    const fs::path folder = sourceFile("tests/data/golden/llama");
    const json golden = Oracle(folder).golden;
    const auto model = loadModel(folder).value();
    const at::NoGradGuard noGrad;
    const at::Tensor before = logitsOf(*model, golden.at("left"));
    const auto method = makeLoraMethod();
    ParamValues values = defaults(method->options());
    QVERIFY(method->check(model->summary(), values).empty());
    const auto adapter = method->attach(*model, values, 7);
    QVERIFY(at::equal(logitsOf(*model, golden.at("left")), before));
    std::int64_t count = 0;
    for (const auto& [name, tensor] : adapter->parameters())
        count += tensor.numel();
    QCOMPARE(count, method->countParameters(model->summary(), values));
}

void TestLoraOracle::detachedAdapterLeavesTheBaseAsItWas() {
    Setup setup = setupOf(QString());
    const json golden = Oracle(sourceFile("tests/data/golden/llama")).golden;
    const at::NoGradGuard noGrad;
    setup.adapter.reset();
    LATHE_MATCHES(
        mismatch(lossOf(logitsOf(*setup.model, golden.at("right")), golden.at("right")).item<double>(),
                 golden.at("right").at("loss").get<double>(), kLoss));
}

void TestLoraOracle::storiesWithAnAdapterGiveTheReferenceLogits() {
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    const fs::path folder = sharedFile("models/stories260K");
    const json golden = readJson(folder / "golden.json").at("adapters");
    const auto model = loadModel(folder).value();
    const TempFolder target;
    writeStoriesAdapter(*model, target.path());
    const auto adapter = loadAdapter(*model, target.path());
    QVERIFY2(adapter.has_value(), adapter.has_value() ? "" : adapter.error().text().c_str());

    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = integers(json::array({golden.at("ids")}));
    const at::Tensor last = model->logits(model->hidden(input))[0][-1];
    const json& expected = golden.at("lora");
    for (const auto& entry : expected.at("last_logits_top5"))
        LATHE_MATCHES(mismatch(last[entry.at(0).get<std::int64_t>()].item<double>(),
                               entry.at(1).get<double>(), kStories));
    const auto first = expected.at("last_logits_first8").get<std::vector<double>>();
    LATHE_MATCHES(mismatch(last.narrow(0, 0, 8), at::tensor(first, at::kDouble), kStories));
    // 512 terms, each within the tolerance.
    LATHE_MATCHES(mismatch(last.to(at::kDouble).sum().item<double>(),
                           expected.at("last_logits_sum").get<double>(), 512 * kStories));
}

QTEST_GUILESS_MAIN(TestLoraOracle)
#include "tst_lora_oracle.moc"

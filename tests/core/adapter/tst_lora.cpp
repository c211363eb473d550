#include "core/adapter/lora.h"

#include "core/base/files.h"
#include "core/model/load_model.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kModel = sourceFile("tests/data/golden/llama");

ParamValues values(const ParamValues& changes = {}) {
    ParamValues all = defaults(makeLoraMethod()->options());
    all.set("rank", std::int64_t{4});
    for (const auto& [key, value] : changes.map())
        all.set(key, value);
    return all;
}

at::Tensor logitsOf(LanguageModel& model) {
    ModelInput input;
    input.ids = at::arange(12, at::kLong).view({2, 6});
    return model.logits(model.hidden(input));
}

/// Gives B values, so that the adapter does something.
void fill(const Adapter& adapter) {
    const at::NoGradGuard noGrad;
    double value = 0.01;
    for (const auto& [name, tensor] : adapter.parameters())
        if (name.ends_with("lora_B.weight"))
            at::Tensor(tensor).fill_(value += 0.003);
}

std::unique_ptr<LanguageModel> newModel(at::ScalarType dtype = at::kFloat) {
    return loadModel(kModel, {dtype, at::kCPU}).value();
}

/// A saved adapter whose files can be made wrong one at a time.
struct SavedAdapter {
    explicit SavedAdapter(const ParamValues& changes = {}) {
        const auto model = newModel();
        const auto adapter = makeLoraMethod()->attach(*model, values(changes), 1);
        fill(*adapter);
        logits = logitsOf(*model).detach();
        if (!adapter->save(folder.path(), {kModel, "CAUSAL_LM"}).has_value())
            throw std::runtime_error("cannot save the adapter");
    }
    void setConfig(const std::string& key, const json& value) const {
        json config = json::parse(readFile(folder / "adapter_config.json").value());
        config[key] = value;
        folder.write("adapter_config.json", config.dump());
    }
    void changeTensors(const std::function<void(std::map<std::string, at::Tensor>&)>& change) const {
        std::map<std::string, at::Tensor> tensors;
        {
            const auto file = TensorFile::open(folder / "adapter_model.safetensors").value();
            for (const auto& [name, entry] : file.entries())
                tensors[name] = file.tensor(name).value().clone();
        }
        change(tensors);
        if (!writeTensorFile(folder / "adapter_model.safetensors", {tensors.begin(), tensors.end()})
                 .has_value())
            throw std::runtime_error("cannot write the tensors");
    }

    TempFolder folder;
    at::Tensor logits;
};

using Damage = std::function<void(const SavedAdapter&)>;

const std::string kFirst = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";

} // namespace

Q_DECLARE_METATYPE(Damage)

class TestLora : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void freshAdapterLeavesTheOutputUnchanged_data();
    void freshAdapterLeavesTheOutputUnchanged();
    void onlyItsParametersGetGradients_data();
    void onlyItsParametersGetGradients();
    void seedDecidesTheStart();
    void dropoutWorksWhileTrainingOnly();
    void savedAdapterLoadsAgain_data();
    void savedAdapterLoadsAgain();
    void destroyedAdapterLeavesTheModelAsItWas();
    void rankAboveAWidthIsAProblem();
    void faultyFolderIsRefused_data();
    void faultyFolderIsRefused();
    void refusedFolderLeavesTheModelAsItWas();
};

void TestLora::freshAdapterLeavesTheOutputUnchanged_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<bool>("isTraining");
    for (const at::ScalarType dtype : {at::kFloat, at::kDouble, at::kBFloat16})
        for (const bool isTraining : {false, true})
            QTest::addRow("%s, %s", at::toString(dtype), isTraining ? "training" : "evaluation")
                << static_cast<int>(dtype) << isTraining;
}

void TestLora::freshAdapterLeavesTheOutputUnchanged() {
    QFETCH(int, dtype);
    QFETCH(bool, isTraining);
    const auto model = newModel(static_cast<at::ScalarType>(dtype));
    const at::Tensor before = logitsOf(*model);
    const auto adapter = makeLoraMethod()->attach(*model, values({{"dropout", 0.3}}), 1);
    if (isTraining)
        adapter->beginStep(0);
    QVERIFY(at::equal(logitsOf(*model), before)); // bit for bit
}

void TestLora::onlyItsParametersGetGradients_data() {
    QTest::addColumn<int>("dtype");
    QTest::newRow("float32") << static_cast<int>(at::kFloat);
    QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16);
}

void TestLora::onlyItsParametersGetGradients() {
    QFETCH(int, dtype);
    const auto model = newModel(static_cast<at::ScalarType>(dtype));
    const auto adapter = makeLoraMethod()->attach(*model, values(), 1);
    fill(*adapter);
    adapter->beginStep(0);
    logitsOf(*model).to(at::kFloat).square().sum().backward();
    QCOMPARE(adapter->parameters().size(), 28U); // A and B of seven projections in two layers
    for (const auto& [name, tensor] : adapter->parameters()) {
        QVERIFY(tensor.scalar_type() == at::kFloat);
        QVERIFY2(tensor.grad().defined() && tensor.grad().abs().max().item<float>() > 0, name.c_str());
    }
    for (const auto& [name, tensor] : model->weights())
        QVERIFY2(!tensor.requires_grad() && !tensor.grad().defined(), name.c_str());
}

void TestLora::seedDecidesTheStart() {
    const auto model = newModel();
    const auto one = makeLoraMethod()->attach(*model, values(), 1);
    const auto same = makeLoraMethod()->attach(*model, values(), 1);
    const auto other = makeLoraMethod()->attach(*model, values(), 2);
    const auto& first = one->parameters()[0].second;
    QVERIFY(at::equal(first, same->parameters()[0].second));
    QVERIFY(!at::equal(first, other->parameters()[0].second));
    QVERIFY(!at::equal(first, one->parameters()[2].second)); // each site has its own
    const double bound = 1 / std::sqrt(48.0);                // the width of the model
    QVERIFY(first.abs().max().item<double>() <= bound);
    QVERIFY(first.abs().max().item<double>() > 0.9 * bound);
}

void TestLora::dropoutWorksWhileTrainingOnly() {
    const auto model = newModel();
    const auto adapter = makeLoraMethod()->attach(*model, values({{"dropout", 0.5}}), 1);
    fill(*adapter);
    const at::Tensor plain = logitsOf(*model);
    adapter->beginStep(1);
    const at::Tensor first = logitsOf(*model);
    QVERIFY(!at::equal(first, plain));
    adapter->beginStep(2);
    QVERIFY(!at::equal(logitsOf(*model), first));
    adapter->beginStep(1);
    QVERIFY(at::equal(logitsOf(*model), first));
    adapter->endTraining();
    QVERIFY(at::equal(logitsOf(*model), plain));
}

void TestLora::savedAdapterLoadsAgain_data() {
    QTest::addColumn<QString>("targets");
    QTest::addColumn<bool>("isRankStabilized");
    QTest::newRow("all projections") << "all-linear" << false;
    QTest::newRow("two modules") << "q_proj,v_proj" << false;
    QTest::newRow("one path") << "layers.1.mlp.down_proj" << false;
    QTest::newRow("rank-stabilized") << "q_proj,v_proj" << true;
}

void TestLora::savedAdapterLoadsAgain() {
    QFETCH(QString, targets);
    QFETCH(bool, isRankStabilized);
    const SavedAdapter saved({{"target_modules", targets.toStdString()},
                              {"use_rslora", isRankStabilized},
                              {"alpha", 12.5},
                              {"dropout", 0.2}});
    const auto model = newModel();
    const at::Tensor before = logitsOf(*model);
    const auto loaded = loadAdapter(*model, saved.folder.path());
    QVERIFY2(loaded.has_value(), qPrintable(QString::fromStdString(loaded ? "" : loaded.error().text())));
    QVERIFY(!at::equal(saved.logits, before));
    QVERIFY(at::equal(logitsOf(*model), saved.logits));
    const TempFolder again;
    QVERIFY(loaded.value()->save(again.path(), {kModel, "CAUSAL_LM"}).has_value());
    QCOMPARE(readFile(again / "adapter_model.safetensors").value(),
             readFile(saved.folder / "adapter_model.safetensors").value());
}

void TestLora::destroyedAdapterLeavesTheModelAsItWas() {
    const auto model = newModel();
    const at::Tensor before = logitsOf(*model);
    {
        const auto adapter = makeLoraMethod()->attach(*model, values(), 1);
        fill(*adapter);
        QVERIFY(!at::equal(logitsOf(*model), before));
    }
    QVERIFY(at::equal(logitsOf(*model), before));
}

void TestLora::rankAboveAWidthIsAProblem() {
    const auto model = readModelSummary(kModel).value();
    // The narrowest projections, k and v, have 2 heads of 12 outputs.
    QVERIFY(makeLoraMethod()->check(model, values({{"rank", std::int64_t{24}}})).empty());
    const auto problems = makeLoraMethod()->check(model, values({{"rank", std::int64_t{25}}}));
    QCOMPARE(problems.size(), 1U);
    QCOMPARE(problems[0].key, std::string("rank"));
    QVERIFY2(QString::fromStdString(problems[0].message).contains("rank 25 exceeds the width 24"),
             problems[0].message.c_str());
    QVERIFY(
        makeLoraMethod()
            ->check(model, values({{"rank", std::int64_t{48}}, {"target_modules", std::string("q_proj")}}))
            .empty());
}

void TestLora::faultyFolderIsRefused_data() {
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("names");
    const auto setting = [](const char* key, const json& value) -> Damage {
        return [key, value](const SavedAdapter& saved) { saved.setConfig(key, value); };
    };
    const auto tensors = [](const std::function<void(std::map<std::string, at::Tensor>&)>& change) -> Damage {
        return [change](const SavedAdapter& saved) { saved.changeTensors(change); };
    };
    QTest::newRow("another method") << setting("peft_type", "XLORA") << "\"XLORA\"";
    QTest::newRow("DoRA without its lengths") << setting("use_dora", true) << "lora_magnitude_vector";
    QTest::newRow("unknown biases") << setting("bias", "some") << "bias is \"some\"";
    QTest::newRow("a saved module too few") << setting("modules_to_save", {"lm_head"}) << "lm_head.weight";
    QTest::newRow("a saved module that is not there")
        << setting("modules_to_save", {"pooler"}) << "\"pooler\"";
    QTest::newRow("quantised inputs") << setting("use_qalora", true) << "use_qalora is true";
    QTest::newRow("repeated layers") << setting("layer_replication", {{0, 2}}) << "layer_replication is";
    QTest::newRow("activated by tokens") << setting("alora_invocation_tokens", {5}) << "alora_invocation";
    QTest::newRow("a base that was changed by data")
        << setting("init_lora_weights", "corda") << "init_lora_weights is \"corda\"";
    QTest::newRow("a pattern that is none") << setting("rank_pattern", {{"q_proj(", 2}}) << "\"q_proj(\"";
    QTest::newRow("a target that is not there") << setting("target_modules", {"query"}) << "query";
    QTest::newRow("a rank that is no number") << setting("r", "eight") << "cannot be used";
    QTest::newRow("a tensor too few") << tensors([](auto& all) { all.erase(kFirst); }) << "lacks the tensor";
    QTest::newRow("a tensor too many") << tensors([](auto& all) {
        all["base_model.model.lm_head.lora_A.weight"] = at::ones({4, 48});
    }) << "lm_head";
    QTest::newRow("another shape") << tensors([](auto& all) {
        all[kFirst] = at::ones({5, 48});
    }) << "another shape";
    QTest::newRow("no settings") << Damage([](const SavedAdapter& saved) {
        fs::remove(saved.folder / "adapter_config.json");
    }) << "adapter_config.json";
    QTest::newRow("no tensors") << Damage([](const SavedAdapter& saved) {
        fs::remove(saved.folder / "adapter_model.safetensors");
    }) << "adapter_model.safetensors";
    QTest::newRow("settings that are no JSON")
        << Damage([](const SavedAdapter& saved) { saved.folder.write("adapter_config.json", "{"); })
        << "not a JSON object";
}

void TestLora::faultyFolderIsRefused() {
    QFETCH(Damage, damage);
    QFETCH(QString, names);
    const SavedAdapter saved;
    damage(saved);
    const auto model = newModel();
    const auto loaded = loadAdapter(*model, saved.folder.path());
    QVERIFY(!loaded.has_value());
    const QString message = QString::fromStdString(loaded.error().text());
    QVERIFY2(loaded.error().kind == Error::Kind::Input, qPrintable(message));
    QVERIFY2(message.contains(names), qPrintable(message));
    QVERIFY2(message.contains(QString::fromStdString(saved.folder.path().string())), qPrintable(message));
}

void TestLora::refusedFolderLeavesTheModelAsItWas() {
    const SavedAdapter saved;
    saved.changeTensors([](auto& all) { all.erase(kFirst); });
    const auto model = newModel();
    const at::Tensor before = logitsOf(*model);
    QVERIFY(!loadAdapter(*model, saved.folder.path()).has_value());
    QVERIFY(at::equal(logitsOf(*model), before));
}

QTEST_GUILESS_MAIN(TestLora)
#include "tst_lora.moc"

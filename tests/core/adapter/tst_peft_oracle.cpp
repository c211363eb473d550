#include "core/adapter/adapter_method.h"
#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <map>
#include <set>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 5e-5;
constexpr double kMerged = 1e-4;
constexpr double kLoss = 1e-5;
constexpr double kTrainingLoss = 1e-4; // Adam divides by tiny second moments at first, errors grow

/// A folder of the shared oracles, and what its files allow to compare.
struct Row {
    const char* folder;
    /// The file holds what was trained, so that gradients and ten steps from there can be followed.
    bool isStart = true;
    /// PEFT's own optimiser with every group alike.
    bool isPlainTraining = true;
};

const std::vector<Row> kRows{
    {"llama_lora_qv"},
    {"llama_lora_all"},
    {"llama_rslora"},
    {"llama_lora_patterns"},
    {"gpt2_lora"},
    {"bloom_lora"},
    {"llama_loraplus", true, false},
    {"llama_adalora", false},
    {"llama_vera"},
    {"llama_loha"},
    {"llama_lokr"},
    {"llama_ia3"},
    {"bert_ia3"},
    {"llama_prefix"},
    {"llama_prefix_proj", false},
    {"gpt2_prefix"},
    {"opt_prefix"},
    {"bloom_prefix"},
    {"llama_prompt"},
    {"llama_ptuning_mlp", false},
    {"llama_ptuning_lstm", false},
    {"bert_prompt"},
    {"llama_dora"},
    {"bert_lora_head"},
    {"opt_lora"},
    {"llama_lorafa", false, false}, // the file does not say that A was kept
    {"llama_pissa", false, false},
    {"llama_olora", false, false},
    {"llama_oft"},
    {"llama_oft_cayley"},
    {"llama_boft"},
};

void addRows() {
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < kRows.size(); ++i)
        QTest::newRow(kRows[i].folder) << static_cast<int>(i);
}

const Row& rowOf(int number) { return kRows[static_cast<std::size_t>(number)]; }
std::string pathOf(int number) { return std::string("oracles/adapters/") + rowOf(number).folder; }

/// A base model with a PEFT folder on it, and what PEFT says about them.
struct Setup {
    explicit Setup(int number)
        : folder(sharedFile(pathOf(number))),
          oracle(folder),
          golden(oracle.golden),
          model(loadModel(sharedFile("oracles/models/" + golden.at("base").get<std::string>())).value()) {
        auto loaded = loadAdapter(*model, folder);
        if (!loaded.has_value())
            throw std::runtime_error(loaded.error().text());
        adapter = std::move(loaded).value();
    }

    [[nodiscard]] ModelInput input(const std::string& name) const {
        const json& data = golden.at("cases").at(name);
        ModelInput input = inputOf(data);
        if (data.contains("token_type_ids"))
            input.types = integers(data.at("token_type_ids"));
        return input;
    }
    [[nodiscard]] at::Tensor logits(const std::string& name) const { return model->output(input(name)); }
    [[nodiscard]] at::Tensor loss(const std::string& name) const {
        const json& data = golden.at("cases").at(name);
        const at::Tensor all = logits(name);
        if (all.dim() == 2)
            return at::cross_entropy_loss(
                all, at::tensor(data.at("labels").get<std::vector<std::int64_t>>(), at::kLong));
        return lossOf(all, data);
    }

    fs::path folder;
    Oracle oracle;
    const json& golden;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
};

/// Where the golden logits mean something: everywhere but at padding. Undefined: everywhere.
at::Tensor meaningful(const Setup& setup, const std::string& name, const at::Tensor& logits) {
    if (logits.dim() == 2)
        return {};
    const at::Tensor mask = integers(setup.golden.at("cases").at(name).at("attention_mask")).to(at::kBool);
    const std::int64_t inFront = logits.size(1) - mask.size(1);
    return inFront == 0 ? mask : at::cat({at::ones({mask.size(0), inFront}, mask.options()), mask}, 1);
}

/// PEFT's name in memory of a tensor in the file: the adapter's name stands in it.
std::string inMemory(const json& known, const std::string& name) {
    if (name == "prompt_embeddings")
        return "prompt_encoder.default.embedding.weight";
    if (known.contains(name))
        return name;
    for (const char* behind : {".default", ".default.weight"})
        if (known.contains(name + behind))
            return name + behind;
    for (std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0;
         dot = name.rfind('.', dot - 1))
        for (const char* inside : {".default", ".modules_to_save.default"})
            if (const std::string candidate = std::string(name).insert(dot, inside);
                known.contains(candidate))
                return candidate;
    return name;
}

/// Behind the vectors of a prompt PEFT gives the model no positions, so that it counts the padding between
/// them and the text; generate() counts real tokens, and its texts do not depend on their neighbours.
at::Tensor continuedWithoutPositions(LanguageModel& model, ModelInput input, std::int64_t count) {
    const at::NoGradGuard noGrad;
    const std::int64_t length = input.ids.size(1);
    for (std::int64_t i = 0; i < count; ++i) {
        const at::Tensor next = model.output(input).select(1, -1).argmax(-1).unsqueeze(1);
        input.ids = at::cat({input.ids, next}, 1);
        input.mask = at::cat({input.mask, at::ones_like(next, at::kBool)}, 1);
    }
    return input.ids.narrow(1, length, count);
}

std::map<std::string, at::Tensor> tensorsIn(const fs::path& folder) {
    std::map<std::string, at::Tensor> tensors;
    const TensorFile file = TensorFile::open(folder / "adapter_model.safetensors").value();
    for (const auto& [name, entry] : file.entries())
        tensors[name] = file.tensor(name).value().clone();
    return tensors;
}

} // namespace

/// Against PEFT 0.21 on random weights: each adapter moves the logits by some units, so that a comparison
/// that ignores it cannot pass.
class TestPeftOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Several threads meet after each of these tiny operations: on a busy machine that takes minutes.
    void initTestCase() { at::set_num_threads(1); }
    void trainableParametersAreThoseOfPeft_data() { addRows(); }
    void trainableParametersAreThoseOfPeft();
    void logitsAndLossesMatch_data() { addRows(); }
    void logitsAndLossesMatch();
    void gradientsMatch_data() { addRows(); }
    void gradientsMatch();
    void greedyGenerationMatches_data() { addRows(); }
    void greedyGenerationMatches();
    void mergedModelMatches_data() { addRows(); }
    void mergedModelMatches();
    void tenStepsFollowPeft_data() { addRows(); }
    void tenStepsFollowPeft();
    void savedFolderHoldsTheSame_data() { addRows(); }
    void savedFolderHoldsTheSame();
    void theModelIsLeftAsItWas_data() { addRows(); }
    void theModelIsLeftAsItWas();
};

void TestPeftOracle::trainableParametersAreThoseOfPeft() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    const Setup setup(number);
    if (!rowOf(number).isStart)
        QSKIP("the file holds a result and not what was trained");
    const json& expected = setup.golden.at("trainable");
    std::int64_t count = 0;
    for (const auto& [name, tensor] : setup.adapter->parameters()) {
        const std::string known = inMemory(expected, name);
        QVERIFY2(expected.contains(known), name.c_str());
        QCOMPARE(tensor.sizes().vec(), expected.at(known).get<std::vector<std::int64_t>>());
        QVERIFY(tensor.is_leaf() && tensor.requires_grad());
        count += tensor.numel();
    }
    QCOMPARE(setup.adapter->parameters().size(), expected.size());
    QCOMPARE(count, setup.golden.at("trainable_parameters").get<std::int64_t>());
}

void TestPeftOracle::logitsAndLossesMatch() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    const Setup setup(number);
    const at::NoGradGuard noGrad;
    for (const std::string name : {"right", "left"}) {
        const at::Tensor logits = setup.logits(name);
        QVERIFY(setup.oracle.has(name + ".logits"));
        LATHE_MATCHES(mismatch(logits, setup.oracle.array(name + ".logits"), kLogits, 0,
                               meaningful(setup, name, logits)));
    }
    LATHE_MATCHES(
        mismatch(setup.loss("right").item<double>(), setup.golden.at("right.loss").get<double>(), kLoss));
}

void TestPeftOracle::gradientsMatch() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    const Setup setup(number);
    if (!setup.golden.contains("right.grads") || !rowOf(number).isStart)
        QSKIP("the reference gives no gradients at what the file holds");
    setup.loss("right").backward();
    const json& expected = setup.golden.at("right.grads");
    LATHE_MATCHES(gradientMismatch(setup.adapter->parameters(), expected,
                                   [&](const std::string& name) { return inMemory(expected, name); }));
    std::set<const void*> own;
    for (const auto& [name, tensor] : setup.adapter->parameters())
        own.insert(tensor.unsafeGetTensorImpl());
    for (const auto& [name, weight] : setup.model->weights())
        if (!own.contains(weight.unsafeGetTensorImpl()))
            QVERIFY2(!weight.requires_grad() && !weight.grad().defined(), name.c_str());
}

void TestPeftOracle::greedyGenerationMatches() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    const Setup setup(number);
    if (!setup.golden.contains("generate"))
        QSKIP("the reference generates nothing with this adapter");
    const json& expected = setup.golden.at("generate");
    const ModelInput prompt = setup.input(expected.at("case").get<std::string>());
    Decoding decoding;
    decoding.maxNewTokens = 8;
    const VirtualTokens* tokens = setup.model->virtualTokens();
    const bool isPrompt = tokens != nullptr && tokens->content().embeddings.defined();
    QVERIFY(at::equal(isPrompt ? continuedWithoutPositions(*setup.model, prompt, decoding.maxNewTokens)
                               : generate(*setup.model, prompt.ids, prompt.mask, decoding),
                      integers(expected.at("new_tokens"))));
}

void TestPeftOracle::mergedModelMatches() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    const Setup setup(number);
    const at::NoGradGuard noGrad;
    const at::Tensor before = setup.logits("right");
    const Status merged = setup.adapter->merge();
    if (!setup.oracle.has("merged.right.logits") && !merged.has_value())
        QSKIP("no plain weights compute what this adapter does");
    QVERIFY2(merged.has_value(), merged.has_value() ? "" : merged.error().text().c_str());
    for (const std::string name : {"right", "left"}) {
        const at::Tensor logits = setup.logits(name);
        const std::string golden =
            setup.oracle.has("merged." + name + ".logits") ? "merged." + name + ".logits" : name + ".logits";
        LATHE_MATCHES(
            mismatch(logits, setup.oracle.array(golden), kMerged, 0, meaningful(setup, name, logits)));
    }
    QVERIFY(!setup.model->isAdapted());
    setup.adapter->unmerge();
    QVERIFY(at::equal(setup.logits("right"), before));
}

void TestPeftOracle::tenStepsFollowPeft() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    const Setup setup(number);
    if (!rowOf(number).isStart || !rowOf(number).isPlainTraining)
        QSKIP("followed in a test of its own");
    FlatAdamW::Settings settings; // lr 1e-3 constant, weight decay 0.01 on everything, no clipping
    settings.weightDecay = 0.01;
    settings.shouldDecayVectors = true;
    FlatAdamW optimizer(setup.adapter->groups(), settings);
    const json& expected = setup.golden.at("training");
    const auto losses = expected.at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < losses.size(); ++step) {
        optimizer.zeroGradients();
        const at::Tensor loss = setup.loss("right");
        LATHE_MATCHES(mismatch(loss.item<double>(), losses[step], kTrainingLoss));
        if (step + 1 == losses.size()) // one update fewer than losses
            break;
        loss.backward();
        optimizer.step(1e-3);
    }
    const json& norms = expected.at("final_norms");
    const json gradients = setup.golden.value("right.grads", json::object());
    for (const auto& [name, tensor] : setup.adapter->parameters()) {
        const std::string known = inMemory(norms, name);
        // Biases of keys cancel in the softmax: what they get is rounding, of which Adam makes whole steps.
        if (gradients.contains(known) && gradients.at(known).at("norm").get<double>() < 1e-6)
            continue;
        LATHE_MATCHES(
            mismatch(tensor.detach().norm().item<double>(), norms.at(known).get<double>(), 1e-7, 1e-4));
    }
}

void TestPeftOracle::savedFolderHoldsTheSame() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    Setup setup(number);
    const at::NoGradGuard noGrad;
    const at::Tensor before = setup.logits("right");
    const json config = json::parse(readFile(setup.folder / "adapter_config.json").value());
    const TempFolder target;
    const Status status =
        setup.adapter->save(target.path(), {"the/base", config.at("task_type").get<std::string>()});
    QVERIFY2(status.has_value(), status.has_value() ? "" : status.error().text().c_str());

    const auto expected = tensorsIn(setup.folder);
    const auto written = tensorsIn(target.path());
    for (const auto& [name, tensor] : expected) {
        QVERIFY2(written.contains(name), name.c_str());
        QVERIFY2(at::equal(written.at(name), tensor), name.c_str());
    }
    QCOMPARE(written.size(), expected.size());
    const json saved = json::parse(readFile(target.path() / "adapter_config.json").value());
    QCOMPARE(saved.at("base_model_name_or_path"), json("the/base"));
    QCOMPARE(saved.at("inference_mode"), json(true));
    for (const char* key : {"peft_type", "task_type"})
        QCOMPARE(saved.at(key), config.at(key));

    setup.adapter.reset();
    QVERIFY(!at::equal(setup.logits("right"), before));
    const auto reloaded = loadAdapter(*setup.model, target.path());
    QVERIFY2(reloaded.has_value(), reloaded.has_value() ? "" : reloaded.error().text().c_str());
    QVERIFY(at::equal(setup.logits("right"), before));
}

void TestPeftOracle::theModelIsLeftAsItWas() {
    QFETCH(int, number);
    LATHE_NEED_SHARED(pathOf(number));
    Setup setup(number);
    const at::NoGradGuard noGrad;
    const at::Tensor with = setup.logits("right");
    setup.adapter->setAttached(false);
    const at::Tensor without = setup.logits("right");
    const auto fresh =
        loadModel(sharedFile("oracles/models/" + setup.golden.at("base").get<std::string>())).value();
    QVERIFY(at::equal(fresh->output(setup.input("right")), without));
    QVERIFY(with.sizes() != without.sizes() || !at::equal(with, without));
    setup.adapter->setAttached(true);
    QVERIFY(at::equal(setup.logits("right"), with));
    setup.adapter.reset();
    QVERIFY(at::equal(setup.logits("right"), without));
}

QTEST_GUILESS_MAIN(TestPeftOracle)
#include "tst_peft_oracle.moc"

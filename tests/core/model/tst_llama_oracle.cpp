#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "core/model/save_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <set>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 5e-5; // sdpa and a float64 run differ from the golden by less than 4e-6
constexpr double kLoss = 1e-5;
constexpr double kStories = 1e-3; // float64 reference, values rounded to 1e-6

void addModelRows() {
    QTest::addColumn<QString>("folder");
    QTest::newRow("in the repository")
        << QString::fromStdString(sourceFile("tests/data/golden/llama").string());
    QTest::newRow("shared") << QString::fromStdString(sharedFile("oracles/models/llama").string());
}

std::unique_ptr<LanguageModel> load(const fs::path& folder, at::ScalarType dtype = at::kFloat) {
    auto model = loadModel(folder, {dtype, at::kCPU});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

at::Tensor logitsOf(LanguageModel& model, const nlohmann::json& data) {
    return model.logits(model.hidden(inputOf(data)));
}

} // namespace

/// Against transformers' LlamaForCausalLM (eager attention, fp32) on random weights, and a float64 reference
/// on a trained model.
class TestLlamaOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Several threads meet after each of these tiny operations: on a busy machine that takes minutes.
    void initTestCase() { at::set_num_threads(1); }
    void casesGiveTheReferenceNumbers_data();
    void casesGiveTheReferenceNumbers();
    void hiddenStatesMatchLayerByLayer();
    void legacyConfigGivesTheSameModel();
    void gradientsOfAllWeightsMatch_data() { addModelRows(); }
    void gradientsOfAllWeightsMatch();
    void greedyGenerationMatches_data() { addModelRows(); }
    void greedyGenerationMatches();
    void rowsThatEndAreFilledWithThePadId_data() { addModelRows(); }
    void rowsThatEndAreFilledWithThePadId();
    void savedModelGivesTheSameLogits();
    void storiesGiveTheReferenceLogitsAndLosses_data();
    void storiesGiveTheReferenceLogitsAndLosses();
    void storiesContinueGreedilyAsTheReference_data() { storiesGiveTheReferenceLogitsAndLosses_data(); }
    void storiesContinueGreedilyAsTheReference();
    void cachedAndUncachedLogitsAgree();
};

void TestLlamaOracle::casesGiveTheReferenceNumbers_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("name");
    for (const char* name : {"plain", "right", "left", "left_pos"}) {
        QTest::addRow("in the repository, %s", name)
            << QString::fromStdString(sourceFile("tests/data/golden/llama").string()) << name;
        QTest::addRow("shared, %s", name)
            << QString::fromStdString(sharedFile("oracles/models/llama").string()) << name;
    }
}

void TestLlamaOracle::casesGiveTheReferenceNumbers() {
    QFETCH(QString, folder);
    QFETCH(QString, name);
    if (folder.endsWith("oracles/models/llama"))
        LATHE_NEED_SHARED("oracles/models/llama");
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder.toStdString());
    QCOMPARE(model->summary().parameters, oracle.golden.at("parameters").get<std::int64_t>());

    const at::NoGradGuard noGrad;
    const nlohmann::json& data = oracle.golden.at(name.toStdString());
    const ModelInput input = inputOf(data);
    const at::Tensor hidden = model->hidden(input);
    const at::Tensor logits = model->logits(hidden);
    const std::string prefix = name.toStdString() + ".";
    if (oracle.has(prefix + "logits")) // the copy in the repository holds two cases' arrays only
        LATHE_MATCHES(mismatch(logits, oracle.array(prefix + "logits"), kLogits, 0, input.mask));
    if (oracle.has(prefix + "last_hidden"))
        LATHE_MATCHES(mismatch(hidden, oracle.array(prefix + "last_hidden"), kLogits, 0, input.mask));
    const nlohmann::json& unpadded = oracle.golden.at(name.startsWith("left") ? "right" : name.toStdString());
    LATHE_MATCHES(mismatch(lossOf(logits, data).item<double>(), unpadded.at("loss").get<double>(), kLoss));
}

void TestLlamaOracle::hiddenStatesMatchLayerByLayer() {
    LATHE_NEED_SHARED("oracles/models/llama");
    const fs::path folder = sharedFile("oracles/models/llama");
    const Oracle oracle(folder);
    const auto model = load(folder);
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> states;
    ModelInput input = inputOf(oracle.golden.at("plain"));
    input.hiddenStates = &states;
    static_cast<void>(model->hidden(input));
    QVERIFY(states.size() >= 2);
    std::size_t compared = 0;
    for (std::size_t i = 0; oracle.has("plain.hidden." + std::to_string(i)); ++i, ++compared)
        LATHE_MATCHES(mismatch(states.at(i), oracle.array("plain.hidden." + std::to_string(i)), kLogits));
    QCOMPARE(compared, states.size());
}

void TestLlamaOracle::legacyConfigGivesTheSameModel() {
    LATHE_NEED_SHARED("oracles/models/llama");
    const fs::path source = sharedFile("oracles/models/llama");
    const TempFolder legacy;
    fs::copy_file(source / "config.legacy.json", legacy / "config.json");
    fs::create_symlink(source / "model.safetensors", legacy / "model.safetensors");
    const nlohmann::json golden = Oracle(source).golden;
    const at::NoGradGuard noGrad;
    QVERIFY(at::equal(logitsOf(*load(legacy.path()), golden.at("left")),
                      logitsOf(*load(source), golden.at("left"))));
    QCOMPARE(readModelSummary(legacy.path())->storedDtype, std::string("float32"));
}

void TestLlamaOracle::gradientsOfAllWeightsMatch() {
    QFETCH(QString, folder);
    if (folder.endsWith("oracles/models/llama"))
        LATHE_NEED_SHARED("oracles/models/llama");
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder.toStdString());
    for (const auto& [name, weight] : model->weights())
        at::Tensor(weight).requires_grad_(true);
    const nlohmann::json& data = oracle.golden.at("right");
    lossOf(logitsOf(*model, data), data).backward();
    LATHE_MATCHES(
        gradientMismatch(model->weights(), data.at("grads"), [](const auto& name) { return name; }));
}

void TestLlamaOracle::greedyGenerationMatches() {
    QFETCH(QString, folder);
    if (folder.endsWith("oracles/models/llama"))
        LATHE_NEED_SHARED("oracles/models/llama");
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder.toStdString());
    const nlohmann::json& expected = oracle.golden.at("generate");
    const ModelInput prompt = inputOf(oracle.golden.at(expected.at("case").get<std::string>()));
    Decoding decoding;
    decoding.maxNewTokens = 8;
    const at::Tensor made = generate(*model, prompt.ids, prompt.mask, decoding);
    QVERIFY(at::equal(made, integers(expected.at("new_tokens"))));
}

void TestLlamaOracle::rowsThatEndAreFilledWithThePadId() {
    QFETCH(QString, folder);
    if (folder.endsWith("oracles/models/llama"))
        LATHE_NEED_SHARED("oracles/models/llama");
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder.toStdString());
    const nlohmann::json& expected = oracle.golden.at("generate").at("stop");
    const ModelInput prompt = inputOf(oracle.golden.at("left"));
    Decoding decoding;
    decoding.maxNewTokens = 8;
    decoding.eosIds = {expected.at("eos_token_id").get<std::int64_t>()};
    decoding.padId = expected.at("pad_token_id").get<std::int64_t>();
    QVERIFY(
        at::equal(generate(*model, prompt.ids, prompt.mask, decoding), integers(expected.at("new_tokens"))));
}

void TestLlamaOracle::savedModelGivesTheSameLogits() {
    const fs::path source = sourceFile("tests/data/golden/llama");
    const auto model = load(source);
    const TempFolder target;
    const Status status = saveModel(*model, source, target.path(), at::kFloat);
    QVERIFY2(status.has_value(), status.has_value() ? "" : status.error().text().c_str());
    const nlohmann::json golden = Oracle(source).golden;
    const at::NoGradGuard noGrad;
    QVERIFY(
        at::equal(logitsOf(*load(target.path()), golden.at("plain")), logitsOf(*model, golden.at("plain"))));
}

void TestLlamaOracle::storiesGiveTheReferenceLogitsAndLosses_data() {
    QTest::addColumn<int>("number");
    for (int i = 0; i < 5; ++i)
        QTest::addRow("text %d", i) << i;
}

void TestLlamaOracle::storiesGiveTheReferenceLogitsAndLosses() {
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    QFETCH(int, number);
    const fs::path folder = sharedFile("models/stories260K");
    const auto golden = nlohmann::json::parse(readFile(folder / "golden.json").value());
    const nlohmann::json& data = golden.at("cases").at(static_cast<std::size_t>(number));
    const at::Tensor ids = integers(nlohmann::json::array({data.at("ids")}));
    const auto model = load(folder);
    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = ids;
    const at::Tensor logits = model->logits(model->hidden(input));
    const at::Tensor last = logits[0][-1];
    for (const auto& entry : data.at("last_logits_top5"))
        LATHE_MATCHES(mismatch(last[entry.at(0).get<std::int64_t>()].item<double>(),
                               entry.at(1).get<double>(), kStories));
    const auto first = data.at("last_logits_first8").get<std::vector<double>>();
    LATHE_MATCHES(mismatch(last.narrow(0, 0, 8), at::tensor(first, at::kDouble), kStories));
    // 512 terms, each within the tolerance.
    LATHE_MATCHES(mismatch(last.to(at::kDouble).sum().item<double>(),
                           data.at("last_logits_sum").get<double>(), 512 * kStories));
    const nlohmann::json labelled{{"labels", nlohmann::json::array({data.at("ids")})}};
    LATHE_MATCHES(
        mismatch(lossOf(logits, labelled).item<double>(), data.at("mean_nll").get<double>(), kStories));
}

void TestLlamaOracle::storiesContinueGreedilyAsTheReference() {
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    QFETCH(int, number);
    const fs::path folder = sharedFile("models/stories260K");
    const auto golden = nlohmann::json::parse(readFile(folder / "golden.json").value());
    const nlohmann::json& data = golden.at("cases").at(static_cast<std::size_t>(number));
    const at::Tensor ids = integers(nlohmann::json::array({data.at("ids")}));
    const auto model = load(folder);
    Decoding decoding;
    decoding.maxNewTokens = 40;
    const at::Tensor made = generate(*model, ids, at::ones(ids.sizes(), at::kBool), decoding);
    QVERIFY(at::equal(made, integers(nlohmann::json::array({data.at("greedy_ids_40")}))));
}

void TestLlamaOracle::cachedAndUncachedLogitsAgree() {
    const fs::path source = sourceFile("tests/data/golden/llama");
    const auto model = load(source, at::kDouble);
    const at::NoGradGuard noGrad;
    const at::Tensor ids = inputOf(Oracle(source).golden.at("plain")).ids;
    ModelInput whole;
    whole.ids = ids;
    const at::Tensor expected = model->hidden(whole);
    KeyValueCache cache;
    ModelInput part;
    part.cache = &cache;
    for (const auto& [begin, count] : {std::pair{0, 6}, {6, 1}, {7, 4}, {11, 2}}) {
        part.ids = ids.narrow(1, begin, count);
        LATHE_MATCHES(mismatch(model->hidden(part), expected.narrow(1, begin, count), 1e-12));
    }
}

QTEST_GUILESS_MAIN(TestLlamaOracle)
#include "tst_llama_oracle.moc"

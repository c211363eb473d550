#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/mse_loss.h>
#include <algorithm>
#include <functional>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

constexpr double kAbsolute = 5e-5; // a float64 run of the reference differs by up to 1.1e-5 (bloom)
constexpr double kLoss = 1e-5;

/// The folders that transformers wrote: those in the repository, and larger ones beside it where they are.
/// Encoder-decoder models are tested elsewhere.
std::vector<fs::path> modelFolders() {
    std::vector<fs::path> folders;
    for (const fs::path& parent :
         {sourceFile("tests/data/golden/architectures"), sharedFile("oracles/models")}) {
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(parent, missing))
            if (fs::exists(entry.path() / "golden.json") &&
                !entry.path().filename().string().starts_with("t5"))
                folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::unique_ptr<LanguageModel> load(const fs::path& folder) {
    auto model = loadModel(folder, {at::kFloat, at::kCPU, {}});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

ModelInput inputWithTypes(const nlohmann::json& data) {
    ModelInput input = inputOf(data);
    if (data.contains("token_type_ids"))
        input.types = integers(data.at("token_type_ids"));
    return input;
}

double largestDifference(const at::Tensor& actual, const at::Tensor& expected, const at::Tensor& mask) {
    at::Tensor difference = (actual.detach() - expected).abs();
    if (mask.defined() && difference.dim() == 3)
        difference = difference.index({mask});
    return difference.max().item<double>();
}

/// The three losses of a classifier, as transformers' sequence classification heads define them.
at::Tensor classifierLoss(const std::string& kind, const at::Tensor& logits, const nlohmann::json& labels) {
    if (kind == "single_label_classification")
        return at::cross_entropy_loss(logits, at::tensor(labels.get<std::vector<std::int64_t>>(), at::kLong));
    std::vector<double> flat;
    for (const auto& row : labels)
        for (const auto& value : row)
            flat.push_back(value.get<double>());
    const at::Tensor target = at::tensor(flat, at::kFloat).view_as(logits);
    return kind == "regression" ? at::mse_loss(logits, target)
                                : at::binary_cross_entropy_with_logits(logits, target);
}

/// The folders that hold what `needs` asks for.
void addRows(const std::function<bool(const fs::path& folder, const Oracle& oracle)>& needs) {
    QTest::addColumn<QString>("path");
    for (const fs::path& folder : modelFolders())
        if (needs(folder, Oracle(folder)))
            QTest::addRow("%s/%s", folder.parent_path().filename().c_str(), folder.filename().c_str())
                << QString::fromStdString(folder.string());
    if (sharedFile("oracles/models").empty() || !fs::exists(sharedFile("oracles/models")))
        QTest::newRow("the folders beside the repository") << QString();
}

bool any(const fs::path&, const Oracle&) { return true; }
bool hasHiddenStates(const fs::path&, const Oracle& oracle) { return oracle.has("plain.hidden.0"); }
bool hasLegacyConfig(const fs::path& folder, const Oracle&) {
    return fs::exists(folder / "config.legacy.json");
}
bool hasGradients(const fs::path&, const Oracle& oracle) {
    return oracle.golden.at("right").contains("grads");
}
bool generates(const fs::path&, const Oracle& oracle) { return oracle.golden.contains("generate"); }

} // namespace

/// Against transformers (eager attention, fp32) on random weights of every architecture.
class TestModelOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        at::set_num_threads(1); // several threads would meet after each of these tiny operations
    }
    void casesGiveTheReferenceNumbers_data() { addRows(any); }
    void casesGiveTheReferenceNumbers();
    void hiddenStatesMatchLayerByLayer_data() { addRows(hasHiddenStates); }
    void hiddenStatesMatchLayerByLayer();
    void legacyConfigGivesTheSameModel_data() { addRows(hasLegacyConfig); }
    void legacyConfigGivesTheSameModel();
    void gradientsOfAllWeightsMatch_data() { addRows(hasGradients); }
    void gradientsOfAllWeightsMatch();
    void greedyGenerationMatches_data() { addRows(generates); }
    void greedyGenerationMatches();
    void headlessNamesLoadTheSameModel_data() { addRows(any); }
    void headlessNamesLoadTheSameModel();
};

void TestModelOracle::casesGiveTheReferenceNumbers() {
    QFETCH(QString, path);
    if (path.isEmpty())
        LATHE_NEED_SHARED("oracles/models");
    const fs::path folder = path.toStdString();
    const Oracle oracle(folder);
    const auto model = load(folder);
    QCOMPARE(model->summary().parameters, oracle.golden.at("parameters").get<std::int64_t>());
    const at::NoGradGuard noGrad;
    double worst[2] = {0, 0};
    for (const char* kind : {"plain", "right", "left", "left_pos", "long", "offset"})
        for (const bool isEager : {false, true}) {
            if (!oracle.golden.contains(kind))
                continue;
            const nlohmann::json& data = oracle.golden.at(kind);
            ModelInput input = inputWithTypes(data);
            input.isEager = isEager;
            const at::Tensor hidden = model->hidden(input);
            const at::Tensor logits = model->logits(model->pooled(hidden, input));
            const std::string prefix = std::string(kind) + ".";
            const at::Tensor mask = logits.dim() == 3 ? input.mask : at::Tensor();
            LATHE_MATCHES(mismatch(logits, oracle.array(prefix + "logits"), kAbsolute, 0, mask));
            worst[isEager] =
                std::max(worst[isEager], largestDifference(logits, oracle.array(prefix + "logits"), mask));
            if (oracle.has(prefix + "last_hidden"))
                LATHE_MATCHES(
                    mismatch(hidden, oracle.array(prefix + "last_hidden"), kAbsolute, 0, input.mask));
            if (data.contains("loss") && !std::string(kind).starts_with("left"))
                LATHE_MATCHES(
                    mismatch(lossOf(logits, data).item<double>(), data.at("loss").get<double>(), kLoss));
            for (const auto& [problem, loss] :
                 data.value("losses", nlohmann::json::object()).get<std::map<std::string, double>>())
                LATHE_MATCHES(mismatch(
                    classifierLoss(problem, logits, oracle.golden.at("labels").at(problem)).item<double>(),
                    loss, kLoss));
        }
    qInfo("%-22s logits differ by at most %.1e (fused), %.1e (eager)", folder.filename().c_str(), worst[0],
          worst[1]);
}

void TestModelOracle::hiddenStatesMatchLayerByLayer() {
    QFETCH(QString, path);
    if (path.isEmpty())
        LATHE_NEED_SHARED("oracles/models");
    const fs::path folder = path.toStdString();
    const Oracle oracle(folder);
    const auto model = load(folder);
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> states;
    ModelInput input = inputWithTypes(oracle.golden.at("plain"));
    input.hiddenStates = &states;
    static_cast<void>(model->hidden(input));
    std::size_t compared = 0;
    for (std::size_t i = 0; oracle.has("plain.hidden." + std::to_string(i)); ++i, ++compared)
        LATHE_MATCHES(mismatch(states.at(i), oracle.array("plain.hidden." + std::to_string(i)), kAbsolute));
    QCOMPARE(compared, states.size());
}

void TestModelOracle::legacyConfigGivesTheSameModel() {
    QFETCH(QString, path);
    if (path.isEmpty())
        LATHE_NEED_SHARED("oracles/models");
    const fs::path source = path.toStdString();
    const TempFolder legacy;
    fs::copy_file(source / "config.legacy.json", legacy / "config.json");
    for (const auto& entry : fs::directory_iterator(source))
        if (const std::string file = entry.path().filename(); file.find("model") != std::string::npos)
            fs::copy_file(entry.path(), legacy / file);
    const nlohmann::json golden = Oracle(source).golden;
    const at::NoGradGuard noGrad;
    QVERIFY(at::equal(load(legacy.path())->output(inputWithTypes(golden.at("left"))),
                      load(source)->output(inputWithTypes(golden.at("left")))));
}

void TestModelOracle::gradientsOfAllWeightsMatch() {
    QFETCH(QString, path);
    if (path.isEmpty())
        LATHE_NEED_SHARED("oracles/models");
    const fs::path folder = path.toStdString();
    const Oracle oracle(folder);
    const auto model = load(folder);
    for (const auto& [key, weight] : model->weights())
        at::Tensor(weight).requires_grad_(true);
    const nlohmann::json& data = oracle.golden.at("right");
    const at::Tensor logits = model->output(inputWithTypes(data));
    const at::Tensor loss = data.contains("losses")
                                ? classifierLoss("single_label_classification", logits,
                                                 oracle.golden.at("labels").at("single_label_classification"))
                                : lossOf(logits, data);
    loss.backward();
    // transformers 5 calls GPT-NeoX's head lm_head in memory, and embed_out in files as all versions do.
    LATHE_MATCHES(gradientMismatch(model->weights(), data.at("grads"), [](const std::string& key) {
        return key == "embed_out.weight" ? std::string("lm_head.weight") : key;
    }));
}

void TestModelOracle::greedyGenerationMatches() {
    QFETCH(QString, path);
    if (path.isEmpty())
        LATHE_NEED_SHARED("oracles/models");
    const fs::path folder = path.toStdString();
    const Oracle oracle(folder);
    const auto model = load(folder);
    const nlohmann::json& expected = oracle.golden.at("generate");
    const ModelInput input = inputOf(oracle.golden.at(expected.at("case").get<std::string>()));
    const at::Tensor wanted = integers(expected.at("new_tokens"));
    Decoding decoding;
    decoding.maxNewTokens = wanted.size(1);
    QVERIFY(at::equal(generate(*model, input.ids, input.mask, decoding), wanted));
    if (!expected.contains("stop"))
        return;
    const nlohmann::json& stop = expected.at("stop");
    decoding.eosIds = {stop.at("eos_token_id").get<std::int64_t>()};
    decoding.padId = model->summary().padId.value_or(0);
    const at::Tensor stopped = integers(stop.at("new_tokens"));
    QVERIFY(at::equal(generate(*model, input.ids, input.mask, decoding), stopped));
}

/// Checkpoints of headless classes, and BERT's first files, name tensors differently.
void TestModelOracle::headlessNamesLoadTheSameModel() {
    QFETCH(QString, path);
    if (path.isEmpty())
        LATHE_NEED_SHARED("oracles/models");
    const fs::path source = path.toStdString();
    const auto model = load(source);
    const std::string prefix = model->summary().basePrefix;
    std::vector<NamedTensor> renamed;
    for (const auto& [key, weight] : model->weights()) {
        std::string shorter = key.starts_with(prefix) ? key.substr(prefix.size()) : key;
        if (shorter.ends_with("LayerNorm.weight"))
            shorter.replace(shorter.size() - 6, 6, "gamma");
        if (shorter.ends_with("LayerNorm.bias"))
            shorter.replace(shorter.size() - 4, 4, "beta");
        renamed.emplace_back(shorter, weight);
    }
    const TempFolder folder;
    fs::copy_file(source / "config.json", folder / "config.json");
    QVERIFY(writeTensorFile(folder / "model.safetensors", renamed).has_value());
    const nlohmann::json golden = Oracle(source).golden;
    const at::NoGradGuard noGrad;
    QVERIFY(at::equal(load(folder.path())->output(inputWithTypes(golden.at("right"))),
                      model->output(inputWithTypes(golden.at("right")))));
}

QTEST_GUILESS_MAIN(TestModelOracle)
#include "tst_model_oracle.moc"
